"""Bins of a constant-Q or variable-Q transform: centre frequencies, bandwidths, filter lengths."""

import math
from typing import Optional, Union

import numpy as np
import numpy.typing as npt

from ..framing.design_window import Window
from .design_librosa_rates import upper_edges

Floats = npt.NDArray[np.float64]
FILTER_LENGTHS = ("integer", "fractional", "fractional-1.0")
"""nnAudio's rule, that of librosa up to 0.11, and that of librosa 1.0."""

_ERB_OFFSET, _ERB_SLOPE = 24.7, 0.108  # ERB(f) = 24.7 Hz + 0.108 f
_MANY = 2.0**40  # bins: a finite bound far above any real number of bins
_ROUNDING = 1e-9  # bins: round-off allowed where a limit equals the frequency of a bin


def constant_q_frequencies(fmin: float, n_bins: int, bins_per_octave: float) -> Floats:
    """Geometric centre frequencies ``fmin * 2 ** (k / bins_per_octave)``, Hz.

    Shape:
        returns: ``(n_bins,)``
    """
    return np.asarray(fmin * 2.0 ** (np.arange(n_bins) / float(bins_per_octave)), dtype=np.float64)


def bins_between(fmin: float, fmax: float, bins_per_octave: float) -> int:
    """Number of constant-Q bins from ``fmin`` up to and not including ``fmax``, both in Hz."""
    return max(1, math.ceil(min(_MANY, bins_per_octave * math.log2(fmax / fmin)) - _ROUNDING))


def bins_below_nyquist(fmin: float, sr: float, bins_per_octave: float) -> int:
    """The largest number of bins from ``fmin`` on whose top bin does not exceed ``sr / 2``."""
    return max(0, 1 + math.floor(min(_MANY, bins_per_octave * math.log2(sr / 2 / fmin)) + _ROUNDING))


def bands_below_nyquist(
    fmin: float,
    sr: float,
    bins_per_octave: float,
    filter_scale: float,
    gamma: Optional[float],
    window: Window,
    filter_lengths: str,
) -> int:
    """The largest number of bins from ``fmin`` on whose pass bands end below ``sr / 2``; at least 1.

    The pass band of a bin ends at ``f_k (1 + alpha E / (2 filter_scale)) + gamma / 2`` with the equivalent
    noise bandwidth ``E`` of the window, 1.5 for Hann's: librosa's rule.
    """
    alpha = relative_bandwidth(bins_per_octave, filter_lengths)
    added = erb_gamma(alpha) if gamma is None else gamma
    edge = upper_edges(np.ones(1), alpha, filter_scale, 0.0, window)[0]
    highest = max((sr / 2 - 0.5 * float(added)) / edge, fmin)
    return max(1, bins_below_nyquist(fmin, 2 * highest, bins_per_octave))


def neighbour_resolution(frequencies: Floats, bins_per_octave: float) -> Floats:
    """Bins per octave at each of any increasing frequencies: 2 over the distance of its two neighbours.

    At the ends the missing neighbour counts as far away as the one that exists; a single frequency has
    ``bins_per_octave``.

    Shape:
        frequencies: ``(n_bins,)``, Hz
        returns: ``(n_bins,)``
    """
    if frequencies.size == 1:
        return np.full(1, float(bins_per_octave))
    octaves = np.log2(frequencies)
    octaves = np.concatenate([2 * octaves[:1] - octaves[1:2], octaves, 2 * octaves[-1:] - octaves[-2:-1]])
    return np.asarray(2.0 / (octaves[2:] - octaves[:-2]), dtype=np.float64)


def relative_bandwidth(
    bins_per_octave: Union[float, Floats], filter_lengths: str = "integer"
) -> Union[float, Floats]:
    """Bandwidth of a bin over its centre frequency, alpha = 1 / Q, with ``r = 2 ** (1 / bins_per_octave)``.

    ``"integer"`` is nnAudio's: the distance to the next bin, ``r - 1``. The others are librosa's: half the
    distance between the two neighbours of a bin, ``(r**2 - 1) / (r**2 + 1)``.
    """
    ratio: Union[float, Floats]
    if isinstance(bins_per_octave, np.ndarray):
        ratio = np.exp2(1.0 / bins_per_octave)
    else:
        ratio = math.pow(2.0, 1.0 / bins_per_octave)  # rounds as in the legacy package, NumPy's may not
    if filter_lengths == "integer":
        return ratio - 1.0
    return (ratio**2 - 1.0) / (ratio**2 + 1.0)


def erb_gamma(alpha: Union[float, Floats]) -> Union[float, Floats]:
    """The gamma with which bandwidths ``alpha f + gamma`` are proportional to the ear's, Hz.

    Source: Glasberg & Moore (1990), ERB(f) = 24.7 + 0.108 f; Schörkhuber et al. (2014), section 2.2.
    """
    return _ERB_OFFSET / _ERB_SLOPE * alpha


def constant_q_lengths(
    frequencies: Floats,
    sr: float,
    bins_per_octave: Union[float, Floats],
    filter_scale: float = 1.0,
    gamma: Optional[float] = 0.0,
    filter_lengths: str = "integer",
) -> Floats:
    """Filter lengths in samples, ``filter_scale * sr / B_k`` with the bandwidths ``B_k = alpha f_k + gamma``.

    Args:
        frequencies: centre frequencies, Hz.
        sr: sampling rate, Hz.
        bins_per_octave: fixes alpha, see :func:`relative_bandwidth`; one number, or one for each bin.
        filter_scale: > 0; below 1 the filters are shorter and wider.
        gamma: bandwidth added to every bin, Hz, >= 0; None for :func:`erb_gamma`.
        filter_lengths: ``"integer"`` rounds up to whole samples, the others do not.

    Shape:
        frequencies: ``(n_bins,)``
        returns: ``(n_bins,)``

    Source: Schörkhuber, Klapuri, Holighaus & Dörfler (2014), "A Matlab toolbox for efficient perfect
    reconstruction time-frequency transforms with log-frequency resolution", eq. 1.
    """
    alpha = relative_bandwidth(bins_per_octave, filter_lengths)
    added = erb_gamma(alpha) if gamma is None else gamma
    # This order of operations rounds as in the legacy package, whose ceil must give the same integer.
    lengths = (filter_scale / alpha) * sr / (frequencies + added / alpha)
    if filter_lengths == "integer":
        lengths = np.ceil(lengths)
    return np.asarray(lengths, dtype=np.float64)
