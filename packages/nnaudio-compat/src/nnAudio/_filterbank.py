"""What the legacy spectrograms over a filterbank share."""

import torch
from torch import Tensor

from nnaudio2_core.module.precision import matmul

from . import _kernels
from ._module import LegacyModule, as_made
from .features.stft import STFT


class FilterbankModule(LegacyModule):
    """A filterbank over the magnitude of ``stft`` to a power."""

    stft: STFT
    power: float

    def _bands(self, x: Tensor, basis: Tensor) -> Tensor:
        """Filterbank of a batch of waveforms, not rounded to half precision.

        Shape:
            x: ``(batch, time)``
            basis: ``(bands, bins)``
            returns: ``(batch, bands, frames)``
        """
        if not torch.jit.is_scripting():
            if not as_made(self.stft, STFT):
                return self._filtered(self.stft(x.unsqueeze(1), output_format="Magnitude"), basis)
        fast = self.stft._engine_serves(x)
        if fast and self._fast is not None and self.stft.freq_bins is None:
            if self.power == self._fast.transform.power and self._fast.agrees([basis]):
                return self._fast.transform(_kernels.at_least_single(x))  # type: ignore[no-any-return]
        return self._filtered(self.stft._spectrogram(x, "Magnitude", fast), basis)

    def _filtered(self, magnitudes: Tensor, basis: Tensor) -> Tensor:
        return matmul(basis.to(magnitudes.dtype), _kernels.to_power(magnitudes, self.power))
