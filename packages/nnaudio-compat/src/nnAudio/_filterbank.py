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
        stft = self.stft
        if self._fast is not None:
            kernels, pad_mode = [stft.wsin, stft.wcos, basis], stft.used_pad_mode()
            if self._fast.replaces(kernels, x, stft.stride, stft.center, pad_mode):
                if self.power == self._fast.transform.power:
                    return self._fast.transform(_kernels.at_least_single(x))  # type: ignore[no-any-return]
        magnitudes = stft.spectrogram(x, "Magnitude")
        return matmul(basis.to(magnitudes.dtype), _kernels.to_power(magnitudes, self.power))
