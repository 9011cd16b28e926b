"""Reshapes and matrix products whose sizes an exported graph need not check.

``torch.export`` goes through the axes of a new shape from left to right and asks at each whether one size
divides another. It cannot prove that of sizes like ``time // hop + 3``, and then refuses a named ``Dim`` with
a range. Of all axes into one, and of one axis into two, it asks nothing: these are the steps in a graph.
"""

import math
from typing import List

import torch
from torch import Tensor

from .graph_capture import capturing_graph


def reshaped(x: Tensor, shape: List[int]) -> Tensor:
    """``x.reshape(shape)``, where every size of ``shape`` is given."""
    if torch.jit.is_scripting():
        return x.reshape(shape)
    return _in_steps(x, shape) if torch.compiler.is_exporting() else x.reshape(shape)


def join_axes(x: Tensor, first: int, last: int) -> Tensor:
    """``x.flatten(first, last)``; axes may be counted from the end."""
    if torch.jit.is_scripting():
        return x.flatten(first, last)
    return _joined_in_steps(x, first, last) if torch.compiler.is_exporting() else x.flatten(first, last)


def split_axis(x: Tensor, axis: int, sizes: List[int]) -> Tensor:
    """``x`` with one axis divided into several; one of the sizes may be -1.

    ``Tensor.unflatten`` does the same, but a traced one keeps the other sizes of the example.
    """
    first = axis + x.dim() if axis < 0 else axis
    shape: List[int] = list(x.shape)
    if torch.jit.is_scripting():
        return x.view(shape[:first] + sizes + shape[first + 1 :])
    if torch.compiler.is_exporting():
        return _split_in_steps(x, first, sizes)
    return x.view(shape[:first] + sizes + shape[first + 1 :])


def excerpt(x: Tensor, axis: int, begin: int, count: int) -> Tensor:
    """``x.narrow(axis, begin, count)``, where a graph cannot know that ``x`` is long enough."""
    if not capturing_graph():
        return x.narrow(axis, begin, count)
    return x.index_select(axis, begin + torch.arange(count, device=x.device))


def graph_product(a: Tensor, b: Tensor) -> Tensor:
    """``torch.matmul(a, b)`` while a graph is exported."""
    if b.dim() == 2:
        shape = list(a.shape)
        rows = _in_steps(a, [math.prod(shape[:-1]), shape[-1]])
        return _in_steps(torch.mm(rows, b), [*shape[:-1], b.size(1)])
    if a.dim() == 3 and b.dim() == 3 and a.size(0) == b.size(0):
        return torch.bmm(a, b)
    return torch.matmul(a, b)


def _in_steps(x: Tensor, shape: List[int]) -> Tensor:
    varying = [axis for axis, size in enumerate(shape) if not isinstance(size, int)]
    if not varying:
        return x.reshape(shape)
    rows = varying[-1] + 1
    return x.reshape(-1).view(math.prod(shape[:rows]), math.prod(shape[rows:])).view(shape)


def _joined_in_steps(x: Tensor, first: int, last: int) -> Tensor:
    shape, first, last = list(x.shape), first % x.dim(), last % x.dim()
    return _in_steps(x, [*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]])


def _split_in_steps(x: Tensor, axis: int, sizes: List[int]) -> Tensor:
    shape = list(x.shape)
    given = 1
    for size in sizes:
        given = given if _is_left_open(size) else given * size
    parts = [shape[axis] // given if _is_left_open(size) else size for size in sizes]
    whole = [*shape[:axis], *parts, *shape[axis + 1 :]]
    return x.view(whole) if isinstance(shape[axis], int) else _in_steps(x, whole)


def _is_left_open(size: int) -> bool:
    return isinstance(size, int) and size == -1
