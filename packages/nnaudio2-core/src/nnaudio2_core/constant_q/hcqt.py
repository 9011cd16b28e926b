"""Harmonic constant-Q transform."""

from typing import TYPE_CHECKING, List, Optional, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..framing.design_window import Window
from ..framing.frame_geometry import FrameGeometry
from ..module.arguments import require_bool, require_choice, require_number
from ..module.plain_values import plain
from ..module.shapes import as_complex, flatten_waveform, restore_leading
from ..module.transform import Transform
from .constant_q_transform import DirectConstantQ, require_norm
from .design_bins import Floats, constant_q_frequencies
from .design_harmonics import harmonic_bins, missing_harmonics
from .harmonics import require_harmonics, rows_of_harmonics


class HCQT(Transform):
    """Harmonic constant-Q transform: one CQT for each harmonic, all from one filter bank.

    Harmonic ``h`` is the :class:`CQT` from ``h * fmin`` on, so that a note and its partials lie at the same
    bin of all harmonics. Harmonics that share bins share their kernels, and bins above ``sr / 2`` are 0.

    Args:
        sr: sampling rate, Hz, > 0.
        hop_length: samples between frames, >= 1.
        harmonics: increasing factors on the frequencies, > 0; below 1 for subharmonics.
        fmin: centre of the lowest bin of harmonic 1, Hz, > 0.
        n_bins: bins of each harmonic, >= 1.
        bins_per_octave: bins in each octave, 0.01 to 1e5.
        filter_scale: factor on all filter lengths, 1e-6 to 1e6.
        norm: as in :class:`CQT`.
        gamma: bandwidth added to every bin, Hz, >= 0: 0 for constant Q.
        window: a name or tuple that ``scipy.signal.get_window`` takes.
        center: pad both ends so that frame ``n`` is centred on sample ``n * hop_length``.
        pad_mode: ``"reflect"``, ``"constant"`` (zeros), ``"replicate"`` or ``"circular"``.
        tuning: bins by which all frequencies are shifted, -1 to 1.
        trainable: make the kernels parameters, ``bank.cqt_kernels_real`` and ``bank.cqt_kernels_imag``.
        output_format: ``"Magnitude"`` or ``"Complex"``.
        return_complex: with ``"Complex"``, return a complex tensor.
        log: ``"none"``, or ``"db"``: ``20 log10`` of the magnitude.
        floor: least magnitude before the logarithm, 1e-37 to 1e37.
        frames_last: False moves the frames before the harmonics.
        engine: ``"fft"``, ``"real"`` or ``"auto"``: real if trainable, else fft.
        tolerance: as in :class:`CQT`.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``
        returns: ``(..., harmonics, n_bins, frames)`` for Magnitude (or complex), else with a last axis of 2;
            ``frames = 1 + time // hop_length`` with ``center``

    Raises:
        ValueError: for an argument out of range, a harmonic above ``sr / 2``, or a clip shorter than
            ``min_samples``.
        TypeError: for audio that is not of a floating type.

    Example:
        >>> import torch
        >>> hcqt = HCQT(sr=22050, harmonics=(0.5, 1, 2, 3), bins_per_octave=36, n_bins=216)
        >>> hcqt(torch.randn(2, 44100)).shape
        torch.Size([2, 4, 216, 87])
        >>> hcqt.bank.n_bins  # of 864: harmonics 0.5, 1 and 2 share theirs
        504

    Source: Bittner, McFee, Salamon, Li & Bello (2017), "Deep salience representations for F0 estimation in
    polyphonic music", section 3.1.
    """

    __jit_unused_properties__ = ["config", "frequencies"]

    places: Tensor

    def __init__(
        self,
        sr: float = 22050,
        hop_length: int = 512,
        *,
        harmonics: Sequence[float] = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0),
        fmin: float = 32.70,
        n_bins: int = 72,
        bins_per_octave: float = 12,
        filter_scale: float = 1,
        norm: Optional[float] = 1,
        gamma: Optional[float] = 0,
        window: Window = "hann",
        center: bool = True,
        pad_mode: str = "reflect",
        tuning: float = 0.0,
        trainable: bool = False,
        output_format: str = "Magnitude",
        return_complex: bool = False,
        log: str = "none",
        floor: float = 1e-10,
        frames_last: bool = True,
        engine: str = "auto",
        tolerance: float = 2e-7,
    ) -> None:
        super().__init__()
        factors = require_harmonics(harmonics)
        self.output_format = require_choice("output_format", output_format, ("Magnitude", "Complex"))
        self.complex = require_bool("return_complex", return_complex)
        if self.complex and self.output_format != "Complex":
            raise ValueError("return_complex must be False with output_format='Magnitude', got True")
        self.in_decibels = require_choice("log", log, ("none", "db")) == "db"
        if self.in_decibels and self.output_format != "Magnitude":
            raise ValueError("log must be 'none' with output_format='Complex', got 'db'")
        self.floor = require_number("floor", floor, 0.0, 1e-37, 1e37)
        self.frames_last = require_bool("frames_last", frames_last)
        self.bank = HarmonicBank(
            sr,
            hop_length,
            factors,
            fmin,
            n_bins,
            bins_per_octave,
            filter_scale,
            norm,
            gamma,
            window,
            center,
            pad_mode,
            tuning,
            trainable,
            engine,
            tolerance,
        )
        self.sr, self.hop_length, self.engine = self.bank.sr, self.bank.hop_length, self.bank.engine
        self.min_samples, self.first_centre = self.bank.min_samples, self.bank.first_centre
        self.tolerance = self.bank.tolerance
        self.n_harmonics, self.n_bins = self.bank.places.shape
        self.has_gaps = bool((self.bank.places == self.bank.n_bins).any())
        self._frequencies = self.bank.fundamentals
        self.constant_buffer("places", torch.from_numpy(self.bank.places.flatten()))

    @property
    def frequencies(self) -> Tensor:
        """Centre of each bin of harmonic 1, Hz: ``(n_bins,)``, float64."""
        return torch.from_numpy(self._frequencies.copy())

    @torch.jit.export
    def n_frames(self, time: int) -> int:
        """Frames of a clip of ``time`` samples; see :meth:`CQT.n_frames`."""
        return self.bank.n_frames(time)

    def forward(self, x: Tensor) -> Tensor:
        """Transform a waveform; see the class."""
        waveform = flatten_waveform(x, self.min_samples)
        return restore_leading(self._of_harmonics(self.bank.coefficients(waveform), waveform), x)

    @torch.jit.unused
    def frame_geometry(self) -> FrameGeometry:
        """Place of the frames, for :class:`nnaudio2_core.Stream`."""
        return self.bank.frame_geometry()

    def frames_of(self, x: Tensor) -> Tensor:
        """Frames of a stretch of a padded clip; see :meth:`nnaudio2_core.STFT.frames_of`."""
        return self._of_harmonics(self.bank.coefficients_of(x), x)

    def _of_harmonics(self, X: Tensor, x: Tensor) -> Tensor:
        """``(batch, bins of the bank, frames, 2)`` to the bins of each harmonic, in the output format."""
        y = self.bank.finish(X, x, self.output_format, "librosa", False)
        y = rows_of_harmonics(y, self.places, self.n_harmonics, self.has_gaps)
        if self.in_decibels:
            y = 20.0 * y.clamp(min=self.floor).log10()
        if not self.frames_last:
            y = y.movedim(3, 1)
        return as_complex(y) if self.complex else y


class HarmonicBank(DirectConstantQ):
    """The bins of all harmonics, each once, by exact kernels."""

    if TYPE_CHECKING:  # TorchScript would take them into the scripted module
        fundamentals: Floats
        places: npt.NDArray[np.int64]

    def __init__(
        self,
        sr: float,
        hop_length: int,
        harmonics: List[float],
        fmin: float,
        n_bins: int,
        bins_per_octave: float,
        filter_scale: float,
        norm: Optional[float],
        gamma: Optional[float],
        window: Window,
        center: bool,
        pad_mode: str,
        tuning: float,
        trainable: bool,
        engine: str,
        tolerance: float,
    ) -> None:
        super().__init__()
        self.constant_q_arguments(
            sr,
            hop_length,
            fmin,
            None,
            n_bins,
            bins_per_octave,
            filter_scale,
            pad_mode,
            "Complex",
            window=window,
            gamma=gamma,
            tuning=tuning,
        )
        self.fundamentals = constant_q_frequencies(self.fmin, self.n_bins, self.bins_per_octave)
        bins = harmonic_bins(self.fmin, self.n_bins, self.bins_per_octave, harmonics, self.sr / 2)
        above = missing_harmonics(bins.places, bins.frequencies.size)
        if above:
            raise ValueError(
                f"harmonics must have bins up to sr / 2 = {self.sr / 2:g} Hz, got {harmonics[above[0]]:g} "
                f"with fmin = {self.fmin:g}"
            )
        self.places, self._frequencies = bins.places, bins.frequencies
        self.n_bins = bins.frequencies.size
        norm = require_norm("norm", norm)
        self.build(norm, window, plain(gamma), "integer", True, center, trainable, engine, tolerance)
