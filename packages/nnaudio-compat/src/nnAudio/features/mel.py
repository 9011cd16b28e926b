"""Mel spectrogram and MFCC, with the legacy arguments, kernels and numbers."""

from typing import Any, Optional

import torch
from torch import Tensor, nn, tensor

import nnaudio2_core as core
from nnaudio2_core.bands.design_mel import mel_filterbank

from .. import _kernels
from .._bands import BandModule
from .._deprecation import deprecated_class
from .._module import LegacyModule, is_unmodified, timed
from ..utils import *  # noqa: F403
from ..utils import __all__ as _helpers
from ..utils import get_mel
from .stft import STFT

__all__ = ["MFCC", "STFT", "MelSpectrogram", "nn", *_helpers]


@deprecated_class("nnaudio2_core.MelSpectrogram")
class MelSpectrogram(BandModule):
    """Mel spectrogram with ``mel_basis``, ``(n_mels, n_fft // 2 + 1)``, and the kernels of ``stft``.

    Arguments are those of :class:`nnaudio2_core.MelSpectrogram`, and those of :class:`STFT` that it does not
    set; ``verbose`` prints.
    """

    mel_basis: Tensor

    def __init__(
        self,
        sr: float = 22050,
        n_fft: int = 2048,
        win_length: Optional[int] = None,
        n_mels: int = 128,
        hop_length: Optional[int] = 512,
        window: Any = "hann",
        center: bool = True,
        pad_mode: str = "reflect",
        power: float = 2.0,
        htk: bool = False,
        fmin: float = 0.0,
        fmax: Optional[float] = None,
        norm: Optional[float] = 1,
        trainable_mel: bool = False,
        trainable_STFT: bool = False,
        verbose: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        self.trainable_mel = trainable_mel
        framing = (n_fft, win_length, hop_length, window, center, pad_mode)
        self._build_stft(sr, *framing, power, trainable_STFT, verbose, kwargs)
        slaney, high = "slaney" if norm == 1 else None, sr / 2 if fmax is None else fmax
        with timed(verbose, "Mel filter"):
            self._build_bank(
                "mel_basis",
                get_mel(sr, n_fft, n_mels, fmin, fmax, htk=htk, norm=norm),
                trainable_mel,
                core.MelSpectrogram,
                lambda: mel_filterbank(sr, n_fft, int(n_mels), fmin, high, htk, slaney),
                {"sr": sr, "n_mels": int(n_mels), "htk": htk, "fmin": fmin, "fmax": fmax, "norm": slaney},
            )

    def forward(self, x: Tensor) -> Tensor:
        """Transform a waveform.

        Shape:
            x: ``(time,)``, ``(batch, time)`` or ``(batch, 1, time)``
            returns: ``(batch, n_mels, frames)``
        """
        return _kernels.result(self._bands(_kernels.batch_of(x), self.mel_basis), x.dtype)

    def extra_repr(self) -> str:
        """Size of the filterbank and whether it is trained."""
        return f"Mel filter banks size = {tuple(self.mel_basis.shape)}, trainable_mel={self.trainable_mel}"


@deprecated_class("nnaudio2_core.MFCC")
class MFCC(LegacyModule):
    """Mel-frequency cepstral coefficients of ``melspec_layer``, with buffers ``amin`` and ``ref``, ``(1,)``.

    Arguments are those of :class:`nnaudio2_core.MFCC`, and those of :class:`MelSpectrogram`. The cosine
    transform is orthonormal whatever ``norm`` says, as in the legacy package.
    """

    amin: Tensor
    ref: Tensor

    def __init__(
        self,
        sr: float = 22050,
        n_mfcc: int = 20,
        norm: Optional[str] = "ortho",
        verbose: bool = True,
        ref: float = 1.0,
        amin: float = 1e-10,
        top_db: Optional[float] = 80.0,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        if amin <= 0:
            raise ValueError(f"amin must be > 0, got {amin!r}")
        self.melspec_layer = MelSpectrogram(sr=sr, verbose=verbose, **kwargs)
        self.m_mfcc = self.n_mfcc = n_mfcc
        self.top_db = top_db
        self._keep("amin", tensor([amin]).float(), False)
        self._keep("ref", tensor([ref]).float().abs(), False)

    def forward(self, x: Tensor) -> Tensor:
        """Transform a waveform.

        Shape:
            x: ``(time,)``, ``(batch, time)`` or ``(batch, 1, time)``
            returns: ``(batch, n_mfcc, frames)``
        """
        decibels = self._power_to_db(self._mel_bands(x))
        return _kernels.result(self._dct(decibels, "ortho")[:, : self.m_mfcc], x.dtype)

    def _mel_bands(self, x: Tensor) -> Tensor:
        if not torch.jit.is_scripting():
            if not is_unmodified(self.melspec_layer, MelSpectrogram):
                return self.melspec_layer(x)  # type: ignore[no-any-return]
        return self.melspec_layer._bands(_kernels.batch_of(x), self.melspec_layer.mel_basis)

    def _power_to_db(self, S: Tensor) -> Tensor:
        """Power in decibels above ``ref``, no more than ``top_db`` below each item's maximum.

        Shape:
            S: ``(batch, bands, frames)``
            returns: the same
        """
        return _kernels.to_decibels(S, self.amin, self.ref, self.top_db)

    def _dct(self, x: Tensor, norm: Optional[str] = None) -> Tensor:
        """Cosine transform (type II) over bands, orthonormal with ``norm="ortho"``.

        Shape:
            x: ``(batch, bands, frames)``
            returns: the same
        """
        return _kernels.cosine_transform(x, norm is not None and norm == "ortho")

    def extra_repr(self) -> str:
        """Number of coefficients."""
        return f"n_mfcc = {self.n_mfcc}"
