"""Checks and reshaping on the way from a complex spectrogram back to frames."""

import torch
from torch import Tensor


def check_bins(X: Tensor, n_fft: int, onesided: bool) -> None:
    """Raise a ValueError unless ``X``, ``(batch, bins, frames, 2)``, has the bins ``onesided`` implies."""
    if onesided and X.size(1) != n_fft // 2 + 1:
        raise ValueError(
            f"X must have n_fft // 2 + 1 = {n_fft // 2 + 1} bins with onesided=True, got {X.size(1)}"
        )
    if not onesided and X.size(1) != n_fft:
        raise ValueError(
            f"X must have n_fft = {n_fft} bins with onesided=False, got {X.size(1)}; "
            "a one-sided spectrogram needs onesided=True"
        )


def check_length(length: int) -> None:
    """Raise a ValueError for a negative length."""
    if length < 0:
        raise ValueError(f"length must be >= 0, got {length}")


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
