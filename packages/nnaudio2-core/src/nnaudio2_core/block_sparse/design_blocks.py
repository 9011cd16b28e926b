"""Cutting a filterbank that is mostly zeros into a few dense blocks."""

from typing import List, NamedTuple, Tuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

# Matrix products run at full speed where the number of columns is a multiple of this: 30 columns take half
# again as long as 32, 8 take as long as 32.
_BAND_STEP = 16
# What a block costs beside its multiply-adds, in multiply-adds a frame. Measured: 1500 are best for minutes
# of audio, 12000 for a second.
_BLOCK_COST = 3000
# Blocks start at one of at most so many bands: the search takes the square of their number.
_MOST_CUTS = 256


class Bands(NamedTuple):
    """A filterbank as blocks: each takes a range of bins to the next few bands.

    Every band belongs to one block; bins may belong to several, or to none.
    """

    weights: Array
    """All blocks, flattened one after the other, each ``(bins, bands)``."""
    layout: List[int]
    """First bin, end bin, first band, end band of each block, flattened."""


def cut_into_bands(filterbank: Array) -> Bands:
    """The blocks of least cost that hold every non-zero weight of ``filterbank``.

    Shape:
        filterbank: ``(bands, bins)``, at least one of each
    """
    n_bands = len(filterbank)
    step = _BAND_STEP * -(-n_bands // (_BAND_STEP * _MOST_CUTS))
    cuts = [*range(0, n_bands, step), n_bands]
    first, end = _bins_between(np.abs(filterbank) > 0, cuts)
    weights: List[Array] = []
    layout: List[int] = []
    for i, j in _cheapest_path(cuts, first, end):
        low, high = int(first[i:j].min()), int(end[i:j].max())
        if low >= high:  # bands without weights read one bin, times zero
            low, high = 0, 1
        weights.append(filterbank[cuts[i] : cuts[j], low:high].T.ravel())
        layout += [low, high, cuts[i], cuts[j]]
    return Bands(np.concatenate(weights), layout)


def _bins_between(
    used: npt.NDArray[np.bool_], cuts: List[int]
) -> Tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First and end bin that the bands from one cut to the next use; last and 0 where they use none."""
    n_bins = used.shape[1]
    touched = np.logical_or.reduceat(used, cuts[:-1], axis=0)
    any_bin = touched.any(axis=1)
    first = np.where(any_bin, touched.argmax(axis=1), n_bins)
    end = np.where(any_bin, n_bins - touched[:, ::-1].argmax(axis=1), 0)
    return first.astype(np.int64), end.astype(np.int64)


def _cheapest_path(
    cuts: List[int], first: npt.NDArray[np.int64], end: npt.NDArray[np.int64]
) -> List[Tuple[int, int]]:
    """Dynamic programme over the cuts: the least sum of block areas and fixed costs."""
    n = len(cuts) - 1
    best = np.zeros(n + 1)
    previous = np.zeros(n + 1, dtype=np.int64)
    for stop in range(1, n + 1):
        # Bins used between the cuts start .. stop, for every start at once.
        low = np.minimum.accumulate(first[:stop][::-1])[::-1]
        high = np.maximum.accumulate(end[:stop][::-1])[::-1]
        bands = -(-(cuts[stop] - np.asarray(cuts[:stop])) // _BAND_STEP) * _BAND_STEP
        costs = best[:stop] + _BLOCK_COST + np.maximum(0, high - low) * bands
        previous[stop] = int(costs.argmin())
        best[stop] = costs[previous[stop]]
    path: List[Tuple[int, int]] = []
    stop = n
    while stop > 0:
        path.append((int(previous[stop]), stop))
        stop = int(previous[stop])
    return path[::-1]
