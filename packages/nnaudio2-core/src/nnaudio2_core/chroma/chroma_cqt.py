"""Chroma of the constant-Q transform."""

import math
from typing import Optional, Union

import torch
from torch import Tensor

from ..constant_q.cqt import CQT
from ..framing.design_window import Window
from ..framing.frame_geometry import FrameGeometry
from ..module.arguments import MOST_BANDS, require_int, require_number
from ..module.precision import constant, matmul, split_constant
from ..module.shapes import flatten_waveform, restore_leading
from ..module.transform import Transform
from .design_chroma import constant_q_classes
from .frame_norm import normalized_frames, require_frame_norm


class ChromaCQT(Transform):
    """Energy by pitch class: the magnitudes of a constant-Q transform, summed over the octaves.

    The bins around each class are added up, in every octave alike; then each frame is divided by its norm.
    Class 0 is C.

    Args:
        sr: sampling rate, Hz, > 0.
        hop_length: samples between frames, >= 1.
        fmin: centre of the lowest bin, Hz, > 0: one of the classes.
        n_chroma: number of classes in an octave, >= 1.
        n_octaves: octaves above ``fmin``, >= 1.
        bins_per_octave: bins in each octave, a multiple of ``n_chroma``.
        norm: ``"max"`` divides each frame by its largest class, a number >= 1 by the norm of that order, None
            leaves it.
        floor: least norm to divide by, 1e-15 to 1e15: quieter frames stay small. The default is about
            the magnitude of a sine 90 dB below full scale.
        filter_scale: as in :class:`CQT`, and so are the arguments that follow.
        basis_norm: as ``norm`` of :class:`CQT`.
        window: a name or tuple that ``scipy.signal.get_window`` takes.
        center: pad both ends.
        pad_mode: ``"reflect"``, ``"constant"`` (zeros), ``"replicate"`` or ``"circular"``.
        tuning: bins by which all frequencies are shifted, -1 to 1.
        filter_lengths: ``"integer"``, or ``"fractional"`` for librosa's kernels.
        trainable: make the kernels parameters, ``cqt.cqt_kernels_real`` and ``cqt.cqt_kernels_imag``.
        engine: ``"fft"``, ``"real"`` or ``"auto"``: real if trainable, else fft.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``
        returns: ``(..., n_chroma, frames)``, ``frames = 1 + time // hop_length`` with ``center``

    Raises:
        ValueError: for an argument out of range, or a clip shorter than ``min_samples``.
        TypeError: for audio that is not of a floating type.

    Example:
        >>> import torch
        >>> x = torch.sin(2 * torch.pi * 440 * torch.arange(44100) / 22050)
        >>> ChromaCQT(sr=22050)(x)[:, 40].argmax()  # A is nine semitones above C
        tensor(9)

    Source: Fujishima (1999), pitch class profiles; ``librosa.feature.chroma_cqt`` pads with zeros, and
    estimates the tuning of each clip.
    """

    matrix: Tensor

    def __init__(
        self,
        sr: float = 22050,
        hop_length: int = 512,
        *,
        fmin: float = 32.70,
        n_chroma: int = 12,
        n_octaves: int = 7,
        bins_per_octave: int = 36,
        norm: Union[str, float, None] = "max",
        floor: float = 1e-3,
        filter_scale: float = 1,
        basis_norm: Optional[float] = 1,
        window: Window = "hann",
        center: bool = True,
        pad_mode: str = "reflect",
        tuning: float = 0.0,
        filter_lengths: str = "integer",
        trainable: bool = False,
        engine: str = "auto",
    ) -> None:
        super().__init__()
        self.n_chroma = require_int("n_chroma", n_chroma, 1)
        octaves = require_int("n_octaves", n_octaves, 1)
        per_octave = require_int("bins_per_octave", bins_per_octave, 1, MOST_BANDS)
        if per_octave % self.n_chroma:
            raise ValueError(
                f"bins_per_octave must be a multiple of n_chroma = {self.n_chroma}, got {per_octave}"
            )
        rate = require_number("sr", sr, above=0.0, at_most=1e12)
        low = require_number("fmin", fmin, above=0.0, at_least=1e-6)
        tuned = require_number("tuning", tuning, at_least=-1.0, at_most=1.0)
        most = math.floor(math.log2(rate / 2 / low) + (1 - tuned) / per_octave)
        if octaves > most:
            raise ValueError(
                f"n_octaves must be <= {most}, or the top bin exceeds sr / 2 = {rate / 2:g} Hz, "
                f"got {octaves} from fmin = {low:g}"
            )
        self.order = require_frame_norm(norm)
        self.floor = require_number("floor", floor, at_least=1e-15, at_most=1e15)
        self.cqt = CQT(
            sr,
            hop_length,
            fmin=fmin,
            n_bins=octaves * per_octave,
            bins_per_octave=per_octave,
            filter_scale=filter_scale,
            norm=basis_norm,
            window=window,
            center=center,
            pad_mode=pad_mode,
            tuning=tuning,
            filter_lengths=filter_lengths,
            trainable=trainable,
            engine=engine,
        )
        self.sr, self.hop_length, self.engine = self.cqt.sr, self.cqt.hop_length, self.cqt.engine
        self.min_samples, self.first_centre = self.cqt.min_samples, self.cqt.first_centre
        self.tolerance = self.cqt.tolerance
        classes = constant_q_classes(self.cqt.n_bins, per_octave, self.n_chroma, low)
        self.constant_buffer("matrix", split_constant(classes.T))

    @torch.jit.export
    def n_frames(self, time: int) -> int:
        """Frames of a clip of ``time`` samples; see :meth:`CQT.n_frames`."""
        return self.cqt.n_frames(time)

    def forward(self, x: Tensor) -> Tensor:
        """Transform a waveform; see the class."""
        return restore_leading(self._classes(self.cqt(flatten_waveform(x, self.min_samples))), x)

    @torch.jit.unused
    def frame_geometry(self) -> FrameGeometry:
        """Place of the frames, for :class:`nnaudio2_core.Stream`."""
        return self.cqt.frame_geometry()

    def frames_of(self, x: Tensor) -> Tensor:
        """Frames of a stretch of a padded clip; see :meth:`nnaudio2_core.STFT.frames_of`."""
        return self._classes(self.cqt.frames_of(x))

    def _classes(self, S: Tensor) -> Tensor:
        """``(batch, n_bins, frames)`` to ``(batch, n_chroma, frames)``."""
        sums = matmul(S.transpose(1, 2), constant(self.matrix, S.dtype))
        return normalized_frames(sums, self.order, self.floor).transpose(1, 2)
