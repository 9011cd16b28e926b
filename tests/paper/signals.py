"""The signals of the paper's experiments: tones, speech and music."""

import numpy as np
from scipy import signal


def tone(frequency: float, sr: int, seconds: float = 1.0):
    """A sinusoid of amplitude 1, float64."""
    return np.sin(2 * np.pi * frequency * np.arange(int(sr * seconds)) / sr)


def chirp(low: float, high: float, sr: int, seconds: float = 1.0):
    """A sinusoid that glides from ``low`` to ``high`` (Hz), faded in and out, float64."""
    time = np.arange(int(sr * seconds)) / sr
    fade = np.minimum(1, np.minimum(time, seconds - time) / 0.05)
    return fade * signal.chirp(time, low, seconds, high, method="logarithmic")


def speech(sr: int = 16000):
    """One second of synthetic vowels: glottal pulses of falling pitch through three moving formants.

    It replaces recorded speech, of which none may be shipped. The formants move from /a/ to /i/ (Peterson &
    Barney, 1952); weak noise is added to the pulses, and there is a pause in the middle.
    """
    rng = np.random.default_rng(0)
    time = np.arange(sr) / sr
    phase = np.cumsum(140 - 40 * time) / sr
    source = np.diff(np.floor(phase), prepend=0.0) + 0.01 * rng.standard_normal(sr)
    out = np.zeros(sr)
    for block in range(20):  # formants are constant for 50 ms
        part = slice(block * sr // 20, (block + 1) * sr // 20)
        voiced = source * ((time >= part.start / sr) & (time < part.stop / sr))
        for start, end, width in ((730, 270, 80), (1090, 2290, 100), (2440, 3010, 140)):
            formant = start + (end - start) * block / 19
            radius = np.exp(-np.pi * width / sr)
            poles = [1.0, -2 * radius * np.cos(2 * np.pi * formant / sr), radius**2]
            out += signal.lfilter([1.0 - radius], poles, voiced)
    out[int(0.45 * sr) : int(0.55 * sr)] = 0.0
    return out / np.abs(out).max()


def snr(x, y) -> float:
    """Energy of ``x`` over energy of the error, dB."""
    return float(10 * np.log10((x**2).sum() / ((y - x) ** 2).sum()))
