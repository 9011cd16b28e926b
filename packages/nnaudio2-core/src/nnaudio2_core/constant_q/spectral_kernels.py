"""One-sided kernel spectra and Fourier kernels on a module, for training."""

from typing import Any, Sequence

from ..module.constants import frozen, parameter
from ..module.transform import Transform


def keep_spectra(
    module: Transform,
    spectra: Sequence[Any],
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
