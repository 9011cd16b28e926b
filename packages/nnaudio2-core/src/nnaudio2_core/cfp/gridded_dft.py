"""Gridded DFT: the first bins of the transform of a long even sequence, from fewer samples."""

from typing import List

import torch
from torch import Tensor

from ..module.precision import matmul
from ..module.reshaping import join_axes, split_axis


def gridded_dft(even: List[Tensor], n: int, filters: List[Tensor]) -> Tensor:
    """Filter, keep one sample in ``factor``, transform these, and divide by the gain of the filter.

    Shape:
        even: pieces that together are ``(*, n // 2 + 1)``, one half of an even sequence of ``n`` real
            numbers
        filters: from :func:`nnaudio2_core.cfp.design_gridded_dft.gridded_dft_filter`
        returns: ``(*, n_bins)``, scaled as by an orthonormal transform
    """
    matrix, gains = filters[0], filters[1]
    row, block = matrix.size(0), matrix.size(1) // 2
    factor = row // block
    kept = n // factor
    # Mirrored samples below 0 and above n / 2 that the filter reaches, up to whole rows.
    before = (9 * factor - 1) // 2
    rows = (kept // 2) // block + 2
    after = rows * row - before - (n // 2 + 1)
    head = torch.cat([piece[..., : before + 1] for piece in even], -1)[..., 1 : before + 1].flip(-1)
    # An odd sequence has its last entry twice, an even one once.
    tail = torch.cat([piece[..., -after - 1 :] for piece in even], -1)
    last = tail.size(-1) - 1 + n % 2
    samples = torch.cat([head] + even + [tail[..., last - after : last].flip(-1)], -1)
    # One axis for all sequences: with two, the folding of matmul binds exported graphs to their number.
    parts = matmul(split_axis(join_axes(samples, 0, -2), -1, [rows, row]), matrix)
    half = (parts[:, :-1, :block] + parts[:, 1:, block:]).flatten(1)[:, : kept // 2 + 1]
    bins = torch.fft.irfft(half, n=kept, norm="forward")[:, : gains.size(0)] * gains
    result: Tensor = split_axis(bins, 0, list(even[-1].shape)[:-1])
    return result
