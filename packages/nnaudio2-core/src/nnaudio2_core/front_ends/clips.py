"""Preparation of clips: their lengths, pre-emphasis, and padding of both ends, item by item.

``lengths`` holds the samples of each item of a padded batch, ``(batch,)``; None means that all are whole.
"""

from typing import Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..framing.frames import frame_copies
from ..module.graph_capture import capturing_graph, needs_gradient


def valid(counts: Tensor, size: int) -> Tensor:
    """True for the first ``counts`` places of each item: ``(batch, size)``."""
    return torch.arange(size, device=counts.device).unsqueeze(0) < counts.unsqueeze(1)


def without_rest(x: Tensor, lengths: Optional[Tensor]) -> Tensor:
    """Zeros after the end of each item, whatever stood there."""
    if lengths is None:
        return x
    return torch.where(valid(lengths, x.size(1)), x, 0.0)


def of_length(x: Tensor, lengths: Optional[Tensor], length: int, repeat: bool) -> Tensor:
    """Each clip cut to ``length`` samples, or filled up with zeros.

    Args:
        x: the clips.
        lengths: samples of each.
        length: samples.
        repeat: repeat a clip as often as it fits before the zeros.

    Shape:
        x: ``(batch, time)``
        returns: ``(batch, length)``
    """
    if not repeat:
        if capturing_graph():  # no comparison of lengths: append enough zeros for any
            return F.pad(x, [0, length])[:, :length]
        return F.pad(x, [0, length - x.size(1)]) if x.size(1) < length else x[:, :length]
    place = torch.arange(length, device=x.device).unsqueeze(0)
    given = torch.full_like(place[:, :1], x.size(1)) if lengths is None else lengths.unsqueeze(1)
    times = torch.div(torch.full_like(given, length), given, rounding_mode="floor").clamp(min=1)
    source = torch.remainder(place, given).expand(x.size(0), -1)
    return torch.where(place < times * given, x.gather(1, source), 0.0)


def to_multiple(x: Tensor, lengths: Optional[Tensor], multiple: int) -> Tuple[Tensor, Optional[Tensor]]:
    """Zeros after each clip up to a multiple of so many samples, and the new lengths."""
    if multiple == 1:
        return x, lengths
    padded = F.pad(x, [0, (x.size(1) + multiple - 1) // multiple * multiple - x.size(1)])
    if lengths is None:
        return padded, lengths
    return padded, torch.div(lengths + (multiple - 1), multiple, rounding_mode="floor") * multiple


def emphasised(x: Tensor, lengths: Optional[Tensor], coefficient: float) -> Tensor:
    """``x[t] - coefficient * x[t - 1]``, the first sample unchanged, zeros after the end of each item."""
    if coefficient == 0.0:
        return x
    return without_rest(torch.cat([x[:, :1], x[:, 1:] - coefficient * x[:, :-1]], 1), lengths)


def pad_ends(x: Tensor, lengths: Optional[Tensor], left: int, right: int, mode: str) -> Tensor:
    """Pad each item at its own two ends; a negative ``right`` drops samples.

    Args:
        x: the clips, zeros after their ends.
        lengths: samples of each.
        left: samples to add at the start, >= 0.
        right: samples to add at the end.
        mode: ``"constant"`` (zeros), ``"reflect"`` (around the end sample), or ``"mirror"`` (the end sample
            twice); short clips over and over.

    Shape:
        x: ``(batch, time)``
        returns: ``(batch, left + time + right)``
    """
    time = x.size(1)
    if mode == "constant" or (left == 0 and right <= 0):
        return F.pad(x, [left, max(right, 0)])[:, : left + time + right]
    if lengths is None:  # only the ends are looked up
        before = torch.arange(-left, 0, device=x.device)
        after = torch.arange(0, max(right, 0), device=x.device) + time
        first = x.index_select(1, _folded(before, torch.full_like(before, time), mode))
        last = x.index_select(1, _folded(after, torch.full_like(after, time), mode))
        return torch.cat([first, x, last], 1)[:, : left + time + right]
    places = torch.arange(-left, time + right, device=x.device).unsqueeze(0).expand(x.size(0), -1)
    return x.gather(1, _folded(places, lengths.unsqueeze(1), mode).clamp(0, time - 1))


def _folded(places: Tensor, lengths: Tensor, mode: str) -> Tensor:
    """The sample of the clip that stands at each place, also before and after the clip."""
    shared = 1 if mode == "reflect" else 0
    period = (2 * (lengths - shared)).clamp(min=1)
    places = torch.where(places < 0, shared - 1 - places, places)  # ExecuTorch has no remainder of these
    places = torch.remainder(places, period)
    return torch.where(places < lengths, places, period - 1 + shared - places)


def conditioned_frames(x: Tensor, width: int, hop_length: int, zero_mean: bool, coefficient: float) -> Tensor:
    """Frames without their means, pre-emphasised one by one.

    Within a frame the first sample counts as its own predecessor.

    Shape:
        x: ``(batch, time)``
        returns: ``(batch, frames, width)``, ``frames = 1 + (time - width) // hop_length``
    """
    if (
        needs_gradient(x) and not capturing_graph()
    ):  # torch.func has no rule for the gradient of overlapping views
        n_frames = 1 + (x.size(1) - width) // hop_length
        starts = torch.arange(n_frames, device=x.device).unsqueeze(1) * hop_length
        places = starts + torch.arange(width, device=x.device)
        frames: Tensor = x.index_select(1, places.flatten()).unflatten(1, [n_frames, width])
    else:
        frames = frame_copies(x, width, hop_length)
    if zero_mean:
        frames = frames - frames.mean(-1, keepdim=True)
    if coefficient != 0.0:
        frames = frames - coefficient * torch.cat([frames[..., :1], frames[..., :-1]], -1)
    return frames
