"""Test signals for artifacts, seeded, the same in every process."""

import math
from typing import Optional

import torch
from torch import Tensor

from .interface import Interface

NAMES = ("tone", "noise", "impulse", "silence", "shortest", "long", "batch")

DEFAULT_RATE = 22050.0
"""Sampling rate, Hz, for a module without one."""


def signals(interface: Interface, max_time: Optional[int] = None) -> dict[str, Tensor]:
    """Inputs by name: tone, noise, impulse, silence, the shortest allowed, a long one, a batch.

    Without an axis ``batch`` there is no batch, and of a fixed length neither a shortest nor a long one.

    Args:
        interface: what is tried.
        max_time: longest input, samples or frames; None for any length.
    """
    inputs = {name: interface.input_of(waveform) for name, waveform in waveforms(interface).items()}
    axis = interface.long_axis
    if "batch" not in interface.axes:
        del inputs["batch"]
    if interface.long_name is None:
        return {name: x for name, x in inputs.items() if name not in ("shortest", "long")}
    inputs["shortest"] = inputs["shortest"].narrow(axis, 0, interface.shortest)
    if max_time is not None:
        inputs = {name: x.narrow(axis, 0, min(x.size(axis), max_time)) for name, x in inputs.items()}
    return inputs


def waveforms(interface: Interface) -> dict[str, Tensor]:
    """The waveforms that inputs are made of, ``(batch, time)``, by name."""
    samples = interface.samples + 1
    # Whole hops, while the others end amid one.
    long = 3 * samples + -3 * samples % (interface.hop_length or 1)
    generator = torch.Generator().manual_seed(1)
    noise = 0.25 * torch.randn(3, long, generator=generator)
    sr = interface.sr or DEFAULT_RATE
    # Between two bins of any FFT, at a frequency that every rate has.
    tone = 0.5 * torch.sin(2 * math.pi * 0.0437 * sr * torch.arange(samples) / sr)
    impulse = torch.zeros(samples)
    impulse[samples // 2] = 1.0
    return {
        "tone": tone[None],
        "noise": noise[:1, :samples],
        "impulse": impulse[None],
        "silence": torch.zeros(1, samples),
        "shortest": noise[:1, :samples],
        "long": noise[1:2],
        "batch": noise[:, :samples] * torch.tensor([[1.0], [0.1], [0.01]]),
    }
