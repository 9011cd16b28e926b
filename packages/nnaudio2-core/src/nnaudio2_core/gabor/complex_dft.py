"""Factored DFT of complex numbers without complex tensors: two matrix products, twiddle factors between."""

from typing import List

import torch
from torch import Tensor

from ..module.precision import matmul
from ..module.reshaping import join_axes, split_axis


def inverse_dft(X: Tensor, factors: List[Tensor]) -> Tensor:
    """Unitary inverse DFT.

    Shape:
        X: ``(sequences, n, 2)``
        factors: from ``design_complex_dft.complex_dft``
        returns: ``(sequences, n, 2)``
    """
    over_a, twiddles, over_b = factors[0], factors[1], factors[2]
    columns, rows = twiddles.size(1), twiddles.size(2)
    # (sequences, b, pairs of a), to pairs of c
    sums = matmul(join_axes(split_axis(X, 1, [rows, columns]).transpose(1, 2), 2, 3), over_a)
    pairs = split_axis(sums, -1, [rows, 2])
    real, imaginary = pairs[..., 0], pairs[..., 1]
    turned = [real * twiddles[0] - imaginary * twiddles[1], real * twiddles[1] + imaginary * twiddles[0]]
    # (sequences, c, pairs of b), to pairs of d
    sums = matmul(join_axes(torch.stack(turned, -1).transpose(1, 2), 2, 3), over_b)
    return join_axes(split_axis(sums, -1, [columns, 2]).transpose(1, 2), 1, 2)


def dft(x: Tensor, factors: List[Tensor]) -> Tensor:
    """Unitary DFT: the conjugate of the inverse of the conjugate.

    Shape:
        x: ``(sequences, n, 2)``
        returns: ``(sequences, n, 2)``
    """
    return conjugate(inverse_dft(conjugate(x), factors))


def conjugate(X: Tensor) -> Tensor:
    """The conjugate of pairs ``(*, 2)``."""
    return torch.stack([X[..., 0], -X[..., 1]], -1)
