"""Matrices from bins to pitch classes, in float64."""

from typing import Optional

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_A0 = 27.5


def chroma_filterbank(
    sr: float, n_fft: int, n_chroma: int, tuning: float, ctroct: float, octwidth: Optional[float]
) -> Array:
    """Pitch classes over the bins of a one-sided FFT.

    Each bin is a bell over the circle of classes, as wide as the distance to the next bin but at least one
    class, and of unit Euclidean norm; bells over the octaves weight the bins. The bin at 0 Hz counts as one
    and a half octaves below the next.

    Args:
        sr: sampling rate, Hz.
        n_fft: length of the FFT, samples.
        n_chroma: number of classes in an octave; class 0 is C.
        tuning: deviation of A440, classes.
        ctroct: middle of the weights, octaves above A0.
        octwidth: standard deviation of the weights, octaves; None for equal weights.

    Shape:
        returns: ``(n_chroma, n_fft // 2 + 1)``

    Source: Ellis (2007), "Chroma feature analysis and synthesis".
    """
    bins = np.arange(1, n_fft // 2 + 2) * (sr / n_fft)
    classes = n_chroma * np.log2(bins / _A0) - tuning
    classes = np.concatenate([classes[:1] - 1.5 * n_chroma, classes])
    widths = np.maximum(np.diff(classes), 1.0)
    classes = classes[:-1]
    above_c = classes - round(n_chroma / 4) - np.arange(n_chroma)[:, None]
    distance = np.mod(above_c + n_chroma / 2, n_chroma) - n_chroma / 2
    weights = np.exp(-2.0 * (distance / widths) ** 2)
    weights /= np.sqrt(np.square(weights).sum(0))
    if octwidth is not None:
        weights *= np.exp(-0.5 * ((classes / n_chroma - ctroct) / octwidth) ** 2)
    return np.asarray(weights)


def constant_q_classes(n_bins: int, bins_per_octave: int, n_chroma: int, fmin: float) -> Array:
    """Pitch classes over the bins of a constant-Q transform: the bins around each class, in every octave.

    Args:
        n_bins: number of bins.
        bins_per_octave: a multiple of ``n_chroma``.
        n_chroma: number of classes in an octave; class 0 is C.
        fmin: centre of the lowest bin, Hz.

    Shape:
        returns: ``(n_chroma, n_bins)``, of 0 and 1
    """
    merged = bins_per_octave // n_chroma
    semitones_above_c = np.mod(12.0 * np.log2(fmin / _A0) + 9.0, 12.0)
    first = int(np.round(semitones_above_c * n_chroma / 12.0))
    of_bin = np.mod((np.arange(n_bins) + merged // 2) // merged + first, n_chroma)
    return np.asarray(of_bin == np.arange(n_chroma)[:, None], dtype=np.float64)
