"""Harmonic constant-Q transform by moved copies of one constant-Q transform, as Basic Pitch computes it."""

from typing import Sequence

import torch
from torch import Tensor

from ..module.arguments import require_bool, require_int, require_memory, require_number
from ..module.shapes import flatten_waveform, restore_leading
from ..module.transform import Transform
from .cqt2010 import CQT2010v2
from .design_harmonics import missing_harmonics, moved_bins
from .harmonics import require_harmonics, rows_of_harmonics


class StackedCQT(Transform):
    """Harmonic constant-Q spectrogram: copies of one :class:`CQT2010v2`, in decibels scaled to 0 to 1.

    The decibels of each clip are scaled to 0 to 1 by its own least and greatest value; then ``mean`` is
    subtracted and the result divided by ``deviation``. The copy of harmonic ``h`` is moved down by
    ``round(bins_per_octave * log2(h))`` bins, so that a note and its partials lie at the same bin of all
    copies; bins that the transform does not have are 0. :class:`HCQT` computes each harmonic at its exact
    frequencies instead. ``front_end("basic-pitch")`` adds the mean, the deviation and the order of axes of
    that model.

    Args:
        sr: sampling rate, Hz, > 0.
        hop_length: samples between frames, >= 1, a multiple of ``2 ** (octaves - 1)``, where ``octaves`` is
            ``ceil(cqt_bins / bins_per_octave)``.
        harmonics: increasing factors on the frequencies, > 0; below 1 for subharmonics.
        fmin: centre of the lowest bin of harmonic 1, Hz, > 0.
        n_bins: bins of each copy, >= 1.
        bins_per_octave: bins in each octave, whole, >= 1.
        cqt_bins: bins of the transform that is copied, from ``fmin`` up, >= 1.
        floor: power added before the logarithm, 1e-12 to 1e12.
        mean: subtracted from the scaled decibels.
        deviation: then divides them, > 0.
        pad_mode: ``"reflect"``, ``"constant"`` (zeros), ``"replicate"`` or ``"circular"``, in every octave.
        trainable: make the kernels parameters, ``cqt.cqt_kernels_real`` and ``cqt.cqt_kernels_imag``.
        frames_last: False moves the frames before all other axes of a clip.
        harmonics_last: move the harmonics behind all other axes.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``
        returns: ``(..., harmonics, n_bins, frames)``, ``frames = 1 + time // hop_length``; with
            ``frames_last=False`` and ``harmonics_last=True`` ``(..., frames, n_bins, harmonics)``

    Raises:
        ValueError: for an argument out of range, a harmonic without a bin, a top bin above ``sr / 2``, or a
            clip shorter than ``min_samples``.
        TypeError: for audio that is not of a floating type.

    Example:
        >>> import torch
        >>> stacked = StackedCQT(sr=22050, harmonics=(0.5, 1, 2, 3))
        >>> stacked(torch.randn(2, 43844)).shape
        torch.Size([2, 4, 264, 172])

    Source: Bittner, Bosch, Rubinstein, Meseguer-Brocal & Ewert (2022), "A lightweight instrument-agnostic
    model for polyphonic note transcription and multipitch estimation", section 2.1.
    """

    __jit_unused_properties__ = ["config", "frequencies"]

    places: Tensor

    def __init__(
        self,
        sr: float = 22050,
        hop_length: int = 256,
        *,
        harmonics: Sequence[float] = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0),
        fmin: float = 27.5,
        n_bins: int = 264,
        bins_per_octave: int = 36,
        cqt_bins: int = 309,
        floor: float = 1e-10,
        mean: float = 0.0,
        deviation: float = 1.0,
        pad_mode: str = "reflect",
        trainable: bool = False,
        frames_last: bool = True,
        harmonics_last: bool = False,
    ) -> None:
        super().__init__()
        factors = require_harmonics(harmonics)
        self.n_harmonics = len(factors)
        self.n_bins = require_int("n_bins", n_bins, 1)
        require_memory("n_bins or harmonics", self.n_harmonics * self.n_bins)
        cqt_bins = require_int("cqt_bins", cqt_bins, 1)
        self.floor = require_number("floor", floor, 0.0, 1e-12, 1e12)
        self.mean = require_number("mean", mean, at_least=-1e37, at_most=1e37)
        self.deviation = require_number("deviation", deviation, 0.0, 1e-37, 1e37)
        self.frames_last = require_bool("frames_last", frames_last)
        self.harmonics_last = require_bool("harmonics_last", harmonics_last)
        self.cqt = CQT2010v2(
            sr,
            hop_length,
            fmin=fmin,
            n_bins=cqt_bins,
            bins_per_octave=bins_per_octave,
            pad_mode=pad_mode,
            trainable=trainable,
        )
        self.sr, self.hop_length = self.cqt.sr, self.cqt.hop_length
        self.min_samples, self.first_centre = self.cqt.min_samples, self.cqt.first_centre
        places = moved_bins(factors, self.n_bins, cqt_bins, self.cqt.bins_per_octave)
        missing = missing_harmonics(places, cqt_bins)
        if missing:
            raise ValueError(
                f"harmonics must have bins among cqt_bins = {cqt_bins}, got {factors[missing[0]]:g}"
            )
        self.has_gaps = bool((places == cqt_bins).any())
        self.constant_buffer("places", torch.from_numpy(places.flatten()))

    @property
    def frequencies(self) -> Tensor:
        """Centre of each bin of harmonic 1, Hz: ``(n_bins,)``, float64."""
        octaves = torch.arange(self.n_bins, dtype=torch.float64) / self.cqt.bins_per_octave
        return self.cqt.fmin * 2.0**octaves

    @torch.jit.export
    def n_frames(self, time: int) -> int:
        """Frames of a clip of ``time`` samples; see :meth:`CQT2010v2.n_frames`."""
        return self.cqt.n_frames(time)

    def forward(self, x: Tensor) -> Tensor:
        """Transform a waveform; see the class."""
        power = self.cqt.coefficients(flatten_waveform(x, self.min_samples)).square().sum(-1)
        # Decibels up to a factor and an offset, which the scaling removes. What exceeds float32 is cut.
        level = (power / self.floor).clamp(max=1e38).log1p()
        level = level - level.amin((1, 2), keepdim=True)
        largest = level.amax((1, 2), keepdim=True)
        # A range within the round-off of the floor is not stretched to 1.
        y = (level / torch.where(largest > 6e-8, largest, 1.0) - self.mean) / self.deviation
        y = rows_of_harmonics(y, self.places, self.n_harmonics, self.has_gaps)
        if not self.frames_last:
            y = y.movedim(3, 1)
        if self.harmonics_last:
            y = y.movedim(1 if self.frames_last else 2, 3)
        return restore_leading(y, x)
