"""Groups of a strided filter bank, one after the other, on one stretch of a waveform."""

from typing import List, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..module.graph_capture import capturing_graph
from ..module.precision import complex_bmm
from ..module.reshaping import excerpt
from .block_spectra import (
    bin_products,
    bin_products_adjoint,
    block_bins,
    block_bins_adjoint,
    frames_from_polyphase,
    frames_from_polyphase_adjoint,
    frames_from_products,
    frames_from_products_adjoint,
    overlapping_blocks,
    polyphase_bins,
    polyphase_bins_adjoint,
)
from .plan import BankPlan, Group
from .short_kernels import (
    real_product,
    real_product_adjoint,
    strided_product,
    strided_product_adjoint,
)


def plan_for(plan: BankPlan, dtype: torch.dtype) -> BankPlan:
    """The plan with the groups of a precision as its groups."""
    if dtype == torch.float64:
        return BankPlan(plan.wide, plan.wide, plan.hop, plan.width, plan.n_bins)
    return plan


def _shared_runs(groups: List[Group]) -> Tuple[int, int]:
    """Lowest and highest run of bins that any band takes from the common spectra of the blocks."""
    low, high = 0, 0
    for group in groups:
        if group.kind == "band":
            low = min(low, group.low)
            high = max(high, group.low + group.runs)
    return low, high


def matrices_of(constants: Tensor, groups: List[Group]) -> List[Tensor]:
    """Matrices of each group: ``(samples, 2 * bins)``, or complex ``(P, bins, runs)`` or
    ``(P // 2 + 1, 2 * bins, runs)``. All are views.

    Shape:
        constants: ``(total,)``
    """
    matrices: List[Tensor] = []
    offset = 0
    for group in groups:
        if group.kind == "matrix":
            shape = [group.size, 2 * group.bins]
        elif group.kind == "band":
            shape = [group.size, group.bins, group.stored, 2]
        else:
            shape = [group.size // 2 + 1, 2 * group.bins, group.stored, 2]
        total = 1
        for length in shape:
            total *= length
        values = constants[offset : offset + total].view(shape)
        if group.kind != "matrix":
            values = torch.view_as_complex(values)[:, :, group.skipped : group.skipped + group.runs]
        matrices.append(values)
        offset += total
    return matrices


def groups_analysis(x: Tensor, rest: Tensor, matrices: List[Tensor], plan: BankPlan) -> Tensor:
    """Coefficients of some frames, group by group.

    Shape:
        x: ``(batch, time)``, the samples of the frames
        rest: ``(batch, longer_time)``, the same and those after them, so that whole blocks need fewer zeros
        returns: ``(batch, n_bins, frames)``, complex
    """
    batch, hop, width = x.size(0), plan.hop, plan.width
    n_frames = 1 + (x.size(1) - width) // hop
    lowest, highest = _shared_runs(plan.groups)
    parts: List[Tensor] = []
    # Neighbouring groups that share their blocks share one inverse FFT.
    waiting: List[Tensor] = []
    shared = torch.empty(0)
    for i, group in enumerate(plan.groups):
        start, size = group.start, group.size
        if group.kind == "matrix":
            parts.append(strided_product(x[:, start : x.size(1) - (width - start - size)], matrices[i], hop))
            continue
        if group.kind == "polyphase" or shared.dim() == 1:
            samples, after = rest[:, start:], width - start
            blocks = overlapping_blocks(samples, n_frames, after, size * hop, group.valid, hop)
            if group.kind == "polyphase":
                products = complex_bmm(matrices[i], polyphase_bins(blocks, size, hop))
                parts.append(frames_from_polyphase(products, batch, size, group.valid, n_frames))
                continue
            shared = block_bins(blocks, size, hop, lowest, highest)
            # On a CPU the matrices may be of doubles, see analysis.
            shared = shared.to(matrices[i].dtype)
        spectra = shared[group.low - lowest : group.low - lowest + group.runs]
        waiting.append(bin_products(spectra, matrices[i]))
        if i + 1 == len(plan.groups) or plan.groups[i + 1].kind != "band":
            frames = frames_from_products(torch.cat(waiting, 1), batch, group.valid, n_frames)
            parts.append(frames.to(torch.complex64) if x.dtype == torch.float32 else frames)
            waiting = []
    return torch.cat(parts, 1)


def add_groups_adjoint(y: Tensor, matrices: List[Tensor], plan: BankPlan, out: Tensor) -> None:
    """Add the transpose of :func:`groups_analysis` to ``out``; samples past its end are dropped.

    Shape:
        y: ``(batch, n_bins, frames)``, complex, conjugated
        out: ``(batch, time)``
    """
    batch, hop = y.size(0), plan.hop
    lowest, highest = _shared_runs(plan.groups)
    shared = torch.empty(0)
    begin, advance = 0, 0
    first = 0
    for i, group in enumerate(plan.groups):
        start, size, matrix = group.start, group.size, matrices[i]
        part = y[:, first : first + group.bins]
        first += group.bins
        if group.kind == "matrix":
            _add(strided_product_adjoint(part, matrix, hop), out, start)
            continue
        if group.kind == "polyphase":
            X = complex_bmm(matrix.transpose(1, 2), frames_from_polyphase_adjoint(part, size, group.valid))
            _add(polyphase_bins_adjoint(X, batch, size, group.valid), out, start)
            continue
        X = bin_products_adjoint(frames_from_products_adjoint(part, size, group.valid), matrix)
        if shared.dim() == 1:
            shared = X.new_zeros([highest - lowest, size, X.size(2)])
            begin, advance = start, group.valid
        shared[group.low - lowest : group.low - lowest + group.runs] += X
    if shared.dim() > 1:
        _add(block_bins_adjoint(shared, batch, hop, advance, lowest, highest), out, begin)


def _add(part: Tensor, out: Tensor, start: int) -> None:
    if capturing_graph():  # which cannot know the smaller one of the two sizes
        out += excerpt(F.pad(part, [start, out.size(1)]), 1, 0, out.size(1))
        return
    end = min(start + part.size(1), out.size(1))
    out[:, start:end] += part[:, : end - start]


def real_analysis(x: Tensor, constants: Tensor, plan: BankPlan) -> Tensor:
    """Coefficients of all frames without complex numbers, by a plan for the real engine.

    Shape:
        x: ``(batch, time)``
        returns: ``(batch, n_bins, frames, 2)``
    """
    matrices = matrices_of(constants, plan.groups)
    parts: List[Tensor] = []
    for i, group in enumerate(plan.groups):
        after = plan.width - group.start - group.size
        parts.append(real_product(x[:, group.start : x.size(1) - after], matrices[i], plan.hop))
    return torch.cat(parts, 1)


def real_adjoint(y: Tensor, constants: Tensor, plan: BankPlan, time: int) -> Tensor:
    """The transpose of :func:`real_analysis`.

    Shape:
        y: ``(batch, n_bins, frames, 2)``
        returns: ``(batch, time)``, ``time >= (frames - 1) * hop + width``
    """
    matrices = matrices_of(constants, plan.groups)
    total = torch.zeros([1], dtype=y.dtype, device=y.device)
    first = 0
    for i, group in enumerate(plan.groups):
        part = real_product_adjoint(y[:, first : first + group.bins], matrices[i], plan.hop)
        total = total + F.pad(part, [group.start, plan.width - group.start - group.size])
        first += group.bins
    return F.pad(total, [0, time - total.size(1)])
