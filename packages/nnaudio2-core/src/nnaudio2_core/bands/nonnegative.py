"""Non-negative solutions of block-sparse equations, by multiplicative steps."""

from typing import List

import torch
from torch import Tensor

from ..block_sparse.block import Block
from ..block_sparse.products import sparse_product, sparse_transpose_product


def nonnegative_solution(
    y: Tensor, matrices: List[Tensor], blocks: List[Block], scales: Tensor, n_steps: int
) -> Tensor:
    """``x >= 0`` whose product with a non-negative matrix is near ``y``.

    Each step multiplies an input by the mean quotient of ``y`` and the product so far, over the outputs that
    the input reaches, to the power 1.7. So quiet outputs come as near, relatively, as loud ones, and nothing
    becomes negative. Where ``y`` is the product of some ``x >= 0`` the quotients go to 1.

    Args:
        y: outputs, >= 0.
        matrices: blocks of a matrix whose weights sum to 1 for each output, see
            :func:`nnaudio2_core.block_sparse.products.block_matrices`.
        blocks: their places.
        scales: 1 over the sum of the weights of each input, 0 for none.
        n_steps: number of steps, >= 0.

    Shape:
        y: ``(*, outputs)``
        scales: ``(inputs,)``
        returns: ``(*, inputs)``

    Source: Richardson (1972), Lucy (1974); an exponent below 2 as in Adorf et al. (1992).
    """
    n_inputs = scales.size(0)
    x = sparse_transpose_product(y, matrices, blocks, n_inputs) * scales
    for _ in range(n_steps):
        product = sparse_product(x, matrices, blocks)
        seen = product > 0
        quotients = torch.where(seen, y / torch.where(seen, product, 1.0), 0.0)
        means = sparse_transpose_product(quotients, matrices, blocks, n_inputs) * scales
        x = x * means.pow(1.7)
    return x
