"""Filters over the spectra of frames: Fourier transform, power, block-sparse product, chunk by chunk.

With FFTs neither a whole spectrogram nor a padded copy of the batch is ever held: each chunk of frames goes
through all steps while it is in the cache. The gradient does the same and computes the spectra again, which
costs less than reading them back.
"""

from typing import Any, List, NamedTuple, Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..block_sparse.block import Block
from ..block_sparse.products import block_matrices, sparse_product, sparse_transpose_product
from ..framing.chunks import chunk_shape, empty_rows, use_chunks
from ..framing.padding import pad_waveform, pad_waveform_adjoint
from ..module.graph_capture import needs_own_gradient
from ..module.reshaping import split_axis
from .by_fft import bin_counts, fft_adjoint, fft_spectra, fft_synthesis, scale_bins
from .frame_fourier import FrameFourier, powers, spectra, uses_fft


class FrameFilters(NamedTuple):
    """Padding of the waveform, and the filters over its spectra."""

    pad: int
    """Samples added to each end."""
    pad_mode: str
    blocks: List[Block]
    """Blocks of the filters, over ``n_fft // 2 + 1`` bins or twice as many real and imaginary parts."""
    power: Optional[float]
    """Exponent of the magnitudes to filter; None to filter real and imaginary parts, each with its own
    weights, in the order real, imaginary, real, ..."""


def filtered_spectra(x: Tensor, fourier: FrameFourier, weights: Tensor, filters: FrameFilters) -> Tensor:
    """Multiply the spectrum of each frame, or its magnitude to some power, by filters.

    Shape:
        x: ``(batch, time)``
        weights: ``(total,)``, of the blocks of the filters
        returns: ``(batch, frames, outputs)``
    """
    if torch.jit.is_scripting():
        return _filtered(x, fourier, weights, filters)
    squares = filters.power is None or filters.power == 2.0
    if squares and uses_fft(fourier) and needs_own_gradient(x) and not weights.requires_grad:
        return _filtered_with_gradient(x, fourier, weights, filters)
    return _filtered(x, fourier, weights, filters)


def _filtered_frames(
    padded: Tensor, fourier: FrameFourier, matrices: List[Tensor], filters: FrameFilters
) -> Tensor:
    power = filters.power
    values = spectra(padded, fourier).flatten(-2) if power is None else powers(padded, fourier, power)
    return sparse_product(values, matrices, filters.blocks)


def _filtered(x: Tensor, fourier: FrameFourier, weights: Tensor, filters: FrameFilters) -> Tensor:
    batch, time = x.shape
    hop, width = fourier.hop_length, fourier.window.size(0)
    n_frames = 1 + (time + 2 * filters.pad - width) // hop
    matrices = block_matrices(weights, filters.blocks)
    chunks = uses_fft(fourier) and not weights.requires_grad
    if not chunks or not use_chunks(x, batch * n_frames * fourier.n_fft):
        return _filtered_frames(pad_waveform(x, filters.pad, filters.pad_mode), fourier, matrices, filters)
    out = empty_rows(x, weights, n_frames, filters.blocks[-1].end)
    items, step = chunk_shape(n_frames, fourier.n_fft)
    for item in range(0, batch, items):
        padded = pad_waveform(x[item : item + items], filters.pad, filters.pad_mode)
        for start in range(0, n_frames, step):
            stop = min(start + step, n_frames)
            piece = padded[:, start * hop : (stop - 1) * hop + width]
            out[item : item + items, start:stop] = _filtered_frames(piece, fourier, matrices, filters)
    return out


def _filtered_frames_gradient(
    padded: Tensor, grad: Tensor, fourier: FrameFourier, matrices: List[Tensor], filters: FrameFilters
) -> Tensor:
    hop, n_fft, window = fourier.hop_length, fourier.n_fft, fourier.window
    bins = n_fft // 2 + 1
    if filters.power is None:
        parts = sparse_transpose_product(grad, matrices, filters.blocks, 2 * bins)
        return fft_adjoint(split_axis(parts, -1, [bins, 2]), window, hop, n_fft)
    # The derivative of the square and the bin counts of the adjoint, in one factor.
    factors = sparse_transpose_product(grad, matrices, filters.blocks, bins)
    factors = factors * (2.0 / bin_counts(window, n_fft))
    return fft_synthesis(scale_bins(fft_spectra(padded, window, hop, n_fft), factors), window, hop, n_fft)


class _FilteredSpectra(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(
        x: Tensor, window: Tensor, weights: Tensor, hop: int, n_fft: int, filters: FrameFilters
    ) -> Tensor:
        return _filtered(x, FrameFourier(hop, n_fft, window, [], []), weights, filters)

    @staticmethod
    def setup_context(ctx: Any, inputs: Tuple[Any, ...], output: Tensor) -> None:
        x, window, weights, ctx.hop, ctx.n_fft, ctx.filters = inputs
        ctx.save_for_backward(x, window, weights)
        ctx.save_for_forward(x, window, weights)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tuple[Any, ...]:
        x, window, weights = ctx.saved_tensors
        fourier, filters = FrameFourier(ctx.hop, ctx.n_fft, window, [], []), ctx.filters
        pad, mode, hop, width = filters.pad, filters.pad_mode, ctx.hop, window.size(0)
        batch, n_frames = grad.size(0), grad.size(1)
        seen = (n_frames - 1) * hop + width
        matrices = block_matrices(weights, filters.blocks)
        if torch.is_grad_enabled():  # second derivatives need differentiable operations
            padded = pad_waveform(x, pad, mode)
            padded_grad = _filtered_frames_gradient(padded[:, :seen], grad, fourier, matrices, filters)
            padded_grad = F.pad(padded_grad, [0, padded.size(1) - seen])
            return pad_waveform_adjoint(padded_grad, pad, mode), None, None, None, None, None
        result = torch.empty_like(x)
        items, step = chunk_shape(n_frames, ctx.n_fft)
        for item in range(0, batch, items):
            padded = pad_waveform(x[item : item + items], pad, mode)
            padded_grad = torch.zeros_like(padded)
            for start in range(0, n_frames, step):
                stop = min(start + step, n_frames)
                begin, end = start * hop, (stop - 1) * hop + width
                part = grad[item : item + items, start:stop]
                padded_grad[:, begin:end] += _filtered_frames_gradient(
                    padded[:, begin:end], part, fourier, matrices, filters
                )
            result[item : item + items] = pad_waveform_adjoint(padded_grad, pad, mode)
        return result, None, None, None, None, None

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, *_: Any) -> Tensor:
        x, window, weights = ctx.saved_tensors
        fourier, filters = FrameFourier(ctx.hop, ctx.n_fft, window, [], []), ctx.filters
        if filters.power is None:
            return filtered_spectra(tangent, fourier, weights, filters)
        X, dX = (spectra(pad_waveform(y, filters.pad, filters.pad_mode), fourier) for y in (x, tangent))
        products = X * dX
        matrices = block_matrices(weights, filters.blocks)
        return sparse_product(2.0 * (products[..., 0] + products[..., 1]), matrices, filters.blocks)


def _filtered_with_gradient(
    x: Tensor, fourier: FrameFourier, weights: Tensor, filters: FrameFilters
) -> Tensor:
    result: Tensor = _FilteredSpectra.apply(
        x, fourier.window, weights, fourier.hop_length, fourier.n_fft, filters
    )
    return result
