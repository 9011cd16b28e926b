"""The Fourier transform of real numbers by matrix products, free of complex numbers and of FFTs."""

from typing import List

import torch
import torch.nn.functional as F
from torch import Tensor

from .precision import matmul


def one_sided_spectrum(x: Tensor, products: List[Tensor]) -> Tensor:
    """Bins 0 to ``n // 2`` of the transform of ``n`` real numbers.

    Shape:
        x: ``(*, n)``
        products: from :func:`nnaudio2_core.bases.fourier_products.fourier_products`
        returns: ``(*, n // 2 + 1, 2)``
    """
    over_a, twist, over_b = products[0], products[1], products[2]
    rows, columns = twist.size(1), twist.size(2)
    samples = x.unflatten(-1, [rows, columns])
    # (*, rows, columns): c, b
    real, imaginary = matmul(over_a[0], samples), matmul(over_a[1], samples)
    turned_real = real * twist[0] - imaginary * twist[1]
    turned_imaginary = real * twist[1] + imaginary * twist[0]
    # (*, rows, columns // 2 + 1): c, d; bins run over c first
    bins_real = matmul(turned_real, over_b[0]) - matmul(turned_imaginary, over_b[1])
    bins_imaginary = matmul(turned_real, over_b[1]) + matmul(turned_imaginary, over_b[0])
    bins = torch.stack([bins_real, bins_imaginary], -1).transpose(-3, -2).flatten(-3, -2)
    return bins[..., : x.size(-1) // 2 + 1, :]


def cosine_sums(even: Tensor, n: int, products: List[Tensor]) -> Tensor:
    """The transform of real, even numbers, of which one half is given: real and even too, one half of it.

    Shape:
        even: ``(*, n // 2 + 1)``
        returns: the same
    """
    mirrored = torch.cat([even, even[..., 1 : (n + 1) // 2].flip(-1)], -1)
    # The mean, large beside the rest for positive numbers, would drown the small sums in its round-off.
    mean = mirrored.mean(-1, keepdim=True)
    sums = one_sided_spectrum(mirrored - mean, products)[..., 0]
    return sums + F.pad(n * mean, [0, n // 2])
