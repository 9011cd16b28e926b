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
    """An input whose axes follow those of the first one."""

    name: str
    axes: Axes
    """``batch`` first; it and ``time`` have the sizes that they have in the first input, others are fixed."""
    dtype: torch.dtype
    range: Optional[tuple[int, int]] = None
    """Least and largest of integers; None for lengths, from 1 to that of the first input."""

    def like(self, x: Tensor, long_axis: int) -> Tensor:
        """Values for the input ``x``: seeded noise, lengths that get shorter along the batch, and their mask.

        The first item has its whole length.
        """
        time, sizes = x.size(long_axis), iter(x.shape[:1] + x.shape[long_axis : long_axis + 1])
        shape = [next(sizes) if size is None else size for size in self.axes.values()]
        generator = torch.Generator().manual_seed(2)
        lengths = time - torch.arange(len(x)) * time // (2 * len(x))
        if self.dtype == torch.bool and list(self.axes.values())[1:] == [None]:
            return torch.arange(time) < lengths[:, None]
        if self.dtype == torch.bool:
            return torch.rand(shape, generator=generator) < 0.75
        if self.dtype.is_floating_point:
            noise = 0.25 * torch.randn(shape, generator=generator)
            return noise.to(x.dtype if x.is_floating_point() else self.dtype)
        if self.range is None:
            return lengths.to(self.dtype)
        low, high = self.range
        return torch.randint(low, high + 1, shape, generator=generator).to(self.dtype)

    def described(self) -> dict[str, Any]:
        """Dtype and range, for a description."""
        return {"dtype": str(self.dtype).removeprefix("torch."), "range": self.range and list(self.range)}


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
    after = list(inspect.signature(module.forward).parameters)[1:]
    if list(inputs) != after[: len(inputs)]:
        raise ArtifactError(
            f"inputs must name the arguments after the first in their order, {', '.join(after) or 'none'}, "
            f"got {', '.join(map(str, inputs))}"
        )
    return tuple(_further_input(name, given, example, long_name) for name, given in inputs.items())


def _further_input(name: str, given: Tensor, example: Tensor, long_name: str) -> FurtherInput:
    if not isinstance(given, Tensor) or str(given.dtype).removeprefix("torch.") not in FURTHER_DTYPES:
        raise ArtifactError(f"inputs must have for {name} a tensor of {', '.join(FURTHER_DTYPES)}")
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
    whole = given.dtype != torch.bool and not given.dtype.is_floating_point
    low, high = (int(given.min()), int(given.max())) if whole else (0, 0)
    lengths = whole and given.dim() == 1 and high == time and low > 0
    return FurtherInput(name, axes, given.dtype, (low, high) if whole and not lengths else None)
