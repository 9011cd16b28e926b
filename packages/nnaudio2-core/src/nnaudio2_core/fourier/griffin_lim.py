"""Waveform from a magnitude spectrogram."""

import math
from typing import Optional

import numpy as np
import torch
from torch import Tensor

from ..framing.design_window import Window
from ..module.arguments import MOST_STEPS, check_tensor, require_choice, require_int, require_number
from ..module.engines import resolve_engine
from ..module.magnitude_phase import root
from ..module.precision import constant, working_dtype
from ..module.shapes import flatten_leading, is_float, restore_leading
from ..module.transform import Transform
from .inverse_stft import checked_length, waveform_of
from .phases import gradient_angles, random_angles, with_phases_of
from .stft import STFT


class GriffinLim(Transform):
    """Waveform whose STFT has nearly the given magnitude, by the fast Griffin-Lim algorithm.

    The first phases are set by ``init``. Each of ``n_iter`` steps synthesises a waveform by overlap-add and
    takes the phases of its STFT, accelerated by ``momentum``. Nothing depends on a random generator.

    Args:
        n_fft: length of a frame, samples, >= 2.
        n_iter: number of steps, 0 to 10 000. Quality saturates between 30 and 100.
        hop_length: samples between frames, >= 1; None means ``win_length // 4``.
        win_length: length of the window, samples, 1 to ``n_fft``; None means ``n_fft``.
        window: a name or tuple that ``scipy.signal.get_window`` takes.
        center: True if the STFT padded its ends by half a frame.
        pad_mode: padding of the STFT: ``"reflect"``, ``"constant"``, ``"replicate"`` or ``"circular"``.
        momentum: 0 for the algorithm of 1984, up to about 1 for the fast one.
        power: exponent of the given spectrogram, > 0: 1 for magnitude, 2 for power.
        init: ``"gradient"`` starts from phases estimated from the slopes of the log magnitude, plus a tenth
            of a random turn: about half the error after the same number of steps. ``"random"`` starts from
            random phases.
        seed: seed of the random phases, >= 0; the same seed gives the same waveform everywhere.
        engine: ``"fft"``, ``"real"`` (without complex numbers), or ``"auto"``: fft.

    Shape:
        S: ``(..., n_fft // 2 + 1, frames)``, >= 0, ``frames >= min_frames``
        returns: ``(..., length)``

    Raises:
        ValueError: for an argument out of range, or a spectrogram of the wrong shape.

    Example:
        >>> import torch
        >>> from nnaudio2_core import STFT
        >>> x = torch.sin(2 * torch.pi * 440 * torch.arange(8000) / 8000)
        >>> stft = STFT(n_fft=512, hop_length=128, output_format="Magnitude")
        >>> S = stft(x)
        >>> y = GriffinLim(n_fft=512, hop_length=128)(S, length=8000)
        >>> bool((stft(y) - S).norm() < 0.1 * S.norm())
        True

    Source: Griffin & Lim (1984); Perraudin, Balazs & Søndergaard (2013), "A fast Griffin-Lim algorithm",
    algorithm 2.
    """

    def __init__(
        self,
        n_fft: int = 2048,
        n_iter: int = 32,
        *,
        hop_length: Optional[int] = None,
        win_length: Optional[int] = None,
        window: Window = "hann",
        center: bool = True,
        pad_mode: str = "reflect",
        momentum: float = 0.99,
        power: float = 1.0,
        init: str = "gradient",
        seed: int = 0,
        engine: str = "auto",
    ) -> None:
        super().__init__()
        self.n_iter = require_int("n_iter", n_iter, 0, MOST_STEPS)
        self.momentum = require_number("momentum", momentum, at_least=0.0)
        self.power = require_number("power", power, above=0.0)
        self.init = require_choice("init", init, ("gradient", "random"))
        self.seed = require_int("seed", seed, 0)
        self.engine = resolve_engine(engine)
        self.stft = STFT(
            n_fft,
            win_length,
            hop_length=hop_length,
            window=window,
            center=center,
            pad_mode=pad_mode,
            engine=self.engine,
        )
        if self.stft.obstacle:
            raise ValueError(self.stft.obstacle)
        self.n_fft, self.hop_length = self.stft.n_fft, self.stft.hop_length
        self.n_bins = self.stft.freq_bins
        squared = constant(self.stft.window, torch.float64).numpy() ** 2
        moments = [float((squared * np.arange(self.n_fft) ** i).sum()) for i in range(3)]
        # At least the variance of a rectangle of one sample, which a window of one sample would not have.
        self.spread = max(1 / 12, moments[2] / moments[0] - (moments[1] / moments[0]) ** 2)
        # A waveform of F frames has unpadded + (F - 1) * hop_length samples or up to a hop more.
        self.unpadded = self.n_fft - 2 * self.stft.pad
        self.min_frames = 1 + max(0, -(-(self.stft.min_samples - self.unpadded) // self.hop_length))

    def forward(self, S: Tensor, length: Optional[int] = None) -> Tensor:
        """Compute a waveform; see the class.

        Args:
            S: spectrogram.
            length: samples to return, >= 0; None means as many as the frames cover between the paddings.
        """
        if not torch.jit.is_scripting():
            check_tensor("S", S)
        if not is_float(S):
            raise TypeError(f"S must be a real float tensor of 16, 32 or 64 bits, got {S.dtype}")
        if S.dim() < 2 or S.size(-2) != self.n_bins:
            raise ValueError(f"S must have the shape (..., {self.n_bins}, frames), got {list(S.shape)}")
        if S.size(-1) < self.min_frames:
            raise ValueError(f"S must have at least {self.min_frames} frames, got {S.size(-1)}")
        length = checked_length(length, S.size(-1) * self.hop_length + self.n_fft)
        magnitudes = flatten_leading(S, 2).to(working_dtype(S.dtype)).transpose(1, 2).contiguous()
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
        between = self._length_between(frames, length)
        weight = self.momentum / (1.0 + self.momentum)
        previous = torch.zeros_like(X)
        for _ in range(self.n_iter):
            consistent = self.stft.spectra(self._waveform(X, between))
            X = with_phases_of(magnitudes, consistent - weight * previous, self.engine == "real")
            previous = consistent
        return self._waveform(X, length)

    def _first_angles(self, magnitudes: Tensor) -> Tensor:
        """Radians, ``(batch, frames, bins)`` or a shape that broadcasts to it."""
        angles = random_angles(magnitudes.size(1), self.n_bins, self.seed, magnitudes).unsqueeze(0)
        if self.init == "gradient":
            estimated = gradient_angles(magnitudes, self.n_fft, self.hop_length, self.spread)
            angles = estimated + 0.1 * (angles - math.pi)
        return angles

    def _length_between(self, frames: int, length: Optional[int]) -> Optional[int]:
        """Length of the waveform between the steps: ``length`` if it has as many frames."""
        if length is not None:
            time = self.unpadded + (frames - 1) * self.hop_length
            if time <= length and length < time + self.hop_length:
                return length
        return None

    def _waveform(self, X: Tensor, length: Optional[int]) -> Tensor:
        """``(batch, frames, bins, 2)`` to ``(batch, time)``."""
        return waveform_of(X, self.stft.fourier(X.dtype), self.stft.pad, length)
