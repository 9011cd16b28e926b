"""Products with a block-sparse matrix."""

from typing import List

import torch
from torch import Tensor

from ..module.graph_capture import capturing_graph
from ..module.precision import matmul
from ..module.reshaping import join_axes, reshaped
from .block import Block


def block_matrices(weights: Tensor, blocks: List[Block]) -> List[Tensor]:
    """Matrices of the blocks, as views of their flat weights.

    Shape:
        weights: ``(total,)``, from ``design_blocks.cut_into_blocks``
        returns: ``(inputs, outputs)`` each
    """
    matrices: List[Tensor] = []
    offset = 0
    for block in blocks:
        inputs, outputs = block.high - block.low, block.end - block.first
        matrices.append(weights[offset : offset + inputs * outputs].reshape(inputs, outputs))
        offset += inputs * outputs
    return matrices


def sparse_product(x: Tensor, matrices: List[Tensor], blocks: List[Block]) -> Tensor:
    """Multiply the last axis by a block-sparse matrix.

    Shape:
        x: ``(*, inputs)``
        matrices: from :func:`block_matrices`
        returns: ``(*, outputs)``
    """
    # In a graph every product would join and split the leading axes by itself.
    rows = join_axes(x, 0, -2) if capturing_graph() else x
    parts = [matmul(rows[..., block.low : block.high], matrices[i]) for i, block in enumerate(blocks)]
    product = parts[0] if len(parts) == 1 else torch.cat(parts, -1)
    return reshaped(product, list(x.shape)[:-1] + [product.size(-1)]) if capturing_graph() else product


def sparse_transpose_product(y: Tensor, matrices: List[Tensor], blocks: List[Block], n_inputs: int) -> Tensor:
    """Multiply the last axis by the transpose of a block-sparse matrix.

    Shape:
        y: ``(*, outputs)``
        matrices: from :func:`block_matrices`
        returns: ``(*, n_inputs)``
    """
    shape = list(y.shape)[:-1] + [n_inputs]
    # Derived from y, so that function transforms (torch.func.vmap) allow adding in place.
    out = torch.zeros_like(y[..., :1].expand(shape), memory_format=torch.contiguous_format)
    for i, block in enumerate(blocks):
        out[..., block.low : block.high] += matmul(y[..., block.first : block.end], matrices[i].t())
    return out
