"""Waveform from a magnitude spectrogram."""

from typing import Optional

import numpy as np
import torch
from torch import Tensor

from ..framing.design_window import Window
from ..module.engines import resolve_engine
from ..module.precision import constant
from .inverse_stft import waveform_of
from .magnitude_inverse import MagnitudeInverse
from .stft import STFT


class GriffinLim(MagnitudeInverse):
    """Waveform whose STFT has nearly the given magnitude, by the fast Griffin-Lim algorithm.

    The first phases are set by ``init``. Each of ``n_iter`` steps synthesises a waveform by overlap-add and
    takes the phases of its STFT, accelerated by ``momentum``. Nothing depends on a random generator.

    Args:
        n_fft: length of a frame, samples, >= 2.
        n_iter: number of steps, 0 to 10 000. Quality saturates between 30 and 100.
        hop_length: samples between frames, >= 1; None means ``win_length // 4``.
        win_length: length of the window, samples, 1 to ``n_fft``; None means ``n_fft``.
        window: a name or tuple that ``scipy.signal.get_window`` takes, or ``win_length`` samples.
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
        S: ``(..., n_fft // 2 + 1, frames)``, ``frames >= min_frames``; a value below 0 counts as 0
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
        self.keep_steps(n_iter, momentum, power, init, seed)
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
        self.n_fft = self.frame_width = self.stft.n_fft
        self.hop_length, self.n_bins = self.stft.hop_length, self.stft.freq_bins
        squared = constant(self.stft.window, torch.float64).numpy() ** 2
        moments = [float((squared * np.arange(self.n_fft) ** i).sum()) for i in range(3)]
        # At least the variance of a rectangle of one sample, which a window of one sample would not have.
        spread = max(1 / 12, moments[2] / moments[0] - (moments[1] / moments[0]) ** 2)
        bins = np.arange(self.n_bins, dtype=np.float64)
        same = np.ones(self.n_bins)
        # Phases count from the first sample of a frame: half a turn from bin to bin.
        self.keep_bins(bins / self.n_fft, spread * same, self.n_fft * same, same, np.pi * (bins % 2))
        # A waveform of F frames has unpadded + (F - 1) * hop_length samples or up to a hop more.
        self.unpadded = self.n_fft - 2 * self.stft.pad
        self.min_frames = 1 + max(0, -(-(self.stft.min_samples - self.unpadded) // self.hop_length))

    def length_between(self, frames: int, length: Optional[int]) -> Optional[int]:
        """``length`` if it has as many frames, else None for as many samples as they cover."""
        if length is not None:
            time = self.unpadded + (frames - 1) * self.hop_length
            if time <= length and length < time + self.hop_length:
                return length
        return None

    def transformed(self, x: Tensor, frames: int) -> Tensor:
        """``(batch, time)`` to ``(batch, frames, bins, 2)``."""
        return self.stft.spectra(x)

    def synthesised(self, X: Tensor, length: Optional[int]) -> Tensor:
        """``(batch, frames, bins, 2)`` to ``(batch, length)``."""
        return waveform_of(X, self.stft.fourier(X.dtype), self.stft.pad, length)
