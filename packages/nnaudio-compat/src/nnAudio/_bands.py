"""Base class of the legacy spectrograms over a filterbank: mel and gammatone."""

from typing import Any, Callable, Dict, Optional

import torch
from torch import Tensor, tensor

from nnaudio2_core.module.precision import matmul

from . import _kernels
from ._engine import build_engine, project
from ._module import LegacyModule, is_unmodified, timed
from .features.stft import STFT

# Arguments that the classes of core share with their STFT.
FRAMING = ("n_fft", "win_length", "hop_length", "window", "center", "pad_mode")


class BandModule(LegacyModule):
    """A filterbank over the magnitude of ``stft`` to a power."""

    stft: STFT
    power: float

    def _build_stft(
        self,
        sr: float,
        n_fft: int,
        win_length: Optional[int],
        hop_length: Optional[int],
        window: Any,
        center: bool,
        pad_mode: str,
        power: float,
        trainable_STFT: bool,
        verbose: bool,
        kwargs: Dict[str, Any],
    ) -> None:
        """Set the shared attributes and build the STFT; ``kwargs`` are further arguments of it."""
        self.n_fft, self.center, self.pad_mode, self.power = n_fft, center, pad_mode, power
        self.trainable_STFT = trainable_STFT
        with timed(verbose, "STFT filter"):
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

    def _build_bank(
        self,
        name: str,
        basis: Any,
        trainable: bool,
        engine: Callable[..., Any],
        exact: Callable[[], Any],
        arguments: Dict[str, Any],
    ) -> None:
        """Register the filterbank and build its engine.

        Args:
            name: of the buffer or parameter.
            basis: filterbank, ``(bands, bins)``, float32.
            trainable: whether it is a parameter.
            engine: class of core.
            exact: makes the filterbank in float64, ``(bands, bins)``.
            arguments: further arguments of the class of core than ``power`` and ``FRAMING``.
        """
        self._keep(name, tensor(basis), trainable)
        if self.stft._fast is None or trainable:
            return
        config = self.stft._fast.transform.config
        shared = {name: config[name] for name in FRAMING}
        self._fast = build_engine(
            lambda: engine(power=self.power, **shared, **arguments), lambda: [project(exact())]
        )

    def _bands(self, x: Tensor, basis: Tensor) -> Tensor:
        """Filterbank of a batch of waveforms, not rounded to half precision.

        Shape:
            x: ``(batch, time)``
            basis: ``(bands, bins)``
            returns: ``(batch, bands, frames)``
        """
        if not torch.jit.is_scripting():
            if not is_unmodified(self.stft, STFT):
                return self._filtered(self.stft(x.unsqueeze(1), output_format="Magnitude"), basis)
        fast = self.stft._engine_applies(x)
        if fast and self._fast is not None and self.stft.freq_bins is None:
            if self.power == self._fast.transform.power and self._fast.agrees([basis]):
                return self._fast.transform(_kernels.at_least_single(x))  # type: ignore[no-any-return]
        return self._filtered(self.stft._spectrogram(x, "Magnitude", fast), basis)

    def _filtered(self, magnitudes: Tensor, basis: Tensor) -> Tensor:
        return matmul(basis.to(magnitudes.dtype), _kernels.to_power(magnitudes, self.power))
