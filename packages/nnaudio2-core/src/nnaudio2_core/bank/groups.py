"""The groups of a strided filter bank, one after the other, on one stretch of a waveform.

``layout`` has seven integers for each group: kind, bins, first sample in the frame, then what the kind
needs (see ``nnaudio2_core.bank.design_plan``); ``constants`` has the groups' matrices in turn.
"""

from typing import List, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from .block_spectra import (
    bin_products,
    bin_products_adjoint,
    block_bins,
    block_bins_adjoint,
    cut_into_blocks,
    frames_from_polyphase,
    frames_from_polyphase_adjoint,
    frames_from_products,
    frames_from_products_adjoint,
    polyphase_bins,
    polyphase_bins_adjoint,
)
from .short_kernels import (
    convolution_product,
    convolution_product_adjoint,
    strided_product,
    strided_product_adjoint,
)


def _shared_runs(layout: List[int]) -> Tuple[int, int]:
    """Lowest and highest run of bins that any group takes from the blocks' common spectra."""
    low, high = 0, 0
    for i in range(0, len(layout), 7):
        if layout[i] == 1:
            low = min(low, layout[i + 4])
            high = max(high, layout[i + 4] + layout[i + 5])
    return low, high


def matrices_of(constants: Tensor, layout: List[int]) -> List[Tensor]:
    """Views of each group's matrices: ``(samples, 2 * bins)``, or complex ``(points, bins, aliases)`` or
    ``(points // 2 + 1, 2 * bins, hop)``.

    Shape:
        constants: ``(total,)``
    """
    matrices: List[Tensor] = []
    offset = 0
    for i in range(0, len(layout), 7):
        kind, bins, size = layout[i], layout[i + 1], layout[i + 3]
        if kind == 0:
            shape = [size, 2 * bins]
        elif kind == 1:
            shape = [size, bins, layout[i + 5], 2]
        else:
            shape = [size // 2 + 1, 2 * bins, layout[i + 5], 2]
        total = 1
        for length in shape:
            total *= length
        values = constants[offset : offset + total].view(shape)
        matrices.append(values if kind == 0 else torch.view_as_complex(values))
        offset += total
    return matrices


def groups_analysis(
    x: Tensor, rest: Tensor, matrices: List[Tensor], layout: List[int], hop: int, width: int
) -> Tensor:
    """Some frames, group by group.

    Shape:
        x: ``(batch, time)``, the frames' samples
        rest: ``(batch, longer_time)``, with what comes after them, which spares whole blocks their zeros
        returns: ``(batch, n_bins, frames)``, complex
    """
    batch = x.size(0)
    n_frames = 1 + (x.size(1) - width) // hop
    lowest, highest = _shared_runs(layout)
    parts: List[Tensor] = []
    # Neighbouring groups that share their blocks go back to time together.
    waiting: List[Tensor] = []
    shared = torch.empty(0)
    for group, matrix in enumerate(matrices):
        i = 7 * group
        kind, start, size = layout[i], layout[i + 2], layout[i + 3]
        if kind == 0:
            parts.append(strided_product(x[:, start : x.size(1) - (width - start - size)], matrix, hop))
            continue
        low, count, valid = layout[i + 4], layout[i + 5], layout[i + 6]
        if kind == 2 or shared.dim() == 1:
            blocks = cut_into_blocks(rest[:, start:], n_frames, width - start, size * hop, valid, hop)
            if kind == 2:
                products = torch.bmm(matrix, polyphase_bins(blocks, size, hop))
                parts.append(frames_from_polyphase(products, batch, size, valid, n_frames))
                continue
            shared = block_bins(blocks, size, hop, lowest, highest)
        waiting.append(bin_products(shared[low - lowest : low - lowest + count], matrix))
        if i + 7 == len(layout) or layout[i + 7] != 1:
            parts.append(frames_from_products(torch.cat(waiting, 1), batch, valid, n_frames))
            waiting = []
    return torch.cat(parts, 1)


def add_groups_adjoint(y: Tensor, matrices: List[Tensor], layout: List[int], hop: int, out: Tensor) -> None:
    """Add the transpose of :func:`groups_analysis` to ``out``; what falls off its end meets zeros there.

    Shape:
        y: ``(batch, n_bins, frames)``, complex, conjugated
        out: ``(batch, time)``
    """
    batch = y.size(0)
    lowest, highest = _shared_runs(layout)
    shared = torch.empty(0)
    begin, advance = 0, 0
    first = 0
    for group, matrix in enumerate(matrices):
        i = 7 * group
        kind, bins, start, size = layout[i], layout[i + 1], layout[i + 2], layout[i + 3]
        part = y[:, first : first + bins]
        first += bins
        if kind == 0:
            _add(strided_product_adjoint(part, matrix, hop), out, start)
            continue
        low, count, valid = layout[i + 4], layout[i + 5], layout[i + 6]
        if kind == 2:
            X = torch.bmm(matrix.transpose(1, 2), frames_from_polyphase_adjoint(part, size, valid))
            _add(polyphase_bins_adjoint(X, batch, size, valid), out, start)
            continue
        X = bin_products_adjoint(frames_from_products_adjoint(part, size, valid), matrix)
        if shared.dim() == 1:
            shared = X.new_zeros([highest - lowest, size, X.size(2)])
            begin, advance = start, valid
        shared[low - lowest : low - lowest + count] += X
    if shared.dim() > 1:
        _add(block_bins_adjoint(shared, batch, hop, advance, lowest, highest), out, begin)


def _add(part: Tensor, out: Tensor, start: int) -> None:
    end = min(start + part.size(1), out.size(1))
    out[:, start:end] += part[:, : end - start]


def convolution_analysis(x: Tensor, constants: Tensor, layout: List[int], hop: int, width: int) -> Tensor:
    """All frames by convolutions alone, from a plan made with ``engine="conv"``.

    Shape:
        x: ``(batch, time)``
        returns: ``(batch, n_bins, frames, 2)``
    """
    parts: List[Tensor] = []
    for group, matrix in enumerate(matrices_of(constants, layout)):
        start, samples = layout[7 * group + 2], layout[7 * group + 3]
        parts.append(convolution_product(x[:, start : x.size(1) - (width - start - samples)], matrix, hop))
    return torch.cat(parts, 1)


def convolution_adjoint(
    y: Tensor, constants: Tensor, layout: List[int], hop: int, width: int, time: int
) -> Tensor:
    """The transpose of :func:`convolution_analysis`.

    Shape:
        y: ``(batch, n_bins, frames, 2)``
        returns: ``(batch, time)``, ``time >= (frames - 1) * hop + width``
    """
    total = torch.zeros([1], dtype=y.dtype, device=y.device)
    first = 0
    for group, matrix in enumerate(matrices_of(constants, layout)):
        bins, start, samples = layout[7 * group + 1], layout[7 * group + 2], layout[7 * group + 3]
        part = convolution_product_adjoint(y[:, first : first + bins], matrix, hop)
        total = total + F.pad(part, [start, width - start - samples])
        first += bins
    return F.pad(total, [0, time - total.size(1)])
