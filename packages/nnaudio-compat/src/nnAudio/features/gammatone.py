"""Gammatonegram, with the legacy arguments, kernels and numbers."""

from time import time
from typing import Any, Optional

from torch import Tensor, nn, tensor

import nnaudio2_core as core
from nnaudio2_core.bands.design_gammatone import gammatone_filterbank

from .. import _kernels
from .._deprecation import deprecated_class
from .._filterbank import FilterbankModule
from .._stand_in import fingerprint, stand_in
from ..utils import *  # noqa: F403
from ..utils import __all__ as _helpers
from ..utils import get_gammatone
from .stft import STFT

__all__ = ["STFT", "Gammatonegram", "nn", *_helpers]


@deprecated_class("nnaudio2_core.Gammatonegram")
class Gammatonegram(FilterbankModule):
    """Gammatonegram with ``gammatone_basis``, ``(n_bins, n_fft // 2 + 1)``, and the kernels of ``stft``.

    Arguments are those of :class:`nnaudio2_core.Gammatonegram`, and those of :class:`STFT` that it does not
    set; ``verbose`` prints; ``htk`` and ``norm`` had no effect and have none.
    """

    gammatone_basis: Tensor

    def __init__(
        self,
        sr: float = 22050,
        n_fft: int = 2048,
        win_length: Optional[int] = None,
        n_bins: int = 64,
        hop_length: Optional[int] = 512,
        window: Any = "hann",
        center: bool = True,
        pad_mode: str = "reflect",
        power: float = 2.0,
        htk: bool = False,
        fmin: float = 0.0,
        fmax: Optional[float] = None,
        norm: Optional[float] = 1,
        trainable_bins: bool = False,
        trainable_STFT: bool = False,
        verbose: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        self.n_fft, self.center, self.pad_mode, self.power = n_fft, center, pad_mode, power
        self.trainable_bins, self.trainable_STFT = trainable_bins, trainable_STFT
        start = time()
        self.stft = STFT(
            n_fft=n_fft,
            win_length=win_length,
            freq_bins=None,
            hop_length=hop_length,
            window=window,
            freq_scale="no",
            center=center,
            pad_mode=pad_mode,
            sr=sr,
            trainable=trainable_STFT,
            output_format="Magnitude",
            verbose=verbose,
            **kwargs,
        )
        self.stride = self.stft.stride if hop_length is None else hop_length
        if verbose:
            print(f"STFT filter created, time used = {time() - start:.4f} seconds")
        start = time()
        self._keep("gammatone_basis", tensor(get_gammatone(sr, n_fft, n_bins, fmin, fmax)), trainable_bins)
        if verbose:
            print(f"Gammatone filter created, time used = {time() - start:.4f} seconds")
        if self.stft._fast is None or trainable_bins:
            return
        high = sr / 2 if fmax is None else fmax
        self._fast = stand_in(
            lambda: core.Gammatonegram(
                sr,
                n_fft,
                win_length=None if win_length is None else int(win_length),
                n_bins=n_bins,
                hop_length=self.stride,
                window=window,
                center=center,
                pad_mode=pad_mode if center else "constant",
                power=power,
                fmin=fmin,
                fmax=fmax,
            ),
            lambda: [fingerprint(gammatone_filterbank(sr, n_fft, n_bins, fmin, high))],
        )

    def forward(self, x: Tensor) -> Tensor:
        """Transform a waveform.

        Shape:
            x: ``(time,)``, ``(batch, time)`` or ``(batch, 1, time)``
            returns: ``(batch, n_bins, frames)``
        """
        return _kernels.result(self._bands(_kernels.batch_of(x), self.gammatone_basis), x.dtype)

    def extra_repr(self) -> str:
        """Size of the filterbank and whether it is trained."""
        size = tuple(self.gammatone_basis.shape)
        return f"Gammatone filter banks size = {size}, trainable_bins={self.trainable_bins}"
