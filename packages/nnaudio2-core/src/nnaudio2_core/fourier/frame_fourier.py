"""The Fourier transform of windowed frames, computed in one of three ways.

The three ways are an FFT (``by_fft``) and, without complex numbers, a factored DFT (``by_factors``) or
correlation with kernels, windowed cosines and sines that may be trained (``by_kernels``). Only this file
chooses between them.
"""

from typing import List, NamedTuple

import torch
from torch import Tensor

from ..module.graph_capture import capturing_graph
from ..module.magnitude_phase import spectral_power
from .by_factors import factored_adjoint, factored_powers, factored_spectra
from .by_fft import bin_counts, fft_adjoint, fft_spectra, fft_synthesis
from .by_kernels import kernel_adjoint, kernel_pairs


class FrameFourier(NamedTuple):
    """Frames and the constants of their Fourier transform."""

    hop_length: int
    """Samples between frames."""
    n_fft: int
    """Points of the transform; a shorter frame is followed by zeros."""
    window: Tensor
    """``(width,)``, ``width <= n_fft``: samples of a frame."""
    factors: List[Tensor]
    """Matrices of ``design_factors.factored_dft``; empty for FFT and kernels."""
    kernels: List[Tensor]
    """Windowed cosines and sines, ``(bins, 1, width)`` each; empty for FFT and factors."""


def uses_fft(fourier: FrameFourier) -> bool:
    """True if an FFT computes the spectra; the other ways use no complex numbers."""
    return len(fourier.factors) == 0 and len(fourier.kernels) == 0


def spectra(x: Tensor, fourier: FrameFourier) -> Tensor:
    """Spectra of the frames of ``x``.

    Shape:
        x: ``(batch, time)``
        returns: ``(batch, frames, bins, 2)``, ``frames = 1 + (time - width) // hop_length``, the bins of the
            kernels or ``n_fft // 2 + 1``
    """
    if len(fourier.kernels) > 0:
        pairs = kernel_pairs(x, fourier.kernels[0], fourier.kernels[1], fourier.hop_length)
        return pairs.permute(0, 3, 2, 1)
    if len(fourier.factors) > 0:
        return factored_spectra(x, fourier.window, fourier.factors, fourier.hop_length)
    return fft_spectra(x, fourier.window, fourier.hop_length, fourier.n_fft)


def powers(x: Tensor, fourier: FrameFourier, power: float) -> Tensor:
    """Magnitudes of :func:`spectra` to a power.

    Shape:
        x: ``(batch, time)``
        returns: ``(batch, frames, bins)``
    """
    if len(fourier.kernels) > 0:  # transpose after squaring: half as many numbers
        pairs = kernel_pairs(x, fourier.kernels[0], fourier.kernels[1], fourier.hop_length)
        if power == 2.0 and capturing_graph():  # small runtimes would copy the pairs to move their axis
            return (pairs[:, 0].square() + pairs[:, 1].square()).transpose(1, 2)
        return spectral_power(pairs.movedim(1, -1), power, True).transpose(1, 2)
    if len(fourier.factors) > 0 and power == 2.0:
        return factored_powers(x, fourier.window, fourier.factors, fourier.hop_length)
    return spectral_power(spectra(x, fourier), power, not uses_fft(fourier))


def adjoint(X: Tensor, fourier: FrameFourier) -> Tensor:
    """The transpose of :func:`spectra`, for spectra seen as pairs of real numbers.

    Shape:
        X: ``(batch, frames, bins, 2)``
        returns: ``(batch, time)``, ``time = (frames - 1) * hop_length + width``
    """
    if len(fourier.kernels) > 0:
        return kernel_adjoint(X, fourier.kernels[0], fourier.kernels[1], fourier.hop_length)
    if len(fourier.factors) > 0:
        return factored_adjoint(X, fourier.window, fourier.factors, fourier.hop_length)
    return fft_adjoint(X, fourier.window, fourier.hop_length, fourier.n_fft)


def synthesis(X: Tensor, fourier: FrameFourier) -> Tensor:
    """Overlap-add of the windowed, unscaled inverse transforms of one-sided spectra.

    Shape:
        X: ``(batch, frames, n_fft // 2 + 1, 2)``
        returns: ``(batch, time)``, ``time = (frames - 1) * hop_length + width``
    """
    if uses_fft(fourier):
        return fft_synthesis(X, fourier.window, fourier.hop_length, fourier.n_fft)
    counts = bin_counts(fourier.window, fourier.n_fft)
    # The count of each bin for both of its parts: broadcasting over pairs is slow.
    return adjoint(X * torch.stack([counts, counts], -1), fourier)
