"""Design of the octave-by-octave algorithm: its octaves, rates, low-pass filters and filter lengths."""

import math
from typing import NamedTuple, Tuple

import numpy as np
import numpy.typing as npt
from scipy import signal

from .design_bins import constant_q_frequencies, constant_q_lengths

TAPS = 256


class Octaves(NamedTuple):
    """Octaves of a constant-Q transform that share one set of kernels."""

    n_octaves: int
    n_filters: int
    """Bins of one octave."""
    fmin_top: float
    """Lowest centre frequency of the top octave, Hz."""
    factor: int
    """Early down-sampling, before the top octave; a power of two."""


def lowpass_filter(cutoff: float, transition: float, taps: int = TAPS) -> npt.NDArray[np.float64]:
    """Linear-phase low-pass filter.

    Args:
        cutoff: middle of the transition band, 0 to 1 = Nyquist.
        transition: relative half width of the transition band.
        taps: length of the filter, samples.

    Shape:
        returns: ``(taps,)``

    Source: window method (``scipy.signal.firwin2``), with nnAudio's edges.
    """
    edges = [0.0, cutoff / (1 + transition), cutoff * (1 + transition), 1.0]
    return np.asarray(signal.firwin2(taps, edges, [1.0, 1.0, 0.0, 0.0]), dtype=np.float64)


def top_octave(fmin: float, n_bins: int, bins_per_octave: float) -> Tuple[int, float, float]:
    """Number of octaves, centre of the top bin, and lowest centre of the octave that it ends, both in Hz."""
    n_octaves = math.ceil(n_bins / bins_per_octave)
    # This order of operations rounds as in the legacy package, whose ceil must give the same integer.
    remainder = n_bins % bins_per_octave or bins_per_octave
    fmax = fmin * 2.0 ** (n_octaves - 1) * 2.0 ** ((remainder - 1) / bins_per_octave)
    return n_octaves, fmax, fmax / 2.0 ** (1 - 1 / bins_per_octave)


def upper_edge(fmax: float, q: float) -> float:
    """Upper end of the pass band of a bin at ``fmax``, Hz, for a Hann window: its bandwidth is 1.5 bins."""
    return fmax * (1 + 0.5 * 1.5 / q)


def early_halvings(nyquist: float, edge: float, hop_length: int, n_octaves: int) -> int:
    """Number of times that the rate may be halved before the top octave.

    Args:
        nyquist: half the sampling rate, Hz.
        edge: highest frequency to keep, Hz.
        hop_length: samples between frames; each octave but the top one halves it, as do these halvings.
        n_octaves: number of octaves.

    Source: nnAudio's rule; 0.85 leaves a margin for the transition of the filter.
    """
    by_rate = max(0, math.ceil(math.log2(0.85 * nyquist / edge)) - 2)
    by_hop = max(0, math.ceil(math.log2(hop_length)) - n_octaves + 1)
    return min(by_rate, by_hop)


def cut_into_octaves(
    sr: float,
    hop_length: int,
    fmin: float,
    n_bins: int,
    bins_per_octave: int,
    filter_scale: float,
    early: bool,
) -> Octaves:
    """Octaves counted down from the top bin, and the factor of down-sampling before them.

    Args:
        sr: sampling rate, Hz.
        hop_length: samples between frames.
        fmin: centre of the lowest bin, Hz.
        n_bins: number of bins.
        bins_per_octave: bins of an octave.
        filter_scale: factor on all filter lengths.
        early: True to down-sample before the top octave where possible.

    Source: Schörkhuber & Klapuri (2010), "Constant-Q transform toolbox for music processing"; the margins
    of the early down-sampling are nnAudio's.
    """
    n_octaves, fmax, fmin_top = top_octave(fmin, n_bins, bins_per_octave)
    n_filters = min(bins_per_octave, n_bins)
    if n_filters < bins_per_octave:
        fmin_top = fmax / 2.0 ** ((n_filters - 1) / bins_per_octave)
    edge = upper_edge(fmax, filter_scale / (2.0 ** (1 / bins_per_octave) - 1))
    factor = 2 ** early_halvings(sr / 2, edge, hop_length, n_octaves) if early else 1
    return Octaves(n_octaves, n_filters, float(fmin_top), factor)


def octave_lengths(
    sr: float, fmin: float, n_bins: int, bins_per_octave: int, filter_scale: float, gamma: float
) -> npt.NDArray[np.float64]:
    """Filter lengths by which the ``"librosa"`` normalisation scales, at the rate of the top octave.

    Shape:
        returns: ``(n_bins,)``
    """
    frequencies = constant_q_frequencies(fmin, n_bins, bins_per_octave)
    return constant_q_lengths(frequencies, sr, bins_per_octave, filter_scale, gamma)
