"""Factors of a strided filter bank for streams: each hop of samples is projected once, on a few vectors.

The kernels are cut at whole hops before the end of a frame. All pieces of the kernels of a group, real and
imaginary, are rows of one matrix of ``hop`` columns. Low kernels are smooth within a hop, so the matrix has a
low rank: with its singular value decomposition ``U S V'``, a new hop of samples costs one product with ``V``,
and a frame one product of the last projections with ``U S``. That is a fraction of the products with the
kernels themselves, and nothing but real matrices.
"""

from typing import List, NamedTuple, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Complexes = npt.NDArray[np.complex128]

# Norm of what is left out of a kernel, relative to the smallest norm of a kernel of its group.
NEGLIGIBLE = {"single": 2e-8, "double": 1e-14}
_MOST_BINS = 24


class PartitionGroup(NamedTuple):
    """Neighbouring bins with kernels of similar length."""

    bins: int
    skipped: int
    """Blocks between the kernels and the end of the frame."""
    blocks: int
    """Blocks that the kernels span."""
    rank: int


class Partitions(NamedTuple):
    """A bank in factors."""

    groups: List[PartitionGroup]
    blocks: int
    """Blocks of a frame."""
    projection: Floats
    """``(hop, sum of ranks)``"""
    mixing: Floats
    """``(blocks * rank, 2 * bins)`` of each group, one after the other, with real and imaginary columns in
    turn."""


def partitions(
    kernels: Sequence[Complexes], starts: Sequence[int], seen: int, hop: int, negligible: float
) -> Partitions:
    """Factors of ``y[k, n] = sum_t x[n * hop + starts[k] + t] * conj(kernels[k][t])``.

    Args:
        kernels: one complex array for each bin.
        starts: first sample of each kernel in the frame.
        seen: samples of a frame, the last of which ends a block.
        hop: samples between frames.
        negligible: norm that may be left out of a kernel, relative to the smallest of its group.
    """
    groups: List[PartitionGroup] = []
    projections: List[Floats] = []
    mixings: List[Floats] = []
    first = 0
    for stop in range(1, len(kernels) + 1):
        sizes = [kernel.size for kernel in kernels[first : stop + 1]]
        if stop < len(kernels) and max(sizes) < 2 * min(sizes) and len(sizes) <= _MOST_BINS:
            continue
        placed = list(zip(kernels[first:stop], starts[first:stop], strict=True))
        far = -(-max(seen - start for _, start in placed) // hop)
        near = min(seen - start - kernel.size for kernel, start in placed) // hop
        rows = np.zeros((stop - first, (far - near) * hop), dtype=np.complex128)
        for row, (kernel, start) in zip(rows, placed, strict=True):
            begin = far * hop - (seen - start)
            row[begin : begin + kernel.size] = kernel.conj()
        norm = min(np.linalg.norm(row) for row in rows)
        pieces = np.stack([rows.real, rows.imag], 1).reshape(-1, hop)
        left, values, right = np.linalg.svd(pieces, full_matrices=False)
        lost = np.sqrt(np.cumsum(values[::-1] ** 2))[::-1]
        rank = max(1, int((lost > negligible * norm).sum()))
        mixing = (left[:, :rank] * values[:rank]).reshape(2 * (stop - first), -1).T
        groups.append(PartitionGroup(stop - first, near, far - near, rank))
        projections.append(right[:rank].T)
        mixings.append(np.ascontiguousarray(mixing).reshape(-1))
        first = stop
    return Partitions(groups, -(-seen // hop), np.concatenate(projections, 1), np.concatenate(mixings))
