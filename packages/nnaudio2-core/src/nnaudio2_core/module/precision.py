"""Precision of a transform, and constants that serve both float32 and float64."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from .reshaping import graph_product


def split_constant(values: npt.NDArray[np.float64]) -> Tensor:
    """Store float64 numbers as a stack of two float32 tensors, high and low part.

    In float32 the high part is the constant (a view, without a cast), in float64 the sum of both (48 bits).
    Devices without float64 can hold the buffer.

    Shape:
        values: any shape ``(*)``
        returns: ``(2, *)``, float32, contiguous
    """
    high = values.astype(np.float32)
    low = (values - high).astype(np.float32)
    return torch.from_numpy(np.stack([high, low])).clone(memory_format=torch.contiguous_format)


def constant(split: Tensor, dtype: torch.dtype) -> Tensor:
    """The constant kept by :func:`split_constant`, in ``dtype`` (float32 or float64)."""
    if dtype == torch.float64:
        return split[0].double() + split[1].double()
    return split[0]


def working_dtype(dtype: torch.dtype) -> torch.dtype:
    """Type to compute in: float64 for float64, float32 for float32, float16 and bfloat16."""
    if dtype == torch.float64:
        return torch.float64
    return torch.float32


def round_off(dtype: torch.dtype) -> float:
    """Distance from 1 to the next number of a working dtype."""
    return 2.0**-52 if dtype == torch.float64 else 2.0**-23


def widest(device: torch.device) -> torch.dtype:
    """Widest floating type of a device: float64, but float32 on MPS."""
    return torch.float32 if device.type == "mps" else torch.float64


def _autocast(x: Tensor) -> bool:
    return not x.is_meta and torch.is_autocast_enabled(x.device.type)


def matmul(a: Tensor, b: Tensor) -> Tensor:
    """Matrix product without autocast: a transform keeps float32 where a network does not."""
    if torch.jit.is_scripting():
        # A scripted function can neither leave autocast nor query it (that ends the process in torch
        # 2.14). It sees the type of the result instead, and autocast ignores float64.
        product = torch.matmul(a, b)
        if product.dtype != a.dtype:
            return torch.matmul(a.double(), b.double()).to(a.dtype)
        return product
    if _autocast(a):
        with torch.autocast(a.device.type, enabled=False):
            return _matmul(a, b)
    return _matmul(a, b)


def _matmul(a: Tensor, b: Tensor) -> Tensor:
    return graph_product(a, b) if torch.compiler.is_exporting() else torch.matmul(a, b)


def complex_bmm(a: Tensor, b: Tensor) -> Tensor:
    """Batched product of complex matrices.

    From the second call on TorchScript takes the gradient of ``torch.bmm`` from a formula of its own, which
    lacks the conjugate of complex numbers; for ``einsum`` it has none.

    Shape:
        a: ``(batch, rows, inner)``
        b: ``(batch, inner, columns)``
        returns: ``(batch, rows, columns)``
    """
    if torch.jit.is_scripting():
        return torch.einsum("brc,bck->brk", [a, b])
    return torch.bmm(a, b)


def conv1d(x: Tensor, weight: Tensor, stride: int) -> Tensor:
    """Strided correlation without autocast.

    Shape:
        x: ``(batch, channels, time)``
        weight: ``(out_channels, channels, width)``
        returns: ``(batch, out_channels, 1 + (time - width) // stride)``
    """
    if torch.jit.is_scripting():
        result = torch.conv1d(x, weight, stride=stride)
        if result.dtype != x.dtype:
            return torch.conv1d(x.double(), weight.double(), stride=stride).to(x.dtype)
        return result
    if _autocast(x):
        with torch.autocast(x.device.type, enabled=False):
            return torch.conv1d(x, weight, stride=stride)
    return torch.conv1d(x, weight, stride=stride)
