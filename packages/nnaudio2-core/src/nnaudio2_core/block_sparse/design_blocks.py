"""Division of a matrix that is mostly zero into dense blocks, at the least cost."""

from typing import List, NamedTuple, Tuple

import numpy as np
import numpy.typing as npt

from .block import Block

Array = npt.NDArray[np.float64]

# Matrix products run at full speed if the number of columns is a multiple of this: 30 columns take 1.5 times
# as long as 32, and 8 as long as 32.
_COLUMN_STEP = 16
# Overhead of a block, in multiply-adds per frame. Measured: 1500 is best for minutes of audio, 12000 for a
# second.
_BLOCK_COST = 3000
# At most so many outputs where a block may start: the time of the search is the square of their number.
_MOST_CUTS = 256


class BlockSparse(NamedTuple):
    """A matrix as blocks. Every output belongs to one block; inputs may belong to several, or to none."""

    weights: Array
    """All blocks, flattened one after the other, each ``(inputs, outputs)``."""
    blocks: List[Block]


def cut_into_blocks(matrix: Array) -> BlockSparse:
    """The blocks of least cost that hold every non-zero weight of ``matrix``.

    Shape:
        matrix: ``(outputs, inputs)``, at least one of each
    """
    n_outputs = len(matrix)
    step = _COLUMN_STEP * -(-n_outputs // (_COLUMN_STEP * _MOST_CUTS))
    cuts = [*range(0, n_outputs, step), n_outputs]
    first, end = _inputs_between(matrix != 0, cuts)
    weights: List[Array] = []
    blocks: List[Block] = []
    for i, j in _cheapest_path(cuts, first, end):
        low, high = int(first[i:j].min()), int(end[i:j].max())
        if low >= high:  # outputs without weights read one input, times zero
            low, high = 0, 1
        weights.append(matrix[cuts[i] : cuts[j], low:high].T.ravel())
        blocks.append(Block(low, high, cuts[i], cuts[j]))
    return BlockSparse(np.concatenate(weights), blocks)


def _inputs_between(
    used: npt.NDArray[np.bool_], cuts: List[int]
) -> Tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First and end input that the outputs between two cuts use; ``n_inputs`` and 0 where they use none."""
    n_inputs = used.shape[1]
    touched = np.logical_or.reduceat(used, cuts[:-1], axis=0)
    any_input = touched.any(axis=1)
    first = np.where(any_input, touched.argmax(axis=1), n_inputs)
    end = np.where(any_input, n_inputs - touched[:, ::-1].argmax(axis=1), 0)
    return first.astype(np.int64), end.astype(np.int64)


def _cheapest_path(
    cuts: List[int], first: npt.NDArray[np.int64], end: npt.NDArray[np.int64]
) -> List[Tuple[int, int]]:
    """Blocks with the least sum of areas and fixed costs, by dynamic programming over the cuts."""
    n = len(cuts) - 1
    best = np.zeros(n + 1)
    previous = np.zeros(n + 1, dtype=np.int64)
    for stop in range(1, n + 1):
        # Inputs used between the cuts start .. stop, for every start at once.
        low = np.minimum.accumulate(first[:stop][::-1])[::-1]
        high = np.maximum.accumulate(end[:stop][::-1])[::-1]
        columns = -(-(cuts[stop] - np.asarray(cuts[:stop])) // _COLUMN_STEP) * _COLUMN_STEP
        costs = best[:stop] + _BLOCK_COST + np.maximum(0, high - low) * columns
        previous[stop] = int(costs.argmin())
        best[stop] = costs[previous[stop]]
    path: List[Tuple[int, int]] = []
    stop = n
    while stop > 0:
        path.append((int(previous[stop]), stop))
        stop = int(previous[stop])
    return path[::-1]
