"""Kernels kept as one-sided spectra beside the Fourier kernels that analyse a frame, for training."""

from typing import Tuple

import numpy as np
import numpy.typing as npt

from .base import Transform, frozen, parameter

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
    angles = 2 * np.pi / width * (np.outer(np.arange(half), np.arange(width)) % width)
    return spectra.real.copy(), spectra.imag.copy(), np.cos(angles)[:, None], np.sin(angles)[:, None]


def keep_spectra(
    module: Transform,
    spectra: Tuple[Floats, Floats, Floats, Floats],
    train_fourier: bool,
    train_spectra: bool,
) -> None:
    """Register the four as parameters or constants of ``module``, under nnAudio's names."""
    real, imag, cosines, sines = spectra
    kept = [
        ("wsin", sines, train_fourier),
        ("wcos", cosines, train_fourier),
        ("cqt_kernels_real", real, train_spectra),
        ("cqt_kernels_imag", imag, train_spectra),
    ]
    for name, values, trained in kept:
        if trained:
            module.register_parameter(name, parameter(values))
        else:
            module.constant_buffer(name, frozen(values))
