"""Octave-by-octave constant-Q analysis of a signal that is halved in rate from one octave to the next."""

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


def octave_signals(x: Tensor, lowpass: Tensor, n_octaves: int) -> List[Tensor]:
    """The signal at the rate of each octave, the top octave first, each at half the rate of the previous one.

    Shape:
        x: ``(batch, time)``
        lowpass: ``(taps,)``
        returns: ``n_octaves`` of ``(batch, time of the octave)``
    """
    signals = [x]
    for _ in range(1, n_octaves):
        signals.append(decimate(signals[-1], lowpass, 2))
    return signals


def correlation_pairs(x: Tensor, weight: Tensor, hop_length: int) -> Tensor:
    """Strided correlation of a waveform with complex kernels; real and imaginary parts on the last axis.

    Shape:
        x: ``(batch, time)``
        weight: ``(2 * bins, 1, width)``: kernels of the real parts, then of the imaginary parts
        returns: ``(batch, bins, frames, 2)``
    """
    return torch.stack(conv1d(x.unsqueeze(1), weight, hop_length).chunk(2, 1), -1)


def octave_analysis(x: Tensor, weights: List[Tensor], lowpass: Tensor, hop: int, pad_mode: str) -> Tensor:
    """Coefficients of every octave, the lowest first.

    Shape:
        x: ``(batch, time)``
        weights: for each octave from the top down ``(2 * bins, 1, width)``, see :func:`correlation_pairs`
        lowpass: ``(taps,)``
        returns: ``(batch, octaves * bins, frames, 2)``
    """
    parts: List[Tensor] = []
    for octave, signal in enumerate(octave_signals(x, lowpass, len(weights))):
        weight = weights[octave]
        padded = pad_waveform(signal, weight.size(2) // 2, pad_mode)
        parts = [correlation_pairs(padded, weight, hop // (1 << octave))] + parts
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
        returns: ``(2 * bins, 1, width)``, as :func:`correlation_pairs` takes them; float64 if any of the four
            is, else float32
    """
    dtype = torch.float32
    for tensor in (real, imag, wcos, wsin):  # a cast of the module leaves the frozen ones alone
        if tensor.dtype == torch.float64:
            dtype = torch.float64
    real, imag = real.to(dtype), imag.to(dtype)
    cosine, sine = wcos.squeeze(1).to(dtype), wsin.squeeze(1).to(dtype)
    real_part = matmul(real, cosine) - matmul(imag, sine)
    imag_part = -(matmul(real, sine) + matmul(imag, cosine))
    return (torch.cat([real_part, imag_part]) / wcos.size(2)).unsqueeze(1)
