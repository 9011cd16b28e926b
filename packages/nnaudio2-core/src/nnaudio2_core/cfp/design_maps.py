"""Maps from linear frequency and from quefrency to log-frequency bins, for the CFP; all float64."""

import numpy as np
import numpy.typing as npt
from scipy.signal import windows

Array = npt.NDArray[np.float64]


def blackmanharris(window_size: int) -> Array:
    """A symmetric Blackman-Harris window of unit energy.

    Shape:
        returns: ``(window_size,)``
    """
    window = np.asarray(windows.blackmanharris(window_size), dtype=np.float64)
    return np.asarray(window / np.linalg.norm(window))


def log_centres(fc: float, stop: float, bins_per_octave: float) -> Array:
    """Frequencies (Hz) that rise from ``fc`` by ``bins_per_octave`` to the octave and stay below ``stop``.

    Shape:
        returns: ``(centres,)``
    """
    octaves = np.ceil(np.log2(stop / fc))
    centres = fc * 2.0 ** (np.arange(int(octaves * bins_per_octave)) / bins_per_octave)
    return np.asarray(centres[centres < stop])


def bin_frequencies(fs: float, n_fft: int, n_bins: int) -> Array:
    """Frequencies (Hz) that the CFP gives to FFT bins.

    ``n_fft / 2`` points from 0 to ``fs / 2``, both included, as in Su's code: bin k is said to lie at
    ``k * fs / (n_fft - 2)``, not at ``k * fs / n_fft``.

    Shape:
        returns: ``(n_bins,)``
    """
    points = int(np.rint(n_fft / 2))
    return np.linspace(0.0, fs / 2.0, points)[:n_bins]


def frequency_map(centres: Array, fs: float, fr: float, n_fft: int, n_bins: int) -> Array:
    """Triangles over the FFT bins, each from one centre to the next but one; row i peaks at centre i.

    A band so narrow that both its edges round to one bin takes that bin with weight 1. A band takes no
    bin below the one that its lower edge rounds to. Row 0 is empty.

    Args:
        centres: Hz, rising.
        fs: sampling rate, Hz.
        fr: nominal spacing of the bins, Hz, by which edges are rounded.
        n_fft: length of the FFT, samples.
        n_bins: FFT bins to cover, from 0.

    Shape:
        returns: ``(centres - 1, n_bins)``
    """
    weights = _triangles(centres, bin_frequencies(fs, n_fft, n_bins))
    k = np.arange(n_bins)[None, :]
    low = np.rint(centres[:-2] / fr)[:, None]
    high = np.rint(centres[2:] / fr)[:, None]
    weights[1:] *= (low <= k) & (k <= high)
    weights[1:] = np.where(high <= low, k == low, weights[1:])
    return weights


def quefrency_map(centres: Array, fs: float, n_lags: int) -> Array:
    """Triangles over the frequencies ``fs / lag`` of the quefrencies, as in :func:`frequency_map`.

    Shape:
        returns: ``(centres - 1, n_lags)``
    """
    lags = np.arange(1, n_lags)
    return np.pad(_triangles(centres, fs / lags), ((0, 0), (1, 0)))


def _triangles(centres: Array, frequencies: Array) -> Array:
    """Row i rises from centre i - 1 to 1 at centre i and falls to centre i + 1; row 0 is empty.

    Exactly at its centre a row is 0, not 1: the inequalities of the original are strict on both sides. This
    removes the quefrencies whose frequency is a centre, such as ``2 fc`` where ``fs / fc`` is even.
    """
    below, peak, above = centres[:-2, None], centres[1:-1, None], centres[2:, None]
    f = frequencies[None, :]
    rising = (f - below) / (peak - below)
    falling = (above - f) / (above - peak)
    weights = np.maximum(0.0, np.minimum(rising, falling)) * (f != peak)
    return np.asarray(np.pad(weights, ((1, 0), (0, 0))))
