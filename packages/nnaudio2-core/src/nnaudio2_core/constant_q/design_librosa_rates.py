"""Rate at which librosa computes each bin of a constant-Q transform, octave by octave.

librosa goes down the octaves and halves the sampling rate before each as long as the hop is even; from 1.0 on
only if the top bin of the octave lies no higher than a fifth of the rate before it is halved. If the top bin
of all is low enough and the hop has further factors of two, it halves before the first octave as well. Its
kernels are sampled at those rates, so their windows have a whole number of samples of the octave.
"""

import math
from typing import Union

import numpy as np
import numpy.typing as npt

from ..framing.design_window import Window, analysis_window


def octave_decimation(
    frequencies: npt.NDArray[np.float64],
    sr: float,
    hop_length: int,
    bins_per_octave: float,
    alpha: float,
    filter_scale: float,
    gamma: float,
    window: Window,
    margin: bool = False,
) -> npt.NDArray[np.int64]:
    """Factor by which librosa has decimated the signal when it computes each bin.

    Args:
        frequencies: centre frequencies, ascending, Hz.
        sr: sampling rate, Hz.
        hop_length: samples between frames; the rate is halved at most once for each factor of two in it.
        bins_per_octave: bins that are computed together.
        alpha: relative bandwidth of the top bin.
        filter_scale: factor on all filter lengths.
        gamma: bandwidth added to the top bin, Hz.
        window: as in ``scipy.signal.get_window``.
        margin: True for the rule of librosa 1.0.

    Shape:
        frequencies: ``(n_bins,)``
        returns: ``(n_bins,)``, powers of two
    """
    n_bins, together = len(frequencies), max(1, int(bins_per_octave))
    n_octaves = math.ceil(n_bins / together)
    top = upper_edges(frequencies[-1:], alpha, filter_scale, gamma, window)[0]
    by_rate = max(0, math.ceil(math.log2(sr / 2 / top)) - 2)
    twos = (hop_length & -hop_length).bit_length() - 1
    halvings = min(by_rate, max(0, twos - n_octaves + 1))
    decimation = np.ones(n_bins, dtype=np.int64)
    for octave in range(n_octaves):
        end = n_bins - octave * together
        if octave > 0 and not (margin and frequencies[end - 1] > sr / 2**halvings / 5):
            halvings = min(twos, halvings + 1)
        decimation[max(0, end - together) : end] = 2**halvings
    return decimation


def upper_edges(
    frequencies: npt.NDArray[np.float64],
    alpha: Union[float, npt.NDArray[np.float64]],
    filter_scale: float,
    gamma: Union[float, npt.NDArray[np.float64]],
    window: Window,
) -> npt.NDArray[np.float64]:
    """Upper ends of the pass bands of bins, Hz, by librosa's rule.

    Args:
        frequencies: centre frequencies, Hz.
        alpha: relative bandwidth of the bins.
        filter_scale: factor on all filter lengths.
        gamma: bandwidth added to the bins, Hz.
        window: as in ``scipy.signal.get_window``.

    Shape:
        frequencies: ``(n_bins,)``
        returns: ``(n_bins,)``
    """
    relative = 1 + 0.5 * _noise_bandwidth(window) * np.asarray(alpha) / filter_scale
    return np.asarray(frequencies * relative + 0.5 * np.asarray(gamma), dtype=np.float64)


def _noise_bandwidth(window: Window) -> float:
    """Equivalent noise bandwidth of a window, bins."""
    values = analysis_window(window, 1000, 1000)
    return float(1000 * np.sum(values**2) / np.sum(values) ** 2)
