"""Inputs of a model after the first: lengths, a mask, a second signal."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

import torch
from torch import Tensor, nn

from ..errors import ArtifactError
from .description import FURTHER_DTYPES, Axes


@dataclass(frozen=True)
class FurtherInput:
    """An input after the first one."""

    name: str
    axes: Axes
    """An axis that varies has the size that it has in the first input, if it is there, too."""
    dtype: torch.dtype
    range: Optional[tuple[int, int]] = None
    """Least and largest of integers; None for lengths, from 1 to the size of an axis."""
    along: Optional[str] = None
    """Name of that axis; None for the one of the first input."""

    @classmethod
    def of(
        cls, name: str, axes: Axes, example: Tensor, sizes: Mapping[str, int], long: Optional[str]
    ) -> "FurtherInput":
        """Of an example: the range of integers, unless they are lengths.

        Args:
            name: of the input.
            axes: of the input.
            example: of the input.
            sizes: of the axes that vary, in the examples.
            long: name of the axis of the first input that lengths are of, if it is as long.
        """
        if example.dtype == torch.bool or example.dtype.is_floating_point:
            return cls(name, axes, example.dtype)
        low, high = int(example.min()), int(example.max())
        for_each = list(axes) == ["batch"] or ("batch" not in sizes and example.shape == (1,))
        varying = [long, *sizes] if long is not None and for_each and low > 0 else []
        along = [axis for axis in varying if axis not in ("batch", None) and sizes[axis] == high]
        if not along:
            return cls(name, axes, example.dtype, (low, high))
        return cls(name, axes, example.dtype, along=None if along[0] == long else along[0])

    def like(self, x: Tensor, sizes: Mapping[str, int], long: Optional[str]) -> Tensor:
        """Values for the input ``x``: seeded noise, lengths that get shorter along the batch, and their mask.

        The first item has its whole length.

        Args:
            x: the first input.
            sizes: of the axes that vary.
            long: name of the axis of the first input that lengths are of.
        """
        shape = [sizes.get(axis, 1) if size is None else size for axis, size in self.axes.items()]
        generator = torch.Generator().manual_seed(2)
        names = list(self.axes)
        if self.dtype == torch.bool and names[0] == "batch" and list(self.axes.values())[1:] == [None]:
            return torch.arange(shape[1]) < _lengths(shape[0], shape[1])[:, None]
        if self.dtype == torch.bool:
            return torch.rand(shape, generator=generator) < 0.75
        if self.dtype.is_floating_point:
            noise = 0.25 * torch.randn(shape, generator=generator)
            return noise.to(x.dtype if x.is_floating_point() else self.dtype)
        if self.range is None:
            return _lengths(shape[0], sizes.get(self.along or long or "", 1)).to(self.dtype)
        low, high = self.range
        return torch.randint(low, high + 1, shape, generator=generator).to(self.dtype)

    def described(self) -> dict[str, Any]:
        """Dtype, range and axis, for a description."""
        kind = {"dtype": str(self.dtype).removeprefix("torch."), "range": self.range and list(self.range)}
        return kind if self.along is None else {**kind, "along": self.along}


def _lengths(batch: int, time: int) -> Tensor:
    return time - torch.arange(batch) * time // (2 * batch)


def further_inputs(
    module: nn.Module, inputs: Optional[Mapping[str, Tensor]], example: Optional[Tensor], long_name: str
) -> tuple[FurtherInput, ...]:
    """The inputs that examples stand for, by their sizes.

    Args:
        module: whose forward takes them, in this order, after its first argument.
        inputs: an example of each by its name.
        example: of the first input.
        long_name: of its last axis.
    """
    if not inputs:
        return ()
    if example is None or example.dim() < 2 or example.size(0) == example.size(-1):
        raise ArtifactError("inputs need an example of the first input, whose batch and time have two sizes")
    examples = inputs_by_names(module, inputs)
    return tuple(_further_input(name, given, example, long_name) for name, given in examples.items())


def inputs_by_names(module: nn.Module, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """The examples of inputs after the first, once their names and their dtypes are known to be sound."""
    after = list(inspect.signature(module.forward).parameters)[1:]
    if list(inputs) != after[: len(inputs)]:
        raise ArtifactError(
            f"inputs must name the arguments after the first in their order, {', '.join(after) or 'none'}, "
            f"got {', '.join(map(str, inputs))}"
        )
    for name, given in inputs.items():
        if not isinstance(given, Tensor) or str(given.dtype).removeprefix("torch.") not in FURTHER_DTYPES:
            raise ArtifactError(f"inputs must have for {name} a tensor of {', '.join(FURTHER_DTYPES)}")
    return inputs


def _further_input(name: str, given: Tensor, example: Tensor, long_name: str) -> FurtherInput:
    if given.dim() == 0 or given.size(0) != example.size(0) or 0 in given.shape:
        raise ArtifactError(
            f"inputs must have for {name} a batch of {example.size(0)}, as example has, "
            f"got the shape {tuple(given.shape)}"
        )
    time = example.size(-1)
    axes: Axes = {"batch": None}
    for axis, size in enumerate(given.shape[1:], 1):
        follows = size == time and long_name not in axes
        axes[long_name if follows else f"axis{axis}"] = None if follows else size
    return FurtherInput.of(name, axes, given, {"batch": example.size(0), long_name: time}, long_name)
