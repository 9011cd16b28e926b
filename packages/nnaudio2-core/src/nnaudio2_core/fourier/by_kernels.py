"""The short-time Fourier transform by correlation with kernels: trainable, free of complex numbers."""

import torch
from torch import Tensor

from ..framing.frames import overlap_add
from ..module.precision import conv1d, matmul


def kernel_spectrum(x: Tensor, wcos: Tensor, wsin: Tensor, hop_length: int) -> Tensor:
    """Correlate a waveform with windowed cosines and sines.

    Shape:
        x: ``(batch, time)``
        wcos, wsin: ``(bins, 1, n_fft)``
        returns: ``(batch, bins, frames, 2)``, ``frames = 1 + (time - n_fft) // hop_length``
    """
    weight = torch.cat([wcos, -wsin]).to(x.dtype)
    pairs = conv1d(x.unsqueeze(1), weight, hop_length)
    X: Tensor = pairs.unflatten(1, [2, wcos.size(0)])
    return X.movedim(1, -1)


def kernel_synthesis(X: Tensor, wcos: Tensor, wsin: Tensor, hop_length: int) -> Tensor:
    """Overlap-add of the unscaled inverse of one-sided spectra, by products with kernels.

    Shape:
        X: ``(batch, n_fft // 2 + 1, frames, 2)``
        wcos, wsin: ``(n_fft // 2 + 1, 1, n_fft)``
        returns: ``(batch, time)``, ``time = (frames - 1) * hop_length + n_fft``
    """
    n_fft = wcos.size(2)
    counts = torch.full([wcos.size(0), 1, 1], 2.0, dtype=wcos.dtype, device=wcos.device)
    counts[0] = 1.0
    if n_fft % 2 == 0:
        counts[-1] = 1.0
    return kernel_adjoint(X, wcos * counts, wsin * counts, hop_length)


def kernel_adjoint(X: Tensor, wcos: Tensor, wsin: Tensor, hop_length: int) -> Tensor:
    """The transpose of :func:`kernel_spectrum`.

    Shape:
        X: ``(batch, bins, frames, 2)``
        wcos, wsin: ``(bins, 1, n_fft)``
        returns: ``(batch, time)``, ``time = (frames - 1) * hop_length + n_fft``
    """
    # What a transposed convolution is, in two steps that small runtimes do many times as fast.
    pairs = torch.cat([X[..., 0], X[..., 1]], 1).transpose(1, 2)
    weight = torch.cat([wcos, -wsin]).squeeze(1).to(X.dtype)
    return overlap_add(matmul(pairs, weight), hop_length)
