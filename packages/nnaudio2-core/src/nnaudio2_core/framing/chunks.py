"""Chunks of work that stay in the cache; not during graph capture, and not with gradients."""

from typing import Tuple

import torch
from torch import Tensor

from ..module.graph_capture import capturing_graph, needs_gradient


def chunk_samples() -> int:
    """Approximate number of frame samples in one chunk.

    4 MB of float32 stays in the caches of two cores, and the allocator reuses buffers of that size instead of
    mapping them again each time.
    """
    return 1 << 20


def empty_rows(x: Tensor, constants: Tensor, rows: int, columns: int) -> Tensor:
    """Uninitialised ``(batch, rows, columns)`` for results of ``x`` and ``constants``.

    It is derived from both, so that function transforms (``torch.func.vmap``) batch it like them and allow
    writing into it.

    Shape:
        x: ``(batch, *)``, not empty along its other axes
        constants: ``(total,)``, ``total >= 1``, of the type of ``x``
    """
    first = x
    while first.dim() > 1:  # flattening would copy an x that is not contiguous
        first = first.select(1, 0)
    like = (first + constants[0]).view(-1, 1, 1).expand(-1, rows, columns)
    return torch.empty_like(like, memory_format=torch.contiguous_format)


def use_chunks(x: Tensor, samples: int) -> bool:
    """True if work of ``samples`` samples on ``x`` is cut into chunks."""
    if capturing_graph() or needs_gradient(x):
        return False
    return samples > chunk_samples()


def chunk_shape(n_frames: int, width: int) -> Tuple[int, int]:
    """Items and frames of one chunk: several short clips whole, or one of the equal parts of a long clip."""
    frames = max(1, chunk_samples() // width)
    if frames >= n_frames:
        return frames // n_frames, n_frames
    parts = (n_frames + frames - 1) // frames
    return 1, (n_frames + parts - 1) // parts
