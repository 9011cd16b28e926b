"""A Fourier transform as two matrix products with a twist between: one step of an FFT."""

import math
from typing import List

import numpy as np
import numpy.typing as npt


def fourier_products(n: int) -> List[npt.NDArray[np.float64]]:
    """Matrices for :func:`nnaudio2_core.ops.fourier_products.one_sided_spectrum` of ``n`` real numbers.

    With ``n = rows * columns``, as near to a square as the factors of ``n`` allow, sample
    ``columns * a + b`` and bin ``c + rows * d``:

    ``X[c + rows * d] = sum_b e(b * d / columns) e(b * c / n) sum_a e(a * c / rows) x[columns * a + b]``,
    ``e(t) = exp(-2 pi i t)``.

    Shape:
        returns: each of ``(2, *)``, real and imaginary parts, of the sum over a, ``(rows, rows)``, the twist,
        ``(rows, columns)``, and the sum over b, ``(columns, columns // 2 + 1)``

    Source: Cooley & Tukey (1965), "An algorithm for the machine calculation of complex Fourier series".
    """
    rows = max(factor for factor in range(1, math.isqrt(n) + 1) if n % factor == 0)
    columns = n // rows
    a, b, d = np.arange(rows), np.arange(columns), np.arange(columns // 2 + 1)
    return [
        _turns(np.outer(a, a) % rows / rows),
        _turns(np.outer(a, b) / n),
        _turns(np.outer(b, d) % columns / columns),
    ]


def _turns(angles: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """``exp(-2 pi i angles)`` as real and imaginary parts along a new first axis."""
    return np.stack([np.cos(2 * np.pi * angles), -np.sin(2 * np.pi * angles)])
