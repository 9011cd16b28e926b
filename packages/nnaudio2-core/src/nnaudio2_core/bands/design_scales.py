"""Frequency scales of hearing: mel (Slaney's and HTK's) and the ERB rate; all float64."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

# Slaney's Auditory Toolbox: 200/3 Hz per mel up to 1 kHz, then 27 mels per factor of 6.4.
_HZ_PER_MEL = 200.0 / 3.0
_KNEE_HZ = 1000.0
_LOG_STEP = np.log(6.4) / 27.0

# Glasberg and Moore (1990): quality factor of the ear, and its bandwidth at low frequencies, Hz.
EAR_Q = 9.26449
MIN_BANDWIDTH = 24.7


def hz_to_mel(frequencies: npt.ArrayLike, htk: bool = False) -> Array:
    """Hertz to mel.

    Args:
        frequencies: Hz, >= 0.
        htk: HTK's formula, ``2595 log10(1 + f / 700)``, instead of Slaney's.

    Shape:
        frequencies: any
        returns: the same
    """
    hz = np.asarray(frequencies, dtype=np.float64)
    if htk:
        return np.asarray(2595.0 * np.log10(1.0 + hz / 700.0))
    above = np.log(np.maximum(hz, _KNEE_HZ) / _KNEE_HZ) / _LOG_STEP
    return np.asarray(np.minimum(hz, _KNEE_HZ) / _HZ_PER_MEL + above)


def mel_to_hz(mels: npt.ArrayLike, htk: bool = False) -> Array:
    """Mel to hertz, the inverse of :func:`hz_to_mel`."""
    mel = np.asarray(mels, dtype=np.float64)
    if htk:
        return np.asarray(700.0 * (10.0 ** (mel / 2595.0) - 1.0))
    knee = _KNEE_HZ / _HZ_PER_MEL
    return np.asarray(np.minimum(mel, knee) * _HZ_PER_MEL * np.exp(_LOG_STEP * np.maximum(mel - knee, 0.0)))


def mel_frequencies(n_mels: int, fmin: float, fmax: float, htk: bool = False) -> Array:
    """``n_mels`` frequencies from ``fmin`` to ``fmax`` (Hz), evenly spaced in mel.

    Shape:
        returns: ``(n_mels,)``
    """
    low, high = hz_to_mel([fmin, fmax], htk)
    return mel_to_hz(np.linspace(low, high, n_mels), htk)


def erb_frequencies(n_bins: int, fmin: float, fmax: float) -> Array:
    """``n_bins`` centre frequencies (Hz), evenly spaced on the ERB-rate scale, ``fmax`` itself excluded.

    Shape:
        returns: ``(n_bins,)``, rising from ``fmin``

    Source: Slaney (1993), Apple technical report 35, "An efficient implementation of the
    Patterson-Holdsworth auditory filter bank".
    """
    offset = EAR_Q * MIN_BANDWIDTH
    steps = np.arange(n_bins, dtype=np.float64) / n_bins
    return np.asarray((fmin + offset) * ((fmax + offset) / (fmin + offset)) ** steps - offset)


def fft_frequencies(sr: float, n_fft: int) -> Array:
    """Frequencies (Hz) of the bins of a one-sided FFT.

    Shape:
        returns: ``(n_fft // 2 + 1,)``
    """
    return np.arange(n_fft // 2 + 1, dtype=np.float64) * (sr / n_fft)
