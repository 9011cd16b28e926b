"""Axes that vary, by names: which there are, what an example says of them, and inputs that have them."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Optional

import torch
from torch import Tensor

from ..errors import ArtifactError
from .description import AXIS_NAME, Axes, long_place

NamedAxes = Mapping[str, Mapping[int, str]]
"""For each input the axes that vary, with their names; its others are fixed."""

MOST_EXTRA, EXTRA_FRAMES = 4000, 256
"""Samples, or steps along another axis, by which test signals are longer than the shortest input."""

_FORM = 'dynamic_axes must be like {"x": {0: "batch", 1: "time"}}, {} for an input of fixed shape'


def axes_by_names(examples: Mapping[str, Any], named: NamedAxes) -> tuple[dict[str, Axes], dict[str, int]]:
    """The axes of every input, and the size of each that varies, as the examples have it.

    Args:
        examples: of every input, by its name, in their order.
        named: the axes that vary.

    Raises:
        ArtifactError: if the names do not fit the examples, or what varies does not begin with the first
            input, of which test signals are made.
    """
    if not isinstance(named, Mapping) or not all(isinstance(each, Mapping) for each in named.values()):
        raise ArtifactError(f"{_FORM}, got {named!r:.80}")
    if named.keys() != examples.keys():
        raise ArtifactError(
            f"dynamic_axes must name every input, {', '.join(examples)}, got {', '.join(map(str, named))}"
        )
    axes = {name: _axes_of(name, example, named[name]) for name, example in examples.items()}
    sizes: dict[str, int] = {}
    for name, example in examples.items():
        for axis, size in zip(axes[name], example.shape, strict=True):
            if axes[name][axis] is None and sizes.setdefault(axis, size) != size:
                raise ArtifactError(
                    f"dynamic_axes gives {axis} one size everywhere, and it has {sizes[axis]} and, in the "
                    f"example of {name}, {size}"
                )
    _check_first(axes, sizes)
    return axes, sizes


def _axes_of(name: str, example: Tensor, named: Mapping[int, str]) -> Axes:
    """Axes of one input: those that are named vary, the others are fixed."""
    if example.dim() == 0 or 0 in example.shape:
        raise ArtifactError(f"dynamic_axes needs an example of {name} with axes, got {tuple(example.shape)}")
    places = range(example.dim())
    for place, axis in named.items():
        if type(place) is not int or place not in places:
            raise ArtifactError(
                f"dynamic_axes must have for {name} axes from 0 to {len(places) - 1}, got {place!r}"
            )
        if not (isinstance(axis, str) and AXIS_NAME.fullmatch(axis)) or re.fullmatch(r"axis\d+", axis):
            raise ArtifactError(
                f"dynamic_axes must have for {name} names of letters, digits and _ (not axis0, axis1, ..., "
                f"which are fixed), got {axis!r}"
            )
    if len(set(named.values())) < len(named):
        raise ArtifactError(
            f"dynamic_axes must name each axis of {name} differently, got {', '.join(named.values())}: "
            "a square mask can be made in the model"
        )
    return {
        named.get(place, f"axis{place}"): None if place in named else example.size(place) for place in places
    }


def _check_first(axes: Mapping[str, Axes], sizes: Mapping[str, int]) -> None:
    """Raise unless the first input has the batch, and one length, if any other input has."""
    name, first = next(iter(axes.items()))
    lengths = [axis for axis, size in first.items() if size is None and axis != "batch"]
    if len(lengths) > 1:
        raise ArtifactError(
            f"dynamic_axes may have for {name}, the first input, one axis besides batch, "
            f"got {', '.join(lengths)}"
        )
    if list(first) == ["batch"]:
        raise ArtifactError(f"dynamic_axes must leave {name}, the first input, an axis besides batch")
    if "batch" in sizes and "batch" not in first:
        raise ArtifactError(f"dynamic_axes must have batch in {name}, the first input, as another has it")
    if sizes.keys() - {"batch"} and not lengths:
        raise ArtifactError(
            f"dynamic_axes must have an axis besides batch in {name}, the first input, as another has one: "
            "the input whose length varies comes first"
        )


def signals_of(axes: Axes) -> dict[str, Any]:
    """Fields of an interface that say how waveforms become an input of a model."""
    names = list(axes)
    if names[0] == "batch" and names[-1] == "time" and list(axes.values()).count(None) == 2:
        return {"from_waveform": partial(repeated, [size for size in axes.values() if size is not None])}
    extra = MOST_EXTRA if names[-1] == "time" else EXTRA_FRAMES
    return {"from_waveform": partial(placed, axes), "extra": extra, "named": True}


def repeated(middle: Sequence[int], x: Tensor) -> Tensor:
    """``(batch, time)`` to ``(batch, *middle, time)``."""
    return x.reshape(len(x), *[1] * len(middle), -1).repeat(1, *middle, 1)


def placed(axes: Axes, waveform: Tensor) -> Tensor:
    """``(batch, time)`` to an input of these axes: time along the one whose length varies, else the last.

    The other axes have copies, each one sample later than the one before, so that no two are equal. A fixed
    length is the beginning. Without the axis ``batch`` only the first item is used.
    """
    names = list(axes)
    long = long_place(axes)
    x = waveform[:, : axes[names[long]]]
    others = [place for place, name in enumerate(names) if name != "batch" and place != long]
    shape = [axes[names[place]] or 1 for place in others]
    delays = torch.arange(torch.Size(shape).numel())[:, None]
    x = x[:, (torch.arange(x.size(1)) - delays) % x.size(1)].reshape(len(x), *shape, x.size(1))
    order = [*others, long]
    if "batch" in axes:
        order = [names.index("batch"), *order]
    else:
        x = x[0]
    return x.permute(_inverse(order)).contiguous()


def _inverse(order: list[int]) -> list[int]:
    return sorted(range(len(order)), key=order.__getitem__)


def other_size(least: int, most: Optional[int], time: int, shortest: int) -> int:
    """Size of a length that the first input does not have, in a test signal whose length is ``time``."""
    size = least if time <= shortest else least + 2 + time % 13
    return size if most is None else min(size, most)
