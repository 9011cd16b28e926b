"""Steps of the inverse STFT: one-sided bins, overlap-add, the requested length."""

from typing import Optional

import torch
from torch import Tensor

from ..framing.chunks import chunk_shape, empty_rows
from ..framing.window_sum import crop_padding, normalize, overlap_factors
from ..module.arguments import require_bool, require_whole
from ..module.graph_capture import capturing_graph, needs_gradient, tracing
from .frame_fourier import FrameFourier, synthesis


def waveform_of(X: Tensor, fourier: FrameFourier, pad: int, length: Optional[int]) -> Tensor:
    """Windowed overlap-add over the sum of squared windows.

    Args:
        X: one-sided spectra.
        fourier: Fourier transform of the frames, with the window of the analysis.
        pad: samples that the analysis added to each end.
        length: samples to return; None means as many as lie between the paddings.

    Shape:
        X: ``(batch, frames, n_fft // 2 + 1, 2)``
        returns: ``(batch, length)``

    Source: Griffin & Lim (1984), eq. 6.
    """
    batch, n_frames, window = X.size(0), X.size(1), fourier.window
    kept = capturing_graph() or needs_gradient(X) or needs_gradient(window)
    factors = overlap_factors(window, n_frames, fourier.hop_length, not kept)
    items = batch if kept else max(1, chunk_shape(n_frames, fourier.n_fft)[0])
    if items >= batch:
        return _waveform(X, fourier, factors, pad, length)
    # Item by item, all steps find their input in the cache.
    time = (n_frames - 1) * fourier.hop_length + window.size(0) - 2 * pad if length is None else length
    out = empty_rows(X, window, 1, time).squeeze(1)
    for item in range(0, batch, items):
        out[item : item + items] = _waveform(X[item : item + items], fourier, factors, pad, length)
    return out


def _waveform(X: Tensor, fourier: FrameFourier, factors: Tensor, pad: int, length: Optional[int]) -> Tensor:
    return crop_padding(normalize(synthesis(X, fourier), factors, X.size(1)), pad, length)


def onesided_bins(X: Tensor, n_fft: int, freq_bins: int, onesided: Optional[bool]) -> Tensor:
    """The one-sided part of spectra.

    Args:
        X: one-sided spectra, ``freq_bins`` bins (some of them above Nyquist), or two-sided spectra.
        n_fft: points of the transform.
        freq_bins: bins of the transform that computed ``X``.
        onesided: True if ``X`` is one-sided; None infers it from the number of bins.

    Shape:
        X: ``(batch, bins, frames, 2)``
        returns: ``(batch, n_fft // 2 + 1, frames, 2)``

    Raises:
        ValueError: if ``X`` has another number of bins.
    """
    if not torch.jit.is_scripting():
        if onesided is not None:
            onesided = require_bool("onesided", onesided)
    half, bins = n_fft // 2 + 1, X.size(1)
    if bins == freq_bins and half < freq_bins and freq_bins < n_fft:
        return X[:, :half]
    if onesided is None:
        onesided = bins != n_fft or n_fft == half
        if onesided and bins != half:
            raise ValueError(f"X must have n_fft // 2 + 1 = {half} bins or n_fft = {n_fft}, got {bins}")
    if onesided and bins != half:
        raise ValueError(f"X must have n_fft // 2 + 1 = {half} bins with onesided=True, got {bins}")
    if not onesided and bins != n_fft:
        raise ValueError(
            f"X must have n_fft = {n_fft} bins with onesided=False, got {bins}; "
            "a one-sided spectrogram needs onesided=True"
        )
    return X if onesided else fold_to_onesided(X)


def fold_to_onesided(X: Tensor) -> Tensor:
    """The one-sided spectrum with the same real inverse as a two-sided one.

    Shape:
        X: ``(batch, n_fft, frames, 2)``
        returns: ``(batch, n_fft // 2 + 1, frames, 2)``
    """
    n_fft = X.size(1)
    half = X[:, : n_fft // 2 + 1]
    mirrored = torch.cat([X[:, :1], X[:, (n_fft + 1) // 2 :].flip(1)], 1)
    conjugate = torch.stack([mirrored[..., 0], -mirrored[..., 1]], -1)
    return 0.5 * (half + conjugate)


def checked_length(length: Optional[int], covered: int) -> Optional[int]:
    """``length`` as an int, or an error unless it is >= 0 and not much more than the samples ``covered``.

    Samples after the last frame are zeros, but more than a gigabyte of them in each item is a mistake that
    would exhaust the memory.
    """
    if length is None:
        return None
    if not torch.jit.is_scripting():
        length = require_whole("length", length)
    if not tracing() and length < 0:
        raise ValueError(f"length must be >= 0, got {length}")
    most = covered + (1 << 28)
    if not capturing_graph() and length > most:  # a graph serves any length
        raise ValueError(f"length must be <= {most}, 2**28 more than the frames cover, got {length}")
    return length
