"""First-order recursions over frames: products with triangular matrices instead of a loop."""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..module.graph_capture import capturing_graph
from ..module.precision import matmul
from ..module.reshaping import split_axis


def _block() -> int:
    """Frames of a block. Each frame costs as many multiply-adds."""
    return 64


def decaying_sums(x: Tensor, log_decay: Tensor) -> Tensor:
    """``y[t] = exp(log_decay) * y[t - 1] + x[t]`` with ``y[-1] = 0``.

    Blocks of frames are summed on their own, then blocks of blocks; the few sums of these, one for 4096
    frames, all at once. What came before a block is added last.

    Args:
        x: values.
        log_decay: logarithm of the decay per frame, < 0.

    Shape:
        x: ``(batch, bins, frames)``
        log_decay: ``(bins,)``, or ``(1,)`` for all bins
        returns: ``(batch, bins, frames)``
    """
    size = _block()
    inner = _sums_of_blocks(x, log_decay)
    outer = _sums_of_blocks(inner[..., -1], log_decay * size)
    ends = outer[..., -1]
    ends = _weighted(ends.unsqueeze(2), log_decay * (size * size), ends.size(2)).squeeze(2)
    ends = _with_carry(outer, ends, log_decay * size)[:, :, : inner.size(2)]
    return _with_carry(inner, ends, log_decay)[:, :, : x.size(2)]


def _sums_of_blocks(x: Tensor, log_decay: Tensor) -> Tensor:
    """The recursion within each block of frames: ``(batch, bins, blocks, size)``."""
    size = _block()
    blocks = (x.size(2) + size - 1) // size
    if capturing_graph():  # one block, or one before the last, would be a constant of the graph
        blocks = blocks + 2
    padded = F.pad(x, [0, blocks * size - x.size(2)])
    return _weighted(split_axis(padded, 2, [blocks, size]), log_decay, size)


def _weighted(x: Tensor, log_decay: Tensor, size: int) -> Tensor:
    """The recursion along the last axis of ``(batch, bins, blocks, size)``, by a triangular matrix."""
    steps = torch.arange(size, device=x.device)
    lags = (steps.unsqueeze(0) - steps.unsqueeze(1)).to(x.dtype)
    weights = torch.exp(lags.clamp(min=0.0) * log_decay.view(-1, 1, 1)) * (lags >= 0)
    return matmul(x, weights[0] if weights.size(0) == 1 else weights)


def _with_carry(x: Tensor, ends: Tensor, log_decay: Tensor) -> Tensor:
    """Add to each block what decays from the end of the block before; blocks one after the other again.

    Shape:
        x: ``(batch, bins, blocks, size)``
        ends: ``(batch, bins, blocks)``
        returns: ``(batch, bins, blocks * size)``
    """
    steps = torch.arange(1, x.size(3) + 1, device=x.device).to(x.dtype)
    carried = F.pad(ends[:, :, :-1], [1, 0]).unsqueeze(3)
    return (x + carried * torch.exp(steps * log_decay.view(-1, 1, 1))).flatten(2)
