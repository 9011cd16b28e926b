"""A strided complex filter bank and its transpose: one linear map for CQT, VQT and their inverses.

``y[k, n] = sum_t x[n * hop + t] * conj(kernel_k[t])``. How it is computed is laid down in ``layout``
(see ``nnaudio2_core.bank.design_plan``). The two maps are each other's gradient: in eager mode that
replaces what autograd would do, which is slower and remembers every block's spectrum.
"""

from typing import Any, List, Tuple

import torch
from torch import Tensor

from ..framing.chunks import chunk_samples, empty_rows, use_chunks
from .groups import add_groups_adjoint, groups_analysis, matrices_of


def analysis(x: Tensor, constants: Tensor, layout: List[int], hop: int, width: int, n_bins: int) -> Tensor:
    """Coefficients of a waveform that is padded already.

    Shape:
        x: ``(batch, time)``, time >= width
        constants: ``(total,)``, from a plan made with ``engine="fft"`` or ``"conv"``
        returns: ``(batch, n_bins, frames, 2)``, ``frames = 1 + (time - width) // hop``
    """
    if torch.jit.is_scripting():
        return _analysis(x, constants, layout, hop, width, n_bins)
    if _differentiated(x):
        result: Tensor = _Analysis.apply(x, constants, layout, hop, width, n_bins)
        return result
    return _analysis(x, constants, layout, hop, width, n_bins)


def adjoint(y: Tensor, constants: Tensor, layout: List[int], hop: int, width: int, time: int) -> Tensor:
    """The transpose of :func:`analysis`, coefficients seen as pairs of real numbers.

    Shape:
        y: ``(batch, n_bins, frames, 2)``
        returns: ``(batch, time)``, ``time >= (frames - 1) * hop + width``
    """
    if torch.jit.is_scripting():
        return _adjoint(y, constants, layout, hop, width, time)
    if _differentiated(y):
        result: Tensor = _Adjoint.apply(y, constants, layout, hop, width, time)
        return result
    return _adjoint(y, constants, layout, hop, width, time)


def _differentiated(x: Tensor) -> bool:
    return x.requires_grad and torch.is_grad_enabled() and not torch.compiler.is_compiling()


def _most_samples() -> int:
    """Size of a chunk: each one reads all constants again, some megabytes, so it holds more than they do."""
    return 4 * chunk_samples()


def _chunk(layout: List[int], batch: int, hop: int, width: int, n_bins: int) -> Tuple[int, int]:
    """Items and frames of one chunk: whole blocks, as many as stay in the cache together."""
    step = 1
    samples = width + hop
    for i in range(0, len(layout), 7):
        if layout[i] != 0 and layout[i + 6] > step:
            step = layout[i + 6]
            samples = layout[i + 3] * hop
    # The blocks' samples, or the coefficients where the hop is small.
    weight = max(samples, 2 * n_bins * step)
    items = max(1, min(batch, _most_samples() // weight))
    return items, step * max(1, _most_samples() // (items * weight))


def _analysis(x: Tensor, constants: Tensor, layout: List[int], hop: int, width: int, n_bins: int) -> Tensor:
    batch = x.size(0)
    n_frames = 1 + (x.size(1) - width) // hop
    matrices = matrices_of(constants, layout)
    if not use_chunks(x, batch * max(x.size(1), 2 * n_bins * n_frames) // 4):
        return torch.view_as_real(groups_analysis(x, x, matrices, layout, hop, width))
    items, step = _chunk(layout, batch, hop, width, n_bins)
    out = empty_rows(x, constants, n_bins * n_frames, 2).view(batch, n_bins, n_frames, 2)
    coefficients = torch.view_as_complex(out)
    for item in range(0, batch, items):
        for first in range(0, n_frames, step):
            last = min(first + step, n_frames) - 1
            rest = x[item : item + items, first * hop :]
            piece = groups_analysis(
                rest[:, : (last - first) * hop + width], rest, matrices, layout, hop, width
            )
            coefficients[item : item + items, :, first : last + 1] = piece
    return out


def _adjoint(y: Tensor, constants: Tensor, layout: List[int], hop: int, width: int, time: int) -> Tensor:
    batch, n_bins, n_frames = y.size(0), y.size(1), y.size(2)
    out = empty_rows(y, constants, 1, time).squeeze(1).zero_()
    matrices = matrices_of(constants, layout)
    conjugated = torch.view_as_complex(y.contiguous()).conj()
    if not use_chunks(y, batch * max(time, 2 * n_bins * n_frames) // 4):
        add_groups_adjoint(conjugated, matrices, layout, hop, out)
        return out
    items, step = _chunk(layout, batch, hop, width, n_bins)
    for item in range(0, batch, items):
        for first in range(0, n_frames, step):
            part = conjugated[item : item + items, :, first : first + step]
            add_groups_adjoint(part, matrices, layout, hop, out[item : item + items, first * hop :])
    return out


class _Analysis(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, constants: Tensor, layout: List[int], hop: int, width: int, n_bins: int) -> Tensor:
        return _analysis(x, constants, layout, hop, width, n_bins)

    @staticmethod
    def setup_context(ctx: Any, inputs: Tuple[Any, ...], output: Tensor) -> None:
        x, constants, ctx.layout, ctx.hop, ctx.width, ctx.n_bins = inputs
        ctx.time = x.size(1)
        ctx.save_for_backward(constants)
        ctx.save_for_forward(constants)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tuple[Any, ...]:
        (constants,) = ctx.saved_tensors
        x_grad = adjoint(grad, constants, ctx.layout, ctx.hop, ctx.width, ctx.time)
        return x_grad, None, None, None, None, None

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, *_: Any) -> Tensor:
        (constants,) = ctx.saved_tensors
        return analysis(tangent, constants, ctx.layout, ctx.hop, ctx.width, ctx.n_bins)


class _Adjoint(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(y: Tensor, constants: Tensor, layout: List[int], hop: int, width: int, time: int) -> Tensor:
        return _adjoint(y, constants, layout, hop, width, time)

    @staticmethod
    def setup_context(ctx: Any, inputs: Tuple[Any, ...], output: Tensor) -> None:
        y, constants, ctx.layout, ctx.hop, ctx.width, ctx.time = inputs
        ctx.shape = y.size(1), y.size(2)
        ctx.save_for_backward(constants)
        ctx.save_for_forward(constants)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tuple[Any, ...]:
        (constants,) = ctx.saved_tensors
        n_bins, n_frames = ctx.shape
        # All samples, not the frames' alone: a kernel cut in frequency reaches a little beyond them.
        full = analysis(grad, constants, ctx.layout, ctx.hop, ctx.width, n_bins)
        return full[:, :, :n_frames], None, None, None, None, None

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, *_: Any) -> Tensor:
        (constants,) = ctx.saved_tensors
        return adjoint(tangent, constants, ctx.layout, ctx.hop, ctx.width, ctx.time)
