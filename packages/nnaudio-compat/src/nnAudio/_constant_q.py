"""Base class of the constant-Q and variable-Q classes: their call, normalisations and output formats."""

from typing import Any, Optional

import numpy as np
from torch import Tensor

from nnaudio2_core.constant_q.octaves import weights_from_spectra
from nnaudio2_core.module.magnitude_phase import unit_phase

from . import _kernels
from ._module import LegacyModule, timed
from .utils import create_fourier_kernels


class ConstantQModule(LegacyModule):
    """A transform to bins of the filter lengths ``lenghts``, the spelling of the legacy package."""

    lenghts: Tensor
    output_format: str

    def forward(
        self, x: Tensor, output_format: Optional[str] = None, normalization_type: str = "librosa"
    ) -> Tensor:
        """Transform a waveform.

        Shape:
            x: ``(time,)``, ``(batch, time)`` or ``(batch, 1, time)``
            returns: ``(batch, n_bins, frames)`` for Magnitude, else ``(batch, n_bins, frames, 2)``
        """
        if output_format is None:
            output_format = self.output_format
        y = self._transform(_kernels.batch_of(x), output_format, normalization_type)
        return _kernels.result(y, x.dtype)

    def _keep_kernels(self, kernels: Any, trainable: bool, suffix: str = "") -> None:
        """Register complex kernels or spectra as ``cqt_kernels_real`` and ``cqt_kernels_imag``."""
        self._keep(f"cqt_kernels_real{suffix}", np.ascontiguousarray(kernels.real), trainable)
        self._keep(f"cqt_kernels_imag{suffix}", np.ascontiguousarray(kernels.imag), trainable)

    def _transform(self, x: Tensor, output_format: str, normalization_type: str) -> Tensor:
        """:meth:`forward` of a batch ``(batch, time)``, not rounded to half precision."""
        raise NotImplementedError

    def _output(self, X: Tensor, output_format: str, normalization_type: str, trainable: bool) -> Tensor:
        """Normalise coefficients and give them in the output format.

        Shape:
            X: ``(batch, bins, frames, 2)``
            returns: ``(batch, bins, frames)`` for Magnitude, else ``(batch, bins, frames, 2)``
        """
        if normalization_type == "librosa":
            X = X * self.lenghts.to(X.dtype).sqrt().reshape(-1, 1, 1)
        elif normalization_type == "wrap":
            X = X * 2.0
        elif normalization_type != "convolutional":
            raise ValueError(
                "normalization_type must be one of 'librosa', 'convolutional', 'wrap', "
                f"got '{normalization_type}'"
            )
        if output_format == "Phase":
            return unit_phase(X)
        if output_format == "Magnitude" or output_format == "Complex":
            return _kernels.stft_output(X, output_format, trainable)
        raise ValueError(
            f"output_format must be one of 'Magnitude', 'Complex', 'Phase', got '{output_format}'"
        )


class SpectralModule(ConstantQModule):
    """A transform by spectra: frames are multiplied by Fourier kernels, then by one-sided kernel spectra.

    Fourier kernels ``wsin`` and ``wcos`` are ``(half, 1, width)``, spectra ``cqt_kernels_real`` and
    ``cqt_kernels_imag`` ``(bins, half)``, ``half = width // 2 + 1``.
    """

    wsin: Tensor
    wcos: Tensor
    cqt_kernels_real: Tensor
    cqt_kernels_imag: Tensor

    def _keep_spectra(
        self, kernels: Any, sr: float, trainable_STFT: bool, trainable_CQT: bool, verbose: bool
    ) -> None:
        """Register the spectra of ``kernels``, and the Fourier kernels for frames of the same width."""
        width = kernels.shape[1]
        spectra = np.fft.fft(kernels)[:, : width // 2 + 1].astype(kernels.dtype)
        with timed(verbose, "STFT kernels", "STFT kernels"):
            sines, cosines, self.bins2freq, _, _ = create_fourier_kernels(
                width, window="boxcar", freq_scale="no", sr=sr
            )
            self._keep("wsin", sines, trainable_STFT)
            self._keep("wcos", cosines, trainable_STFT)
            self._keep_kernels(spectra, trainable_CQT)

    def _weights(self) -> Tensor:
        """Product of spectra and Fourier kernels: kernels in time, ``(2 * bins, 1, width)``."""
        dtype = _kernels.common_dtype(self.cqt_kernels_real, self.wcos)
        return weights_from_spectra(
            self.cqt_kernels_real.to(dtype),
            self.cqt_kernels_imag.to(dtype),
            self.wcos.to(dtype),
            self.wsin.to(dtype),
        )

    def extra_repr(self) -> str:
        """Sizes of the kernels."""
        sizes = tuple(self.wcos.shape), tuple(self.cqt_kernels_real.shape)
        return f"STFT kernel size = {sizes[0]}, CQT kernel size = {sizes[1]}"
