"""Magnitude responses of gammatone filters over the bins of an FFT, in float64."""

import numpy as np
import numpy.typing as npt

from .design_scales import EAR_Q, MIN_BANDWIDTH, erb_frequencies, fft_frequencies

Array = npt.NDArray[np.float64]

# The four zeros of the all-real fourth-order design lie at cos(theta) + a sin(theta) times the pole radius.
_ZEROS = (np.sqrt(3 + 2**1.5), -np.sqrt(3 + 2**1.5), np.sqrt(3 - 2**1.5), -np.sqrt(3 - 2**1.5))


def gammatone_filterbank(
    sr: float, n_fft: int, n_bins: int, fmin: float, fmax: float, width: float = 1.0
) -> Array:
    """Fourth-order gammatone responses, each ``1 / n_fft`` at its centre frequency.

    Args:
        sr: sampling rate, Hz.
        n_fft: length of the FFT, samples.
        n_bins: number of filters, spaced evenly in ERB rate.
        fmin: centre frequency of the lowest filter, Hz.
        fmax: centre frequency that the next filter above the highest would have, Hz.
        width: factor on the bandwidths of all filters.

    Shape:
        returns: ``(n_bins, n_fft // 2 + 1)``

    Source: Slaney (1993), Apple technical report 35, the four cascaded second-order sections.
    """
    centres = erb_frequencies(n_bins, fmin, fmax)
    bandwidth = 1.019 * width * (centres / EAR_Q + MIN_BANDWIDTH)
    angle = 2.0 * np.pi * centres / sr
    radius = np.exp(-2.0 * np.pi * bandwidth / sr)

    def response(z: npt.NDArray[np.complex128]) -> Array:
        poles = (radius * np.exp(1j * angle))[:, None]
        denominator = ((z - poles) * (z - poles.conj())) ** 4
        numerator = np.ones_like(denominator)
        for a in _ZEROS:
            numerator = numerator * (z - (radius * (np.cos(angle) + a * np.sin(angle)))[:, None])
        return np.asarray(np.abs(numerator / denominator))

    grid = np.exp(2j * np.pi * fft_frequencies(sr, n_fft) / sr)[None, :]
    return response(grid) / (response(np.exp(1j * angle)[:, None]) * n_fft)
