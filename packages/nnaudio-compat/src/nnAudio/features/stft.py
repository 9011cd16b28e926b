"""STFT and its inverse, with the legacy arguments, kernels and numbers."""

from typing import Any, Dict, List, Optional

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

import nnaudio2_core as core
from nnaudio2_core.fourier.design_kernels import fourier_bins, fourier_kernels
from nnaudio2_core.framing.design_window import analysis_window
from nnaudio2_core.framing.padding import pad_waveform

from .. import _inverse, _kernels
from .._deprecation import deprecated_class, warn_user
from .._engine import Engine, Projection, build_engine, project, project_fourier
from .._module import LegacyModule, timed
from ..utils import *  # noqa: F403
from ..utils import __all__ as _helpers
from ..utils import create_fourier_kernels

__all__ = ["STFT", "STFTBase", "conv2d", "iSTFT", "nn", *_helpers]


@deprecated_class("nnaudio2_core.STFT")
class STFTBase(nn.Module):
    """Base class of :class:`STFT` and :class:`iSTFT` with the inverse by kernels.

    A subclass has ``n_fft``, ``stride``, ``center``, ``pad_amount`` and a buffer ``window_mask``.
    """

    n_fft: int
    stride: int
    center: bool
    pad_amount: int
    window_mask: Tensor

    def inverse_stft(
        self,
        X: Tensor,
        kernel_cos: Tensor,
        kernel_sin: Tensor,
        onesided: bool = True,
        length: Optional[int] = None,
        refresh_win: bool = True,
    ) -> Tensor:
        """Waveform of a complex spectrogram.

        The sum of squared windows is always computed anew: ``refresh_win`` has no effect.

        Shape:
            X: ``(batch, bins, frames, 2)``; ``n_fft // 2 + 1`` bins with ``onesided``, else ``n_fft``
            kernel_cos, kernel_sin: ``(n_fft, 1, n_fft, 1)``
            returns: ``(batch, time)``
        """
        _inverse.check_spectrogram(X, self.n_fft, onesided)
        if onesided:
            X = _inverse.two_sided(X, self.n_fft)
        y, total = _inverse.inverse_by_kernels(X, kernel_cos, kernel_sin, self.window_mask, self.stride)
        first, last = _inverse.span(y.size(1), self.pad_amount, self.center, length)
        return _inverse.divided(y, total, first, last).to(_inverse.inverse_dtype(X, self.window_mask))


class _Inverse(LegacyModule, STFTBase):
    """Inverse by an engine or by kernels; only for the frequencies of the FFT."""

    _fast_inverse: Optional[Engine] = None

    def __init__(self, freq_scale: str, inverts: bool) -> None:
        super().__init__()
        self._obstacle = ""
        if freq_scale != "no":
            self._obstacle = _obstacle(f", got {freq_scale!r}")
            if inverts:
                warn_user(f"{type(self).__name__} is analysis-only: {self._obstacle}", UserWarning)

    def _keep_engine(self, n_fft: int, win_length: int, window: Any, width: int) -> None:
        """Build the engine of the inverse, for kernels of a rectangle and a window of ``width`` samples."""
        if self._obstacle:
            return

        def projections() -> List[Projection]:
            mask = analysis_window(window, win_length, width)
            kernels = project_fourier(n_fft, np.ones(n_fft))
            square = [kernel._replace(shape=[n_fft, 1, n_fft, 1]) for kernel in kernels]
            return [*square, project(mask[None, :, None])]

        arguments = {"hop_length": self.stride, "window": window, "center": self.center}
        engine = build_engine(lambda: core.iSTFT(n_fft, win_length, **arguments), projections, n_fft // 2)
        # Core refuses hops that skip samples; the legacy package leaves those samples out.
        if engine is not None and not engine.transform.obstacle:
            engine.min_samples = 0
            self._fast_inverse = engine

    def _inverse(
        self, X: Tensor, kernel_cos: Tensor, kernel_sin: Tensor, onesided: bool, length: Optional[int]
    ) -> Tensor:
        if len(self._obstacle) > 0:
            raise RuntimeError(self._obstacle)
        _inverse.check_spectrogram(X, self.n_fft, onesided)
        if not torch.jit.is_scripting():
            if self._inverse_engine_applies(X, kernel_cos, kernel_sin):
                return self._inverse_by_engine(X, onesided, length)
        return self.inverse_stft(X, kernel_cos, kernel_sin, onesided, length)

    @torch.jit.unused
    def _inverse_engine_applies(self, X: Tensor, kernel_cos: Tensor, kernel_sin: Tensor) -> bool:
        """Whether the engine gives the inverse; it is left out of TorchScript."""
        kernels = [kernel_sin, kernel_cos, self.window_mask]
        engine = self._fast_inverse
        return engine is not None and engine.applies(
            kernels, X, self.stride, self.center, "constant", self.pad_amount
        )

    @torch.jit.unused
    def _inverse_by_engine(self, X: Tensor, onesided: bool, length: Optional[int]) -> Tensor:
        time = (X.size(2) - 1) * self.stride + self.n_fft
        first, last = _inverse.span(time, self.pad_amount, self.center, length)
        engine: Any = self._fast_inverse
        y: Tensor = engine.transform(X, onesided=onesided, length=last - first)
        return _kernels.result(y, _inverse.inverse_dtype(X, self.window_mask))

    def __setstate__(self, state: Dict[str, Any]) -> None:
        super().__setstate__(state)
        self.__dict__.setdefault("_obstacle", "")  # pickled by the legacy package


@deprecated_class("nnaudio2_core.STFT")
class STFT(_Inverse):
    """Short-time Fourier transform with kernels ``wsin`` and ``wcos``, ``(freq_bins, 1, n_fft)``.

    Arguments are those of :class:`nnaudio2_core.STFT`; ``iSTFT=True`` keeps the kernels of :meth:`inverse`,
    ``verbose`` prints.
    """

    __constants__ = ["center", "iSTFT", "trainable"]

    wsin: Tensor
    wcos: Tensor
    kernel_sin_inv: Tensor
    kernel_cos_inv: Tensor

    def __init__(
        self,
        n_fft: int = 2048,
        win_length: Optional[int] = None,
        freq_bins: Optional[int] = None,
        hop_length: Optional[int] = None,
        window: Any = "hann",
        freq_scale: str = "no",
        center: bool = True,
        pad_mode: str = "reflect",
        iSTFT: bool = False,
        fmin: float = 50,
        fmax: float = 6000,
        sr: float = 22050,
        trainable: bool = False,
        output_format: str = "Complex",
        verbose: bool = True,
    ) -> None:
        super().__init__(freq_scale, iSTFT)
        self.output_format, self.trainable, self.iSTFT = output_format, trainable, iSTFT
        self.n_fft, self.win_length = n_fft, n_fft if win_length is None else win_length
        width = int(self.win_length)
        self.stride = width // 4 if hop_length is None else hop_length
        self.freq_bins, self.window = freq_bins, window
        self.center, self.pad_mode, self.pad_amount = center, pad_mode, n_fft // 2

        with timed(verbose, "STFT kernels"):
            kernel_sin, kernel_cos, self.bins2freq, self.bin_list, mask = create_fourier_kernels(
                n_fft, self.win_length, freq_bins, fmin, fmax, sr, freq_scale, window, verbose
            )
            if iSTFT:
                self._keep("kernel_sin_inv", _mirrored(kernel_sin, -1), False)
                self._keep("kernel_cos_inv", _mirrored(kernel_cos, 1), False)
                self._keep_engine(n_fft, width, window, n_fft)
            self._keep("wsin", kernel_sin * mask, trainable)
            self._keep("wcos", kernel_cos * mask, trainable)
            self._keep("window_mask", mask[None, :, None], False)
        if trainable:
            return

        def projections() -> List[Projection]:
            exact = analysis_window(window, width, n_fft)
            bins = n_fft // 2 + 1 if freq_bins is None else freq_bins
            if freq_scale == "no":
                return project_fourier(bins, exact)
            grid = fourier_bins(freq_scale, bins, n_fft, fmin, fmax, sr)
            return [project(kernel[:, None]) for kernel in reversed(fourier_kernels(grid, exact))]

        self._fast = build_engine(
            lambda: core.STFT(
                n_fft,
                width,
                freq_bins=freq_bins,
                hop_length=self.stride,
                window=window,
                freq_scale=freq_scale,
                center=center,
                pad_mode=pad_mode if center else "constant",
                fmin=fmin,
                fmax=fmax,
                sr=sr,
            ),
            projections,
            self.pad_amount,
        )

    def forward(self, x: Tensor, output_format: Optional[str] = None) -> Tensor:
        """Transform a waveform.

        Shape:
            x: ``(time,)``, ``(batch, time)`` or ``(batch, 1, time)``
            returns: ``(batch, freq_bins, frames, 2)`` for Complex, else ``(batch, freq_bins, frames)``
        """
        if output_format is None:
            output_format = self.output_format
        waveform = _kernels.batch_of(x)
        y = self._spectrogram(waveform, output_format, self._engine_applies(waveform))
        return _kernels.result(y, x.dtype)

    def _engine_applies(self, x: Tensor) -> bool:
        """Whether the engine gives what kernels and attributes, as they are, would give."""
        if self._fast is not None and not self.trainable:
            kernels = [self.wsin, self.wcos]
            pad_mode = self._used_pad_mode()
            return self._fast.applies(kernels, x, self.stride, self.center, pad_mode, self.pad_amount)
        return False

    def _spectrogram(self, x: Tensor, output_format: str, fast: bool) -> Tensor:
        """:meth:`forward` of a batch ``(batch, time)``, not rounded to half precision."""
        if fast and self._fast is not None:
            y: Tensor = self._fast.transform(_kernels.at_least_single(x), output_format)
            return self._bins(y)
        if self.center:
            pad_mode = self._used_pad_mode()
            _kernels.assert_reflection(x, self.pad_amount, pad_mode)
            _kernels.check_reflection(x, self.pad_amount, pad_mode)
            x = pad_waveform(x, self.pad_amount, pad_mode)
        X = _kernels.pairs_by_kernels(x, self.wcos, self.wsin, self.stride)
        return _kernels.stft_output(self._bins(X), output_format, self.trainable)

    def _bins(self, X: Tensor) -> Tensor:
        """The first ``freq_bins``: the attribute may have been lowered."""
        if self.freq_bins is not None:
            if self.freq_bins < X.size(1):
                return X[:, : self.freq_bins]
        return X

    def _used_pad_mode(self) -> str:
        """``pad_mode``; "constant" without padding, where the attribute may be anything."""
        if self.center:
            return self.pad_mode
        return "constant"

    @torch.jit.export
    def inverse(
        self, X: Tensor, onesided: bool = True, length: Optional[int] = None, refresh_win: bool = True
    ) -> Tensor:
        """Waveform of a complex spectrogram; ``refresh_win`` has no effect, see :meth:`inverse_stft`.

        Shape:
            X: ``(batch, n_fft // 2 + 1, frames, 2)``
            returns: ``(batch, time)``

        Raises:
            RuntimeError: if ``freq_scale`` is not ``"no"``.
            NameError: without ``iSTFT=True``.
        """
        if len(self._obstacle) > 0:
            raise RuntimeError(self._obstacle)
        if self.iSTFT:
            return self._inverse(X, self.kernel_cos_inv, self.kernel_sin_inv, onesided, length)
        raise NameError("iSTFT must be True in the constructor for inverse, got False")

    def extra_repr(self) -> str:
        """Sizes, and whether kernels are trained."""
        size = tuple(self.wsin.shape)
        return (
            f"n_fft={self.n_fft}, Fourier Kernel size={size}, iSTFT={self.iSTFT}, trainable={self.trainable}"
        )

    def __setstate__(self, state: Dict[str, Any]) -> None:
        super().__setstate__(state)
        if not all(isinstance(k, int) for k in self.bin_list) and not self._obstacle:
            self._obstacle = _obstacle()


def _obstacle(given: str = "") -> str:
    """Message for a grid that is not the FFT's; code for nnAudio 2.0.3 looks for ``freq_scale='no'``."""
    return (
        f"freq_scale must be 'no' to invert by overlap-add{given}: bins at other frequencies than the FFT's "
        "do not add up to the signal. Build the module with freq_scale='no', or use nnaudio2_core.Inverse on "
        "an nnaudio2_core.STFT, or Griffin_Lim on a magnitude"
    )


def _mirrored(kernel: Any, sign: int) -> Any:
    """Kernels of the bins up to Nyquist, then of those above it, float32: ``(2 * bins - 2, 1, n_fft, 1)``."""
    both = np.concatenate([kernel, sign * kernel[1:-1][::-1]])
    return torch.from_numpy(both[..., None]).float()


@deprecated_class("nnaudio2_core.iSTFT")
class iSTFT(_Inverse):
    """Inverse STFT with ``kernel_sin`` and ``kernel_cos``, ``(n_fft, 1, n_fft, 1)``, and ``window_mask``.

    Arguments are those of :class:`nnaudio2_core.iSTFT`; ``verbose`` prints. ``freq_bins``, ``fmin``, ``fmax``
    and ``sr`` have no effect on the frequencies of the FFT, ``refresh_win`` has none at all.
    """

    kernel_sin: Tensor
    kernel_cos: Tensor

    def __init__(
        self,
        n_fft: int = 2048,
        win_length: Optional[int] = None,
        freq_bins: Optional[int] = None,
        hop_length: Optional[int] = None,
        window: Any = "hann",
        freq_scale: str = "no",
        center: bool = True,
        fmin: float = 50,
        fmax: float = 6000,
        sr: float = 22050,
        trainable_kernels: bool = False,
        trainable_window: bool = False,
        verbose: bool = True,
        refresh_win: bool = True,
    ) -> None:
        super().__init__(freq_scale, True)
        self.n_fft, self.win_length = n_fft, n_fft if win_length is None else win_length
        width = int(self.win_length)
        self.stride = width // 4 if hop_length is None else hop_length
        self.center, self.pad_amount, self.refresh_win = center, n_fft // 2, refresh_win

        with timed(verbose, "iSTFT kernels"):
            kernel_sin, kernel_cos, _, _, _ = create_fourier_kernels(
                n_fft, n_fft, n_fft, fmin, fmax, sr, freq_scale, "boxcar", False
            )
            mask = analysis_window(window, width, width)
            self._keep("kernel_sin", torch.from_numpy(kernel_sin[..., None]).float(), trainable_kernels)
            self._keep("kernel_cos", torch.from_numpy(kernel_cos[..., None]).float(), trainable_kernels)
            self._keep("window_mask", mask[None, :, None], trainable_window)
            if not trainable_kernels and not trainable_window:
                self._keep_engine(n_fft, width, window, width)

    def forward(
        self,
        X: Tensor,
        onesided: bool = False,
        length: Optional[int] = None,
        refresh_win: Optional[bool] = None,
    ) -> Tensor:
        """Waveform of a complex spectrogram, float64 as long as ``window_mask`` is.

        Shape:
            X: ``(batch, bins, frames, 2)``; ``n_fft // 2 + 1`` bins with ``onesided``, else ``n_fft``
            returns: ``(batch, time)``

        Raises:
            RuntimeError: if ``freq_scale`` is not ``"no"``.
        """
        return self._inverse(X, self.kernel_cos, self.kernel_sin, onesided, length)
