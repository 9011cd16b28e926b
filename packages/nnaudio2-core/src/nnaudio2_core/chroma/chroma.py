"""Chroma of the STFT."""

from typing import TYPE_CHECKING, Optional, Union

from torch import Tensor

from ..bands.band_spectrogram import BandSpectrogram
from ..framing.design_window import Window
from ..module.arguments import MOST_BANDS, require_bool, require_int, require_memory, require_number
from ..module.shapes import flatten_waveform, restore_leading
from .design_chroma import chroma_filterbank
from .frame_norm import largest_class, normalized_frames, require_frame_norm


class Chroma(BandSpectrogram):
    """Energy by pitch class: the bins of an STFT, summed over the octaves.

    The magnitude of the STFT to the power ``power``, times the filterbank of
    :func:`nnaudio2_core.chroma.design_chroma.chroma_filterbank`; then each frame is divided by its norm.
    Class 0 is C.

    Args:
        sr: sampling rate, Hz, > 0.
        n_fft: length of a frame, samples, >= 2.
        win_length: length of the window, samples, 1 to ``n_fft``; None means ``n_fft``.
        n_chroma: number of classes in an octave, >= 1.
        hop_length: samples between frames, >= 1.
        window: a name or tuple that ``scipy.signal.get_window`` takes, or ``win_length`` samples.
        center: pad both ends by half a frame.
        pad_mode: ``"reflect"``, ``"constant"`` (zeros), ``"replicate"`` or ``"circular"``.
        power: exponent of the magnitude, > 0, at most 100: 1 for magnitude, 2 for power.
        tuning: deviation of A440, classes, -1 to 1; :func:`estimate_tuning` measures it.
        ctroct: middle of the bell that weights the octaves, octaves above A0, -20 to 20.
        octwidth: its standard deviation, octaves, 0.01 to 1000; None for equal weights.
        norm: ``"max"`` divides each frame by its largest class, a number >= 1 by the norm of that order, None
            leaves it.
        floor: least norm to divide by, 1e-15 to 1e15: quieter frames stay small.
        one_hot: return 1 for the largest class of each frame and 0 for the others, without a gradient.
        frames_last: ``(n_chroma, frames)`` instead of ``(frames, n_chroma)``.
        trainable_chroma: make the filterbank a parameter, ``chroma_basis``, ``(n_chroma, n_fft // 2 + 1)``.
        trainable_STFT: make the Fourier kernels parameters, ``stft.wsin`` and ``stft.wcos``.
        engine: ``"fft"``, ``"real"`` (without complex numbers), or ``"auto"``: real if kernels are trainable,
            else fft.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``
        returns: ``(..., n_chroma, frames)``, ``frames = 1 + (time + 2 * pad - n_fft) // hop_length``

    Raises:
        ValueError: for an argument out of range, or a clip shorter than ``min_samples``.
        TypeError: for audio that is not of a floating type.

    Example:
        >>> import torch
        >>> x = torch.sin(2 * torch.pi * 440 * torch.arange(22050) / 22050)
        >>> Chroma(sr=22050)(x)[:, 20].argmax()  # A is nine semitones above C
        tensor(9)

    Source: Ellis (2007), "Chroma feature analysis and synthesis". ``librosa.feature.chroma_stft`` pads with
    zeros, and estimates the tuning of each clip.
    """

    if TYPE_CHECKING:  # at run time the tracer would take the parameter for one that may be None
        chroma_basis: Optional[Tensor]

    def __init__(
        self,
        sr: float = 22050,
        n_fft: int = 2048,
        *,
        win_length: Optional[int] = None,
        n_chroma: int = 12,
        hop_length: int = 512,
        window: Window = "hann",
        center: bool = True,
        pad_mode: str = "reflect",
        power: float = 2.0,
        tuning: float = 0.0,
        ctroct: float = 5.0,
        octwidth: Optional[float] = 2.0,
        norm: Union[str, float, None] = "max",
        floor: float = 1e-6,
        one_hot: bool = False,
        frames_last: bool = True,
        trainable_chroma: bool = False,
        trainable_STFT: bool = False,
        engine: str = "auto",
    ) -> None:
        super().__init__()
        self.n_chroma = require_int("n_chroma", n_chroma, 1, MOST_BANDS)
        tuning = require_number("tuning", tuning, at_least=-1.0, at_most=1.0)
        ctroct = require_number("ctroct", ctroct, at_least=-20.0, at_most=20.0)
        if octwidth is not None:
            octwidth = require_number("octwidth", octwidth, at_least=0.01, at_most=1000.0)
        self.order = require_frame_norm(norm)
        self.floor = require_number("floor", floor, at_least=1e-15, at_most=1e15)
        self.one_hot = require_bool("one_hot", one_hot)
        self.frames_last = require_bool("frames_last", frames_last)
        self.keep_stft(
            sr,
            n_fft,
            win_length,
            hop_length,
            window,
            center,
            pad_mode,
            power,
            0.0,
            None,
            trainable_STFT,
            engine,
        )
        require_memory("n_chroma and n_fft", self.n_chroma * self.n_fft)
        filterbank = chroma_filterbank(self.sr, self.n_fft, self.n_chroma, tuning, ctroct, octwidth)
        self.keep_filterbank(filterbank, "chroma_basis", require_bool("trainable_chroma", trainable_chroma))

    @property
    def frequencies(self) -> Tensor:
        """Raise an AttributeError: a pitch class has no frequency."""
        raise AttributeError("Chroma has pitch classes, which have no frequencies")

    def forward(self, x: Tensor) -> Tensor:
        """Transform a waveform; see the class."""
        return restore_leading(self._classes(flatten_waveform(x, self.min_samples), None), x)

    def frames_of(self, x: Tensor) -> Tensor:
        """Frames of a stretch of a padded clip; see :meth:`nnaudio2_core.STFT.frames_of`."""
        return self._classes(x, 0)

    def _classes(self, x: Tensor, pad: Optional[int]) -> Tensor:
        """``(batch, time)`` to the classes of each frame."""
        bands = self.bands(x, self.chroma_basis, pad)
        if self.one_hot:
            y = largest_class(bands)
        else:
            y = normalized_frames(bands, self.order, self.floor)
        return y.transpose(1, 2) if self.frames_last else y
