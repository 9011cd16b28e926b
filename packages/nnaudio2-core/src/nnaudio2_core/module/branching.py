"""Data-dependent branching in eager mode: a tensor's minimum as a float, also under vmap."""

import math
from typing import Any, Tuple

import torch
from torch import Tensor


def minimum_value(x: Tensor) -> float:
    """Minimum of a tensor; NaN if it holds no data, such as a fake tensor.

    Under ``torch.func.vmap`` it is the minimum of the whole batch, which takes one branch together.

    Shape:
        x: ``(*)``, not empty, detached
    """
    if torch.jit.is_scripting():
        return float(x.amin())
    return _minimum(x)


def _minimum(x: Tensor) -> float:
    try:
        return float(x.amin())
    except RuntimeError:
        return _minimum_of_batch(x)


def _minimum_of_batch(x: Tensor) -> float:
    try:
        return float(_Minimum.apply(x))
    except RuntimeError:
        return math.nan


class _Minimum(torch.autograd.Function):
    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return x.amin()

    @staticmethod
    def setup_context(ctx: Any, inputs: Tuple[Any, ...], output: Tensor) -> None:
        ctx.mark_non_differentiable(output)

    @staticmethod
    def vmap(info: Any, in_dims: Tuple[Any, ...], x: Tensor) -> Tuple[Tensor, None]:
        return _Minimum.apply(x), None
