"""Overlapping frames of a waveform, and overlap-add of frames."""

from typing import Optional

import torch
import torch.nn.functional as F
from torch import Tensor

from ..module.graph_capture import capturing_graph
from ..module.reshaping import join_axes, split_axis


def frame(x: Tensor, width: int, hop_length: int) -> Tensor:
    """Overlapping frames as a view.

    Shape:
        x: ``(batch, time)``
        returns: ``(batch, frames, width)``, ``frames = 1 + (time - width) // hop_length``
    """
    if width == hop_length and capturing_graph():
        # A plain view is contiguous only where time is a multiple of width; the graph would exclude other
        # lengths. Of two rows more, torch.export can prove that they are more.
        n_frames = x.size(1) // width
        padded = F.pad(x, [0, (n_frames + 2) * width - x.size(1)])
        return split_axis(padded, 1, [n_frames + 2, width])[:, :n_frames]
    return x.unfold(-1, width, hop_length)


def frame_copies(x: Tensor, width: int, hop_length: int) -> Tensor:
    """The frames of :func:`frame`; in graphs by slices and one concatenation.

    Small runtimes have no overlapping views and would gather sample by sample.

    Shape:
        x: ``(batch, time)``
        returns: ``(batch, frames, width)``
    """
    blocks = (width + hop_length - 1) // hop_length
    if blocks > 16 or not capturing_graph():  # an operator for each block would make graphs large
        return frame(x, width, hop_length)
    if isinstance(x.size(1), int) and x.size(1) == width:  # not asked of a size that varies
        return x.unsqueeze(1)
    n_frames = 1 + (x.size(1) - width) // hop_length
    rows = F.pad(x, [0, (n_frames + blocks) * hop_length - x.size(1)])
    rows = split_axis(rows, 1, [n_frames + blocks, hop_length])
    parts = [rows[:, block : block + n_frames] for block in range(blocks)]
    return torch.cat(parts, 2)[:, :, :width]


def overlap_add(frames: Tensor, hop_length: int, window: Optional[Tensor] = None) -> Tensor:
    """Sum of frames, each ``hop_length`` samples after the previous one: the transpose of :func:`frame`.

    Args:
        frames: the frames.
        hop_length: samples between frames.
        window: multiplied with each frame; None means ones.

    Shape:
        frames: ``(batch, frames, width)``
        window: ``(width,)``
        returns: ``(batch, time)``, ``time = (frames - 1) * hop_length + width``
    """
    batch, n_frames, width = frames.shape
    time = (n_frames - 1) * hop_length + width
    blocks = (width + hop_length - 1) // hop_length
    # Block by block, whole rows are read and written, but the number of operations grows with the overlap:
    # beyond 32 blocks one scatter is cheaper.
    if capturing_graph() or blocks > 32:
        if window is not None:
            frames = frames * window
        if capturing_graph():
            return _overlap_add_of_graphs(frames, hop_length)
        scattered: Tensor = torch.ops.aten.unfold_backward(frames, [batch, time], 1, width, hop_length)
        return scattered
    first = min(width, hop_length)
    rows = frames[:, :, :first] if window is None else frames[:, :, :first] * window[:first]
    rows = F.pad(rows, [0, hop_length - first, 0, blocks - 1])
    for block in range(1, blocks):
        start = block * hop_length
        stop = min(width, start + hop_length)
        part = frames[:, :, start:stop]
        if window is not None:  # products of one block at a time stay in the cache
            part = part * window[start:stop]
        rows[:, block : block + n_frames, : stop - start] += part
    return rows.flatten(1)[:, :time]


def _overlap_add_of_graphs(frames: Tensor, hop_length: int) -> Tensor:
    """:func:`overlap_add` by padding and sums, which are fast in every runtime."""
    n_frames, width = frames.size(1), frames.size(2)
    blocks = (width + hop_length - 1) // hop_length
    padded = F.pad(frames, [0, blocks * hop_length - width])
    if blocks <= 16:
        rows = F.pad(padded[:, :, :hop_length], [0, 0, 0, blocks - 1])
        for block in range(1, blocks):
            part = padded[:, :, block * hop_length : (block + 1) * hop_length]
            rows = rows + F.pad(part, [0, 0, block, blocks - 1 - block])
    else:  # an operator for each block would make graphs large
        rows = _sheared(split_axis(padded, 2, [blocks, hop_length]).transpose(1, 2)).sum(1)
    return join_axes(rows, 1, 2)[:, : (n_frames - 1) * hop_length + width]


def _sheared(parts: Tensor) -> Tensor:
    """Delay block ``b`` by ``b`` frames: the padded blocks, one after the other, are cut one row shorter.

    Shape:
        parts: ``(batch, blocks, frames, hop_length)``
        returns: ``(batch, blocks, frames + blocks - 1, hop_length)``
    """
    blocks = parts.size(1)
    rows = F.pad(parts, [0, 0, 0, blocks])
    least = rows.size(2) - 1
    sheared: Tensor = split_axis(join_axes(rows, 1, 2)[:, : blocks * least], 1, [blocks, least])
    return sheared
