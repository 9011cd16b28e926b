"""Gammatonegram."""

from typing import TYPE_CHECKING, Optional

import numpy as np
from torch import Tensor

from ..framing.design_window import Window
from ..module.arguments import MOST_BANDS, require_bool, require_int, require_memory
from ..module.shapes import flatten_waveform, restore_leading
from .band_spectrogram import BandSpectrogram
from .design_gammatone import gammatone_filterbank
from .design_scales import erb_frequencies
from .filterbank import require_finite


class Gammatonegram(BandSpectrogram):
    """Spectrogram over the magnitude responses of gammatone filters, evenly spaced in ERB rate.

    The magnitude of the STFT to the power ``power``, times the filterbank of
    :func:`nnaudio2_core.bands.design_gammatone.gammatone_filterbank`: each response has its peak,
    ``1 / n_fft``, at its centre frequency.

    Args:
        sr: sampling rate, Hz, > 0.
        n_fft: length of a frame, samples, >= 2.
        win_length: length of the window, samples, 1 to ``n_fft``; None means ``n_fft``.
        n_bins: number of filters, >= 1.
        hop_length: samples between frames, >= 1.
        window: a name or tuple that ``scipy.signal.get_window`` takes, or ``win_length`` samples.
        center: pad both ends by half a frame.
        pad_mode: ``"reflect"``, ``"constant"`` (zeros), ``"replicate"`` or ``"circular"``.
        power: exponent of the magnitude, > 0, at most 100: 1 for magnitude, 2 for power.
        fmin: centre frequency of the lowest filter, Hz, >= 0.
        fmax: end of the range of centre frequencies (excluded), Hz; None means ``sr / 2``.
        trainable_bins: make the filterbank a parameter, ``gammatone_basis``, ``(n_bins, n_fft // 2 + 1)``.
        trainable_STFT: make the Fourier kernels parameters, ``stft.wsin`` and ``stft.wcos``.
        engine: ``"fft"``, ``"real"`` (without complex numbers), or ``"auto"``: real if kernels are trainable,
            else fft.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``
        returns: ``(..., n_bins, frames)``, ``frames = 1 + (time + 2 * pad - n_fft) // hop_length``

    Raises:
        ValueError: for an argument out of range, or a clip shorter than ``min_samples``.
        TypeError: for audio that is not of a floating type.

    Example:
        >>> import torch
        >>> gammatone = Gammatonegram(sr=16000, n_fft=512, hop_length=160, n_bins=32)
        >>> gammatone(torch.randn(2, 16000)).shape
        torch.Size([2, 32, 101])

    Source: Slaney (1993), Apple technical report 35; Ellis (2009), Gammatone-like spectrograms.
    """

    if TYPE_CHECKING:  # at run time the tracer would take the parameter for one that may be None
        gammatone_basis: Optional[Tensor]

    def __init__(
        self,
        sr: float = 22050,
        n_fft: int = 2048,
        *,
        win_length: Optional[int] = None,
        n_bins: int = 64,
        hop_length: int = 512,
        window: Window = "hann",
        center: bool = True,
        pad_mode: str = "reflect",
        power: float = 2.0,
        fmin: float = 0.0,
        fmax: Optional[float] = None,
        trainable_bins: bool = False,
        trainable_STFT: bool = False,
        engine: str = "auto",
    ) -> None:
        super().__init__()
        self.n_bins = require_int("n_bins", n_bins, 1, MOST_BANDS)
        self.keep_stft(
            sr,
            n_fft,
            win_length,
            hop_length,
            window,
            center,
            pad_mode,
            power,
            fmin,
            fmax,
            trainable_STFT,
            engine,
        )
        require_memory("n_bins and n_fft", self.n_bins * self.n_fft)
        with np.errstate(all="ignore"):
            filterbank = gammatone_filterbank(self.sr, self.n_fft, self.n_bins, self.fmin, self.fmax)
        require_finite(filterbank, self.sr, self.fmin, self.fmax)
        self._frequencies = erb_frequencies(self.n_bins, self.fmin, self.fmax)
        self.keep_filterbank(filterbank, "gammatone_basis", require_bool("trainable_bins", trainable_bins))

    def forward(self, x: Tensor) -> Tensor:
        """Transform a waveform; see the class."""
        bands = self.bands(flatten_waveform(x, self.min_samples), self.gammatone_basis)
        return restore_leading(bands.transpose(1, 2), x)

    def frames_of(self, x: Tensor) -> Tensor:
        """Frames of a stretch of a padded clip; see :meth:`nnaudio2_core.STFT.frames_of`."""
        return self.bands(x, self.gammatone_basis, 0).transpose(1, 2)
