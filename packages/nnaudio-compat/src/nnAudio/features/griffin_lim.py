"""Griffin-Lim, with the legacy arguments."""

from typing import Any, Dict, Optional

from torch import Tensor, nn

import nnaudio2_core as core
from nnaudio2_core.module.precision import split_constant

from .. import _kernels
from .._deprecation import deprecated_class
from .._module import LegacyModule
from ..utils import *  # noqa: F403
from ..utils import __all__ as _helpers

__all__ = ["Griffin_Lim", "nn", *_helpers]


@deprecated_class("nnaudio2_core.GriffinLim")
class Griffin_Lim(LegacyModule):
    """Waveform whose STFT has nearly the given magnitude; see :class:`nnaudio2_core.GriffinLim`.

    Arguments are those of that class. The first phases follow from the magnitude and are not random.
    """

    __jit_unused_properties__ = ["w"]

    def __init__(
        self,
        n_fft: int,
        n_iter: int = 32,
        hop_length: Optional[int] = None,
        win_length: Optional[int] = None,
        window: Any = "hann",
        center: bool = True,
        pad_mode: str = "reflect",
        momentum: float = 0.99,
        device: Any = "cpu",
    ) -> None:
        super().__init__()
        self.n_fft, self.n_iter, self.momentum = n_fft, n_iter, momentum
        self.win_length = n_fft if win_length is None else win_length
        self.hop_length = n_fft // 4 if hop_length is None else hop_length
        self.center, self.pad_mode, self.device = center, pad_mode, device
        self._build(window)
        self.to(device)

    def _build(self, window: Any) -> None:
        self._solver = core.GriffinLim(
            self.n_fft,
            self.n_iter,
            hop_length=self.hop_length,
            win_length=self.win_length,
            window=window,
            center=self.center,
            pad_mode=self.pad_mode,
            momentum=self.momentum,
        )

    @property
    def w(self) -> Tensor:
        """The window, ``(win_length,)``, float32: a view, so that edits take effect."""
        left = (self.n_fft - self.win_length) // 2
        return self._solver.stft.window[0, left : left + self.win_length]

    @w.setter
    def w(self, window: Tensor) -> None:
        padded = _kernels.centered(window.double(), self.n_fft)
        self._solver.stft.window = split_constant(padded.cpu().numpy()).to(self._solver.stft.window.device)

    def forward(self, S: Tensor) -> Tensor:
        """Find a waveform.

        Shape:
            S: ``(batch, n_fft // 2 + 1, frames)``, magnitudes
            returns: ``(batch, time)``
        """
        return self._solver(S)  # type: ignore[no-any-return]

    def __setstate__(self, state: Dict[str, Any]) -> None:
        window = state.pop("w", None)  # pickled by the legacy package
        super().__setstate__(state)
        if window is not None:
            self._build("hann")
            self.w = window
