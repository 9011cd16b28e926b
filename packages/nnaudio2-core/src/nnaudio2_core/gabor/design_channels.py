"""Channels of a nonstationary Gabor frame: centre and edges of each window on the frequency axis."""

import math
from typing import NamedTuple, Optional, Sequence

import numpy as np
import numpy.typing as npt

from ..bands.design_scales import EAR_Q, MIN_BANDWIDTH

Array = npt.NDArray[np.float64]

SCALES = ("octave", "mel", "erb")


class Window(NamedTuple):
    """Half-width of a window in channels, and of its response's main lobe in periods of its bandwidth."""

    reach: int
    response: float


WINDOWS = {
    "sine": Window(1, 1.5),
    "hann": Window(1, 2.0),
    "blackmanharris": Window(2, 4.0),
    "gaussian": Window(2, 4.0),
}
# Outer edge of a window without one, Hz: finite, to keep NaN out of the arithmetic.
_NO_EDGE = 1e30
# A scale is evenly spaced in log(f + offset); Hz.
_MEL_OFFSET = 700.0
_ERB_OFFSET = EAR_Q * MIN_BANDWIDTH


class Channels(NamedTuple):
    """Windows in order of frequency, Hz: those of the scale between one around 0 Hz and one at Nyquist.

    The first window is flat below its centre, the last one above: they have no outer edge.
    """

    low: Array
    centre: Array
    high: Array


def octave_centres(fmin: float, bins_per_octave: float, numbers: Array) -> Array:
    """Frequency of channel ``numbers`` of a scale with ``bins_per_octave`` channels an octave."""
    return np.asarray(fmin * 2.0 ** (numbers / bins_per_octave))


def octave_bins(fmin: float, nyquist: float, fmax: Optional[float], bins_per_octave: float) -> int:
    """Channels below ``fmax``; without it, up to the last one that ends below Nyquist."""
    rounding = 1e-9  # channels, where fmax equals a centre
    if fmax is None:
        return max(1, math.floor(bins_per_octave * math.log2(nyquist / fmin) + rounding))
    return max(1, math.ceil(bins_per_octave * math.log2(fmax / fmin) - rounding))


def scale_centres(scale: str, fmin: float, end: float, n_bins: int, numbers: Array) -> Array:
    """Frequency of channel ``numbers`` of a mel or ERB scale: channel 0 at ``fmin``, ``n_bins`` at ``end``.

    Source: O'Shaughnessy (1987) for mel, in HTK's form; Glasberg & Moore (1990) for the ERB rate.
    """
    offset = _MEL_OFFSET if scale == "mel" else _ERB_OFFSET
    ratio = (end + offset) / (fmin + offset)
    return np.asarray((fmin + offset) * ratio ** (numbers / n_bins) - offset)


def listed_centres(frequencies: Sequence[float], numbers: Array) -> Array:
    """Frequency of channel ``numbers`` of a list, continued at both ends by the ratios of its ends."""
    given = np.asarray(frequencies, dtype=np.float64)
    first = given[1] / given[0] if len(given) > 1 else 2.0
    last = given[-1] / given[-2] if len(given) > 1 else 2.0
    inside = given[np.clip(numbers, 0, len(given) - 1).astype(np.int64)]
    below = np.minimum(numbers, 0.0)
    above = np.maximum(numbers - (len(given) - 1), 0.0)
    return np.asarray(inside * first**below * last**above)


def channels(centres: Array, reach: int, stretch: Optional[Array] = None) -> Channels:
    """Windows that reach from their centres to those of neighbours.

    Args:
        centres: frequencies of the scale, Hz, with ``reach`` more at each end.
        reach: half-width of a window, channels.
        stretch: factor on the width of each channel of the scale; None is 1.

    Shape:
        centres: ``(n_bins + 2 * reach,)``
        stretch: ``(n_bins,)``
        returns: three of ``(n_bins + 2,)``
    """
    n_bins = len(centres) - 2 * reach
    centre = centres[reach - 1 : reach + n_bins + 1]
    low = np.concatenate([[-_NO_EDGE], centres[: n_bins + 1]])
    high = np.concatenate([centres[2 * reach - 1 :], [_NO_EDGE]])
    if stretch is not None:
        low[1:-1] = centre[1:-1] - stretch * (centre[1:-1] - low[1:-1])
        high[1:-1] = centre[1:-1] + stretch * (high[1:-1] - centre[1:-1])
    return Channels(low, centre, high)


def variable_q_stretch(centres: Array, bins_per_octave: float, gamma: float) -> Array:
    """Factor on each width that adds ``gamma`` Hz to the bandwidth ``alpha * f`` of a constant-Q channel.

    Source: Schoerkhuber et al. (2014), eq. 1; ``alpha = 2 ** (1 / bins_per_octave) - 1``.
    """
    alpha = 2.0 ** (1.0 / bins_per_octave) - 1.0
    return np.asarray(1.0 + gamma / (alpha * centres))


def bandwidths(edges: Channels, sr: float) -> Array:
    """Width of each window between 0 Hz and Nyquist, Hz."""
    return np.asarray(np.minimum(edges.high, sr / 2) - np.maximum(edges.low, 0.0))
