"""Overlapping slices of a waveform, faded in and out, and their sum."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ..framing.frames import overlap_add
from ..module.reshaping import split_axis


def slice_window(length: int) -> Tensor:
    """A sine: fade in over half a slice, fade out over the other. Squares of neighbours add up to one.

    Shape:
        returns: ``(length,)``, float64
    """
    return torch.sin((torch.arange(length, dtype=torch.float64) + 0.5) * (math.pi / length))


def n_slices(time: int, length: int) -> int:
    """Slices that cover ``time`` samples twice; the first one starts half a slice before the clip."""
    hop = length // 2
    return (time + hop - 1) // hop + 1


def whole_halves(x: Tensor, length: int) -> Tensor:
    """A waveform between zeros: half a slice before it, and up to the end of the last slice after it.

    Shape:
        x: ``(batch, time)``
        returns: ``(batch, (slices + 1) * length // 2)``
    """
    hop = length // 2
    return F.pad(x, [hop, n_slices(x.size(1), length) * hop - x.size(1)])


def cut(x: Tensor, window: Tensor) -> Tensor:
    """Slices of a waveform, faded in and out.

    Shape:
        x: ``(batch, (slices + 1) * length // 2)``
        window: ``(length,)``, of even length
        returns: ``(batch, slices, length)``
    """
    halves = split_axis(x, 1, [-1, window.size(0) // 2])
    return torch.cat([halves[:, :-1], halves[:, 1:]], 2) * window


def joined(y: Tensor, window: Tensor) -> Tensor:
    """The sum of slices: the adjoint of :func:`cut`, and its inverse but for the first and the last half.

    Coefficients may have been edited: each slice is faded once more, so that it starts and ends at zero.

    Shape:
        y: ``(batch, slices, length)``
        returns: ``(batch, (slices + 1) * length // 2)``
    """
    return overlap_add(y * window, window.size(0) // 2)
