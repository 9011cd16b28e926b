"""Short-time Fourier transform."""

from typing import List, Optional, Tuple

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from ..block_sparse.block import Block
from ..block_sparse.design_blocks import cut_into_blocks
from ..block_sparse.products import block_matrices, sparse_transpose_product
from ..framing.design_window import Window
from ..framing.frame_geometry import FrameGeometry
from ..framing.padding import pad_waveform, pad_waveform_adjoint
from ..module.arguments import (
    require_bool,
    require_choice,
    require_int,
    require_memory,
    require_number,
    require_whole,
)
from ..module.engines import resolve_engine
from ..module.magnitude_phase import as_output, check_real_output
from ..module.precision import constant, split_constant
from ..module.reshaping import split_axis
from ..module.shapes import (
    as_real_pairs,
    check_bins,
    check_frames,
    flatten_pairs,
    flatten_waveform,
    restore_leading,
)
from ..module.user_warning import warn_user
from .bins import first_bins, first_bins_adjoint
from .design_factors import factors_pay
from .design_interpolation import interpolated_fourier
from .design_invertibility import obstacle_to_inversion
from .design_kernels import FREQ_SCALES, fourier_bins
from .filtered_spectra import FrameFilters, filtered_spectra
from .fourier_transform import FourierTransform, FramedTransform
from .frame_fourier import FrameFourier, adjoint, spectra

Array = npt.NDArray[np.float64]

OUTPUT_FORMATS = ("Complex", "Magnitude", "Phase")


class STFT(FramedTransform):
    """Short-time Fourier transform of a waveform, on the frequencies of the FFT or any others.

    ``X[k, t] = sum_n window[n] x[t * hop_length + n - pad] exp(-2 pi i f_k n / sr)``, not normalised;
    ``pad = n_fft // 2`` with ``center``, so that frame ``t`` is centred on sample ``t * hop_length``.

    Args:
        n_fft: length of a frame, samples, >= 2.
        win_length: length of the window, samples, 1 to ``n_fft``; None means ``n_fft``. A shorter window
            lies in the middle of the frame.
        freq_bins: number of frequencies, >= 1 (at most ``n_fft`` with ``freq_scale="no"``); None means
            ``n_fft // 2 + 1``.
        hop_length: samples between frames, >= 1; None means ``win_length // 4``.
        window: a name or tuple that ``scipy.signal.get_window`` takes, or ``win_length`` samples.
        freq_scale: ``"no"`` for the frequencies of the FFT, ``k * sr / n_fft``; ``"linear"``, ``"log"``
            or ``"log2"`` for ``freq_bins`` frequencies from ``fmin`` up to, not including, ``fmax``.
        center: pad both ends by half a frame.
        pad_mode: ``"reflect"``, ``"constant"`` (zeros), ``"replicate"`` or ``"circular"``.
        iSTFT: raise in the constructor, not at the first call of :meth:`inverse`, if hop, window or bins
            cannot be inverted; warn that the transform is analysis-only unless ``freq_scale="no"``.
        fmin: lowest frequency, Hz, > 0 for ``"log"``; unused with ``freq_scale="no"``.
        fmax: end of the frequency range, Hz, ``fmin`` to ``sr / 2``; unused with ``freq_scale="no"``.
        sr: sampling rate, Hz, > 0.
        trainable: make the kernels parameters ``wsin`` and ``wcos``.
        output_format: ``"Complex"``, ``"Magnitude"`` or ``"Phase"`` (radians).
        return_complex: return Complex as a complex tensor, as ``torch.stft`` does (complex64 for half
            precision); runtimes without complex numbers need False.
        engine: ``"fft"``; ``"real"``, without complex numbers: correlation with kernels, which can be
            trained, or, for frozen frames of some 400 samples and more, a factored DFT, faster and without a
            table of kernels; or ``"auto"``: real if trainable, else fft.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``
        returns: ``(..., freq_bins, frames, 2)`` for Complex, else (or complex) ``(..., freq_bins, frames)``;
        ``frames = 1 + (time + 2 * pad - n_fft) // hop_length``

    Raises:
        ValueError: for an argument out of range, or a clip shorter than ``min_samples``.
        TypeError: for audio that is not of a floating type.

    Example:
        >>> import torch
        >>> stft = STFT(n_fft=512, hop_length=128, sr=16000)
        >>> x = torch.sin(2 * torch.pi * 1000 * torch.arange(16000) / 16000)
        >>> X = stft(x)
        >>> X.shape
        torch.Size([257, 126, 2])
        >>> int(stft(x, "Magnitude")[:, 60].argmax())  # 1000 Hz is bin 32
        32
        >>> bool((stft.inverse(X, length=16000) - x).abs().max() < 1e-5)
        True

    Source: Allen & Rabiner (1977); grids and argument names of Cheuk et al. (2020), nnAudio.
    """

    __constants__ = [*FourierTransform.__constants__, "real_engine", "trained", "interpolated"]
    __jit_unused_properties__ = ["config", "frequencies"]

    dft_weights: Tensor
    dft_blocks: List[Block]

    def __init__(
        self,
        n_fft: int = 2048,
        win_length: Optional[int] = None,
        *,
        freq_bins: Optional[int] = None,
        hop_length: Optional[int] = None,
        window: Window = "hann",
        freq_scale: str = "no",
        center: bool = True,
        pad_mode: str = "reflect",
        iSTFT: bool = False,
        fmin: float = 50,
        fmax: float = 6000,
        sr: float = 22050,
        trainable: bool = False,
        output_format: str = "Complex",
        return_complex: bool = False,
        engine: str = "auto",
    ) -> None:
        super().__init__()
        exact = self.frame_arguments(n_fft, win_length, hop_length, window, center, pad_mode)
        self.freq_scale = require_choice("freq_scale", freq_scale, FREQ_SCALES)
        self.freq_bins = self.n_fft // 2 + 1 if freq_bins is None else require_int("freq_bins", freq_bins, 1)
        self.output_format = require_choice("output_format", output_format, OUTPUT_FORMATS)
        self.return_complex = require_bool("return_complex", return_complex)
        if self.output_format != "Complex":
            check_real_output(self.output_format, self.return_complex)
        self.trained = require_bool("trainable", trainable)
        self.engine = resolve_engine(engine, self.trained, "trainable")
        self.real_engine = self.engine == "real"
        self.uniform = self.freq_scale == "no"
        self.sr = require_number("sr", sr, above=0.0)
        low, high = self._checked_range(fmin, fmax)
        require_memory("freq_bins", self.freq_bins)
        bins = fourier_bins(self.freq_scale, self.freq_bins, self.n_fft, low, high, self.sr)
        self._frequencies = bins * (self.sr / self.n_fft)
        self.interpolated = not self.uniform and not self.real_engine
        if self.interpolated:
            self._keep_interpolation(bins, exact)
        else:
            pays = self.uniform and not self.trained and factors_pay(self.n_fft, self.freq_bins)
            self.keep_fourier(exact, self.n_fft, "n_fft", self.real_engine and pays)
            if self.real_engine and not pays:
                self.keep_kernels(bins, exact, self.trained, "n_fft and freq_bins")

        # Reason that this transform cannot be inverted; empty if it can.
        self.obstacle = obstacle_to_inversion(self.freq_scale, self.freq_bins, self.hop_length, exact)
        if require_bool("iSTFT", iSTFT) and self.obstacle:
            if self.uniform:
                raise ValueError(self.obstacle)
            warn_user(f"STFT is analysis-only: {self.obstacle}")

    def _checked_range(self, fmin: float, fmax: float) -> Tuple[float, float]:
        low, high = require_number("fmin", fmin), require_number("fmax", fmax)
        if self.uniform:
            if self.freq_bins > self.n_fft:
                raise ValueError(f"freq_bins must be <= n_fft = {self.n_fft}, got {self.freq_bins}")
            return low, high
        low = require_number("fmin", fmin, at_least=0.0)
        if self.freq_scale != "linear":
            low = require_number("fmin", fmin, above=0.0, at_least=1e-9)
        high = require_number("fmax", fmax, above=low)
        if high > self.sr / 2:
            raise ValueError(f"fmax must be <= sr / 2 = {self.sr / 2:g}, got {high:g}")
        return low, high

    def _keep_interpolation(self, bins: Array, window: Array) -> None:
        """Keep the weights that interpolate any frequencies from an oversampled FFT."""
        require_memory("n_fft and freq_bins", 4 * self.freq_bins * self.n_fft)
        dft = interpolated_fourier(bins, window)
        sparse = cut_into_blocks(dft.weights)
        self.keep_fourier(dft.window, dft.points, "n_fft")
        self.constant_buffer("dft_weights", split_constant(sparse.weights))
        self.dft_blocks = sparse.blocks

    @property
    def frequencies(self) -> Tensor:
        """Frequency of each bin, Hz: ``(freq_bins,)``, float64."""
        return torch.from_numpy(self._frequencies.copy())

    def forward(
        self, x: Tensor, output_format: Optional[str] = None, return_complex: Optional[bool] = None
    ) -> Tensor:
        """Transform a waveform; see the class."""
        if output_format is None:
            output_format = self.output_format
        if return_complex is None:
            return_complex = self.return_complex
        if not torch.jit.is_scripting():
            return_complex = require_bool("return_complex", return_complex)
        X = self.spectra(flatten_waveform(x, self.min_samples)).transpose(1, 2)
        return restore_leading(as_output(X, output_format, self.real_engine, return_complex), x)

    @torch.jit.export
    def analysis(self, x: Tensor) -> Tensor:
        """The linear map itself.

        Shape:
            x: ``(..., time)``, ``time >= min_samples``
            returns: ``(..., freq_bins, frames, 2)``
        """
        return restore_leading(self.spectra(flatten_waveform(x, self.min_samples)).transpose(1, 2), x)

    @torch.jit.unused
    def frame_geometry(self) -> FrameGeometry:
        """Place of the frames, for :class:`nnaudio2_core.Stream`."""
        return FrameGeometry(
            hop=self.hop_length,
            width=self.n_fft,
            seen=self.n_fft,
            before=self.pad,
            after=self.pad,
            pad_mode=self.pad_mode,
            first_centre=self.first_centre,
            min_samples=self.min_samples,
        )

    def frames_of(self, x: Tensor) -> Tensor:
        """The transform of a stretch of a padded clip, whose ends it does not pad.

        Shape:
            x: ``(batch, time)``, float32 or float64, ``time >= n_fft``
            returns: as :meth:`forward`, ``frames = 1 + (time - n_fft) // hop_length``
        """
        X = self.spectra(x, 0).transpose(1, 2)
        return as_output(X, self.output_format, self.real_engine, self.return_complex)

    def spectra(self, x: Tensor, pad: Optional[int] = None) -> Tensor:
        """:meth:`analysis` of a batch of clips, with the frames first; ``pad`` replaces the padding.

        Shape:
            x: ``(batch, time)``, float32 or float64
            returns: ``(batch, frames, freq_bins, 2)``
        """
        if pad is None:
            pad = self.pad
        fourier = self.fourier(x.dtype)
        if self.interpolated:
            filters = FrameFilters(pad, self.pad_mode, self.dft_blocks, None)
            parts = filtered_spectra(x, fourier, constant(self.dft_weights, x.dtype), filters)
            pairs: Tensor = split_axis(parts, -1, [self.freq_bins, 2])
            return pairs
        X = spectra(pad_waveform(x, pad, self.pad_mode), fourier)
        return X if self.by_kernels else first_bins(X, self.freq_bins, self.n_fft)

    @torch.jit.export
    def adjoint(self, X: Tensor, length: int) -> Tensor:
        """The transpose of :meth:`analysis`, padding included, spectra seen as pairs of real numbers.

        Shape:
            X: ``(..., freq_bins, frames, 2)`` or complex ``(..., freq_bins, frames)``,
                ``frames = n_frames(length)``
            returns: ``(..., length)``
        """
        if not torch.jit.is_scripting():
            length = require_whole("length", length)
        pairs = as_real_pairs(X)
        spectra = flatten_pairs(pairs)
        check_bins(spectra.size(1), self.freq_bins)
        check_frames(spectra.size(2), self.n_frames(length))
        return restore_leading(self.spectra_adjoint(spectra.transpose(1, 2), length), pairs, 3)

    def spectra_adjoint(self, X: Tensor, length: int) -> Tensor:
        """The transpose of :meth:`spectra`.

        Shape:
            X: ``(batch, frames, freq_bins, 2)``, float32 or float64
            returns: ``(batch, length)``
        """
        fourier = self.fourier(X.dtype)
        if self.interpolated:
            matrices = block_matrices(constant(self.dft_weights, X.dtype), self.dft_blocks)
            half = fourier.n_fft // 2 + 1
            parts = sparse_transpose_product(X.flatten(-2), matrices, self.dft_blocks, 2 * half)
            X = split_axis(parts, -1, [half, 2])
        elif not self.by_kernels:
            X = first_bins_adjoint(X, self.n_fft)
        y = adjoint(X, fourier)
        padded = length + 2 * self.pad
        y = F.pad(y, [0, padded - y.size(1)])  # no frame covers the samples after the last one
        return pad_waveform_adjoint(y, self.pad, self.pad_mode)

    @torch.jit.export
    def inverse(self, X: Tensor, onesided: Optional[bool] = None, length: Optional[int] = None) -> Tensor:
        """The waveform whose transform is ``X`` (least squares where no waveform has it).

        The inverse uses the analytic kernels, even if those of the forward transform have been trained; the
        kernels of :class:`iSTFT` can be trained.

        Args:
            X: complex spectrogram.
            onesided: True if ``X`` holds ``n_fft // 2 + 1`` bins, False if all ``n_fft``; None infers it from
                their number. The ``freq_bins`` of this transform are accepted as well.
            length: samples to return, >= 0; None means as many as the frames cover between the
                paddings. Samples that no frame covers are zero.

        Shape:
            X: ``(..., bins, frames, 2)`` or complex ``(..., bins, frames)``
            returns: ``(..., length)``

        Raises:
            RuntimeError: if ``freq_scale`` is not ``"no"``, or bins, hop or window lose the signal.
            ValueError: if ``X`` has the wrong shape.
            TypeError: if ``X`` is not of a floating or complex type.

        Source: Griffin & Lim (1984), eq. 6.
        """
        return self.inverted(X, onesided, length)

    def inverse_fourier(self, dtype: torch.dtype) -> FrameFourier:
        """:meth:`fourier` without bins above Nyquist, and without trained kernels, which do not invert."""
        fourier = self.fourier(dtype)
        if self.by_kernels:
            half = self.n_fft // 2 + 1
            kernels: List[Tensor] = []
            if not self.trained:
                kernels = [self.wcos[:half], self.wsin[:half]]
            return FrameFourier(fourier.hop_length, fourier.n_fft, fourier.window, fourier.factors, kernels)
        return fourier
