"""Windows of a nonstationary Gabor frame on the bins of an FFT of any length, in closed form."""

import math
from typing import List, NamedTuple, Tuple

import torch
from torch import Tensor

from .group import Group


class Windows(NamedTuple):
    """The windows of all channels for clips of one length, channel after channel.

    A channel has as many rows as coefficients in a unit, and its coefficients are in the order of rows.

    Shape:
        bins: ``(rows, units)``: bin of the spectrum that each value belongs to
        analysis, synthesis: ``(rows, units)``
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
    within = torch.arange(units, device=edges.device)
    # A tensor: torch.export files hold no symbolic fraction.
    step = (sr / unit) / (within[-1:] + 1).to(edges.dtype)
    half = units * unit // 2
    channel, number, rate = _rows(groups, edges.device)
    low, centre, high = edges[:, channel].unsqueeze(-1).unbind(0)
    # An edge on a bin may be rounded to just below it: that bin must not take the place of the last one.
    first = torch.floor(low / step + 1e-6).clamp(min=-1).to(torch.int64) + 1
    place = number.unsqueeze(1) * units + within
    bins = first + torch.remainder(place - first, rate.unsqueeze(1) * units)
    values = _window(bins.to(edges.dtype) * step, low, centre, high, window).masked_fill(bins > half, 0.0)
    bins = bins.clamp(max=half)
    total = torch.zeros(half + 1, dtype=edges.dtype, device=edges.device)
    total = total.index_add(0, bins.flatten(), values.square().flatten())
    # Bins between the ends stand for two frequencies, a positive and a negative one.
    weight = torch.full_like(values, math.sqrt(2.0)).masked_fill((bins == 0) | (bins == half), 1.0)
    if window == "sine":
        values = values * total.rsqrt()[bins]
        return Windows(bins, values * weight, values / weight)
    return Windows(bins, values * weight, values / (total[bins] * weight))


def _rows(groups: List[Group], device: torch.device) -> Tuple[Tensor, Tensor, Tensor]:
    """Channel of each row, its number in the channel, and rows of that channel: ``(rows,)`` each."""
    channels: List[Tensor] = []
    numbers: List[Tensor] = []
    rates: List[Tensor] = []
    for first, end, rate in groups:
        channel = torch.arange(first, end, device=device).unsqueeze(1).expand(-1, rate)
        channels.append(channel.flatten())
        numbers.append(torch.arange(rate, device=device).expand_as(channel).flatten())
        rates.append(torch.full_like(channels[-1], rate))
    return torch.cat(channels), torch.cat(numbers), torch.cat(rates)


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
