"""Frequency grids and kernels of the short-time Fourier transform, in float64."""

from typing import Tuple

import numpy as np
import numpy.typing as npt

from .design_turns import cosines_and_sines

Array = npt.NDArray[np.float64]

FREQ_SCALES = ("no", "linear", "log", "log2")


def fourier_bins(freq_scale: str, freq_bins: int, n_fft: int, fmin: float, fmax: float, sr: float) -> Array:
    """Frequency of each bin, in cycles per ``n_fft`` samples.

    ``"no"`` gives the integers 0, 1, 2, ... of the FFT. ``"linear"`` divides ``fmin`` to ``fmax`` (Hz,
    ``fmax`` excluded) into equal steps, ``"log"`` and ``"log2"`` into equal ratios: two names, one grid.

    Shape:
        returns: ``(freq_bins,)``

    Source: Cheuk et al. (2020), nnAudio, section III.
    """
    k = np.arange(freq_bins, dtype=np.float64)
    if freq_scale == "no":
        return k
    if freq_scale == "linear":
        hertz = fmin + k * ((fmax - fmin) / freq_bins)
    else:
        hertz = fmin * (fmax / fmin) ** (k / freq_bins)
    return np.asarray(hertz * (n_fft / sr))


def fourier_kernels(bins: Array, window: Array) -> Tuple[Array, Array]:
    """Windowed cosines and sines, ``window[n] cos(2 pi b n / n_fft)`` and the same with sin.

    Whole bins take their phase modulo n_fft before the cosine, which keeps them exact.

    Shape:
        bins: ``(freq_bins,)``, cycles per frame
        window: ``(n_fft,)``
        returns: two of ``(freq_bins, n_fft)``
    """
    n_fft = len(window)
    samples = np.arange(n_fft)
    whole = np.rint(bins).astype(np.int64)
    if np.array_equal(bins, whole):  # only n_fft different angles: compute each cosine once
        turns = whole[:, None] * samples[None, :] % n_fft
        cosines, sines = cosines_and_sines(samples / n_fft)
        return cosines[turns] * window, sines[turns] * window
    cosines, sines = cosines_and_sines(np.remainder(bins[:, None] * samples[None, :], n_fft) / n_fft)
    return cosines * window, sines * window
