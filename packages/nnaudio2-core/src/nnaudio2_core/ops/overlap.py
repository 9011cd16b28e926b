"""From overlap-added frames to the waveform: divide by the window sum, drop the padding, fit the length."""

from typing import Optional

import torch
import torch.nn.functional as F
from torch import Tensor

from .precision import matmul


def window_sum(window: Tensor, n_frames: int, hop_length: int) -> Tensor:
    """Sum of the squared windows of ``n_frames`` frames, one value a sample.

    In blocks of one hop the sum rises over the first frames, then repeats, then falls. Only the
    rise and the fall are computed, from one window; the blocks between are copies. That costs next to
    nothing and needs no cache.

    Shape:
        window: ``(n_fft,)``
        returns: ``(time,)``, ``time = (n_frames - 1) * hop_length + n_fft``
    """
    n_fft = window.size(0)
    time = (n_frames - 1) * hop_length + n_fft
    blocks = (n_fft + hop_length - 1) // hop_length
    squared = F.pad(window.square(), [0, blocks * hop_length - n_fft]).reshape(blocks, hop_length)
    row = torch.arange(n_frames + blocks - 1, device=window.device)
    if _long_and_eager(n_frames, blocks):
        rise = squared.cumsum(0)
        fall = squared.flip(0).cumsum(0).flip(0)[1:]
        fallen = (row - (n_frames - 1)).clamp(min=0)
        table = torch.cat([rise, fall])
        return table[row.clamp(max=blocks - 1) + fallen].flatten()[:time]
    # Any number of frames, without a branch on it: which block of the window lies on which row.
    block = torch.arange(blocks, device=window.device)
    frame_of_row = row.unsqueeze(1) - block.unsqueeze(0)
    present = (frame_of_row >= 0) & (frame_of_row < n_frames)
    return matmul(present.to(window.dtype), squared).flatten()[:time]


def _long_and_eager(n_frames: int, blocks: int) -> bool:
    if not torch.jit.is_scripting():
        if torch.compiler.is_compiling():
            return False
    return n_frames >= blocks


def finish_overlap_add(
    y: Tensor, window: Tensor, n_frames: int, hop_length: int, pad: int, length: Optional[int]
) -> Tensor:
    """Divide overlap-added, unscaled inverse frames by ``n_fft`` and the window sum, and crop.

    Shape:
        y: ``(batch, (n_frames - 1) * hop_length + n_fft)``
        window: ``(n_fft,)``
        returns: ``(batch, length)``; without a length, what lies between the paddings
    """
    n_fft = window.size(0)
    total = window_sum(window, n_frames, hop_length)
    # Where the squared windows sum to less than this no frame saw the sample, and it is set to zero.
    unseen = 1e-11
    scale = torch.where(total > unseen, 1.0 / (total.clamp(min=unseen) * n_fft), 0.0)
    available = y.size(1) - pad
    if length is None:
        return y[:, pad:available] * scale[pad:available]
    seen = min(length, available)
    waveform = y[:, pad : pad + seen] * scale[pad : pad + seen]
    return F.pad(waveform, [0, length - seen])
