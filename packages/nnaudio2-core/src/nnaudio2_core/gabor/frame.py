"""Analysis by a nonstationary Gabor frame, and synthesis by its dual."""

from typing import List

import torch
from torch import Tensor

from ..module.shapes import as_complex
from .group import Group
from .windows import Windows


def analysis(x: Tensor, windows: Windows, groups: List[Group], units: int, length: int) -> List[Tensor]:
    """Coefficients of a waveform that is extended by zeros to ``length`` samples, a tensor for each group.

    Shape:
        x: ``(batch, time)``, ``time <= length``
        returns: ``(batch, channels, frames, 2)`` each
    """
    X = torch.fft.rfft(x, n=length, norm="ortho")
    coefficients: List[Tensor] = []
    row = 0
    for group in groups:
        channels, stop = group.end - group.first, row + (group.end - group.first) * group.rate
        bins, window = windows.bins[row:stop].flatten(), windows.analysis[row:stop].flatten()
        part = (X.index_select(1, bins) * window).view(-1, channels, group.rate * units)
        coefficients.append(torch.view_as_real(torch.fft.ifft(part, norm="ortho")))
        row = stop
    return coefficients


def synthesis(
    coefficients: List[Tensor], windows: Windows, groups: List[Group], units: int, length: int
) -> Tensor:
    """The waveform of coefficients: the inverse of :func:`analysis`, and its adjoint if the frame is tight.

    Shape:
        coefficients: ``(batch, channels, frames, 2)`` each
        returns: ``(batch, length)``
    """
    first = as_complex(coefficients[0])[:, 0, :1]
    X = torch.zeros_like(first.expand(first.size(0), length // 2 + 1), memory_format=torch.contiguous_format)
    row = 0
    for i, group in enumerate(groups):
        stop = row + (group.end - group.first) * group.rate
        bins, window = windows.bins[row:stop].flatten(), windows.synthesis[row:stop].flatten()
        part = torch.fft.fft(as_complex(coefficients[i]), norm="ortho").flatten(1)
        X.index_add_(1, bins, part * window)
        row = stop
    y: Tensor = torch.fft.irfft(X, n=length, norm="ortho")
    return y
