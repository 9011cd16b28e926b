"""Fourier transform of frames by FFT, and its transpose.

``fft_spectra`` and ``fft_synthesis`` are linear, and transposes of each other up to a weight per bin. So each
is the gradient of the other. Eager mode uses that instead of torch's gradient of a real FFT, which runs a
complex FFT over a zero-padded spectrum and takes three times as long.
"""

from typing import Any, Tuple

import torch
from torch import Tensor

from ..framing.chunks import chunk_shape, empty_rows, use_chunks
from ..framing.frames import frame, overlap_add
from ..module.graph_capture import capturing_graph, needs_own_gradient
from ..module.reshaping import join_axes, split_axis
from ..module.shapes import as_complex


def fft_spectra(x: Tensor, window: Tensor, hop_length: int, n_fft: int) -> Tensor:
    """One-sided spectra of the windowed frames of ``x``.

    Shape:
        x: ``(batch, time)``
        window: ``(width,)``, ``width <= n_fft``; shorter frames are followed by zeros
        returns: ``(batch, frames, n_fft // 2 + 1, 2)``, ``frames = 1 + (time - width) // hop_length``
    """
    if torch.jit.is_scripting():
        return _spectrum(x, window, hop_length, n_fft)
    if needs_own_gradient(x) and not window.requires_grad:
        return _spectrum_with_gradient(x, window, hop_length, n_fft)
    return _spectrum(x, window, hop_length, n_fft)


def fft_synthesis(X: Tensor, window: Tensor, hop_length: int, n_fft: int) -> Tensor:
    """Overlap-add of the windowed, unscaled inverse FFTs of one-sided spectra.

    Shape:
        X: ``(batch, frames, n_fft // 2 + 1, 2)``
        window: ``(width,)``, ``width <= n_fft``
        returns: ``(batch, time)``, ``time = (frames - 1) * hop_length + width``
    """
    if torch.jit.is_scripting():
        return _synthesis(X, window, hop_length, n_fft)
    if needs_own_gradient(X) and not window.requires_grad:
        return _synthesis_with_gradient(X, window, hop_length, n_fft)
    return _synthesis(X, window, hop_length, n_fft)


def fft_adjoint(X: Tensor, window: Tensor, hop_length: int, n_fft: int) -> Tensor:
    """The transpose of :func:`fft_spectra`, for spectra seen as pairs of real numbers.

    Shape:
        X: ``(batch, frames, n_fft // 2 + 1, 2)``
        returns: ``(batch, time)``, ``time = (frames - 1) * hop_length + width``
    """
    return fft_synthesis(scale_bins(X, 1.0 / bin_counts(window, n_fft)), window, hop_length, n_fft)


def scale_bins(X: Tensor, factors: Tensor) -> Tensor:
    """Multiply pairs by real factors, as complex numbers: a fifth of the time of broadcasting over pairs.

    Shape:
        X: ``(*, bins, 2)``
        factors: ``(*, bins)`` or ``(bins,)``
        returns: ``(*, bins, 2)``
    """
    return torch.view_as_real(as_complex(X) * factors)


def bin_counts(window: Tensor, n_fft: int) -> Tensor:
    """Occurrences of each one-sided bin in the whole spectrum: two, but one at 0 and at Nyquist."""
    k = torch.arange(n_fft // 2 + 1, device=window.device)
    return 2.0 - ((k == 0) | (2 * k == n_fft)).to(window.dtype)


def _frame_spectra(x: Tensor, window: Tensor, hop_length: int, n_fft: int) -> Tensor:
    frames = frame(x, window.size(0), hop_length) * window
    if not capturing_graph():
        return torch.view_as_real(torch.fft.rfft(frames, n=n_fft))
    spectra = torch.view_as_real(torch.fft.rfft(join_axes(frames, 0, 1), n=n_fft))
    return split_axis(spectra, 0, [x.size(0), frames.size(1)])


def _spectrum(x: Tensor, window: Tensor, hop_length: int, n_fft: int) -> Tensor:
    batch, time = x.shape
    width = window.size(0)
    n_frames = 1 + (time - width) // hop_length
    if not use_chunks(x, batch * n_frames * n_fft):
        return _frame_spectra(x, window, hop_length, n_fft)
    out: Tensor = empty_rows(x, window, n_frames, 2 * (n_fft // 2 + 1)).unflatten(-1, [n_fft // 2 + 1, 2])
    items, step = chunk_shape(n_frames, n_fft)
    for item in range(0, batch, items):
        for start in range(0, n_frames, step):
            stop = min(start + step, n_frames)
            piece = x[item : item + items, start * hop_length : (stop - 1) * hop_length + width]
            out[item : item + items, start:stop] = _frame_spectra(piece, window, hop_length, n_fft)
    return out


def _frame_synthesis(X: Tensor, window: Tensor, hop_length: int, n_fft: int) -> Tensor:
    if capturing_graph():
        joined = torch.fft.irfft(as_complex(join_axes(X, 0, 1)), n=n_fft, norm="forward")
        frames: Tensor = split_axis(joined, 0, [X.size(0), X.size(1)])
    else:
        frames = torch.fft.irfft(as_complex(X), n=n_fft, norm="forward")
    return overlap_add(frames[:, :, : window.size(0)], hop_length, window)


def _synthesis(X: Tensor, window: Tensor, hop_length: int, n_fft: int) -> Tensor:
    batch, n_frames = X.size(0), X.size(1)
    if not use_chunks(X, batch * n_frames * n_fft):
        return _frame_synthesis(X, window, hop_length, n_fft)
    out = empty_rows(X, window, 1, (n_frames - 1) * hop_length + window.size(0)).squeeze(1).zero_()
    items, step = chunk_shape(n_frames, n_fft)
    for item in range(0, batch, items):
        for start in range(0, n_frames, step):
            stop = min(start + step, n_frames)
            piece = _frame_synthesis(X[item : item + items, start:stop], window, hop_length, n_fft)
            begin = start * hop_length
            out[item : item + items, begin : begin + piece.size(1)] += piece
    return out


class _Spectrum(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, window: Tensor, hop_length: int, n_fft: int) -> Tensor:
        return _spectrum(x, window, hop_length, n_fft)

    @staticmethod
    def setup_context(ctx: Any, inputs: Tuple[Any, ...], output: Tensor) -> None:
        x, window, ctx.hop_length, ctx.n_fft = inputs
        ctx.unused = x.size(1) - window.size(0) - (output.size(1) - 1) * ctx.hop_length
        ctx.save_for_backward(window)
        ctx.save_for_forward(window)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tuple[Tensor, None, None, None]:
        (window,) = ctx.saved_tensors
        return (
            torch.nn.functional.pad(fft_adjoint(grad, window, ctx.hop_length, ctx.n_fft), [0, ctx.unused]),
            None,
            None,
            None,
        )

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, *_: Any) -> Tensor:
        (window,) = ctx.saved_tensors
        return fft_spectra(tangent, window, ctx.hop_length, ctx.n_fft)


class _Synthesis(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(X: Tensor, window: Tensor, hop_length: int, n_fft: int) -> Tensor:
        return _synthesis(X, window, hop_length, n_fft)

    @staticmethod
    def setup_context(ctx: Any, inputs: Tuple[Any, ...], output: Tensor) -> None:
        _, window, ctx.hop_length, ctx.n_fft = inputs
        ctx.save_for_backward(window)
        ctx.save_for_forward(window)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tuple[Tensor, None, None, None]:
        (window,) = ctx.saved_tensors
        return (
            scale_bins(fft_spectra(grad, window, ctx.hop_length, ctx.n_fft), bin_counts(window, ctx.n_fft)),
            None,
            None,
            None,
        )

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, *_: Any) -> Tensor:
        (window,) = ctx.saved_tensors
        return fft_synthesis(tangent, window, ctx.hop_length, ctx.n_fft)


def _spectrum_with_gradient(x: Tensor, window: Tensor, hop_length: int, n_fft: int) -> Tensor:
    return _Spectrum.apply(x, window, hop_length, n_fft)  # type: ignore[no-any-return]


def _synthesis_with_gradient(X: Tensor, window: Tensor, hop_length: int, n_fft: int) -> Tensor:
    return _Synthesis.apply(X, window, hop_length, n_fft)  # type: ignore[no-any-return]
