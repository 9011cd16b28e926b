"""Short kernels: matrix products with the frames of a waveform, and the transpose."""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..framing.frames import frame, overlap_add
from ..module.precision import conv1d, matmul
from ..module.reshaping import join_axes, split_axis


def strided_product(x: Tensor, matrix: Tensor, hop: int) -> Tensor:
    """Multiply the frames of ``x`` by a matrix, without copying them.

    Overlapping frames are taken in slices of at most one hop: these do not overlap, so a matrix product reads
    them in place.

    Shape:
        x: ``(batch, time)``
        matrix: ``(width, 2 * bins)``, real and imaginary columns in turn
        returns: ``(batch, bins, frames)``, complex, ``frames = 1 + (time - width) // hop``
    """
    batch, width = x.size(0), matrix.size(0)
    y = torch.empty(0)
    for begin in range(0, width, hop):
        end = min(begin + hop, width)
        slices = frame(x[:, begin : x.size(1) - (width - end)], end - begin, hop)
        product = matmul(slices, matrix[begin:end].expand(batch, end - begin, matrix.size(1)))
        if begin == 0:
            y = product
        else:
            y = y + product
    return torch.view_as_complex(split_axis(y, -1, [-1, 2])).transpose(1, 2)


def strided_product_adjoint(y: Tensor, matrix: Tensor, hop: int) -> Tensor:
    """The transpose of :func:`strided_product`.

    Shape:
        y: ``(batch, bins, frames)``, complex, conjugated
        matrix: ``(width, 2 * bins)``
        returns: ``(batch, (frames - 1) * hop + width)``
    """
    rows = torch.view_as_real(y.transpose(1, 2).conj().resolve_conj().contiguous()).flatten(2)
    return overlap_add(matmul(rows, matrix.t().expand(y.size(0), -1, -1)), hop)


def real_product(x: Tensor, matrix: Tensor, hop: int) -> Tensor:
    """The result of :func:`strided_product` by a strided correlation, without complex numbers.

    Shape:
        x: ``(batch, time)``
        matrix: ``(width, 2 * bins)``
        returns: ``(batch, bins, frames, 2)``, ``frames = 1 + (time - width) // hop``
    """
    y = conv1d(x.unsqueeze(1), matrix.t().unsqueeze(1), hop)
    return y.reshape(y.size(0), matrix.size(1) // 2, 2, y.size(2)).transpose(2, 3)


def real_product_adjoint(y: Tensor, matrix: Tensor, hop: int) -> Tensor:
    """The transpose of :func:`real_product`.

    Shape:
        y: ``(batch, bins, frames, 2)``
        matrix: ``(width, 2 * bins)``
        returns: ``(batch, (frames - 1) * hop + width)``
    """
    # The transpose as a convolution along the frames: each output step gives one hop of samples. Unlike
    # overlap-add, it writes no intermediate frames.
    width = matrix.size(0)
    blocks = (width + hop - 1) // hop
    pieces = split_axis(F.pad(matrix, [0, 0, 0, blocks * hop - width]), 0, [blocks, hop])
    rows = F.pad(join_axes(y.transpose(2, 3), 1, 2), [blocks - 1, blocks - 1])
    weight = pieces.permute(1, 2, 0).flip(2)
    # cuDNN rounds the factors of convolutions to 11 bits (TF32) unless it is told otherwise.
    hops = product_along_frames(rows, weight) if y.is_cuda else conv1d(rows, weight, 1).transpose(1, 2)
    return join_axes(hops, 1, 2)[:, : (y.size(2) - 1) * hop + width]


def product_along_frames(rows: Tensor, weight: Tensor) -> Tensor:
    """Correlation along the frames as a matrix product with copies of neighbouring frames.

    Shape:
        rows: ``(batch, numbers, frames)``
        weight: ``(samples, numbers, blocks)``
        returns: ``(batch, frames - blocks + 1, samples)``
    """
    neighbours = rows.unfold(2, weight.size(2), 1).transpose(1, 2).flatten(2)
    return matmul(neighbours, weight.flatten(1).t())
