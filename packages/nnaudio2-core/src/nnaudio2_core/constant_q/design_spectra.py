"""One-sided spectra of constant-Q kernels, and the Fourier kernels that analyse a frame; float64."""

from typing import Tuple

import numpy as np
import numpy.typing as npt

from ..fourier.design_turns import cosines_and_sines

Floats = npt.NDArray[np.float64]


def kernel_spectra(kernels: npt.NDArray[np.complex128]) -> Tuple[Floats, Floats, Floats, Floats]:
    """Real and imaginary spectra of kernels, and the cosines and sines of all one-sided frequencies.

    Shape:
        kernels: ``(bins, width)``
        returns: twice ``(bins, width // 2 + 1)``, twice ``(width // 2 + 1, 1, width)``
    """
    width = kernels.shape[1]
    half = width // 2 + 1
    spectra = np.fft.fft(kernels)[:, :half]
    cosines, sines = cosines_and_sines(np.outer(np.arange(half), np.arange(width)) % width / width)
    return spectra.real.copy(), spectra.imag.copy(), cosines[:, None], sines[:, None]
