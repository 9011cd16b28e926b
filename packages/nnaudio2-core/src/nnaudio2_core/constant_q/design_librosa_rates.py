"""Rate at which librosa computes each bin of a constant-Q transform, octave by octave.

librosa 0.11 goes down the octaves and halves the sampling rate before each as long as the hop is even. If the
top bin is low enough and the hop has further factors of two, it halves before the first as well. Its kernels
are sampled at those rates, so their windows have a whole number of samples of the octave.
"""

import math

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
) -> npt.NDArray[np.int64]:
    """Factor by which librosa has decimated the signal when it computes each bin.

    Args:
        frequencies: centre frequencies, ascending, Hz.
        sr: sampling rate, Hz.
        hop_length: samples between frames; the rate is halved at most once for each factor of two in it.
        bins_per_octave: bins that are computed together.
        alpha: relative bandwidth of a bin.
        filter_scale: factor on all filter lengths.
        gamma: bandwidth added to every bin, Hz.
        window: as in ``scipy.signal.get_window``.

    Shape:
        frequencies: ``(n_bins,)``
        returns: ``(n_bins,)``, powers of two
    """
    n_bins, together = len(frequencies), max(1, int(bins_per_octave))
    n_octaves = math.ceil(n_bins / together)
    top = frequencies[-1] * (1 + 0.5 * _noise_bandwidth(window) * alpha / filter_scale) + 0.5 * gamma
    by_rate = max(0, math.ceil(math.log2(sr / 2 / top)) - 2)
    twos = (hop_length & -hop_length).bit_length() - 1
    halvings = min(by_rate, max(0, twos - n_octaves + 1))
    decimation = np.ones(n_bins, dtype=np.int64)
    for octave in range(n_octaves):
        end = n_bins - octave * together
        decimation[max(0, end - together) : end] = 2 ** min(twos, halvings + octave)
    return decimation


def _noise_bandwidth(window: Window) -> float:
    """Equivalent noise bandwidth of a window, bins."""
    values = analysis_window(window, 1000, 1000)
    return float(1000 * np.sum(values**2) / np.sum(values) ** 2)
