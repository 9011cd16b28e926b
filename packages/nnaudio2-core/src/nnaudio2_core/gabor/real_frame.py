"""Analysis and synthesis of :mod:`.frame` for slices of one length, without complex numbers."""

from typing import List

import torch
from torch import Tensor

from ..fourier.factored_dft import one_sided_adjoint, one_sided_spectrum
from ..module.reshaping import join_axes, reshaped, split_axis
from .complex_dft import dft, inverse_dft
from .group import Group
from .windows import Windows


def real_analysis(
    x: Tensor, windows: Windows, groups: List[Group], slice_factors: List[Tensor], factors: List[List[Tensor]]
) -> List[Tensor]:
    """Coefficients of slices, a tensor for each group.

    Shape:
        x: ``(slices, length)``
        windows: scaled by ``real_windows``
        slice_factors: from ``fourier.design_factors.factored_dft``
        factors: from ``design_complex_dft.complex_dft``, for each group
        returns: ``(slices, channels, frames, 2)`` each
    """
    X = one_sided_spectrum(x, slice_factors)
    coefficients: List[Tensor] = []
    row = 0
    for i, group in enumerate(groups):
        channels, frames = group.end - group.first, group.rate
        stop = row + channels * frames
        part = X.index_select(1, windows.bins[row:stop].flatten()) * windows.analysis[row:stop]
        frequencies = join_axes(split_axis(part, 1, [channels, frames]), 0, 1)
        coefficients.append(split_axis(inverse_dft(frequencies, factors[i]), 0, [x.size(0), channels]))
        row = stop
    return coefficients


def real_synthesis(
    coefficients: List[Tensor],
    windows: Windows,
    groups: List[Group],
    slice_factors: List[Tensor],
    factors: List[List[Tensor]],
) -> Tensor:
    """The slices of coefficients: the inverse of :func:`real_analysis`.

    Shape:
        coefficients: ``(slices, channels, frames, 2)`` each
        returns: ``(slices, length)``
    """
    half = slice_factors[1].numel() // 4 + 1
    first = coefficients[0][:, 0, :1]
    X = torch.zeros_like(first.expand(first.size(0), half, 2), memory_format=torch.contiguous_format)
    row = 0
    for i, group in enumerate(groups):
        stop = row + (group.end - group.first) * group.rate
        part = dft(join_axes(coefficients[i], 0, 1), factors[i])
        part = reshaped(part, [first.size(0), stop - row, 2])
        X = X.index_add(1, windows.bins[row:stop].flatten(), part * windows.synthesis[row:stop])
        row = stop
    return one_sided_adjoint(X, slice_factors)


def real_windows(windows: Windows, length: int) -> Windows:
    """Windows scaled for ``one_sided_spectrum``, which is not unitary, and for its transpose."""
    ends = (windows.bins == 0) | (windows.bins == length // 2)
    twice = torch.full_like(windows.synthesis, 2.0).masked_fill(ends, 1.0)
    scale = length**-0.5
    return Windows(windows.bins, windows.analysis * scale, windows.synthesis * (twice * scale))
