"""What the legacy spectrograms over a filterbank share."""

from torch import Tensor

from nnaudio2_core.ops.precision import matmul

from . import _kernels
from ._module import LegacyModule
from .features.stft import STFT


class FilterbankModule(LegacyModule):
    """A filterbank over the magnitude of ``stft`` to a power."""

    stft: STFT
    power: float

    def bands(self, x: Tensor, basis: Tensor) -> Tensor:
        """Filterbank of a batch of waveforms, not rounded to half precision.

        Shape:
            x: ``(batch, time)``
            basis: ``(bands, bins)``
            returns: ``(batch, bands, frames)``
        """
        fast = self.stft.engine_serves(x)
        if fast and self._fast is not None:
            if self.power == self._fast.transform.power and self._fast.agrees([basis]):
                return self._fast.transform(_kernels.at_least_single(x))  # type: ignore[no-any-return]
        magnitudes = self.stft.spectrogram(x, "Magnitude", fast)
        return matmul(basis.to(magnitudes.dtype), _kernels.to_power(magnitudes, self.power))
