"""The octave-by-octave constant-Q transform: the same few kernels on a signal halved again and again."""

from typing import List

import torch
import torch.nn.functional as F
from torch import Tensor

from ..framing.padding import pad_waveform
from ..module.precision import conv1d, matmul


def decimate(x: Tensor, lowpass: Tensor, factor: int) -> Tensor:
    """Low-pass filter and keep every ``factor``-th sample.

    Shape:
        x: ``(batch, time)``
        lowpass: ``(taps,)``
        returns: ``(batch, 1 + (time - 2) // factor)`` for an even number of taps
    """
    side = (lowpass.size(0) - 1) // 2
    return conv1d(F.pad(x, [side, side]).unsqueeze(1), lowpass[None, None], factor).squeeze(1)


def octave_analysis(x: Tensor, weights: List[Tensor], lowpass: Tensor, hop: int, pad_mode: str) -> Tensor:
    """Coefficients of every octave, the lowest first.

    Shape:
        x: ``(batch, time)``
        weights: for each octave from the top down ``(2 * bins, 1, width)``: what gives the real parts, then
            what gives the imaginary parts
        lowpass: ``(taps,)``
        returns: ``(batch, octaves * bins, frames, 2)``
    """
    parts: List[Tensor] = []
    for octave, weight in enumerate(weights):
        if octave > 0:
            x = decimate(x, lowpass, 2)
            hop = hop // 2
        padded = pad_waveform(x, weight.size(2) // 2, pad_mode)
        X = conv1d(padded.unsqueeze(1), weight, hop)
        parts = [torch.stack(X.chunk(2, 1), -1)] + parts
    return torch.cat(parts, 1)


def weights_from_spectra(real: Tensor, imag: Tensor, wcos: Tensor, wsin: Tensor) -> Tensor:
    """Kernels in time from one-sided spectra and the Fourier kernels that analyse a frame.

    By Parseval the coefficient is the product of the frame's spectrum ``wcos x - i wsin x`` with the
    conjugate spectrum of the kernel, over the width.

    Shape:
        real: ``(bins, width // 2 + 1)``
        imag: ``(bins, width // 2 + 1)``
        wcos: ``(width // 2 + 1, 1, width)``
        wsin: ``(width // 2 + 1, 1, width)``
        returns: ``(2 * bins, 1, width)``, as :func:`octave_analysis` takes them
    """
    cosine, sine = wcos.squeeze(1), wsin.squeeze(1)
    real_part = matmul(real, cosine) - matmul(imag, sine)
    imag_part = -(matmul(real, sine) + matmul(imag, cosine))
    return (torch.cat([real_part, imag_part]) / wcos.size(2)).unsqueeze(1)
