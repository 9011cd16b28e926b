"""Discrete Fourier transform of real numbers by two matrix products and a twist."""

from typing import List

import torch
import torch.nn.functional as F
from torch import Tensor

from ..module.precision import matmul


def one_sided_spectrum(x: Tensor, factors: List[Tensor]) -> Tensor:
    """Bins 0 to ``n // 2`` of the transform of ``n`` real numbers.

    Shape:
        x: ``(*, given)``, ``given <= n``: the rest are zeros, and are not summed
        factors: from ``design_factors.factored_dft``
        returns: ``(*, n // 2 + 1, 2)``
    """
    over_b, n = factors[2], factors[1].numel() // 2
    # (sequences, rows, 2 * (columns // 2 + 1)): c, pairs of d; bins run over c first
    pairs: Tensor = matmul(_turned_sums(x, factors), over_b).unflatten(-1, [over_b.size(1) // 2, 2])
    bins = pairs.transpose(1, 2).flatten(1, 2)[:, : n // 2 + 1]
    spectra: Tensor = bins.unflatten(0, list(x.shape)[:-1])
    return spectra


def _turned_sums(x: Tensor, factors: List[Tensor]) -> Tensor:
    """The transform up to its second product.

    Shape:
        x: ``(*, given)``
        returns: ``(sequences, rows, 2 * columns)``: c, real b and imaginary b
    """
    over_a, twist = factors[0], factors[1]
    rows, columns = twist.size(1), twist.size(2)
    blocks = (x.size(-1) + columns - 1) // columns
    missing = blocks * columns - x.size(-1)
    # One axis for all sequences: over two, the folding of matmul binds exported graphs to their number.
    samples = (F.pad(x, [0, missing]) if missing > 0 else x).flatten(0, -2).unflatten(-1, [blocks, columns])
    # (sequences, 2 * rows, columns): real c and imaginary c, b
    sums = _columns_product(over_a[:, :blocks], samples)
    real, imaginary = sums[:, :rows], sums[:, rows:]
    return torch.cat([real * twist[0] - imaginary * twist[1], real * twist[1] + imaginary * twist[0]], 2)


def one_sided_adjoint(X: Tensor, factors: List[Tensor]) -> Tensor:
    """The transpose of :func:`one_sided_spectrum`, spectra seen as pairs of real numbers.

    Shape:
        X: ``(*, n // 2 + 1, 2)``
        returns: ``(*, n)``
    """
    over_a, twist, over_b = factors[0], factors[1], factors[2]
    rows, columns = twist.size(1), twist.size(2)
    half = columns // 2 + 1
    given = X.flatten(0, -3)
    # Many times as fast as padding, in small runtimes.
    rest = torch.zeros_like(given[:, :1]).expand(-1, rows * half - given.size(1), -1)
    bins = torch.cat([given, rest], 1).unflatten(1, [half, rows])
    # (sequences, rows, 2 * columns): c, real b and imaginary b
    turned = matmul(bins.transpose(1, 2).flatten(2), over_b.t())
    real, imaginary = turned[..., :columns], turned[..., columns:]
    sums = torch.cat([real * twist[0] + imaginary * twist[1], imaginary * twist[0] - real * twist[1]], 1)
    samples = _columns_product(over_a.t(), sums).flatten(1)
    x: Tensor = samples.unflatten(0, list(X.shape)[:-2])
    return x


def _columns_product(matrix: Tensor, x: Tensor) -> Tensor:
    """A matrix times every column: small runtimes copy the matrix for each of a batch of products,
    not for this.

    Shape:
        matrix: ``(m, n)``
        x: ``(sequences, n, columns)``
        returns: ``(sequences, m, columns)``
    """
    return matmul(matrix, x)


def cosine_sums(even: Tensor, n: int, factors: List[Tensor]) -> Tensor:
    """The transform of real, even numbers, of which one half is given: real and even too, one half of it.

    Shape:
        even: ``(*, n // 2 + 1)``
        returns: the same
    """
    mirrored = torch.cat([even, even[..., 1 : (n + 1) // 2].flip(-1)], -1)
    # The mean, large beside the rest for positive numbers, would drown the small sums in its round-off.
    mean = mirrored.mean(-1, keepdim=True)
    # (sequences, rows, columns // 2 + 1): c, d, real parts alone
    parts = matmul(_turned_sums(mirrored - mean, factors), factors[2][:, ::2])
    sums: Tensor = parts.transpose(1, 2).flatten(1)[:, : n // 2 + 1].unflatten(0, list(even.shape)[:-1])
    return sums + F.pad(n * mean, [0, n // 2])
