"""Bins of harmonic constant-Q transforms, in float64."""

from typing import List, NamedTuple, Sequence

import numpy as np
import numpy.typing as npt

from .design_bins import Floats, constant_q_frequencies

# Bins: frequencies that are nearer than this are one.
_SAME = 1e-6


class HarmonicBins(NamedTuple):
    """Centres of all bins, and where those of each harmonic are among them."""

    frequencies: Floats
    """Increasing, Hz."""
    places: npt.NDArray[np.int64]
    """``(harmonics, n_bins)``; ``len(frequencies)`` for a bin above the limit."""


def harmonic_bins(
    fmin: float, n_bins: int, bins_per_octave: float, harmonics: Sequence[float], limit: float
) -> HarmonicBins:
    """Multiples of constant-Q frequencies. Harmonics that share bins, such as 1 and 2, share their kernels.

    Args:
        fmin: centre of the lowest bin of harmonic 1, Hz.
        n_bins: bins of each harmonic.
        bins_per_octave: bins in each octave.
        harmonics: factors on the frequencies, > 0.
        limit: highest frequency of a bin, Hz.
    """
    base = constant_q_frequencies(fmin, n_bins, bins_per_octave)
    wanted = np.asarray(harmonics, dtype=np.float64)[:, None] * base
    kept = np.unique(wanted[wanted <= limit])
    # The lower of two that differ by round-off stands for both.
    steps = np.diff(np.log2(kept), prepend=-np.inf) * bins_per_octave
    frequencies = kept[steps > _SAME]
    places = np.searchsorted(frequencies * 2.0 ** (_SAME / bins_per_octave), wanted)
    return HarmonicBins(frequencies, np.where(wanted <= limit, places, frequencies.size))


def missing_harmonics(places: npt.NDArray[np.int64], gap: int) -> List[int]:
    """Harmonics all of whose bins are ``gap``: they are not there."""
    return [int(row) for row in np.flatnonzero((places == gap).all(1))]


def moved_bins(
    harmonics: Sequence[float], n_bins: int, cqt_bins: int, bins_per_octave: float
) -> npt.NDArray[np.int64]:
    """Bins of one transform that stand for those of each harmonic, at the nearest whole number of bins.

    Args:
        harmonics: factors on the frequencies, > 0.
        n_bins: bins of each harmonic.
        cqt_bins: bins of the transform.
        bins_per_octave: bins in each octave.

    Shape:
        returns: ``(harmonics, n_bins)``; ``cqt_bins`` for a bin that the transform does not have
    """
    moves = np.rint(bins_per_octave * np.log2(np.asarray(harmonics, dtype=np.float64)))
    places = np.arange(n_bins) + moves[:, None]
    return np.where((places >= 0) & (places < cqt_bins), places, cqt_bins).astype(np.int64)
