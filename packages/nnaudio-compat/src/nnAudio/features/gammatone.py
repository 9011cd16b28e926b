"""Gammatonegram, with the legacy arguments, kernels and numbers."""

from typing import Any, Optional

from torch import Tensor, nn

import nnaudio2_core as core
from nnaudio2_core.bands.design_gammatone import gammatone_filterbank

from .. import _kernels
from .._bands import BandModule
from .._deprecation import deprecated_class
from .._module import timed
from ..utils import *  # noqa: F403
from ..utils import __all__ as _helpers
from ..utils import get_gammatone
from .stft import STFT

__all__ = ["STFT", "Gammatonegram", "nn", *_helpers]


@deprecated_class("nnaudio2_core.Gammatonegram")
class Gammatonegram(BandModule):
    """Gammatonegram with ``gammatone_basis``, ``(n_bins, n_fft // 2 + 1)``, and the kernels of ``stft``.

    Arguments are those of :class:`nnaudio2_core.Gammatonegram`, and those of :class:`STFT` that it does not
    set; ``verbose`` prints; ``htk`` and ``norm`` have no effect, as in the legacy package.
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
        self.trainable_bins = trainable_bins
        framing = (n_fft, win_length, hop_length, window, center, pad_mode)
        self._build_stft(sr, *framing, power, trainable_STFT, verbose, kwargs)
        high = sr / 2 if fmax is None else fmax
        with timed(verbose, "Gammatone filter"):
            self._build_bank(
                "gammatone_basis",
                get_gammatone(sr, n_fft, n_bins, fmin, fmax),
                trainable_bins,
                core.Gammatonegram,
                lambda: gammatone_filterbank(sr, n_fft, n_bins, fmin, high),
                {"sr": sr, "n_bins": n_bins, "fmin": fmin, "fmax": fmax},
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
