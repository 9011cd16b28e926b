"""The first bins of a spectrum, those above Nyquist included."""

import torch
import torch.nn.functional as F
from torch import Tensor


def first_bins(X: Tensor, freq_bins: int, n_fft: int) -> Tensor:
    """The first ``freq_bins`` bins of one-sided spectra, those above Nyquist by conjugation.

    Shape:
        X: ``(batch, frames, n_fft // 2 + 1, 2)``
        returns: ``(batch, frames, freq_bins, 2)``, ``freq_bins <= n_fft``
    """
    onesided = n_fft // 2 + 1
    if freq_bins <= onesided:
        return X[:, :, :freq_bins]
    mirrored = X[:, :, n_fft - freq_bins + 1 : (n_fft + 1) // 2].flip(2)
    return torch.cat([X, torch.stack([mirrored[..., 0], -mirrored[..., 1]], -1)], 2)


def first_bins_adjoint(X: Tensor, n_fft: int) -> Tensor:
    """The transpose of :func:`first_bins`.

    Shape:
        X: ``(batch, frames, freq_bins, 2)``
        returns: ``(batch, frames, n_fft // 2 + 1, 2)``
    """
    onesided, freq_bins = n_fft // 2 + 1, X.size(2)
    if freq_bins <= onesided:
        return F.pad(X, [0, 0, 0, onesided - freq_bins])
    above = X[:, :, onesided:].flip(2)
    low = n_fft - freq_bins + 1
    mirrored = torch.stack([above[..., 0], -above[..., 1]], -1)
    return X[:, :, :onesided] + F.pad(mirrored, [0, 0, low, onesided - low - above.size(2)])
