"""The groups of a strided filter bank, one after the other, on one stretch of a waveform.

``layout`` has seven integers for each group: kind, bins, first sample in the frame, then what the kind
needs (see ``nnaudio2_core.bases.filterbank_plan``); ``constants`` has the groups' matrices in turn.
"""

from typing import List, Tuple

import torch
from torch import Tensor

from .block_spectra import (
    block_bins,
    block_bins_adjoint,
    cut_into_blocks,
    frames_from_bins,
    frames_from_bins_adjoint,
    polyphase_bins,
    polyphase_bins_adjoint,
)
from .strided_products import convolution_product, strided_product, strided_product_adjoint


def _shared_runs(layout: List[int]) -> Tuple[int, int]:
    """Lowest and highest run of bins that any group takes from the blocks' common spectra."""
    low, high = 0, 0
    for i in range(0, len(layout), 7):
        if layout[i] == 1:
            low = min(low, layout[i + 4])
            high = max(high, layout[i + 4] + layout[i + 5])
    return low, high


def groups_analysis(
    x: Tensor, rest: Tensor, constants: Tensor, layout: List[int], hop: int, width: int
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
    shared = torch.empty(0)
    known = False
    offset = 0
    for i in range(0, len(layout), 7):
        kind, bins, start, size = layout[i], layout[i + 1], layout[i + 2], layout[i + 3]
        if kind == 0:
            matrix = _matrix(constants, offset, size, bins)
            offset += matrix.numel()
            parts.append(strided_product(x[:, start : x.size(1) - (width - start - size)], matrix, hop))
        else:
            low, count, valid = layout[i + 4], layout[i + 5], layout[i + 6]
            matrices = _matrices(constants, offset, size, count, bins)
            offset += 2 * matrices.numel()
            X = shared
            if kind == 2 or not known:
                blocks = cut_into_blocks(rest[:, start:], n_frames, width - start, size * hop, valid, hop)
                if kind == 2:
                    X = polyphase_bins(blocks, size, hop)
                else:
                    shared = block_bins(blocks, size, hop, lowest, highest)
                    known = True
            if kind == 1:
                X = shared[low - lowest : low - lowest + count]
            parts.append(frames_from_bins(X, matrices, batch, valid, n_frames))
    return torch.cat(parts, 1)


def add_groups_adjoint(y: Tensor, constants: Tensor, layout: List[int], hop: int, out: Tensor) -> None:
    """Add the transpose of :func:`groups_analysis` to ``out``; what falls off its end meets zeros there.

    Shape:
        y: ``(batch, n_bins, frames)``, complex, conjugated
        out: ``(batch, time)``
    """
    batch = y.size(0)
    lowest, highest = _shared_runs(layout)
    shared = torch.empty(0)
    known = False
    begin, advance = 0, 0
    offset = 0
    first = 0
    for i in range(0, len(layout), 7):
        kind, bins, start, size = layout[i], layout[i + 1], layout[i + 2], layout[i + 3]
        part = y[:, first : first + bins]
        first += bins
        if kind == 0:
            matrix = _matrix(constants, offset, size, bins)
            offset += matrix.numel()
            _add(strided_product_adjoint(part, matrix, hop), out, start)
        else:
            low, count, valid = layout[i + 4], layout[i + 5], layout[i + 6]
            matrices = _matrices(constants, offset, size, count, bins)
            offset += 2 * matrices.numel()
            X = frames_from_bins_adjoint(part, matrices, valid)
            if kind == 2:
                _add(polyphase_bins_adjoint(X, batch, hop, valid), out, start)
            else:
                if not known:
                    shared = X.new_zeros([highest - lowest, size, X.size(2)])
                    begin, advance = start, valid
                    known = True
                shared[low - lowest : low - lowest + count] += X
    if known:
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
    offset = 0
    for i in range(0, len(layout), 7):
        bins, start, samples = layout[i + 1], layout[i + 2], layout[i + 3]
        matrix = _matrix(constants, offset, samples, bins)
        offset += matrix.numel()
        parts.append(convolution_product(x[:, start : x.size(1) - (width - start - samples)], matrix, hop))
    return torch.cat(parts, 1)


def _matrix(constants: Tensor, offset: int, samples: int, bins: int) -> Tensor:
    return constants[offset : offset + 2 * samples * bins].view(samples, 2 * bins)


def _matrices(constants: Tensor, offset: int, points: int, aliases: int, bins: int) -> Tensor:
    flat = constants[offset : offset + 2 * points * aliases * bins]
    return torch.view_as_complex(flat.view(points, bins, aliases, 2))
