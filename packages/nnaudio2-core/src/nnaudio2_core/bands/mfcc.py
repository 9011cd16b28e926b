"""Mel-frequency cepstral coefficients."""

import math
from typing import Optional, Union

import torch
from torch import Tensor

from ..framing.design_window import Window
from ..framing.frame_geometry import FrameGeometry
from ..module.arguments import require_int, require_memory, require_number, shown
from ..module.branching import minimum_value
from ..module.graph_capture import capturing_graph
from ..module.precision import constant, matmul, split_constant
from ..module.shapes import flatten_waveform, restore_leading
from ..module.transform import Transform
from .decibels import power_to_db
from .design_mel import cosine_basis
from .mel_spectrogram import MelSpectrogram, require_mel_norm


class MFCC(Transform):
    """Cosine transform of a mel spectrogram in decibels.

    ``10 log10(max(mel, amin) / max(ref, amin))``, floored at ``top_db`` below the maximum of each
    waveform (never of the batch), then the first ``n_mfcc`` terms of a type-II cosine transform over
    the bands.

    Args:
        sr: sampling rate, Hz, > 0.
        n_mfcc: number of coefficients, 1 to ``n_mels``.
        norm: ``"ortho"`` for an orthonormal cosine transform, None for the plain sum times 2.
        ref: power that is 0 dB, > 0.
        amin: least power, 1e-37 to 1e37; quieter bands are raised to it and have a gradient of zero.
        top_db: range of each item below its own maximum, dB, >= 0; None for no floor.
        n_fft: see :class:`MelSpectrogram`, as for all arguments below.
        win_length: length of the window, samples.
        n_mels: number of bands.
        hop_length: samples between frames.
        window: a name or tuple that ``scipy.signal.get_window`` takes, or ``win_length`` samples.
        center: pad both ends by half a frame.
        pad_mode: ``"reflect"``, ``"constant"``, ``"replicate"`` or ``"circular"``.
        power: exponent of the magnitude.
        htk: HTK's mel scale.
        fmin: lower edge of the lowest band, Hz.
        fmax: upper edge of the highest band, Hz.
        mel_norm: ``norm`` of the mel filterbank: ``"slaney"`` or None.
        trainable_mel: make the filterbank a parameter, ``melspec_layer.mel_basis``.
        trainable_STFT: make the Fourier kernels parameters, ``melspec_layer.stft.wsin`` and ``wcos``.
        engine: as in :class:`MelSpectrogram`.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``
        returns: ``(..., n_mfcc, frames)``

    Raises:
        ValueError: for an argument out of range, or a clip shorter than ``min_samples``.
        TypeError: for audio that is not of a floating type.

    Example:
        >>> import torch
        >>> mfcc = MFCC(sr=16000, n_mfcc=13, n_fft=512, hop_length=160, n_mels=40)
        >>> mfcc(torch.randn(2, 16000)).shape
        torch.Size([2, 13, 101])

    Source: Davis & Mermelstein (1980), eq. 1.
    """

    dct: Tensor

    def __init__(
        self,
        sr: float = 22050,
        n_mfcc: int = 20,
        *,
        norm: Optional[str] = "ortho",
        ref: float = 1.0,
        amin: float = 1e-10,
        top_db: Optional[float] = 80.0,
        n_fft: int = 2048,
        win_length: Optional[int] = None,
        n_mels: int = 128,
        hop_length: int = 512,
        window: Window = "hann",
        center: bool = True,
        pad_mode: str = "reflect",
        power: float = 2.0,
        htk: bool = False,
        fmin: float = 0.0,
        fmax: Optional[float] = None,
        mel_norm: Union[str, int, None] = "slaney",
        trainable_mel: bool = False,
        trainable_STFT: bool = False,
        engine: str = "auto",
    ) -> None:
        super().__init__()
        self.n_mfcc = require_int("n_mfcc", n_mfcc, 1)
        if not (norm is None or (isinstance(norm, str) and norm == "ortho")):
            raise ValueError(f"norm must be 'ortho' or None, got {shown(norm)}")
        require_mel_norm("mel_norm", mel_norm)
        self.ref = require_number("ref", ref, above=0.0)
        self.amin = require_number("amin", amin, 0.0, 1e-37, 1e37)
        self.top_db = None if top_db is None else require_number("top_db", top_db, at_least=0.0)
        self.melspec_layer = MelSpectrogram(
            sr,
            n_fft,
            win_length=win_length,
            n_mels=n_mels,
            hop_length=hop_length,
            window=window,
            center=center,
            pad_mode=pad_mode,
            power=power,
            htk=htk,
            fmin=fmin,
            fmax=fmax,
            norm=mel_norm,
            trainable_mel=trainable_mel,
            trainable_STFT=trainable_STFT,
            engine=engine,
        )
        n_mels = self.melspec_layer.n_mels
        if self.n_mfcc > n_mels:
            raise ValueError(f"n_mfcc must be <= n_mels = {n_mels}, got {self.n_mfcc}")
        require_memory("n_mfcc and n_mels", self.n_mfcc * n_mels)
        self.sr, self.hop_length = self.melspec_layer.sr, self.melspec_layer.hop_length
        self.engine, self.min_samples = self.melspec_layer.engine, self.melspec_layer.min_samples
        self.first_centre = self.melspec_layer.first_centre
        self.constant_buffer("dct", split_constant(cosine_basis(self.n_mfcc, n_mels, norm).T))

    @torch.jit.export
    def n_frames(self, time: int) -> int:
        """Frames of a clip of ``time`` samples; see :meth:`MelSpectrogram.n_frames`."""
        return self.melspec_layer.n_frames(time)

    def _decibels(self, waveform: Tensor, pad: Optional[int]) -> Tensor:
        """Decibels of the bands, ``(batch, frames, n_mels)``, of a waveform ``(batch, time)``."""
        # Whether powers overflowed cannot be asked in a graph, and is not worth waiting for a GPU.
        if capturing_graph() or waveform.device.type != "cpu":
            return self._decibels_of_loud(waveform, pad)
        bands = self.melspec_layer.bands(waveform, self.melspec_layer.mel_basis, pad)
        if minimum_value(-bands.detach()) > -math.inf:
            return power_to_db(bands, self.ref, self.amin, self.top_db)
        return self._decibels_of_loud(waveform, pad)

    def _decibels_of_loud(self, waveform: Tensor, pad: Optional[int]) -> Tensor:
        """Decibels of the bands; items so loud that powers may overflow are divided by their excess first.

        Shape:
            waveform: ``(batch, time)``
            returns: ``(batch, frames, n_mels)``
        """
        power = self.melspec_layer.power
        loud = 10.0 ** (34.0 / power) / self.melspec_layer.n_fft
        excess = waveform.detach().abs().amax(-1, keepdim=True) / loud
        excess = torch.where((excess > 1.0) & (excess < math.inf), excess, 1.0)
        bands = self.melspec_layer.bands(waveform / excess, self.melspec_layer.mel_basis, pad)
        gain = (10.0 * power) * torch.log10(excess)
        return power_to_db(bands, self.ref, self.amin, self.top_db, gain.unsqueeze(-1))

    def forward(self, x: Tensor) -> Tensor:
        """Transform a waveform; see the class."""
        waveform = flatten_waveform(x, self.min_samples)
        return restore_leading(self._coefficients(waveform, None), x)

    @torch.jit.unused
    def frame_geometry(self) -> FrameGeometry:
        """Place of the frames, for :class:`nnaudio2_core.Stream`.

        Raises:
            ValueError: with a ``top_db``, which refers to the maximum of the whole clip.
        """
        if self.top_db is not None:
            raise ValueError(
                f"top_db must be None to stream, got {self.top_db:g}: it refers to the maximum of the whole "
                "clip; amin is a floor that streams"
            )
        return self.melspec_layer.frame_geometry()

    def frames_of(self, x: Tensor) -> Tensor:
        """Frames of a stretch of a padded clip; see :meth:`nnaudio2_core.STFT.frames_of`."""
        return self._coefficients(x, 0)

    def _coefficients(self, waveform: Tensor, pad: Optional[int]) -> Tensor:
        """``(batch, time)`` to ``(batch, n_mfcc, frames)``; ``pad`` as in :meth:`BandSpectrogram.bands`."""
        decibels = self._decibels(waveform, pad)
        return matmul(decibels, constant(self.dct, waveform.dtype)).transpose(1, 2)
