"""Windows of a nonstationary Gabor frame on the bins of an FFT of any length, in closed form."""

import math
from typing import List, NamedTuple

import torch
from torch import Tensor

from .group import Group


class Windows(NamedTuple):
    """The windows of all channels for clips of one length, group after group.

    Shape:
        bins: ``(total,)``: bin of the spectrum that each value belongs to
        analysis, synthesis: ``(total,)``
    """

    bins: Tensor
    analysis: Tensor
    synthesis: Tensor


def frame_windows(
    edges: Tensor, groups: List[Group], window: str, sr: float, unit: int, units: int
) -> Windows:
    """The windows for clips of ``units * unit`` samples.

    A channel with ``frames`` coefficients keeps bin ``j`` at place ``j % frames``: its phase then advances by
    the frequency of the signal.

    Shape:
        edges: ``(3, n_channels)``: low edge, centre, high edge, Hz
    """
    step = sr / unit / units
    half = units * unit // 2
    bins: List[Tensor] = []
    values: List[Tensor] = []
    for group in groups:
        low, centre, high = edges[:, group.first : group.end].unsqueeze(-1).unbind(0)
        # An edge on a bin may be rounded to just below it: that bin must not take the place of the last one.
        first = torch.floor(low / step + 1e-6).clamp(min=-1).to(torch.int64) + 1
        place = torch.arange(group.rate * units, device=edges.device).unsqueeze(0)
        group_bins = first + torch.remainder(place - first, group.rate * units)
        frequency = group_bins.to(edges.dtype) * step
        bins.append(group_bins.clamp(max=half).flatten())
        group_values = _window(frequency, low, centre, high, window)
        values.append(group_values.masked_fill(group_bins > half, 0.0).flatten())
    all_bins, all_values = torch.cat(bins), torch.cat(values)
    total = torch.zeros(half + 1, dtype=edges.dtype, device=edges.device)
    total = total.index_add(0, all_bins, all_values.square())
    # Bins between the ends stand for two frequencies, a positive and a negative one.
    ends = (all_bins == 0) | (all_bins == half)
    weight = torch.full_like(all_values, math.sqrt(2.0)).masked_fill(ends, 1.0)
    if window == "sine":
        all_values = all_values * total.rsqrt()[all_bins]
        return Windows(all_bins, all_values * weight, all_values / weight)
    return Windows(all_bins, all_values * weight, all_values / (total[all_bins] * weight))


def _window(f: Tensor, low: Tensor, centre: Tensor, high: Tensor, window: str) -> Tensor:
    """A window between its edges: 1 at its centre."""
    t = torch.where(f < centre, (centre - f) / (centre - low), (f - centre) / (high - centre)).clamp(max=1.0)
    if window == "sine":
        return torch.cos(0.5 * math.pi * t)
    if window == "hann":
        return 0.5 + 0.5 * torch.cos(math.pi * t)
    if window == "gaussian":
        values = torch.exp(-8.0 * t.square())
    else:
        first, second, third = torch.cos(math.pi * t), torch.cos(2 * math.pi * t), torch.cos(3 * math.pi * t)
        values = 0.35875 + 0.48829 * first + 0.14128 * second + 0.01168 * third
    # These two do not end at 0; whether a bin is at the edge is not left to round-off.
    return values.masked_fill(t > 1.0 - 1e-9, 0.0)
