"""Phases for magnitude spectrograms: the start and the update of Griffin-Lim."""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..module.graph_capture import needs_gradient
from ..module.precision import widest
from .by_fft import scale_bins


def random_angles(frames: int, bins: int, seed: int, like: Tensor) -> Tensor:
    """Angles distributed evenly over the circle, a pure function of ``seed`` and position.

    No generator is involved, so the angles are the same on every device and runtime, and the same for an item
    of a batch as for the item by itself.

    Shape:
        returns: ``(frames, bins)``, 0 to 2 pi, the dtype and device of ``like``
    """
    prime = 2147483647
    frame = torch.arange(frames, device=like.device).unsqueeze(1)
    bin_ = torch.arange(bins, device=like.device).unsqueeze(0)
    # A few rounds of a quadratic map modulo a prime: the square mixes, the rest keeps zero from staying zero.
    value = (frame * 1000003 + bin_ * 7919 + (seed % prime) * 104729 + 12345) % prime
    for _ in range(4):
        value = (value * value + 48271 * value + 1013904223) % prime
    return value.to(like.dtype) * (2.0 * math.pi / prime)


class PhaseSlopes(NamedTuple):
    """Numbers of each bin that turn slopes of its log magnitude into phases: ``(bins,)`` each."""

    turns: Tensor
    """Turns of the centre frequency in a hop, whole turns dropped."""
    advances: Tensor
    """Further turns in a hop by the log quotient of the two neighbouring bins."""
    delays: Tensor
    """Delay from the centre of a frame by the log quotient of the two neighbouring frames, half windows."""
    halves: Tensor
    """Half of the window's length, samples."""
    spacings: Tensor
    """Distance to the centre frequency of the bin below (0 Hz for the first), cycles per sample."""


def gradient_angles(magnitudes: Tensor, slopes: PhaseSlopes) -> Tensor:
    """Angles estimated from the slopes of the log magnitude.

    For a Gaussian window the phase's derivative in time is the centre frequency of the bin plus the slope of
    the log magnitude over frequency, and its derivative in frequency is minus the delay from the centre of
    the frame, the slope over time, each times constants of the window. Integrating the first from frame to
    frame gives steady tones their phases. At an onset, a frame with twice the energy of the one before, the
    second is integrated from bin to bin instead, and time goes on from there. Angles are those of windows
    centred on their frames.

    Args:
        magnitudes: of a bank of windowed tones, over the peak response of each.
        slopes: constants of the bank.

    Shape:
        magnitudes: ``(batch, frames, bins)``
        returns: the same, radians

    Source: Průša & Søndergaard (2016), "Real-time spectrogram inversion using phase gradient heap
    integration", eq. 9 to 11; the choice between the two directions by onsets is ours.
    """
    frames, bins = magnitudes.size(1), magnitudes.size(2)
    floor = 1e-10 * magnitudes.amax([1, 2], keepdim=True)
    # Logarithms of quotients, not differences of logarithms: they are small, and so is their round-off, which
    # the sums along a click accumulate.
    heard = torch.maximum(magnitudes, floor).clamp(min=1e-30)
    over_bins = F.pad((heard[:, :, 2:] / heard[:, :, :-2]).log(), [1, 1])[:, :, :bins]
    advance = over_bins * slopes.advances.to(magnitudes.dtype)
    along_time = F.pad(_angles_of(0.5 * (advance[:, 1:] + advance[:, :-1]), 1), [0, 0, 1, 0])
    along_time = along_time + _centre_angles(frames, slopes.turns).to(magnitudes.dtype)

    over_frames = F.pad((heard[:, 2:] / heard[:, :-2]).log(), [0, 0, 1, 1])[:, :frames]
    # The energy of a frame lies at most half a window from its centre, whatever the slope next to silence.
    delay = (over_frames * slopes.delays.to(magnitudes.dtype)).clamp(-1.0, 1.0)
    delay = delay * slopes.halves.to(magnitudes.dtype)
    mean = torch.cat([delay[:, :, :1], 0.5 * (delay[:, :, 1:] + delay[:, :, :-1])], 2)
    along_bins = _angles_of(-mean * slopes.spacings.to(magnitudes.dtype), 2)

    energy = magnitudes.square().sum(2)
    onset = F.pad(energy[:, 1:] > 2.0 * energy[:, :-1], [1, 0], value=False)
    latest = _latest(onset).unsqueeze(2)
    shift = (along_bins - along_time).gather(1, latest.expand(-1, -1, bins))
    return along_time + torch.where(latest > 0, shift, torch.zeros_like(shift))


def _angles_of(turns: Tensor, dim: int) -> Tensor:
    """Cumulative sums of turns as radians, -pi to pi: whole turns are dropped.

    The phase of a click makes a turn in a few bins, and float32 would round off sums of so many turns.
    """
    total = turns.to(widest(turns.device)).cumsum(dim)
    return (2.0 * math.pi) * (total - total.detach().round()).to(turns.dtype)


def _latest(marked: Tensor) -> Tensor:
    """Index of the last mark at or before each frame, 0 before the first.

    Each mark starts a run of frames, and the lengths of the runs give the starts. This needs no running
    maximum, which ONNX and ExecuTorch lack.

    Shape:
        marked: ``(batch, frames)``, not marked at frame 0
        returns: the same, int64
    """
    run = marked.to(torch.int64).cumsum(1)
    members = torch.zeros_like(run).scatter_add(1, run, torch.ones_like(run))
    return (members.cumsum(1) - members).gather(1, run)


def _centre_angles(frames: int, turns: Tensor) -> Tensor:
    """Phases of tones at the bins' centres that peak in the middle of frame 0: ``(frames, bins)``.

    Whole turns are dropped before the cast to the working dtype, so that long clips stay exact.
    """
    total = torch.arange(frames, device=turns.device).unsqueeze(1) * turns
    return (2.0 * math.pi) * (total - total.round())


def with_phases_of(magnitudes: Tensor, X: Tensor, real_engine: bool) -> Tensor:
    """Complex numbers with given magnitudes and the phases of ``X`` (zero where ``X`` is zero).

    With ``real_engine`` no complex tensor is made, for runtimes that have none.

    Shape:
        magnitudes: ``(*)``
        X: ``(*, 2)``
        returns: ``(*, 2)``
    """
    if needs_gradient(X):
        # Numbers at the round-off of the loudest magnitude, 1, have no phase; their gradient would overflow.
        parts = X.detach().abs()
        small = torch.maximum(parts[..., :1], parts[..., 1:]) < 1e-7
        X = torch.where(small, X.detach(), X)
    real, imaginary = X[..., 0], X[..., 1]
    # Products of strided parts: a quarter of the time of squaring pairs and summing them.
    squared = torch.addcmul(real * real, imaginary, imaginary)
    factors = magnitudes * squared.clamp(min=1e-37).rsqrt()
    if real_engine:  # part by part: runtimes are slow at an axis of 2
        return torch.stack([real * factors, imaginary * factors], -1)
    return scale_bins(X, factors)
