"""Work in chunks that stay in the cache, where no graph and no gradient forbids it."""

from typing import Tuple

import torch
from torch import Tensor

from ..module.graph_capture import capturing_graph

# glibc gives freed memory back to the system as soon as twice the largest piece ever freed lies idle. Buffers
# of chunks would be mapped anew, page by page, chunk by chunk, which can take as long as the work. One large
# piece, freed without being touched, raises that limit for good, to 59 MB; other allocators do not care.
torch.empty(7 << 20, device="cpu")


def chunk_samples() -> int:
    """About how many samples of frames are worked on at a time.

    4 MB of float32 stays in the caches of two cores, and buffers of that size are reused by the
    allocator instead of being mapped anew each time.
    """
    return 1 << 20


def empty_rows(x: Tensor, constants: Tensor, rows: int, columns: int) -> Tensor:
    """An uninitialised ``(batch, rows, columns)`` made from ``x`` and ``constants``, so that transforms of
    functions (``torch.func.vmap``) see that it belongs to both and let results be written into it.

    Shape:
        x: ``(batch, *)``, not empty along its other axes
        constants: ``(total,)``, ``total >= 1``, of the type of ``x``
    """
    like = (x.flatten(1)[:, :1] + constants[:1]).unsqueeze(-1).expand(x.size(0), rows, columns)
    return torch.empty_like(like, memory_format=torch.contiguous_format)


def use_chunks(x: Tensor, samples: int) -> bool:
    """Whether work of ``samples`` samples is cut into chunks: not while a graph is being recorded."""
    if capturing_graph() or (torch.is_grad_enabled() and x.requires_grad):
        return False
    return samples > chunk_samples()


def chunk_shape(batch: int, n_frames: int, width: int) -> Tuple[int, int]:
    """Items and frames of one chunk: several short clips whole, or one of the equal parts of a long clip."""
    frames = max(1, chunk_samples() // width)
    if frames >= n_frames:
        return frames // n_frames, n_frames
    parts = (n_frames + frames - 1) // frames
    return 1, (n_frames + parts - 1) // parts
