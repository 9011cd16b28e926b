"""Matrices of a factored inverse DFT of complex numbers, as real matrices."""

from typing import List

import numpy as np
import numpy.typing as npt

from ..fourier.design_factors import rows_and_columns

Array = npt.NDArray[np.float64]


def complex_dft(n: int) -> List[Array]:
    """Matrices of ``complex_dft.inverse_dft`` for ``n`` complex numbers, with the factor ``n ** -0.5``.

    With ``n = rows * columns``, bin ``columns * a + b`` and sample ``c + rows * d``:

    ``x[c + rows * d] = sum_b e(b * d / columns) e(b * c / n) sum_a e(a * c / rows) X[columns * a + b]``,
    ``e(t) = exp(2 pi i t)``.

    Shape:
        returns: the sum over a, ``(2 * rows, 2 * rows)``; the twiddle factors, ``(2, columns, rows)``; the
            sum over b, ``(2 * columns, 2 * columns)``; both matrices from pairs to pairs

    Source: Cooley & Tukey (1965), "An algorithm for the machine calculation of complex Fourier series".
    """
    rows, columns = rows_and_columns(n)
    twiddles = _turns(columns, rows, n) / np.sqrt(n)
    return [
        _from_pairs_to_pairs(_turns(rows, rows, rows)),
        np.stack([twiddles.real, twiddles.imag]),
        _from_pairs_to_pairs(_turns(columns, columns, columns)),
    ]


def _turns(first: int, second: int, n: int) -> npt.NDArray[np.complex128]:
    angles = np.outer(np.arange(first), np.arange(second)) % n * (2 * np.pi / n)
    return np.asarray(np.cos(angles) + 1j * np.sin(angles))


def _from_pairs_to_pairs(matrix: npt.NDArray[np.complex128]) -> Array:
    """A complex matrix on pairs of real and imaginary parts: ``(2 * inputs, 2 * outputs)``."""
    of_real = np.stack([matrix.real, matrix.imag], -1)
    of_imaginary = np.stack([-matrix.imag, matrix.real], -1)
    inputs, outputs = matrix.shape
    return np.stack([of_real, of_imaginary], 1).reshape(2 * inputs, 2 * outputs)
