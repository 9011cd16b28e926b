"""Fourier transform of frames by a factored DFT: frozen, without complex numbers and without FFTs."""

from typing import List

from torch import Tensor

from ..framing.frames import frame_copies, overlap_add
from .factored_dft import one_sided_adjoint, one_sided_powers, one_sided_spectrum


def factored_spectra(x: Tensor, window: Tensor, factors: List[Tensor], hop_length: int) -> Tensor:
    """One-sided spectra of the windowed frames of ``x``.

    Shape:
        x: ``(batch, time)``
        window: ``(width,)``, ``width <= n_fft``; shorter frames are followed by zeros
        factors: from ``design_factors.factored_dft`` of ``n_fft``
        returns: ``(batch, frames, n_fft // 2 + 1, 2)``, ``frames = 1 + (time - width) // hop_length``
    """
    frames = frame_copies(x, window.size(0), hop_length) * window
    return one_sided_spectrum(frames, factors)


def factored_powers(x: Tensor, window: Tensor, factors: List[Tensor], hop_length: int) -> Tensor:
    """Squared magnitudes of :func:`factored_spectra`: ``(batch, frames, n_fft // 2 + 1)``."""
    return one_sided_powers(frame_copies(x, window.size(0), hop_length) * window, factors)


def factored_adjoint(X: Tensor, window: Tensor, factors: List[Tensor], hop_length: int) -> Tensor:
    """The transpose of :func:`factored_spectra`, for spectra seen as pairs of real numbers.

    Shape:
        X: ``(batch, frames, n_fft // 2 + 1, 2)``
        returns: ``(batch, time)``, ``time = (frames - 1) * hop_length + width``
    """
    return overlap_add(one_sided_adjoint(X, factors)[..., : window.size(0)], hop_length, window)
