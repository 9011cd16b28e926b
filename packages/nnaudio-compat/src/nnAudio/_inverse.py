"""Inverse STFT by overlap-add with any kernels and any window, and the legacy rules around it."""

from typing import Optional, Tuple

import torch
from torch import Tensor

from nnaudio2_core.framing.frames import overlap_add
from nnaudio2_core.framing.window_sum import window_sum
from nnaudio2_core.module.precision import matmul

from . import _kernels


def check_spectrogram(X: Tensor, n_fft: int, onesided: bool) -> None:
    """Raise errors of the legacy types for a spectrogram of the wrong shape."""
    if X.dim() != 4 or X.size(3) != 2:
        raise AssertionError(
            f"X must have the shape (batch, bins, frames, 2), got {list(X.shape)}; see Griffin_Lim for others"
        )
    bins = n_fft
    if onesided:
        bins = n_fft // 2 + 1
    if X.size(1) != bins:
        raise RuntimeError(
            f"X must have {bins} bins with n_fft={n_fft}, onesided={onesided}, got {X.size(1)}"
        )


def span(time: int, pad: int, center: bool, length: Optional[int]) -> Tuple[int, int]:
    """First and end index of the samples to return, of ``time`` overlap-added ones."""
    first, last = 0, time
    if center:
        first, last = pad, time - pad
    if length is not None:
        last = min(first + length, time)
    return first, last


def inverse_dtype(X: Tensor, window: Tensor) -> torch.dtype:
    """Type of the waveform, as in the legacy package: the wider of the two types."""
    return torch.promote_types(X.dtype, window.dtype)


def two_sided(X: Tensor, n_fft: int) -> Tensor:
    """One-sided spectra with their mirror image: ``(batch, n_fft, frames, 2)``."""
    return torch.cat([X, _kernels.conjugate(X[:, 1 : n_fft - X.size(1) + 1].flip(1))], 1)


def inverse_by_kernels(
    X: Tensor, cosine: Tensor, sine: Tensor, window: Tensor, hop_length: int
) -> Tuple[Tensor, Tensor]:
    """Overlap-add of the windowed inverse of two-sided spectra, and the sum of squared windows.

    Shape:
        X: ``(batch, n_fft, frames, 2)``
        cosine, sine: ``(n_fft, 1, n_fft, 1)``, samples by frequencies
        window: ``(1, width, 1)``, ``width <= n_fft``
        returns: ``(batch, time)`` and ``(time,)``, ``time = (frames - 1) * hop_length + n_fft``
    """
    n_fft = X.size(1)
    if cosine.size(0) != n_fft or cosine.size(2) != n_fft:
        raise RuntimeError(f"kernels must have the shape ({n_fft}, 1, {n_fft}, 1), got {list(cosine.shape)}")
    dtype = _kernels.common_dtype(X, window)
    X = X.to(_kernels.common_dtype(X, cosine))
    window = _kernels.centered(window.reshape(-1), n_fft).to(dtype)
    frames = matmul(cosine[:, 0, :, 0].to(X.dtype), X[..., 0]) - matmul(
        sine[:, 0, :, 0].to(X.dtype), X[..., 1]
    )
    windowed = frames.to(dtype).transpose(1, 2) * (window / n_fft)
    return overlap_add(windowed, hop_length), window_sum(window, X.size(2), hop_length)


def divided(y: Tensor, total: Tensor, first: int, last: int) -> Tensor:
    """``y / total`` from sample ``first`` to ``last``; ``y`` itself where no window reaches."""
    seen = total > 1e-10
    return (y / torch.where(seen, total, 1.0))[:, first:last]
