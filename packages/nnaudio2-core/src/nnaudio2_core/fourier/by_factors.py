"""The short-time Fourier transform by matrix products: frozen, free of complex numbers and of FFTs."""

from typing import List

import torch
from torch import Tensor

from ..framing.frames import frame_copies, overlap_add
from .by_fft import bin_counts
from .factored_dft import one_sided_adjoint, one_sided_spectrum


def product_spectrum(x: Tensor, window: Tensor, products: List[Tensor], hop_length: int) -> Tensor:
    """One-sided spectra of the windowed frames of ``x``.

    Shape:
        x: ``(batch, time)``
        window: ``(width,)``, ``width <= n_fft``: shorter frames are followed by zeros
        products: from :func:`nnaudio2_core.fourier.design_factors.fourier_products` of ``n_fft``
        returns: ``(batch, frames, n_fft // 2 + 1, 2)``, ``frames = 1 + (time - width) // hop_length``
    """
    frames = frame_copies(x, window.size(0), hop_length) * window
    return one_sided_spectrum(frames, products)


def product_adjoint(X: Tensor, window: Tensor, products: List[Tensor], hop_length: int) -> Tensor:
    """The transpose of :func:`product_spectrum`, for spectra seen as pairs of real numbers.

    Shape:
        X: ``(batch, frames, n_fft // 2 + 1, 2)``
        returns: ``(batch, time)``, ``time = (frames - 1) * hop_length + width``
    """
    return overlap_add(one_sided_adjoint(X, products)[..., : window.size(0)] * window, hop_length)


def product_synthesis(X: Tensor, window: Tensor, products: List[Tensor], hop_length: int) -> Tensor:
    """Overlap-add of the windowed, unscaled inverse transforms of one-sided spectra.

    Shape:
        X: ``(batch, frames, n_fft // 2 + 1, 2)``
        returns: ``(batch, time)``, ``time = (frames - 1) * hop_length + width``
    """
    counts = bin_counts(window, _points(products))
    # As many factors as numbers: broadcasting over pairs is slow.
    return product_adjoint(X * torch.stack([counts, counts], -1), window, products, hop_length)


def _points(products: List[Tensor]) -> int:
    twist = products[1]
    return twist.size(1) * twist.size(2)
