"""Factored DFT of real numbers: two matrix products with twiddle factors between."""

from typing import List

import torch
import torch.nn.functional as F
from torch import Tensor

from ..module.precision import matmul
from ..module.reshaping import join_axes, split_axis


def one_sided_spectrum(x: Tensor, factors: List[Tensor]) -> Tensor:
    """Bins 0 to ``n // 2`` of the transform of ``n`` real numbers.

    Shape:
        x: ``(*, given)``, ``given <= n``; the rest are zeros, and are not summed
        factors: from ``design_factors.factored_dft``
        returns: ``(*, n // 2 + 1, 2)``
    """
    over_b, n = factors[2], factors[1].numel() // 2
    # (sequences, rows, 2 * (columns // 2 + 1)): c, pairs of d; bins run over c first
    pairs: Tensor = split_axis(matmul(_twiddled_sums(x, factors), over_b), -1, [over_b.size(1) // 2, 2])
    bins = pairs.transpose(1, 2).flatten(1, 2)[:, : n // 2 + 1]
    spectra: Tensor = split_axis(bins, 0, list(x.shape)[:-1])
    return spectra


def one_sided_powers(x: Tensor, factors: List[Tensor]) -> Tensor:
    """Squared magnitudes of :func:`one_sided_spectrum`, all real parts before all imaginary ones: no runtime
    has to pick single numbers out of pairs.

    Shape:
        x: ``(*, given)``
        returns: ``(*, n // 2 + 1)``
    """
    over_b, n = factors[2], factors[1].numel() // 2
    columns = over_b.size(1) // 2
    parts = matmul(_twiddled_sums(x, factors), torch.cat([over_b[:, ::2], over_b[:, 1::2]], 1))
    # (sequences, rows, columns // 2 + 1): c, d; bins run over c first
    squares = parts[..., :columns].square() + parts[..., columns:].square()
    bins = squares.transpose(1, 2).flatten(1)[:, : n // 2 + 1]
    powers: Tensor = split_axis(bins, 0, list(x.shape)[:-1])
    return powers


def _twiddled_sums(x: Tensor, factors: List[Tensor]) -> Tensor:
    """The first product, times the twiddle factors.

    Shape:
        x: ``(*, given)``
        returns: ``(sequences, rows, 2 * columns)``: c, real b and imaginary b
    """
    over_a, twiddles = factors[0], factors[1]
    rows, columns = twiddles.size(1), twiddles.size(2)
    blocks = (x.size(-1) + columns - 1) // columns
    missing = blocks * columns - x.size(-1)
    # One axis for all sequences: with two, the folding of matmul binds exported graphs to their number.
    samples = split_axis(
        join_axes(F.pad(x, [0, missing]) if missing > 0 else x, 0, -2), -1, [blocks, columns]
    )
    # (sequences, 2 * rows, columns): real c and imaginary c, b
    sums = matmul(over_a[:, :blocks], samples)
    real, imaginary = sums[:, :rows], sums[:, rows:]
    twiddled = [real * twiddles[0] - imaginary * twiddles[1], real * twiddles[1] + imaginary * twiddles[0]]
    return torch.cat(twiddled, 2)


def one_sided_adjoint(X: Tensor, factors: List[Tensor]) -> Tensor:
    """The transpose of :func:`one_sided_spectrum`, spectra seen as pairs of real numbers.

    Shape:
        X: ``(*, n // 2 + 1, 2)``
        returns: ``(*, n)``
    """
    over_a, twiddles, over_b = factors[0], factors[1], factors[2]
    rows, columns = twiddles.size(1), twiddles.size(2)
    half = columns // 2 + 1
    given = join_axes(X, 0, -3)
    # Many times faster than padding in small runtimes.
    rest = torch.zeros_like(given[:, :1]).expand(-1, rows * half - given.size(1), -1)
    bins = split_axis(torch.cat([given, rest], 1), 1, [half, rows])
    # (sequences, rows, 2 * columns): c, real b and imaginary b
    parts = matmul(bins.transpose(1, 2).flatten(2), over_b.t())
    real, imaginary = parts[..., :columns], parts[..., columns:]
    sums = [real * twiddles[0] + imaginary * twiddles[1], imaginary * twiddles[0] - real * twiddles[1]]
    samples = matmul(over_a.t(), torch.cat(sums, 1)).flatten(1)
    x: Tensor = split_axis(samples, 0, list(X.shape)[:-2])
    return x


def cosine_sums(even: Tensor, n: int, factors: List[Tensor]) -> Tensor:
    """Transform of a real, even sequence. It is real and even as well: only one half of each is held.

    Shape:
        even: ``(*, n // 2 + 1)``
        returns: the same
    """
    mirrored = torch.cat([even, even[..., 1 : (n + 1) // 2].flip(-1)], -1)
    # The mean of positive numbers is large compared with the rest: its round-off would hide small sums.
    mean = mirrored.mean(-1, keepdim=True)
    # (sequences, rows, columns // 2 + 1): c, d, only real parts
    parts = matmul(_twiddled_sums(mirrored - mean, factors), factors[2][:, ::2])
    sums: Tensor = split_axis(parts.transpose(1, 2).flatten(1)[:, : n // 2 + 1], 0, list(even.shape)[:-1])
    return sums + F.pad(n * mean, [0, n // 2])
