"""Overlapping slices of a waveform, faded in and out, and their sum."""

import math
from typing import Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..framing.frames import overlap_add


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


def cut(x: Tensor, window: Tensor) -> Tensor:
    """Slices of a waveform, faded in and out.

    Shape:
        x: ``(batch, time)``
        window: ``(length,)``, of even length
        returns: ``(batch, slices, length)``
    """
    length = window.size(0)
    hop, count = length // 2, n_slices(x.size(1), length)
    halves = F.pad(x, [hop, count * hop - x.size(1)]).unflatten(1, [count + 1, hop])
    return torch.cat([halves[:, :-1], halves[:, 1:]], 2) * window


def joined(y: Tensor, window: Tensor) -> Tensor:
    """The waveform of slices: the inverse of :func:`cut`, and its adjoint.

    Coefficients may have been edited: each slice is faded once more, so that it starts and ends at zero.

    Shape:
        y: ``(batch, slices, length)``
        returns: ``(batch, (slices - 1) * length // 2)``
    """
    hop = window.size(0) // 2
    return overlap_add(y * window, hop)[:, hop : y.size(1) * hop]


def next_slice(previous: Tensor, half: Tensor, window: Tensor) -> Tuple[Tensor, Tensor]:
    """One step of :func:`cut`: the slice that ends with ``half``, and the state for the next step.

    Shape:
        previous: ``(batch, length // 2)``, the state; zeros before the first step
        half: ``(batch, length // 2)``, the next samples
        returns: ``(batch, length)`` and ``(batch, length // 2)``
    """
    return torch.cat([previous, half], -1) * window, half


def next_half(overlap: Tensor, y: Tensor, window: Tensor) -> Tuple[Tensor, Tensor]:
    """One step of :func:`joined`: half a slice of samples, and the state for the next step.

    The samples are those before the last ``length // 2`` that went into :func:`next_slice`.

    Shape:
        overlap: ``(batch, length // 2)``, the state; zeros before the first step
        y: ``(batch, length)``, a slice
        returns: ``(batch, length // 2)`` twice
    """
    hop = window.size(0) // 2
    faded = y * window
    return overlap + faded[:, :hop], faded[:, hop:]
