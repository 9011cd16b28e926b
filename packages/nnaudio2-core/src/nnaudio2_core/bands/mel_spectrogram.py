"""Mel spectrogram."""

import math
from typing import TYPE_CHECKING, Any, Optional, Union

import numpy as np
import numpy.typing as npt
from torch import Tensor

from ..framing.design_window import Window
from ..module.arguments import MOST_BANDS, require_bool, require_int, require_memory, shown
from ..module.shapes import flatten_waveform, restore_leading
from ..module.user_warning import warn_user
from .band_spectrogram import BandSpectrogram
from .design_mel import mel_filterbank
from .design_scales import mel_frequencies
from .filterbank import require_finite

Array = npt.NDArray[np.float64]


def require_mel_norm(name: str, value: Any) -> None:
    """Raise a ValueError unless ``value`` is a norm of the mel filterbank."""
    if value is None or (isinstance(value, str) and value == "slaney"):
        return
    if not isinstance(value, int) or isinstance(value, bool) or value != 1:
        raise ValueError(f"{name} must be 'slaney' (or 1) or None, got {shown(value)}")


class MelSpectrogram(BandSpectrogram):
    """Spectrogram over triangular bands that are evenly spaced in mel.

    The magnitude of the STFT (not normalised, frame ``t`` centred on sample ``t * hop_length``) to the power
    ``power``, times the filterbank of :func:`nnaudio2_core.bands.design_mel.mel_filterbank`.

    Args:
        sr: sampling rate, Hz, > 0.
        n_fft: length of a frame, samples, >= 2.
        win_length: length of the window, samples, 1 to ``n_fft``; None means ``n_fft``.
        n_mels: number of bands, >= 1. A UserWarning says so if bands are so narrow that no bin lies in them.
        hop_length: samples between frames, >= 1.
        window: a name or tuple that ``scipy.signal.get_window`` takes, or ``win_length`` samples.
        center: pad both ends by half a frame.
        pad_mode: ``"reflect"``, ``"constant"`` (zeros), ``"replicate"`` or ``"circular"``.
        power: exponent of the magnitude, > 0, at most 100: 1 for magnitude, 2 for power.
        htk: HTK's mel scale instead of Slaney's.
        fmin: lower edge of the lowest band, Hz, >= 0.
        fmax: upper edge of the highest band, Hz, ``fmin`` to ``sr / 2``; None means ``sr / 2``.
        norm: ``"slaney"`` (or 1) for bands of equal area, None for bands with peak 1.
        trainable_mel: make the filterbank a parameter, ``mel_basis``, ``(n_mels, n_fft // 2 + 1)``.
        trainable_STFT: make the Fourier kernels parameters, ``stft.wsin`` and ``stft.wcos``.
        engine: ``"fft"``, ``"real"`` (without complex numbers), or ``"auto"``: real if kernels are trainable,
            else fft.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``
        returns: ``(..., n_mels, frames)``, ``frames = 1 + (time + 2 * pad - n_fft) // hop_length``

    Raises:
        ValueError: for an argument out of range, or a clip shorter than ``min_samples``.
        TypeError: for audio that is not of a floating type.

    Example:
        >>> import torch
        >>> mel = MelSpectrogram(sr=16000, n_fft=512, hop_length=160, n_mels=40)
        >>> mel(torch.randn(2, 16000)).shape
        torch.Size([2, 40, 101])

    Source: Davis & Mermelstein (1980); filters of Slaney (1998), Auditory Toolbox, and of HTK.
    """

    if TYPE_CHECKING:  # at run time the tracer would take the parameter for one that may be None
        mel_basis: Optional[Tensor]

    def __init__(
        self,
        sr: float = 22050,
        n_fft: int = 2048,
        *,
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
        norm: Union[str, int, None] = "slaney",
        trainable_mel: bool = False,
        trainable_STFT: bool = False,
        engine: str = "auto",
    ) -> None:
        super().__init__()
        self.n_mels = require_int("n_mels", n_mels, 1, MOST_BANDS)
        require_mel_norm("norm", norm)
        htk = require_bool("htk", htk)
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
        require_memory("n_mels and n_fft", self.n_mels * self.n_fft)
        with np.errstate(all="ignore"):
            filterbank = mel_filterbank(
                self.sr,
                self.n_fft,
                self.n_mels,
                self.fmin,
                self.fmax,
                htk,
                None if norm is None else "slaney",
            )
        require_finite(filterbank, self.sr, self.fmin, self.fmax)
        edges = mel_frequencies(self.n_mels + 2, self.fmin, self.fmax, htk)
        self._frequencies = edges[1:-1]
        self.keep_filterbank(filterbank, "mel_basis", require_bool("trainable_mel", trainable_mel))
        self._warn_of_empty_bands(filterbank, edges)

    def _warn_of_empty_bands(self, filterbank: Array, edges: Array) -> None:
        """Warn if no bin of the FFT lies in some bands, which then are always 0."""
        empty = self.n_mels - int(np.count_nonzero(filterbank.any(axis=1)))
        if empty == 0:
            return
        # A band that is wider than the spacing of the bins holds one.
        enough = math.floor(self.sr / (edges[2:] - edges[:-2]).min()) + 1
        warn_user(
            f"{empty} of n_mels = {self.n_mels} bands are always 0: bins of the FFT are "
            f"{self.sr / self.n_fft:.3g} Hz apart, and none lies in them. Use n_fft >= {enough}, fewer "
            "n_mels, or a higher fmin"
        )

    def forward(self, x: Tensor) -> Tensor:
        """Transform a waveform; see the class."""
        bands = self.bands(flatten_waveform(x, self.min_samples), self.mel_basis)
        return restore_leading(bands.transpose(1, 2), x)

    def frames_of(self, x: Tensor) -> Tensor:
        """Frames of a stretch of a padded clip; see :meth:`nnaudio2_core.STFT.frames_of`."""
        return self.bands(x, self.mel_basis, 0).transpose(1, 2)
