"""Modules that work block by block: ``start`` makes a state, ``step`` takes a block and a state.

A runtime takes and returns tensors one by one, so a state of any structure becomes a list of named tensors.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Optional, TypeGuard

import torch
from torch import Tensor, nn
from torch.utils import _pytree as tree

import nnaudio2_core as core
from nnaudio2_core import Stream

from ..errors import ArtifactError, first_line
from .description import DTYPES, STATE_DTYPES, Axes
from .interface import Interface, interface_of, rate_of
from .named_axes import repeated
from .outputs import tensors_in
from .parity import tensors_of
from .rebuilding import transforms_in, without_complex_numbers

MOST_LISTED = 2048
"""Initial values of a tensor that a description lists, if they are not all equal."""

ANY_LENGTH = {"time": 1000, "frames": 16}
"""Length of the blocks of a whole clip, samples or frames, for a stream that takes any."""


def has_steps(module: Any) -> bool:
    """True for a module that works block by block."""
    return callable(getattr(module, "start", None)) and callable(getattr(module, "step", None))


def is_stream(module: Any) -> TypeGuard[Stream]:
    """True for a stream of a transform, which has an offline counterpart."""
    return isinstance(module, Stream)


@dataclass(frozen=True)
class Steps:
    """A module with ``start`` and ``step``, and its properties that are known before it is built."""

    module: nn.Module
    interface: Interface
    """Input of whole clips; with its axes those of a block."""
    batch_size: int
    size: Optional[int]
    """Of a block along its time axis; None for any."""
    axis: int
    """Time axis of the results."""
    delay: Optional[int]
    """Results along ``axis`` before the first one of the clip; None where it is unknown."""
    remaining: int
    """Results along ``axis`` that follow on the last block of a clip."""
    latency: Optional[int]

    @cached_property
    def block(self) -> Tensor:
        """A block of zeros."""
        sizes = {"batch": self.batch_size, **ANY_LENGTH}
        shape = [sizes[axis] if size is None else size for axis, size in self.interface.axes.items()]
        return torch.zeros(shape, dtype=self.interface.dtype)

    @cached_property
    def _started(self) -> tuple[dict[str, Tensor], Any]:
        try:
            pairs, spec = tree.tree_flatten_with_path(self.module.start(self.batch_size))  # type: ignore[operator]
        except Exception as error:
            raise ArtifactError(f"start(batch_size={self.batch_size}) failed: {first_line(error)}") from error
        if not all(isinstance(value, Tensor) for _, value in pairs):
            raise ArtifactError("start must return tensors, in a tuple, a list or a dict")
        names = [_name_of(path) for path, _ in pairs]
        if len(set(names)) < len(names):
            raise ArtifactError(f"start must return tensors of different names, got {', '.join(names)}")
        return dict(zip(names, (value.detach() for _, value in pairs), strict=True)), spec

    @property
    def state(self) -> list[Tensor]:
        """The tensors of the first state."""
        return list(self._started[0].values())

    @property
    def spec(self) -> Any:
        """Structure of a state."""
        return self._started[1]

    @property
    def names(self) -> list[str]:
        """Names of the tensors of a state."""
        return list(self._started[0])

    @cached_property
    def results(self) -> list[Tensor]:
        """Results of one step, after a check that states keep their structure and their shapes."""
        try:
            with torch.no_grad():
                result, after = self.module.step(self.block, tree.tree_unflatten(self.state, self.spec))  # type: ignore[operator]
        except Exception as error:
            shape = tuple(self.block.shape)
            raise ArtifactError(f"step failed on a block of shape {shape}: {first_line(error)}") from error
        tensors, spec = tree.tree_flatten(after)
        if spec != self.spec:
            raise ArtifactError("step must return a result and a state of the structure that start returns")
        for name, old, new in zip(self.names, self.state, tensors, strict=True):
            if self.size is not None and (old.shape, old.dtype) != (new.shape, new.dtype):
                raise ArtifactError(
                    f"step must keep the shapes and dtypes of its state, and {name} changed from "
                    f"{tuple(old.shape)}, {old.dtype}, to {tuple(new.shape)}, {new.dtype}"
                )
        return tensors_in(result)

    def described_state(self) -> list[dict[str, Any]]:
        """Name, shape, dtype and initial values of each tensor, as a description has them."""
        return [_described(name, value) for name, value in zip(self.names, self.state, strict=True)]

    def without_complex_numbers(self) -> "Steps":
        """The same for the module with the engine without complex numbers."""
        example = None if is_stream(self.module) else self.block
        lowered = without_complex_numbers(self.module)
        return steps_of(lowered, example, self.interface.sr, self.batch_size)


def steps_of(module: nn.Module, example: Optional[Tensor], sr: Optional[float], batch_size: int) -> Steps:
    """Block, state, delay and latency of a module with steps.

    Args:
        module: a stream, or a model with ``start(batch_size)`` and ``step(block, state)``.
        example: a block, for a model without the attribute ``block``.
        sr: sampling rate, Hz, for a module that does not know it.
        batch_size: clips in a block.

    Raises:
        ArtifactError: if the length of its blocks cannot be known.
    """
    if type(batch_size) is not int or batch_size < 1:
        raise ArtifactError(f"batch_size must be a whole number >= 1, got {batch_size!r}")
    if is_stream(module):
        if example is not None:
            raise ArtifactError("example is for models; a Stream knows its block")
        return _of_stream(module, sr, batch_size)
    return _of_model(module, example, sr, batch_size)


def _of_stream(stream: Any, sr: Optional[float], batch_size: int) -> Steps:
    if isinstance(stream.transform, core.NSGT):
        raise ArtifactError("a stream of NSGT cannot be saved: its slices are not frames; save the NSGT")
    whole = interface_of(stream.transform, sr=sr)
    inverse, block = not whole.takes_waveform, stream.block or None
    size = block if block is None or not inverse else block // stream.hop_length
    long = "frames" if inverse else "time"
    axes: Axes = {**whole.axes, "batch": batch_size if block else None, long: size}
    axis = 1 if inverse else int(getattr(stream, "axis", 2))
    steps = Steps(
        module=stream,
        interface=replace(whole, name="block", axes=axes),
        batch_size=batch_size,
        size=size,
        axis=axis,
        delay=stream.delay if block else 0,
        remaining=0,
        latency=stream.latency,
    )
    if block:
        with torch.no_grad():
            remaining = stream.finish(stream.start(batch_size)).size(axis)
        steps = replace(steps, remaining=remaining)
    return steps


def _of_model(model: Any, example: Optional[Tensor], sr: Optional[float], batch_size: int) -> Steps:
    if example is None:
        block = _whole_attribute(model, "block")
        if not block:
            raise ArtifactError("example must be a block, or the model must have its samples as block")
        example = torch.zeros(1, block)
    dtype = str(example.dtype).removeprefix("torch.")
    if example.dim() < 2 or dtype not in DTYPES:
        raise ArtifactError(
            f"example must have the shape (batch, ..., time) and a dtype of {', '.join(DTYPES)}, got "
            f"{tuple(example.shape)}, {example.dtype}"
        )
    axes: Axes = {f"axis{i + 1}": n for i, n in enumerate(example.shape[1:-1])}
    axes = {"batch": batch_size, **axes, "time": example.size(-1)}
    rate = rate_of(transforms_in(model).values()) if sr is None else sr
    interface = blocks_interface(axes, example.dtype, rate)
    delay = _whole_attribute(model, "delay")
    latency = _whole_attribute(model, "latency")
    steps = Steps(model, interface, batch_size, example.size(-1), 0, delay, delay or 0, latency)
    return replace(steps, axis=steps.results[0].dim() - 1)


def blocks_interface(axes: Axes, dtype: torch.dtype, sr: Optional[float]) -> Interface:
    """Interface of a model with steps, whose clips are blocks with a longer last axis."""
    *middle, size = [size or 1 for size in axes.values()][1:]
    return Interface(
        name="block",
        axes=axes,
        call={},
        shortest=size,
        shortest_waveform=size,
        from_waveform=partial(repeated, middle),
        sr=sr,
        hop_length=None,
        dtype=dtype,
    )


def _whole_attribute(model: Any, name: str) -> Optional[int]:
    value = getattr(model, name, None)
    if value is not None and not (type(value) is int and value >= 0):
        raise ArtifactError(f"{name} of the model must be a whole number >= 0, got {value!r}")
    return value


def _name_of(path: Sequence[Any]) -> str:
    """A name of words and underscores for a tensor, after its place in the state."""
    name = re.sub(r"\W+", "_", "".join(map(str, path)), flags=re.ASCII).strip("_")
    free = name[:1].isalpha() and name != "block" and not name.startswith(("output", "new_"))
    return name if free else f"state_{name}".rstrip("_")


def _described(name: str, value: Tensor) -> dict[str, Any]:
    dtype = str(value.dtype).removeprefix("torch.")
    if dtype not in STATE_DTYPES:
        raise ArtifactError(f"start must return tensors of {', '.join(STATE_DTYPES)}, and {name} is {dtype}")
    numbers = value.detach().flatten()
    initial: Any = numbers[0].item() if len(numbers) > 0 else 0
    if len(numbers) > 0 and not bool((numbers == numbers[0]).all()):
        if len(numbers) > MOST_LISTED:
            raise ArtifactError(
                f"start must return tensors of equal values, or of at most {MOST_LISTED}, and {name} has "
                f"{len(numbers)}: add what is constant in step"
            )
        initial = numbers.tolist()
    if not all(math.isfinite(number) for number in (initial if isinstance(initial, list) else [initial])):
        raise ArtifactError(f"start must return finite values, and {name} has others")
    return {"name": name, "shape": list(value.shape), "dtype": dtype, "initial": initial}


def first_state(described: Sequence[dict[str, Any]]) -> tuple[Tensor, ...]:
    """The tensors of a described state."""
    return tuple(_first(**each) for each in described)


def _first(name: str, shape: list[int], dtype: str, initial: Any) -> Tensor:
    kind = getattr(torch, dtype)
    if isinstance(initial, list):
        return torch.tensor(initial, dtype=kind).reshape(shape)
    return torch.full(shape, initial, dtype=kind)


class Step(nn.Module):
    """``step`` with the tensors of the state one by one, contiguous, as runtimes want them."""

    def __init__(self, steps: Steps) -> None:
        super().__init__()
        self.module = steps.module
        self.spec = steps.spec

    def forward(self, block: Tensor, *state: Tensor) -> tuple[Tensor, ...]:
        """The results, and the tensors of the state after them."""
        result, after = self.module.step(block, tree.tree_unflatten(list(state), self.spec))  # type: ignore[operator]
        return tuple(tensor.contiguous() for tensor in [*tensors_of(result), *tree.tree_leaves(after)])
