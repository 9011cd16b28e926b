"""Base class of the spectrograms over bands: mel and gammatone."""

from typing import Optional

import torch
from torch import Tensor

from ..fourier.filtered_spectra import FrameFilters, filtered_spectra
from ..fourier.stft import STFT
from ..framing.design_window import Window
from ..framing.frame_geometry import FrameGeometry
from ..module.arguments import require_bool, require_number
from ..module.engines import resolve_engine
from .filterbank import Filterbank, band_range


class BandSpectrogram(Filterbank):
    """A mel or gammatone filterbank over the magnitude spectrogram to some power."""

    __jit_unused_properties__ = ["config", "frequencies"]

    def keep_stft(
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
        """Check and keep the shared arguments, and build the STFT."""
        self.sr = require_number("sr", sr, above=0.0)
        trainable_STFT = require_bool("trainable_STFT", trainable_STFT)
        self.engine = resolve_engine(engine, trainable_STFT, "trainable_STFT")
        self.stft = STFT(
            n_fft,
            win_length,
            hop_length=hop_length,
            window=window,
            center=center,
            pad_mode=pad_mode,
            trainable=trainable_STFT,
            engine=self.engine,
        )
        self.n_fft, self.hop_length, self.pad = self.stft.n_fft, self.stft.hop_length, self.stft.pad
        self.min_samples, self.first_centre = self.stft.min_samples, self.stft.first_centre
        self.power = require_number("power", power, above=0.0, at_most=100.0)
        self.fmin, self.fmax = band_range(self.sr, fmin, fmax)

    @property
    def frequencies(self) -> Tensor:
        """Centre of each band, Hz: ``(bands,)``, float64."""
        return torch.from_numpy(self._frequencies.copy())

    @torch.jit.export
    def n_frames(self, time: int) -> int:
        """Frames of a clip of ``time`` samples; see :meth:`nnaudio2_core.STFT.n_frames`."""
        return self.stft.n_frames(time)

    @torch.jit.unused
    def frame_geometry(self) -> FrameGeometry:
        """Place of the frames, for :class:`nnaudio2_core.Stream`."""
        return self.stft.frame_geometry()

    def bands(self, waveform: Tensor, trained: Optional[Tensor], pad: Optional[int] = None) -> Tensor:
        """Outputs of the filterbank for a batch of waveforms; ``pad`` replaces the padding.

        Shape:
            waveform: ``(batch, time)``
            trained: ``(bands, bins)``, or None for the analytic filterbank
            returns: ``(batch, frames, bands)``
        """
        weights = self.filter_weights(trained, waveform.dtype)
        if pad is None:
            pad = self.pad
        filters = FrameFilters(pad, self.stft.pad_mode, self.blocks, self.power)
        return filtered_spectra(waveform, self.stft.fourier(waveform.dtype), weights, filters)
