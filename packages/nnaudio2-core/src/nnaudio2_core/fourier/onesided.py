"""Checks and reshaping on the way from a complex spectrogram back to frames."""

import torch
from torch import Tensor

from ..module.call_checks import require_flag, require_whole
from ..module.graph_capture import capturing_graph


def check_bins(X: Tensor, n_fft: int, onesided: bool) -> None:
    """Raise a ValueError unless ``X``, ``(batch, bins, frames, 2)``, has the bins ``onesided`` implies."""
    if not torch.jit.is_scripting():
        require_flag("onesided", onesided)
    if onesided and X.size(1) != n_fft // 2 + 1:
        raise ValueError(
            f"X must have n_fft // 2 + 1 = {n_fft // 2 + 1} bins with onesided=True, got {X.size(1)}"
        )
    if not onesided and X.size(1) != n_fft:
        raise ValueError(
            f"X must have n_fft = {n_fft} bins with onesided=False, got {X.size(1)}; "
            "a one-sided spectrogram needs onesided=True"
        )


def onesided_bins(X: Tensor, n_fft: int, freq_bins: int, onesided: bool) -> Tensor:
    """One-sided spectra of what ``onesided`` says that ``X`` is, or of ``freq_bins`` bins, which may be more.

    Shape:
        X: ``(batch, bins, frames, 2)``
        returns: ``(batch, n_fft // 2 + 1, frames, 2)``
    """
    half = n_fft // 2 + 1
    if X.size(1) == freq_bins and half < freq_bins and freq_bins < n_fft:
        return X[:, :half]
    check_bins(X, n_fft, onesided)
    return X if onesided else fold_to_onesided(X)


def check_length(length: int, covered: int) -> None:
    """Raise an error unless ``length`` is a whole number, not much more than the samples ``covered``.

    Zeros follow where no frame reaches, but more than a gigabyte of them in each item is a slip that would
    exhaust the memory.
    """
    if not torch.jit.is_scripting():
        require_whole("length", length)
    if length < 0:
        raise ValueError(f"length must be >= 0, got {length}")
    most = covered + (1 << 28)
    if not capturing_graph() and length > most:  # a graph is for any length
        raise ValueError(f"length must be <= {most}, 2**28 more than the frames cover, got {length}")


def fold_to_onesided(X: Tensor) -> Tensor:
    """One-sided spectrum with the same real inverse as a two-sided one.

    Shape:
        X: ``(batch, n_fft, frames, 2)``
        returns: ``(batch, n_fft // 2 + 1, frames, 2)``
    """
    n_fft = X.size(1)
    half = X[:, : n_fft // 2 + 1]
    mirrored = torch.cat([X[:, :1], X[:, (n_fft + 1) // 2 :].flip(1)], 1)
    conjugate = torch.stack([mirrored[..., 0], -mirrored[..., 1]], -1)
    return 0.5 * (half + conjugate)
