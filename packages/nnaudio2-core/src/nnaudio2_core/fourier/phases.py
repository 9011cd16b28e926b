"""Phases for magnitude spectrograms: the start and the update of Griffin-Lim."""

import math

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


def gradient_angles(magnitudes: Tensor, n_fft: int, hop_length: int, spread: float) -> Tensor:
    """Angles estimated from the slopes of the log magnitude.

    For a Gaussian window the phase's derivative in time is the centre frequency of the bin plus the
    slope of the log magnitude over frequency, and its derivative in frequency is minus the centre of
    the frame plus the slope over time, times constants of the window. Integrating the first from frame
    to frame gives steady tones their phases. At an onset, a frame with twice the energy of the one
    before, the second is integrated from bin to bin instead, and time goes on from there.

    Args:
        magnitudes: of an STFT.
        n_fft: length of a frame, samples.
        hop_length: samples between frames.
        spread: variance of the squared window in time, samples squared.

    Shape:
        magnitudes: ``(batch, frames, n_fft // 2 + 1)``
        returns: the same, radians

    Source: Průša & Søndergaard (2016), "Real-time spectrogram inversion using phase gradient heap
    integration", eq. 9 to 11; the choice between the two directions by onsets is ours.
    """
    floor = 1e-10 * magnitudes.amax([1, 2], keepdim=True)
    # Logarithms of quotients, not differences of logarithms: they are small, and so is their round-off, which
    # the sums along a click accumulate.
    heard = torch.maximum(magnitudes, floor).clamp(min=1e-30)
    over_bins = F.pad((heard[:, :, 2:] / heard[:, :, :-2]).log(), [1, 1])
    advance = over_bins * (hop_length * n_fft / (16.0 * math.pi**2 * spread))
    along_time = F.pad(_angles_of(0.5 * (advance[:, 1:] + advance[:, :-1]), 1), [0, 0, 1, 0])
    along_time = along_time + _centre_angles(magnitudes, n_fft, hop_length)

    over_frames = F.pad((heard[:, 2:] / heard[:, :-2]).log(), [0, 0, 1, 1])
    # From bin to bin there is also minus half a turn; the sum stays small and exact without it.
    # The energy of a frame lies at most half a frame from its centre, whatever the slope next to silence.
    delay = (over_frames * (-spread / (hop_length * n_fft))).clamp(-0.5, 0.5)
    along_bins = F.pad(_angles_of(0.5 * (delay[:, :, 1:] + delay[:, :, :-1]), 2), [1, 0])
    along_bins = along_bins + _alternating(magnitudes)

    energy = magnitudes.square().sum(2)
    onset = F.pad(energy[:, 1:] > 2.0 * energy[:, :-1], [1, 0], value=False)
    latest = _latest(onset).unsqueeze(2)
    shift = (along_bins - along_time).gather(1, latest.expand(-1, -1, magnitudes.size(2)))
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


def _centre_angles(magnitudes: Tensor, n_fft: int, hop_length: int) -> Tensor:
    """Phases of tones at the bins' centres that peak in the middle of frame 0: ``(frames, bins)``.

    Whole turns are dropped in integers, so that long clips stay exact.
    """
    frame = torch.arange(magnitudes.size(1), device=magnitudes.device).unsqueeze(1)
    bin_ = torch.arange(magnitudes.size(2), device=magnitudes.device).unsqueeze(0)
    turns = (frame * bin_ * hop_length) % n_fft
    return turns.to(magnitudes.dtype) * (2.0 * math.pi / n_fft) + _alternating(magnitudes)


def _alternating(magnitudes: Tensor) -> Tensor:
    """0, pi, 0, pi, ... for the bins: ``(bins,)``."""
    bin_ = torch.arange(magnitudes.size(2), device=magnitudes.device)
    return (bin_ % 2).to(magnitudes.dtype) * math.pi


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
