"""Filterbanks over the spectra of frames: FFT, square if wanted, banded product, one chunk at a time.

Neither a whole spectrogram nor a padded copy of the batch is ever held: each chunk of frames goes through all
steps while it lies in the cache. The gradient does the same and computes the spectra again, which costs less
than fetching them.
"""

from typing import Any, List, NamedTuple, Optional, Tuple

import torch
from torch import Tensor

from ..block_sparse.products import banded_product, banded_transpose, filter_blocks
from ..framing.chunks import chunk_shape, empty_rows, use_chunks
from ..framing.padding import pad_waveform, pad_waveform_adjoint
from ..module.magnitude_phase import spectral_power
from .by_fft import bin_counts, scale_bins, spectrum, spectrum_adjoint, synthesis


class FrameFilters(NamedTuple):
    """What is done to a waveform, in plain values."""

    pad: int
    """Samples that are added to each end."""
    pad_mode: str
    hop_length: int
    n_fft: int
    layout: List[int]
    """Of the filterbank, over ``n_fft // 2 + 1`` bins, or twice as many parts."""
    power: Optional[float]
    """Of the magnitudes that are filtered; None for the real and imaginary parts, each with its own weights,
    laid out as real, imaginary, real, ..."""


def framed_product(x: Tensor, window: Tensor, weights: Tensor, filters: FrameFilters) -> Tensor:
    """Multiply the spectrum of each frame, or its magnitude to some power, by a filterbank.

    Shape:
        x: ``(batch, time)``
        window: ``(width,)``, ``width <= n_fft``: shorter frames are followed by zeros
        weights: ``(total,)``
        returns: ``(batch, frames, bands)``
    """
    if torch.jit.is_scripting():
        return _framed_product(x, window, weights, filters)
    squares = filters.power is None or filters.power == 2.0
    recomputed = squares and x.requires_grad and not weights.requires_grad
    if recomputed and torch.is_grad_enabled() and not torch.compiler.is_compiling():
        return _framed_product_with_gradient(x, window, weights, filters)
    return _framed_product(x, window, weights, filters)


def _product(padded: Tensor, window: Tensor, blocks: List[Tensor], filters: FrameFilters) -> Tensor:
    X = spectrum(padded, window, filters.hop_length, filters.n_fft)
    power = filters.power
    values = X.flatten(-2) if power is None else spectral_power(X, power)
    return banded_product(values, blocks, filters.layout)


def _framed_product(x: Tensor, window: Tensor, weights: Tensor, filters: FrameFilters) -> Tensor:
    batch, time = x.shape
    hop, width = filters.hop_length, window.size(0)
    n_frames = 1 + (time + 2 * filters.pad - width) // hop
    blocks = filter_blocks(weights, filters.layout)
    if weights.requires_grad or not use_chunks(x, batch * n_frames * filters.n_fft):
        return _product(pad_waveform(x, filters.pad, filters.pad_mode), window, blocks, filters)
    out = empty_rows(x, weights, n_frames, filters.layout[-1])
    items, step = chunk_shape(batch, n_frames, filters.n_fft)
    for item in range(0, batch, items):
        padded = pad_waveform(x[item : item + items], filters.pad, filters.pad_mode)
        for start in range(0, n_frames, step):
            stop = min(start + step, n_frames)
            piece = padded[:, start * hop : (stop - 1) * hop + width]
            out[item : item + items, start:stop] = _product(piece, window, blocks, filters)
    return out


def _product_gradient(
    padded: Tensor, grad: Tensor, window: Tensor, blocks: List[Tensor], filters: FrameFilters
) -> Tensor:
    hop, n_fft = filters.hop_length, filters.n_fft
    bins = n_fft // 2 + 1
    if filters.power is None:
        parts: Tensor = banded_transpose(grad, blocks, filters.layout, 2 * bins).unflatten(-1, [bins, 2])
        return spectrum_adjoint(parts, window, hop, n_fft)
    # The slope of the square and the weights of the adjoint, in one product.
    slope = banded_transpose(grad, blocks, filters.layout, bins) * (2.0 / bin_counts(window, n_fft))
    return synthesis(scale_bins(spectrum(padded, window, hop, n_fft), slope), window, hop, n_fft)


class _FramedProduct(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, window: Tensor, weights: Tensor, filters: FrameFilters) -> Tensor:
        return _framed_product(x, window, weights, filters)

    @staticmethod
    def setup_context(ctx: Any, inputs: Tuple[Any, ...], output: Tensor) -> None:
        x, window, weights, ctx.filters = inputs
        ctx.save_for_backward(x, window, weights)
        ctx.save_for_forward(x, window, weights)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tuple[Any, ...]:
        x, window, weights = ctx.saved_tensors
        filters: FrameFilters = ctx.filters
        pad, mode, hop, width = filters.pad, filters.pad_mode, filters.hop_length, window.size(0)
        batch, n_frames = grad.size(0), grad.size(1)
        seen = (n_frames - 1) * hop + width
        blocks = filter_blocks(weights, filters.layout)
        if torch.is_grad_enabled():  # a second derivative is being recorded
            padded = pad_waveform(x, pad, mode)
            slopes = _product_gradient(padded[:, :seen], grad, window, blocks, filters)
            slopes = torch.nn.functional.pad(slopes, [0, padded.size(1) - seen])
            return pad_waveform_adjoint(slopes, pad, mode), None, None, None
        result = torch.empty_like(x)
        items, step = chunk_shape(batch, n_frames, filters.n_fft)
        for item in range(0, batch, items):
            padded = pad_waveform(x[item : item + items], pad, mode)
            slopes = torch.zeros_like(padded)
            for start in range(0, n_frames, step):
                stop = min(start + step, n_frames)
                begin, end = start * hop, (stop - 1) * hop + width
                part = grad[item : item + items, start:stop]
                slopes[:, begin:end] += _product_gradient(padded[:, begin:end], part, window, blocks, filters)
            result[item : item + items] = pad_waveform_adjoint(slopes, pad, mode)
        return result, None, None, None

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, *_: Any) -> Tensor:
        x, window, weights = ctx.saved_tensors
        filters: FrameFilters = ctx.filters
        if filters.power is None:
            return framed_product(tangent, window, weights, filters)
        X, slope = (
            spectrum(
                pad_waveform(y, filters.pad, filters.pad_mode), window, filters.hop_length, filters.n_fft
            )
            for y in (x, tangent)
        )
        products = X * slope
        blocks = filter_blocks(weights, filters.layout)
        return banded_product(2.0 * (products[..., 0] + products[..., 1]), blocks, filters.layout)


def _framed_product_with_gradient(
    x: Tensor, window: Tensor, weights: Tensor, filters: FrameFilters
) -> Tensor:
    result: Tensor = _FramedProduct.apply(x, window, weights, filters)
    return result
