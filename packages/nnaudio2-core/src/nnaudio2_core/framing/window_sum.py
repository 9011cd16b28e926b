"""Last steps of overlap-add: divide by the window sum, drop the padding, fit the length."""

from typing import Optional

import torch
import torch.nn.functional as F
from torch import Tensor

from ..module.graph_capture import capturing_graph
from ..module.precision import matmul


def window_sum(window: Tensor, n_frames: int, hop_length: int) -> Tensor:
    """Sum of the squared windows of ``n_frames`` frames, one value per sample.

    Shape:
        window: ``(n_fft,)``
        returns: ``(time,)``, ``time = (n_frames - 1) * hop_length + n_fft``
    """
    squared = _squared_blocks(window, hop_length)
    blocks = squared.size(0)
    row = torch.arange(n_frames + blocks - 1, device=window.device)
    if _long_and_eager(n_frames, blocks):
        fallen = (row - (n_frames - 1)).clamp(min=0)
        total = _rise_and_fall(squared)[row.clamp(max=blocks - 1) + fallen]
    else:
        # No branch on the number of frames: frame_of_row[r, b] is the frame whose block b lies on row r.
        frame_of_row = row.unsqueeze(1) - torch.arange(blocks, device=window.device).unsqueeze(0)
        present = (frame_of_row >= 0) & (frame_of_row < n_frames)
        total = matmul(present.to(window.dtype), squared)
    return total.flatten()[: (n_frames - 1) * hop_length + window.size(0)]


def _squared_blocks(window: Tensor, hop_length: int) -> Tensor:
    """The squared window in blocks of one hop: ``(ceil(n_fft / hop_length), hop_length)``."""
    blocks = (window.size(0) + hop_length - 1) // hop_length
    return F.pad(window.square(), [0, blocks * hop_length - window.size(0)]).reshape(blocks, hop_length)


def _rise_and_fall(squared: Tensor) -> Tensor:
    """Rows of the window sum: its rise, one row of its plateau, its fall.

    Over many frames the sum repeats the plateau, so the blocks of one window suffice: this costs almost
    nothing and needs no cache.

    Shape:
        squared: ``(blocks, hop_length)``
        returns: ``(2 * blocks - 1, hop_length)``, the plateau in row ``blocks - 1``
    """
    return torch.cat([squared.cumsum(0), squared.flip(0).cumsum(0).flip(0)[1:]])


def _long_and_eager(n_frames: int, blocks: int) -> bool:
    return not capturing_graph() and n_frames >= blocks


def _reciprocal(total: Tensor) -> Tensor:
    """One over the window sum; zero where the sum is so small that no frame covers the sample."""
    unseen = 1e-11
    return torch.where(total > unseen, 1.0 / total.clamp(min=unseen), 0.0)


def finish_overlap_add(
    y: Tensor, window: Tensor, n_frames: int, hop_length: int, pad: int, length: Optional[int]
) -> Tensor:
    """Divide overlap-added, unscaled inverse frames by ``n_fft`` and the window sum, and crop.

    Without gradients the division is done in place: ``y`` is overwritten.

    Shape:
        y: ``(batch, (n_frames - 1) * hop_length + n_fft)``
        window: ``(n_fft,)``
        returns: ``(batch, length)``; without a length, the samples between the paddings
    """
    n_fft = window.size(0)
    blocks = (n_fft + hop_length - 1) // hop_length
    needs_gradient = torch.is_grad_enabled() and (y.requires_grad or window.requires_grad)
    if _long_and_eager(n_frames, blocks) and not needs_gradient:
        _divide_in_place(
            y, _reciprocal(_rise_and_fall(_squared_blocks(window, hop_length))) / n_fft, n_frames
        )
    else:
        y = y * (_reciprocal(window_sum(window, n_frames, hop_length)) / n_fft)
    available = y.size(1) - pad
    if length is None:
        return y[:, pad:available]
    if capturing_graph():  # ExecuTorch cannot compare lengths: append enough zeros for any
        return F.pad(y[:, pad:], [0, length])[:, :length]
    seen = min(length, available)
    return F.pad(y[:, pad : pad + seen], [0, length - seen])


def _divide_in_place(y: Tensor, table: Tensor, n_frames: int) -> None:
    """Multiply by the rows of ``table``: the rise, the plateau as often as needed, the fall."""
    blocks, hop_length = (table.size(0) + 1) // 2, table.size(1)
    rise, fall = (blocks - 1) * hop_length, n_frames * hop_length
    y[:, :rise] *= table[: blocks - 1].flatten()
    plateau = y[:, rise:fall].unflatten(1, [n_frames - blocks + 1, hop_length])
    plateau *= table[blocks - 1]
    y[:, fall:] *= table[blocks:].flatten()[: y.size(1) - fall]
