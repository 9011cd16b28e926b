"""Numbers that eager mode decides by."""

import math
from typing import Any, Tuple

import torch
from torch import Tensor


def least_of_all(x: Tensor) -> float:
    """The least number; NaN where there are no numbers to see, as in fake tensors.

    Under ``torch.func.vmap`` it is the least of the whole batch: one decision serves all of it.

    Shape:
        x: ``(*)``, not empty, detached
    """
    if torch.jit.is_scripting():
        return float(x.amin())
    return _least_of_all(x)


def _least_of_all(x: Tensor) -> float:
    try:
        return float(x.amin())
    except RuntimeError:
        return _least_of_batch(x)


def _least_of_batch(x: Tensor) -> float:
    try:
        return float(_Least.apply(x))
    except RuntimeError:
        return math.nan


class _Least(torch.autograd.Function):
    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return x.amin()

    @staticmethod
    def setup_context(ctx: Any, inputs: Tuple[Any, ...], output: Tensor) -> None:
        ctx.mark_non_differentiable(output)

    @staticmethod
    def vmap(info: Any, in_dims: Tuple[Any, ...], x: Tensor) -> Tuple[Tensor, None]:
        return _Least.apply(x), None
