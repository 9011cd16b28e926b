"""Filter and gains of the gridded DFT, for the first bins of the transform of a long even sequence."""

from typing import List

import numpy as np
import numpy.typing as npt

_BLOCK = 8  # kept samples of a row of the matrix
_SPAN = 9  # length of the filter, in kept samples
_OVERSAMPLING = 1.9  # least Nyquist bin of the kept samples, as a multiple of ``n_bins``


def gridded_dft_filter(n: int, n_bins: int) -> List[npt.NDArray[np.float64]]:
    """Constants of :func:`nnaudio2_core.cfp.gridded_dft.gridded_dft` for ``n_bins`` bins of ``n`` points.

    One sample in ``factor`` is kept, ``factor`` being the largest divisor of ``n`` that keeps enough samples
    for the bins. The filter before it is a Kaiser window as long as nine kept samples: its aliases in the
    wanted bins lie below 3e-8 of its gain, and the gain at the last of these bins is 0.3 of the largest.

    Shape:
        returns: ``(8 * factor, 16)``, from a row of samples to its part of the kept samples of this row and
            of the one before; ``(n_bins,)``, the inverse of the filter's gain, scaled for an orthonormal
            transform. Empty arrays where ``factor`` would be 1

    Source: Jackson et al. (1991), "Selection of a convolution function for Fourier inversion using gridding",
    IEEE TMI 10(3): a Kaiser window, and the division by its transform.
    """
    # With fewer bins than a block the mirror images beyond the ends would be longer than the sequence.
    most = int(n / (2 * _OVERSAMPLING * max(n_bins, _BLOCK)))
    factor = max((divisor for divisor in range(1, most + 1) if n % divisor == 0), default=1)
    if factor == 1:
        return [np.zeros((0, 2 * _BLOCK)), np.zeros(0)]
    # The largest odd number of taps with which the outputs of a row depend on at most two rows.
    width = _SPAN * factor - 1 + factor % 2
    oversampling = n / (2 * factor * n_bins)
    beta = np.pi * np.sqrt((_SPAN / oversampling * (oversampling - 0.5)) ** 2 - 0.8)
    taps = np.kaiser(width + 2, beta)[1:-1]
    matrix = np.zeros((2 * _BLOCK * factor, _BLOCK))
    for output in range(_BLOCK):
        matrix[output * factor : output * factor + width, output] = taps
    angles = 2 * np.pi / n * np.outer(np.arange(n_bins), np.arange(width) - width // 2)
    gains = np.cos(angles) @ taps
    return [np.concatenate(np.split(matrix, 2), 1), factor / np.sqrt(n) / gains]
