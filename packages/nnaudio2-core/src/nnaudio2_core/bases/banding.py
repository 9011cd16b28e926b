"""Cutting a filterbank that is mostly zeros into a few dense blocks."""

import itertools
from typing import List, NamedTuple, Tuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

# Matrix products run at full speed where the number of columns is a multiple of this: 30 columns take longer
# than 32, 8 as long as 32.
_BAND_STEP = 16
# What a block costs beside its multiply-adds, in multiply-adds a frame. Measured: 1500 are best for minutes of
# audio, 12000 for a second.
_BLOCK_COST = 3000


class Bands(NamedTuple):
    """A filterbank as blocks: each takes a range of bins to a range of bands.

    Bins that no band needs belong to no block; bands may belong to several blocks, which are summed.
    """

    weights: Array
    """All blocks, flattened one after the other, each ``(bins, bands)``."""
    layout: List[int]
    """First bin, end bin, first band, end band of each block, flattened."""
    n_bands: int


def cut_into_bands(filterbank: Array) -> Bands:
    """The blocks of least cost that hold every non-zero weight of ``filterbank``.

    Shape:
        filterbank: ``(bands, bins)``
    """
    used = np.abs(filterbank) > 0
    cuts, first_band, end_band = _cut_points(used)
    weights: List[Array] = []
    layout: List[int] = []
    for start, stop in _cheapest_path(cuts, first_band, end_band):
        bins = np.flatnonzero(used[:, start:stop].any(axis=0))
        if len(bins) == 0:
            continue
        low, high = start + int(bins[0]), start + int(bins[-1]) + 1
        bands = np.flatnonzero(used[:, low:high].any(axis=1))
        first, end = _widened(int(bands[0]), int(bands[-1]) + 1, len(filterbank))
        weights.append(filterbank[first:end, low:high].T.ravel())
        layout += [low, high, first, end]
    flat = np.concatenate(weights) if weights else np.zeros(0)
    return Bands(flat, layout, len(filterbank))


def _widened(first: int, end: int, n_bands: int) -> Tuple[int, int]:
    """A range of bands that holds ``first`` to ``end`` and, if there are so many, a multiple of the step."""
    width = -(-(end - first) // _BAND_STEP) * _BAND_STEP
    end = min(n_bands, first + width)
    return max(0, end - width), end


def _cut_points(
    used: npt.NDArray[np.bool_],
) -> Tuple[List[int], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where blocks may start (every few bins), and the bands that each stretch between two uses."""
    n_bands, n_bins = used.shape
    step = max(1, n_bins // 256)
    cuts = [*range(0, n_bins, step), n_bins]
    stretches = np.stack([used[:, a:b].any(axis=1) for a, b in itertools.pairwise(cuts)])
    touched = stretches.any(axis=1)
    first = np.where(touched, stretches.argmax(axis=1), n_bands)
    end = np.where(touched, n_bands - stretches[:, ::-1].argmax(axis=1), 0)
    return cuts, first.astype(np.int64), end.astype(np.int64)


def _cheapest_path(
    cuts: List[int], first_band: npt.NDArray[np.int64], end_band: npt.NDArray[np.int64]
) -> List[Tuple[int, int]]:
    """Dynamic programme over the cuts: the least sum of block areas and fixed costs."""
    n = len(cuts) - 1
    best = np.zeros(n + 1)
    previous = np.zeros(n + 1, dtype=np.int64)
    for stop in range(1, n + 1):
        # Bands used by the stretches start .. stop - 1, for every start at once.
        low = np.minimum.accumulate(first_band[:stop][::-1])[::-1]
        high = np.maximum.accumulate(end_band[:stop][::-1])[::-1]
        bins = cuts[stop] - np.asarray(cuts[:stop])
        bands = -(-np.maximum(0, high - low) // _BAND_STEP) * _BAND_STEP
        costs = best[:stop] + np.where(high > low, _BLOCK_COST + bins * bands, 0)
        previous[stop] = int(costs.argmin())
        best[stop] = costs[previous[stop]]
    path: List[Tuple[int, int]] = []
    stop = n
    while stop > 0:
        path.append((cuts[previous[stop]], cuts[stop]))
        stop = int(previous[stop])
    return path[::-1]
