"""Base class of the waveforms from magnitudes: the fast Griffin-Lim algorithm."""

import math
from typing import Optional

import torch
from torch import Tensor

from ..module.arguments import MOST_STEPS, require_choice, require_int, require_number
from ..module.magnitude_phase import root
from ..module.precision import constant, split_constant, widest
from ..module.shapes import flatten_magnitudes, not_below_zero, restore_leading
from ..module.transform import Transform
from .design_phase_slopes import Floats, phase_slopes
from .inverse_stft import checked_length
from .phases import PhaseSlopes, gradient_angles, random_angles, with_phases_of

STARTS = ("gradient", "random")


class MagnitudeInverse(Transform):
    """A waveform whose transform has nearly the given magnitude.

    A subclass has a linear transform and its inverse, as :meth:`transformed` and :meth:`synthesised`.
    """

    n_bins: int
    hop_length: int
    frame_width: int
    min_frames: int
    engine: str
    slopes: Tensor
    peaks: Tensor
    origins: Tensor

    def keep_steps(self, n_iter: int, momentum: float, power: float, init: str, seed: int) -> None:
        """Check and keep the arguments of the iteration."""
        self.n_iter = require_int("n_iter", n_iter, 0, MOST_STEPS)
        self.momentum = require_number("momentum", momentum, at_least=0.0)
        self.power = require_number("power", power, above=0.0)
        self.init = require_choice("init", init, STARTS)
        self.seed = require_int("seed", seed, 0)

    def keep_bins(
        self, centres: Floats, spreads: Floats, widths: Floats, peaks: Floats, origins: Floats
    ) -> None:
        """Keep what the first phases depend on.

        Args:
            centres: frequencies of the bins, cycles per sample.
            spreads: variance of their squared windows in time, samples squared.
            widths: length of their windows, samples.
            peaks: magnitudes of their responses to a tone of amplitude 1 at the centre.
            origins: phases of that response for a tone that peaks at the centre of the frame, radians.
        """
        self.constant_buffer(
            "slopes", split_constant(phase_slopes(centres, spreads, widths, self.hop_length))
        )
        self.constant_buffer("peaks", split_constant(peaks))
        self.constant_buffer("origins", split_constant(origins))

    def forward(self, S: Tensor, length: Optional[int] = None) -> Tensor:
        """Compute a waveform; see the class.

        Args:
            S: spectrogram.
            length: samples to return, >= 0; None means as many as the frames cover between the paddings.
        """
        magnitudes = not_below_zero(flatten_magnitudes(S, self.n_bins, self.min_frames))
        length = checked_length(length, S.size(-1) * self.hop_length + self.frame_width)
        magnitudes = magnitudes.transpose(1, 2).contiguous()
        if self.power != 1.0:
            exponent = 1.0 / self.power
            magnitudes = magnitudes.pow(exponent) if exponent > 1.0 else root(magnitudes, exponent)
        # The waveform scales with the magnitudes: with the largest at 1, no square over- or underflows.
        loudest = magnitudes.detach().amax([1, 2], keepdim=True)
        loudest = torch.where(loudest > 0, loudest, 1.0)
        waveform = self._solve(magnitudes / loudest, length) * loudest.squeeze(2)
        return restore_leading(waveform, S, 2)

    def _solve(self, magnitudes: Tensor, length: Optional[int]) -> Tensor:
        """``(batch, frames, bins)`` to ``(batch, time)``."""
        frames = magnitudes.size(1)
        angles = self._first_angles(magnitudes)
        X = torch.stack([magnitudes * angles.cos(), magnitudes * angles.sin()], -1)
        between = self.length_between(frames, length)
        weight = self.momentum / (1.0 + self.momentum)
        previous = torch.zeros_like(X)
        for _ in range(self.n_iter):
            consistent = self.transformed(self.synthesised(X, between), frames)
            X = with_phases_of(magnitudes, consistent - weight * previous, self.engine == "real")
            previous = consistent
        return self.synthesised(X, length)

    def _first_angles(self, magnitudes: Tensor) -> Tensor:
        """Radians, ``(batch, frames, bins)`` or a shape that broadcasts to it."""
        angles = random_angles(magnitudes.size(1), self.n_bins, self.seed, magnitudes).unsqueeze(0)
        if self.init == "gradient":
            rows = constant(self.slopes, widest(magnitudes.device))
            slopes = PhaseSlopes(rows[0], rows[1], rows[2], rows[3], rows[4])
            estimated = gradient_angles(magnitudes / constant(self.peaks, magnitudes.dtype), slopes)
            estimated = estimated + constant(self.origins, magnitudes.dtype)
            angles = estimated + 0.1 * (angles - math.pi)
        return angles

    def length_between(self, frames: int, length: Optional[int]) -> Optional[int]:
        """Length of the waveform between the steps, which has ``frames`` frames."""
        raise NotImplementedError

    def transformed(self, x: Tensor, frames: int) -> Tensor:
        """``(batch, time)`` to ``(batch, frames, bins, 2)``."""
        raise NotImplementedError

    def synthesised(self, X: Tensor, length: Optional[int]) -> Tensor:
        """``(batch, frames, bins, 2)`` to ``(batch, length)``."""
        raise NotImplementedError
