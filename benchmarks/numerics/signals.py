"""Signals of the numerics page: noise, a tone and the beginnings of the two recordings."""

import numpy as np

from ..clips import SR, recording
from .comparison import Signals


def signals(seconds: float) -> Signals:
    """Float64 waveforms ``(time,)``, the samples all of them float32 numbers."""
    time = int(seconds * SR)
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(time) / SR)
    found = {
        "noise": np.random.default_rng(0).standard_normal(time),
        "tone": tone,
        "trumpet": recording("sir_duke_fast").numpy()[:time],
        "snare": recording("snare-accelerate").numpy()[:time],
    }
    return {name: x.astype(np.float32).astype(np.float64) for name, x in found.items()}
