"""Product with a filterbank that is mostly zeros, kept as a few dense blocks."""

from typing import List

import torch
from torch import Tensor

from .precision import matmul


def banded_product(x: Tensor, weights: Tensor, layout: List[int], n_bands: int) -> Tensor:
    """Multiply the last axis by a filterbank.

    Shape:
        x: ``(*, bins)``
        weights: ``(total,)``, the blocks of :class:`nnaudio2_core.bases.banding.Bands`
        layout: first bin, end bin, first band, end band of each block
        returns: ``(*, n_bands)``
    """
    if len(layout) == 4 and layout[2] == 0 and layout[3] == n_bands:
        return matmul(x[..., layout[0] : layout[1]], weights.reshape(layout[1] - layout[0], n_bands))
    rows = x.flatten(0, -2)
    # Made from x, so that transforms of functions (torch.func.vmap) let parts be added in place.
    like = rows[:, :1].expand(rows.size(0), n_bands)
    out = torch.zeros_like(like, memory_format=torch.contiguous_format)
    offset = 0
    for i in range(0, len(layout), 4):
        low, high, first, end = layout[i], layout[i + 1], layout[i + 2], layout[i + 3]
        size = (high - low) * (end - first)
        block = weights[offset : offset + size].reshape(high - low, end - first)
        offset += size
        out[:, first:end].addmm_(rows[:, low:high], block)  # autocast leaves work in place alone
    return out.view(list(x.shape)[:-1] + [n_bands])


def banded_transpose(y: Tensor, weights: Tensor, layout: List[int], n_bins: int) -> Tensor:
    """Multiply the last axis by the transpose of a filterbank.

    Shape:
        y: ``(*, bands)``
        weights: ``(total,)``
        returns: ``(*, n_bins)``
    """
    parts: List[Tensor] = []
    offset = 0
    reached = 0
    for i in range(0, len(layout), 4):
        low, high, first, end = layout[i], layout[i + 1], layout[i + 2], layout[i + 3]
        size = (high - low) * (end - first)
        block = weights[offset : offset + size].reshape(high - low, end - first)
        offset += size
        if low > reached:
            parts.append(torch.zeros_like(y[..., :1]).expand(list(y.shape)[:-1] + [low - reached]))
        parts.append(matmul(y[..., first:end], block.t()))
        reached = high
    if n_bins > reached:
        parts.append(torch.zeros_like(y[..., :1]).expand(list(y.shape)[:-1] + [n_bins - reached]))
    return torch.cat(parts, -1)
