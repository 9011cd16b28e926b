"""Fourier transform of frames by kernels, windowed cosines and sines: trainable, without complex numbers."""

import torch
from torch import Tensor

from ..framing.frames import overlap_add
from ..module.precision import conv1d, matmul
from ..module.reshaping import split_axis


def kernel_pairs(x: Tensor, wcos: Tensor, wsin: Tensor, hop_length: int) -> Tensor:
    """Correlations of a waveform with windowed cosines and negated windowed sines.

    Shape:
        x: ``(batch, time)``
        wcos, wsin: ``(bins, 1, width)``
        returns: ``(batch, 2, bins, frames)``, ``frames = 1 + (time - width) // hop_length``
    """
    weight = torch.cat([wcos, -wsin]).to(x.dtype)
    pairs: Tensor = split_axis(conv1d(x.unsqueeze(1), weight, hop_length), 1, [2, wcos.size(0)])
    return pairs


def kernel_adjoint(X: Tensor, wcos: Tensor, wsin: Tensor, hop_length: int) -> Tensor:
    """The transpose of :func:`kernel_pairs`.

    Shape:
        X: ``(batch, frames, bins, 2)``
        returns: ``(batch, time)``, ``time = (frames - 1) * hop_length + width``
    """
    # A transposed convolution in two steps, which small runtimes compute many times faster.
    weight = torch.cat([wcos, -wsin]).squeeze(1).to(X.dtype)
    return overlap_add(matmul(torch.cat([X[..., 0], X[..., 1]], 2), weight), hop_length)
