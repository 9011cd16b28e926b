"""What the octave-by-octave algorithm needs: low-pass filters, rates, and the kernels of one octave."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import signal

from .design_kernels import constant_q_frequencies

TAPS = 256


class Octaves(NamedTuple):
    """How a constant-Q transform is cut into octaves of one set of kernels."""

    n_octaves: int
    n_filters: int
    """Bins of one octave."""
    fmin_top: float
    """Lowest centre frequency of the top octave, Hz."""
    factor: int
    """Early down-sampling, before the top octave; a power of two."""


def lowpass_filter(cutoff: float, transition: float) -> npt.NDArray[np.float64]:
    """Linear-phase low-pass filter of ``TAPS`` taps.

    Args:
        cutoff: middle of the transition band, 0 to 1 = Nyquist.
        transition: relative half width of the transition band.

    Shape:
        returns: ``(TAPS,)``

    Source: window method (``scipy.signal.firwin2``), with nnAudio's edges.
    """
    edges = [0.0, cutoff / (1 + transition), cutoff * (1 + transition), 1.0]
    return np.asarray(signal.firwin2(TAPS, edges, [1.0, 1.0, 0.0, 0.0]), dtype=np.float64)


def cut_into_octaves(
    sr: float,
    hop_length: int,
    fmin: float,
    n_bins: int,
    bins_per_octave: int,
    filter_scale: float,
    early: bool,
) -> Octaves:
    """Octaves counted down from the top bin, and how far the signal may be down-sampled before them.

    Args:
        sr: sampling rate, Hz.
        hop_length: samples between frames.
        fmin: centre of the lowest bin, Hz.
        n_bins: number of bins.
        bins_per_octave: bins of an octave.
        filter_scale: factor on all filter lengths.
        early: whether to down-sample before the top octave where that is possible.

    Source: Schörkhuber & Klapuri (2010), "Constant-Q transform toolbox for music processing"; the margins
    of the early down-sampling are nnAudio's.
    """
    n_octaves = math.ceil(n_bins / bins_per_octave)
    n_filters = min(bins_per_octave, n_bins)
    # In this order the rounding is that of the legacy package, whose ceil must fall on the same integer.
    remainder = n_bins % bins_per_octave or bins_per_octave
    fmax = fmin * 2.0 ** (n_octaves - 1) * 2.0 ** ((remainder - 1) / bins_per_octave)
    fmin_top = fmax / 2.0 ** ((n_filters - 1) / bins_per_octave)
    if n_filters == bins_per_octave:
        fmin_top = fmax / 2.0 ** (1 - 1 / bins_per_octave)
    q = filter_scale / (2.0 ** (1 / bins_per_octave) - 1)
    # A Hann window's bandwidth is 1.5 bins; 0.85 leaves room for the transition of the filter.
    cutoff = fmax * (1 + 0.5 * 1.5 / q)
    room = max(0, math.ceil(math.log2(0.85 * (sr / 2) / cutoff)) - 2)
    spare = max(0, math.ceil(math.log2(hop_length)) - n_octaves + 1)
    factor = 2 ** min(room, spare) if early else 1
    return Octaves(n_octaves, n_filters, float(fmin_top), factor)


def octave_lengths(
    sr: float, fmin: float, n_bins: int, bins_per_octave: int, filter_scale: float, gamma: float
) -> npt.NDArray[np.float64]:
    """Filter lengths by which the ``"librosa"`` normalisation scales, at the rate of the top octave.

    Shape:
        returns: ``(n_bins,)``
    """
    frequencies = constant_q_frequencies(fmin, n_bins, bins_per_octave)
    alpha = 2.0 ** (1 / bins_per_octave) - 1
    return np.asarray(np.ceil((filter_scale / alpha) * sr / (frequencies + gamma / alpha)), dtype=np.float64)
