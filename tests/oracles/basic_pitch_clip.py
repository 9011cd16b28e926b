"""Clip of the golden of Basic Pitch's front end."""

import numpy as np

STEP = 9
"""The golden has every ninth frame."""


def clip() -> np.ndarray:
    """Two notes with partials and noise 50 dB below, 43844 samples at 22.05 kHz."""
    time = np.arange(43844) / 22050
    notes = sum(np.sin(2 * np.pi * k * f * time) / k for f in (220.0, 329.6) for k in range(1, 6))
    noise = np.random.default_rng(0).standard_normal(len(time))
    return (0.1 * notes * np.exp(-time) + 3e-4 * noise).astype(np.float32)
