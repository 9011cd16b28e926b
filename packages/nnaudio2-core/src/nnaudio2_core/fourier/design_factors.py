"""Matrices of a factored DFT: two matrix products with twiddle factors between, one step of an FFT."""

import math
from typing import List, Tuple

import numpy as np
import numpy.typing as npt

from .design_turns import cosines_and_sines


def factored_dft(n: int) -> List[npt.NDArray[np.float64]]:
    """Matrices of ``factored_dft.one_sided_spectrum`` for ``n`` real numbers.

    With ``n = rows * columns``, sample ``columns * a + b`` and bin ``c + rows * d``:

    ``X[c + rows * d] = sum_b e(b * d / columns) e(b * c / n) sum_a e(a * c / rows) x[columns * a + b]``,
    ``e(t) = exp(-2 pi i t)``.

    Shape:
        returns: the sum over a, ``(2 * rows, rows)``, real parts before imaginary ones; the twiddle factors,
            ``(2, rows, columns)``; the sum over b, ``(2 * columns, 2 * (columns // 2 + 1))``, from real parts
            before imaginary ones to pairs

    Source: Cooley & Tukey (1965), "An algorithm for the machine calculation of complex Fourier series".
    """
    rows, columns = rows_and_columns(n)
    a, b, d = np.arange(rows), np.arange(columns), np.arange(columns // 2 + 1)
    over_a = _turns(np.outer(a, a) % rows / rows)
    twiddles = _turns(np.outer(a, b) / n)
    real, imaginary = _turns(np.outer(b, d) % columns / columns)
    of_real, of_imaginary = np.stack([real, imaginary], -1), np.stack([-imaginary, real], -1)
    over_b = np.concatenate([of_real, of_imaginary]).reshape(2 * columns, -1)
    return [np.concatenate(list(over_a)), twiddles, over_b]


def rows_and_columns(n: int) -> Tuple[int, int]:
    """``rows`` and ``columns`` with ``rows * columns = n``, as close as ``n`` allows.

    For even ``n`` there is an even number of columns. Then the bin at Nyquist lies in the row of bin 0, whose
    factors are real, and its imaginary part is an exact zero.
    """
    rows = max(factor for factor in range(1, math.isqrt(n) + 1) if n % factor == 0)
    columns = n // rows
    return (columns, rows) if n % 2 == 0 and columns % 2 == 1 else (rows, columns)


def factored_dft_numbers(n: int) -> int:
    """Number of entries of the matrices of :func:`factored_dft`."""
    rows, columns = rows_and_columns(n)
    return 2 * rows * rows + 2 * n + 4 * columns * (columns // 2 + 1)


def factors_pay(n: int, n_bins: int) -> bool:
    """True if a factored DFT is faster than a direct sum for each of the first ``n_bins`` bins.

    It multiplies less and moves more numbers: measured with onnxruntime, both take equally long at a quarter
    of the multiplications. It pays from frames of 400 or 512 samples on, if these numbers have factors.
    """
    rows, columns = rows_and_columns(n)
    multiplications = 2 * n * rows + 4 * n * (columns // 2 + 1)
    return 4 * multiplications < 2 * n * n_bins


def _turns(angles: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """``exp(-2 pi i angles)`` as real and imaginary parts along a new first axis."""
    cosines, sines = cosines_and_sines(angles)
    return np.stack([cosines, -sines])
