"""Short-time Fourier transform."""

from typing import Any, Optional, Tuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..block_sparse.design_blocks import cut_into_bands
from ..block_sparse.products import banded_transpose, filter_blocks
from ..framing.design_window import Window, analysis_window
from ..framing.padding import pad_waveform_adjoint
from ..framing.window_sum import finish_overlap_add
from ..module.arguments import require_bool, require_choice, require_int, require_number, require_room
from ..module.engines import resolve_engine
from ..module.magnitude_phase import as_output
from ..module.precision import constant, split_constant
from ..module.shapes import as_real_pairs, check_frames, flatten_pairs, flatten_waveform, restore_leading
from ..module.transform import frozen, parameter
from .by_factors import product_adjoint, product_spectrum, product_synthesis
from .by_fft import spectrum, spectrum_adjoint, synthesis
from .by_kernels import kernel_adjoint, kernel_spectrum, kernel_synthesis
from .design_factors import products_pay
from .design_interpolation import interpolated_fourier
from .design_invertibility import obstacle_to_inversion
from .design_kernels import FREQ_SCALES, fourier_bins, fourier_kernels
from .filtered_spectra import FrameFilters, framed_product
from .framed_transform import FramedTransform
from .onesided import check_length, onesided_bins

OUTPUT_FORMATS = ("Complex", "Magnitude", "Phase")


class STFT(FramedTransform):
    """Short-time Fourier transform of a waveform, on the FFT's own frequencies or any others.

    ``X[k, t] = sum_n window[n] x[t * hop_length + n - pad] exp(-2 pi i f_k n / sr)``, not normalised;
    ``pad = n_fft // 2`` with ``center``, so that frame ``t`` lies around sample ``t * hop_length``.

    Args:
        n_fft: length of a frame, samples, >= 2.
        win_length: length of the window, samples, 1 to ``n_fft``; None means ``n_fft``. A shorter window
            lies in the middle of the frame.
        freq_bins: number of frequencies, >= 1 (at most ``n_fft`` with ``freq_scale="no"``); None means
            ``n_fft // 2 + 1``.
        hop_length: samples between frames, >= 1; None means ``win_length // 4``.
        window: a name or tuple that ``scipy.signal.get_window`` takes.
        freq_scale: ``"no"`` for the frequencies of the FFT, ``k * sr / n_fft``; ``"linear"``, ``"log"``
            or ``"log2"`` for ``freq_bins`` frequencies from ``fmin`` up to, not including, ``fmax``.
        center: pad both ends by half a frame.
        pad_mode: ``"reflect"``, ``"constant"`` (zeros), ``"replicate"`` or ``"circular"``.
        iSTFT: check now, not at the first call of :meth:`inverse`, that hop, window and bins can be
            inverted; on another ``freq_scale`` than ``"no"`` that call raises all the same.
        fmin: lowest frequency, Hz, > 0 for ``"log"``; unused with ``freq_scale="no"``.
        fmax: end of the frequency range, Hz, ``fmin`` to ``sr / 2``; unused with ``freq_scale="no"``.
        sr: sampling rate, Hz, > 0.
        trainable: make the kernels parameters ``wsin`` and ``wcos``.
        output_format: ``"Complex"``, ``"Magnitude"`` or ``"Phase"`` (radians).
        engine: ``"fft"``; ``"conv"``, free of complex numbers: correlation with kernels, which can be
            trained, or, for frozen frames of some 400 samples and more, two matrix products, faster and
            without a table of kernels; or ``"auto"``: conv if trainable, else fft.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``
        returns: ``(..., freq_bins, frames, 2)`` for Complex, else ``(..., freq_bins, frames)``;
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

    # Branches on these are decided when the module is scripted, so that attributes may be missing.
    __constants__ = ["conv", "by_kernels", "by_products", "kernels_inverse", "uniform"]
    __jit_unused_properties__ = ["config", "frequencies"]

    wsin: Tensor
    wcos: Tensor
    dft_window: Tensor
    dft_weights: Tensor

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
        engine: str = "auto",
    ) -> None:
        self.frame_arguments(n_fft, win_length, hop_length, window, center, pad_mode)
        self.freq_scale = require_choice("freq_scale", freq_scale, FREQ_SCALES)
        self.freq_bins = self.n_fft // 2 + 1 if freq_bins is None else require_int("freq_bins", freq_bins, 1)
        self.output_format = require_choice("output_format", output_format, OUTPUT_FORMATS)
        trainable = require_bool("trainable", trainable)
        self.engine = resolve_engine(engine, trainable, "trainable")
        self.conv = self.engine == "conv"
        self.uniform = self.freq_scale == "no"
        pays = self.uniform and not trainable and products_pay(self.n_fft, self.freq_bins)
        self.by_products = self.conv and pays
        self.by_kernels = self.conv and not pays
        self.keep_products(self.n_fft if self.by_products else 0, "n_fft")
        self.sr = require_number("sr", sr, above=0.0)
        low, high = self._checked_range(fmin, fmax)
        # Kernels of n_fft samples, or four parts of an interpolation over as many points.
        require_room("n_fft and freq_bins", self._numbers())
        bins = fourier_bins(self.freq_scale, self.freq_bins, self.n_fft, low, high, self.sr)
        self._frequencies = bins * (self.sr / self.n_fft)
        exact = analysis_window(window, self.win_length, self.n_fft)
        self._build(bins, exact, trainable)

        onesided = self.n_fft // 2 + 1
        # Trained kernels are no kernels of an inverse.
        self.kernels_inverse = (
            self.by_kernels and not trainable and self.uniform and self.freq_bins >= onesided
        )
        # Why this transform cannot be inverted; empty where it can.
        self.obstacle = obstacle_to_inversion(self.freq_scale, self.freq_bins, self.hop_length, exact)
        if require_bool("iSTFT", iSTFT) and self.uniform and self.obstacle:
            raise ValueError(self.obstacle)

    def _checked_range(self, fmin: float, fmax: float) -> Tuple[float, float]:
        if self.uniform:
            if self.freq_bins > self.n_fft:
                raise ValueError(f"freq_bins must be <= n_fft = {self.n_fft}, got {self.freq_bins}")
            return 0.0, 0.0
        low = require_number("fmin", fmin, at_least=0.0)
        if self.freq_scale != "linear":
            low = require_number("fmin", fmin, above=0.0, at_least=1e-9)
        high = require_number("fmax", fmax, above=low)
        if high > self.sr / 2:
            raise ValueError(f"fmax must be <= sr / 2 = {self.sr / 2:g}, got {high:g}")
        return low, high

    def _numbers(self) -> int:
        if self.by_kernels:
            return self.freq_bins * self.n_fft
        return 0 if self.uniform else 4 * self.freq_bins * self.n_fft

    def _build(self, bins: Any, window: Any, trainable: bool) -> None:
        if self.by_kernels:
            wcos, wsin = (torch.from_numpy(k).unsqueeze(1) for k in fourier_kernels(bins, window))
            if trainable:
                self.wsin, self.wcos = parameter(wsin), parameter(wcos)
            else:
                self.constant_buffer("wsin", frozen(wsin))
                self.constant_buffer("wcos", frozen(wcos))
        elif not self.uniform:
            dft = interpolated_fourier(np.asarray(bins), window)
            bands = cut_into_bands(dft.weights)
            self.constant_buffer("dft_window", split_constant(dft.window))
            self.constant_buffer("dft_weights", split_constant(bands.weights))
            self.dft_layout = bands.layout
            self.dft_points = dft.points

    @property
    def frequencies(self) -> Tensor:
        """Frequency of each bin, Hz: ``(freq_bins,)``, float64."""
        return torch.from_numpy(self._frequencies.copy())

    def forward(self, x: Tensor, output_format: Optional[str] = None) -> Tensor:
        """Transform a waveform; see the class."""
        if output_format is None:
            output_format = self.output_format
        X = self.analysis(flatten_waveform(x, self.min_samples))
        return restore_leading(as_output(X, output_format, self.conv), x)

    @torch.jit.export
    def analysis(self, x: Tensor) -> Tensor:
        """The linear map itself.

        Shape:
            x: ``(batch, time)``, float32 or float64
            returns: ``(batch, freq_bins, frames, 2)``
        """
        return self.spectra(x).transpose(1, 2)

    def spectra(self, x: Tensor) -> Tensor:
        """:meth:`analysis` with the frames first: ``(batch, frames, freq_bins, 2)``."""
        if self.by_kernels:
            return kernel_spectrum(self.padded(x), self.wcos, self.wsin, self.hop_length).transpose(1, 2)
        if self.by_products:
            products = self.products_in(x.dtype)
            X = product_spectrum(self.padded(x), self.window_in(x.dtype), products, self.hop_length)
            return self._requested_bins(X)
        if self.uniform:
            X = spectrum(self.padded(x), self.window_in(x.dtype), self.hop_length, self.n_fft)
            return self._requested_bins(X)
        window = constant(self.dft_window, x.dtype)
        weights = constant(self.dft_weights, x.dtype)
        filters = FrameFilters(
            self.pad,
            self.pad_mode,
            self.hop_length,
            self.dft_points,
            self.dft_layout,
            None,
        )
        parts = framed_product(x, window, weights, filters)
        pairs: Tensor = parts.unflatten(-1, [self.freq_bins, 2])
        return pairs

    @torch.jit.export
    def adjoint(self, X: Tensor, length: int) -> Tensor:
        """The transpose of :meth:`analysis`, padding included, spectra seen as pairs of real numbers.

        Shape:
            X: ``(batch, freq_bins, frames, 2)``, float32 or float64, ``frames = n_frames(length)``
            returns: ``(batch, length)``
        """
        check_frames(X.size(2), self.n_frames(length))
        if self.by_kernels:
            y = kernel_adjoint(X, self.wcos, self.wsin, self.hop_length)
        elif self.by_products:
            onesided = self._onesided_adjoint(X.transpose(1, 2))
            y = product_adjoint(onesided, self.window_in(X.dtype), self.products_in(X.dtype), self.hop_length)
        elif self.uniform:
            onesided = self._onesided_adjoint(X.transpose(1, 2))
            y = spectrum_adjoint(onesided, self.window_in(X.dtype), self.hop_length, self.n_fft)
        else:
            window = constant(self.dft_window, X.dtype)
            blocks = filter_blocks(constant(self.dft_weights, X.dtype), self.dft_layout)
            half = self.dft_points // 2 + 1
            parts = banded_transpose(X.transpose(1, 2).flatten(-2), blocks, self.dft_layout, 2 * half)
            y = spectrum_adjoint(parts.unflatten(-1, [half, 2]), window, self.hop_length, self.dft_points)
        padded = length + 2 * self.pad
        y = F.pad(y, [0, padded - y.size(1)])  # samples behind the last frame have no part in it
        return pad_waveform_adjoint(y, self.pad, self.pad_mode)

    def _onesided_adjoint(self, X: Tensor) -> Tensor:
        """The transpose of :meth:`_requested_bins`."""
        onesided = self.n_fft // 2 + 1
        if self.freq_bins <= onesided:
            return F.pad(X, [0, 0, 0, onesided - self.freq_bins])
        above = X[:, :, onesided:].flip(2)
        low = self.n_fft - self.freq_bins + 1
        mirrored = torch.stack([above[..., 0], -above[..., 1]], -1)
        return X[:, :, :onesided] + F.pad(mirrored, [0, 0, low, onesided - low - above.size(2)])

    def _requested_bins(self, X: Tensor) -> Tensor:
        """The first ``freq_bins`` bins of one-sided spectra, those above Nyquist by conjugation."""
        onesided = self.n_fft // 2 + 1
        if self.freq_bins <= onesided:
            return X[:, :, : self.freq_bins]
        mirrored = X[:, :, self.n_fft - self.freq_bins + 1 : (self.n_fft + 1) // 2].flip(2)
        return torch.cat([X, torch.stack([mirrored[..., 0], -mirrored[..., 1]], -1)], 2)

    @torch.jit.export
    def inverse(self, X: Tensor, onesided: bool = True, length: Optional[int] = None) -> Tensor:
        """The waveform whose transform is ``X`` (least squares where no waveform has it).

        The kernels of the inverse are the analytic ones, also where those of the forward transform
        have been trained; :class:`iSTFT` has kernels that one can train.

        Args:
            X: complex spectrogram.
            onesided: whether ``X`` holds ``n_fft // 2 + 1`` bins, or else all ``n_fft``; the ``freq_bins``
                of this transform are taken, too.
            length: samples to return, >= 0; None means as many as the frames cover between the
                paddings. Samples that no frame saw are zero.

        Shape:
            X: ``(..., bins, frames, 2)``
            returns: ``(..., length)``

        Raises:
            RuntimeError: if ``freq_scale`` is not ``"no"``, or bins, hop or window lose the signal.
            ValueError: if ``X`` has the wrong shape.

        Source: Griffin & Lim (1984), eq. 6.
        """
        if len(self.obstacle) > 0:
            raise RuntimeError(self.obstacle)
        X = as_real_pairs(X)
        spectra = flatten_pairs(X)
        if length is not None:
            check_length(length, spectra.size(2) * self.hop_length + self.n_fft)
        spectra = onesided_bins(spectra, self.n_fft, self.freq_bins, onesided)
        n_frames = spectra.size(2)
        window = self.window_in(spectra.dtype)
        if self.kernels_inverse:
            half = spectra.size(1)
            y = kernel_synthesis(spectra, self.wcos[:half], self.wsin[:half], self.hop_length)
        elif self.by_products:
            products = self.products_in(spectra.dtype)
            y = product_synthesis(spectra.transpose(1, 2), window, products, self.hop_length)
        else:
            y = synthesis(spectra.transpose(1, 2), window, self.hop_length, self.n_fft)
        waveform = finish_overlap_add(y, window, n_frames, self.hop_length, self.pad, length)
        return restore_leading(waveform, X, 3)
