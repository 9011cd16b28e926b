"""Product with a filterbank that is mostly zeros, kept as a few dense blocks."""

from typing import List

import torch
from torch import Tensor

from ..module.precision import matmul


def filter_blocks(weights: Tensor, layout: List[int]) -> List[Tensor]:
    """The matrices of a filterbank, as views.

    Shape:
        weights: ``(total,)``, the blocks of :class:`nnaudio2_core.block_sparse.design_blocks.Bands`
        layout: first bin, end bin, first band, end band of each block
        returns: ``(bins, bands)`` each
    """
    blocks: List[Tensor] = []
    offset = 0
    for i in range(0, len(layout), 4):
        bins, bands = layout[i + 1] - layout[i], layout[i + 3] - layout[i + 2]
        blocks.append(weights[offset : offset + bins * bands].reshape(bins, bands))
        offset += bins * bands
    return blocks


def banded_product(x: Tensor, blocks: List[Tensor], layout: List[int]) -> Tensor:
    """Multiply the last axis by a filterbank.

    Shape:
        x: ``(*, bins)``
        blocks, layout: of :func:`filter_blocks`
        returns: ``(*, bands)``
    """
    parts = [matmul(x[..., layout[4 * i] : layout[4 * i + 1]], blocks[i]) for i in range(len(blocks))]
    return parts[0] if len(parts) == 1 else torch.cat(parts, -1)


def banded_transpose(y: Tensor, blocks: List[Tensor], layout: List[int], n_bins: int) -> Tensor:
    """Multiply the last axis by the transpose of a filterbank.

    Shape:
        y: ``(*, bands)``
        blocks, layout: of :func:`filter_blocks`
        returns: ``(*, n_bins)``
    """
    shape = list(y.shape)[:-1] + [n_bins]
    # Made from y, so that transforms of functions (torch.func.vmap) let parts be added in place.
    out = torch.zeros_like(y[..., :1].expand(shape), memory_format=torch.contiguous_format)
    for i in range(len(blocks)):
        part = matmul(y[..., layout[4 * i + 2] : layout[4 * i + 3]], blocks[i].t())
        out[..., layout[4 * i] : layout[4 * i + 1]] += part
    return out
