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


def reciprocal(total: Tensor) -> Tensor:
    """One over the window sum; zero where the sum is so small that no frame covers the sample."""
    unseen = 1e-11
    return torch.where(total > unseen, 1.0 / total.clamp(min=unseen), 0.0)


def overlap_factors(window: Tensor, n_frames: int, hop_length: int, in_place: bool) -> Tensor:
    """Factors of :func:`normalize`: one over ``n_fft`` times the window sum.

    Shape:
        window: ``(n_fft,)``
        returns: with ``in_place`` and at least as many frames as blocks of one hop in a window, rise, plateau
            and fall, ``(2 * blocks - 1, hop_length)``; else ``(time,)``
    """
    blocks = (window.size(0) + hop_length - 1) // hop_length
    if in_place and _long_and_eager(n_frames, blocks):
        return reciprocal(_rise_and_fall(_squared_blocks(window, hop_length))) / window.size(0)
    return reciprocal(window_sum(window, n_frames, hop_length)) / window.size(0)


def normalize(y: Tensor, factors: Tensor, n_frames: int) -> Tensor:
    """Multiply overlap-added, unscaled inverse frames by their factors; factors in rows overwrite ``y``.

    Shape:
        y: ``(batch, time)``, overlap-added from ``n_frames`` frames
        factors: from :func:`overlap_factors`
        returns: ``(batch, time)``
    """
    if factors.dim() == 1:
        return y * factors
    blocks, hop_length = (factors.size(0) + 1) // 2, factors.size(1)
    rise, fall = (blocks - 1) * hop_length, n_frames * hop_length
    y[:, :rise] *= factors[: blocks - 1].flatten()
    plateau = y[:, rise:fall].unflatten(1, [n_frames - blocks + 1, hop_length])
    plateau *= factors[blocks - 1]
    y[:, fall:] *= factors[blocks:].flatten()[: y.size(1) - fall]
    return y


def crop_padding(y: Tensor, pad: int, length: Optional[int]) -> Tensor:
    """The samples after the first ``pad``, ``length`` of them; those that ``y`` lacks are zeros.

    Shape:
        y: ``(batch, time)``
        returns: ``(batch, length)``; without a length, the samples between the paddings
    """
    available = y.size(1) - pad
    if length is None:
        return y[:, pad:available]
    if capturing_graph():  # ExecuTorch cannot compare lengths: append enough zeros for any
        return F.pad(y[:, pad:], [0, length])[:, :length]
    seen = min(length, available)
    return F.pad(y[:, pad : pad + seen], [0, length - seen])
