"""Filterbanks over the spectra of frames: FFT, square if wanted, banded product, one chunk at a time.

A whole spectrogram is never held: each chunk of frames goes through all steps while it lies in the
cache. The gradient does the same and computes the spectra again, which costs less than fetching them.
"""

from typing import Any, List, Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from .banded import banded_product, banded_transpose
from .framing import chunk_shape, empty_rows, use_chunks
from .outputs import spectral_power
from .stft import bin_counts, scale_bins, spectrum, spectrum_adjoint, synthesis


def framed_product(
    x: Tensor,
    window: Tensor,
    hop_length: int,
    n_fft: int,
    weights: Tensor,
    layout: List[int],
    n_bands: int,
    power: Optional[float],
) -> Tensor:
    """Multiply the spectrum of each frame, or its magnitude to some power, by a filterbank.

    Without a power the spectrum's real and imaginary parts are multiplied, each with weights of its own:
    they are laid out as real, imaginary, real, ...

    Shape:
        x: ``(batch, time)``
        window: ``(width,)``, ``width <= n_fft``: shorter frames are followed by zeros
        weights: ``(total,)``, blocks over ``n_fft // 2 + 1`` bins, or twice as many parts
        returns: ``(batch, frames, n_bands)``
    """
    if torch.jit.is_scripting():
        return _framed_product(x, window, hop_length, n_fft, weights, layout, n_bands, power)
    recomputed = x.requires_grad and not weights.requires_grad and (power is None or power == 2.0)
    if recomputed and torch.is_grad_enabled() and not torch.compiler.is_compiling():
        return _framed_product_with_gradient(x, window, hop_length, n_fft, weights, layout, n_bands, power)
    return _framed_product(x, window, hop_length, n_fft, weights, layout, n_bands, power)


def _product(
    x: Tensor,
    window: Tensor,
    hop_length: int,
    n_fft: int,
    weights: Tensor,
    layout: List[int],
    n_bands: int,
    power: Optional[float],
) -> Tensor:
    X = spectrum(x, window, hop_length, n_fft)
    if power is None:
        values = X.flatten(-2)
    else:
        values = spectral_power(X, power)
    return banded_product(values, weights, layout, n_bands)


def _framed_product(
    x: Tensor,
    window: Tensor,
    hop_length: int,
    n_fft: int,
    weights: Tensor,
    layout: List[int],
    n_bands: int,
    power: Optional[float],
) -> Tensor:
    batch, time = x.shape
    width = window.size(0)
    n_frames = 1 + (time - width) // hop_length
    if weights.requires_grad or not use_chunks(x, batch * n_frames * n_fft):
        return _product(x, window, hop_length, n_fft, weights, layout, n_bands, power)
    out = empty_rows(x, n_frames, n_bands)
    items, step = chunk_shape(batch, n_frames, n_fft)
    for item in range(0, batch, items):
        for start in range(0, n_frames, step):
            stop = min(start + step, n_frames)
            piece = x[item : item + items, start * hop_length : (stop - 1) * hop_length + width]
            out[item : item + items, start:stop] = _product(
                piece, window, hop_length, n_fft, weights, layout, n_bands, power
            )
    return out


def _product_gradient(
    x: Tensor,
    grad: Tensor,
    window: Tensor,
    hop_length: int,
    n_fft: int,
    weights: Tensor,
    layout: List[int],
    power: Optional[float],
) -> Tensor:
    bins = n_fft // 2 + 1
    if power is None:
        parts: Tensor = banded_transpose(grad, weights, layout, 2 * bins).unflatten(-1, [bins, 2])
        return spectrum_adjoint(parts, window, hop_length, n_fft)
    # The slope of the square and the weights of the adjoint, in one product.
    slope = banded_transpose(grad, weights, layout, bins) * (2.0 / bin_counts(window, n_fft))
    return synthesis(scale_bins(spectrum(x, window, hop_length, n_fft), slope), window, hop_length, n_fft)


class _FramedProduct(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(
        x: Tensor,
        window: Tensor,
        hop_length: int,
        n_fft: int,
        weights: Tensor,
        layout: List[int],
        n_bands: int,
        power: Optional[float],
    ) -> Tensor:
        return _framed_product(x, window, hop_length, n_fft, weights, layout, n_bands, power)

    @staticmethod
    def setup_context(ctx: Any, inputs: Tuple[Any, ...], output: Tensor) -> None:
        x, window, ctx.hop_length, ctx.n_fft, weights, ctx.layout, _, ctx.power = inputs
        ctx.save_for_backward(x, window, weights)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tuple[Any, ...]:
        x, window, weights = ctx.saved_tensors
        hop_length, n_fft, width = ctx.hop_length, ctx.n_fft, window.size(0)
        batch, n_frames = grad.size(0), grad.size(1)
        total = (n_frames - 1) * hop_length + width
        if torch.is_grad_enabled():  # a second derivative is being recorded
            result = _product_gradient(
                x[:, :total], grad, window, hop_length, n_fft, weights, ctx.layout, ctx.power
            )
            return F.pad(result, [0, x.size(1) - total]), None, None, None, None, None, None, None
        result = torch.zeros_like(x)
        items, step = chunk_shape(batch, n_frames, n_fft)
        for item in range(0, batch, items):
            for start in range(0, n_frames, step):
                stop = min(start + step, n_frames)
                begin, end = start * hop_length, (stop - 1) * hop_length + width
                result[item : item + items, begin:end] += _product_gradient(
                    x[item : item + items, begin:end],
                    grad[item : item + items, start:stop],
                    window,
                    hop_length,
                    n_fft,
                    weights,
                    ctx.layout,
                    ctx.power,
                )
        return result, None, None, None, None, None, None, None


def _framed_product_with_gradient(
    x: Tensor,
    window: Tensor,
    hop_length: int,
    n_fft: int,
    weights: Tensor,
    layout: List[int],
    n_bands: int,
    power: Optional[float],
) -> Tensor:
    result: Tensor = _FramedProduct.apply(x, window, hop_length, n_fft, weights, layout, n_bands, power)
    return result
