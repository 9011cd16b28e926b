"""Analysis by a strided complex filter bank with FFTs, and its transpose.

Each of the two maps is the gradient of the other. Eager mode uses that instead of autograd's own gradient,
which is slower and keeps the spectrum of every block.
"""

from typing import Any, Tuple

import torch
from torch import Tensor

from ..framing.chunks import chunk_samples, empty_rows, use_chunks
from ..module.graph_capture import needs_own_gradient
from .groups import add_groups_adjoint, groups_analysis, matrices_of, plan_for
from .plan import BankPlan


def analysis(x: Tensor, constants: Tensor, plan: BankPlan) -> Tensor:
    """Coefficients of a padded waveform.

    Shape:
        x: ``(batch, time)``, time >= width
        constants: ``(total,)``, from ``design_plan.plan_bank``
        returns: ``(batch, n_bins, frames, 2)``, ``frames = 1 + (time - width) // hop``
    """
    if torch.jit.is_scripting():
        return _analysis(x, constants, plan)
    if needs_own_gradient(x):
        result: Tensor = _Analysis.apply(x, constants, plan)
        return result
    return _analysis(x, constants, plan)


def adjoint(y: Tensor, constants: Tensor, plan: BankPlan, time: int) -> Tensor:
    """The transpose of :func:`analysis`, coefficients seen as pairs of real numbers.

    Shape:
        y: ``(batch, n_bins, frames, 2)``
        returns: ``(batch, time)``, ``time >= (frames - 1) * hop + width``
    """
    if torch.jit.is_scripting():
        return _adjoint(y, constants, plan, time)
    if needs_own_gradient(y):
        result: Tensor = _Adjoint.apply(y, constants, plan, time)
        return result
    return _adjoint(y, constants, plan, time)


def _most_samples() -> int:
    """Samples of a chunk: more than there are constants, some megabytes, since each chunk reads them all."""
    return 4 * chunk_samples()


def _chunk(plan: BankPlan, batch: int) -> Tuple[int, int]:
    """Items and frames of one chunk: whole blocks, as many as stay in the cache together."""
    step = 1
    samples = plan.width + plan.hop
    for group in plan.groups:
        if group.kind != "matrix" and group.valid > step:
            step = group.valid
            samples = group.size * plan.hop
    # The blocks' samples, or the coefficients where the hop is small.
    weight = max(samples, 2 * plan.n_bins * step)
    items = max(1, min(batch, _most_samples() // weight))
    return items, step * max(1, _most_samples() // (items * weight))


def _analysis(x: Tensor, constants: Tensor, plan: BankPlan) -> Tensor:
    plan = plan_for(plan, x.dtype)
    batch, hop, width, n_bins = x.size(0), plan.hop, plan.width, plan.n_bins
    n_frames = 1 + (x.size(1) - width) // hop
    matrices = matrices_of(constants, plan.groups)
    if x.device.type == "cpu":
        # The frames of a block share their round-off, which hides quiet ones beside loud ones. In float64,
        # which costs a CPU little, products and inverse FFTs add none to that of the spectra.
        for i, group in enumerate(plan.groups):
            if group.kind == "band":
                matrices[i] = matrices[i].to(torch.complex128)
    if not use_chunks(x, batch * max(x.size(1), 2 * n_bins * n_frames) // 4):
        return torch.view_as_real(groups_analysis(x, x, matrices, plan))
    items, step = _chunk(plan, batch)
    out = empty_rows(x, constants, n_bins * n_frames, 2).view(batch, n_bins, n_frames, 2)
    coefficients = torch.view_as_complex(out)
    for item in range(0, batch, items):
        for first in range(0, n_frames, step):
            last = min(first + step, n_frames) - 1
            rest = x[item : item + items, first * hop :]
            piece = groups_analysis(rest[:, : (last - first) * hop + width], rest, matrices, plan)
            coefficients[item : item + items, :, first : last + 1] = piece
    return out


def _adjoint(y: Tensor, constants: Tensor, plan: BankPlan, time: int) -> Tensor:
    plan = plan_for(plan, y.dtype)
    batch, n_bins, n_frames = y.size(0), y.size(1), y.size(2)
    out = empty_rows(y, constants, 1, time).squeeze(1).zero_()
    matrices = matrices_of(constants, plan.groups)
    conjugated = torch.view_as_complex(y.contiguous()).conj()
    if not use_chunks(y, batch * max(time, 2 * n_bins * n_frames) // 4):
        add_groups_adjoint(conjugated, matrices, plan, out)
        return out
    items, step = _chunk(plan, batch)
    for item in range(0, batch, items):
        for first in range(0, n_frames, step):
            part = conjugated[item : item + items, :, first : first + step]
            add_groups_adjoint(part, matrices, plan, out[item : item + items, first * plan.hop :])
    return out


class _Analysis(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, constants: Tensor, plan: BankPlan) -> Tensor:
        return _analysis(x, constants, plan)

    @staticmethod
    def setup_context(ctx: Any, inputs: Tuple[Any, ...], output: Tensor) -> None:
        x, constants, ctx.plan = inputs
        ctx.time = x.size(1)
        ctx.save_for_backward(constants)
        ctx.save_for_forward(constants)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tuple[Any, ...]:
        (constants,) = ctx.saved_tensors
        x_grad = adjoint(grad, constants, ctx.plan, ctx.time)
        return x_grad, None, None

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, *_: Any) -> Tensor:
        (constants,) = ctx.saved_tensors
        return analysis(tangent, constants, ctx.plan)


class _Adjoint(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(y: Tensor, constants: Tensor, plan: BankPlan, time: int) -> Tensor:
        return _adjoint(y, constants, plan, time)

    @staticmethod
    def setup_context(ctx: Any, inputs: Tuple[Any, ...], output: Tensor) -> None:
        y, constants, ctx.plan, ctx.time = inputs
        ctx.frames = y.size(2)
        ctx.save_for_backward(constants)
        ctx.save_for_forward(constants)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tuple[Any, ...]:
        (constants,) = ctx.saved_tensors
        # All samples, not only those of the frames: a kernel cut in frequency reaches a little beyond them.
        full = analysis(grad, constants, ctx.plan)
        return full[:, :, : ctx.frames], None, None, None

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, *_: Any) -> Tensor:
        (constants,) = ctx.saved_tensors
        return adjoint(tangent, constants, ctx.plan, ctx.time)
