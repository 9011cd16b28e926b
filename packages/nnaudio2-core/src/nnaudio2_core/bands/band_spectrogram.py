"""What the spectrograms over a filterbank share: mel and gammatone."""

from typing import Optional

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..block_sparse.design_blocks import cut_into_bands
from ..block_sparse.products import banded_product, filter_blocks
from ..fourier.filtered_spectra import FrameFilters, framed_product
from ..fourier.framed_transform import FramedTransform
from ..fourier.stft import STFT
from ..framing.design_window import Window
from ..module.arguments import require_bool, require_number
from ..module.engines import resolve_engine
from ..module.magnitude_phase import spectral_power
from ..module.precision import constant, split_constant
from ..module.transform import parameter


class FilterbankSpectrogram(FramedTransform):
    """A filterbank over the magnitude spectrogram to some power."""

    __constants__ = ["conv"]

    weights: Tensor

    def check_filterbank(
        self,
        sr: float,
        n_fft: int,
        win_length: Optional[int],
        hop_length: int,
        window: Window,
        center: bool,
        pad_mode: str,
        power: float,
        fmin: float,
        fmax: Optional[float],
        trainable_STFT: bool,
        engine: str,
    ) -> None:
        """Check the shared arguments, keep them, and build the STFT if kernels are wanted."""
        self.sr = require_number("sr", sr, above=0.0)
        self.frame_arguments(n_fft, win_length, hop_length, window, center, pad_mode)
        self.power = require_number("power", power, above=0.0, at_most=100.0)
        self.fmin = require_number("fmin", fmin, at_least=0.0)
        self.fmax = self.sr / 2 if fmax is None else require_number("fmax", fmax, above=self.fmin)
        if self.fmax > self.sr / 2:
            raise ValueError(f"fmax must be <= sr / 2 = {self.sr / 2:g}, got {self.fmax:g}")
        if not self.fmin < self.fmax:
            raise ValueError(f"fmin must be < fmax = {self.fmax:g}, got {self.fmin:g}")
        trainable_STFT = require_bool("trainable_STFT", trainable_STFT)
        self.engine = resolve_engine(engine, trainable_STFT, "trainable_STFT")
        self.conv = self.engine == "conv"
        if self.conv:
            self.stft = STFT(
                n_fft,
                win_length,
                hop_length=hop_length,
                window=window,
                center=center,
                pad_mode=pad_mode,
                trainable=trainable_STFT,
                engine="conv",
            )

    def keep_filterbank(self, filterbank: npt.NDArray[np.float64], name: str, trainable: bool) -> None:
        """Keep the filterbank, ``(bands, bins)``: whole as a parameter, or as blocks without its zeros."""
        if not np.isfinite(filterbank).all():
            raise ValueError(
                f"fmin and fmax must be farther apart, at an sr nearer to theirs, got {self.fmin:g} and "
                f"{self.fmax:g} with sr = {self.sr:g}"
            )
        n_bands, n_bins = filterbank.shape
        if trainable:
            self.register_parameter(name, parameter(torch.from_numpy(filterbank)))
            self.constant_buffer("weights", torch.zeros(2, 0))
            self.layout = [0, n_bins, 0, n_bands]
        else:
            self.register_parameter(name, None)
            bands = cut_into_bands(filterbank)
            self.constant_buffer("weights", split_constant(bands.weights))
            self.layout = bands.layout

    def bands(self, waveform: Tensor, trained: Optional[Tensor]) -> Tensor:
        """Filterbank of a batch of waveforms.

        Shape:
            waveform: ``(batch, time)``
            trained: ``(bands, bins)``, or None for the analytic filterbank
            returns: ``(batch, frames, bands)``
        """
        if trained is None:
            weights = constant(self.weights, waveform.dtype)
        else:
            weights = trained.to(waveform.dtype).t().flatten()
        if self.conv:
            if self.stft.by_kernels:  # which give bins first: half as many numbers to turn after the squares
                spectrogram = spectral_power(self.stft.analysis(waveform), self.power, True).transpose(1, 2)
            else:
                spectrogram = spectral_power(self.stft.spectra(waveform), self.power, True)
            return banded_product(spectrogram, filter_blocks(weights, self.layout), self.layout)
        filters = FrameFilters(self.pad, self.pad_mode, self.hop_length, self.n_fft, self.layout, self.power)
        return framed_product(waveform, self.window_in(waveform.dtype), weights, filters)
