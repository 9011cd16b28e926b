"""Slow float64 references of the spectral transforms: direct sums in NumPy, independent of our code."""

import numpy as np
from scipy import signal

NUMPY_PAD = {"reflect": "reflect", "constant": "constant", "replicate": "edge", "circular": "wrap"}


def grid(freq_scale, freq_bins, n_fft, fmin, fmax, sr):
    """List of the frequencies in Hz."""
    if freq_scale == "no":
        return [k * sr / n_fft for k in range(freq_bins)]
    if freq_scale == "linear":
        return [fmin + k * (fmax - fmin) / freq_bins for k in range(freq_bins)]
    return [fmin * (fmax / fmin) ** (k / freq_bins) for k in range(freq_bins)]


def centred_window(window, win_length, n_fft):
    left = (n_fft - win_length) // 2
    values = np.zeros(n_fft)
    values[left : left + win_length] = signal.get_window(window, win_length, fftbins=True)
    return values


def frames(x, n_fft, hop_length, center, pad_mode):
    """``(time,)`` to ``(frames, n_fft)``."""
    if center:
        x = np.pad(x, n_fft // 2, mode=NUMPY_PAD[pad_mode])
    count = 1 + (len(x) - n_fft) // hop_length
    return np.stack([x[t * hop_length : t * hop_length + n_fft] for t in range(count)])


def stft(x, frequencies, sr, window, hop_length, center, pad_mode):
    """``sum_n window[n] x[t hop + n] exp(-2 pi i f n / sr)``: ``(time,)`` to complex ``(bins, frames)``."""
    cut = frames(np.asarray(x, dtype=np.float64), len(window), hop_length, center, pad_mode)
    n = np.arange(len(window))
    return np.stack([(cut * window * np.exp(-2j * np.pi * f * n / sr)).sum(axis=1) for f in frequencies])


def window_sum(window, n_frames, hop_length):
    total = np.zeros((n_frames - 1) * hop_length + len(window))
    for t in range(n_frames):
        total[t * hop_length : t * hop_length + len(window)] += window**2
    return total


def gammatone_responses(sr, n_fft, n_bins, fmin, fmax):
    """Magnitude responses of Slaney's four cascaded biquads, evaluated by SciPy at the bins of an FFT.

    ERB constants of Glasberg and Moore (1990); each filter has the peak ``1 / n_fft`` at its centre.
    """
    ear_q, min_bandwidth = 9.26449, 24.7
    c = ear_q * min_bandwidth
    rows = []
    for i in range(n_bins, 0, -1):
        centre = -c + np.exp(i * (np.log(fmin + c) - np.log(fmax + c)) / n_bins) * (fmax + c)
        decay = np.exp(-2 * np.pi * 1.019 * (centre / ear_q + min_bandwidth) / sr)
        theta = 2 * np.pi * centre / sr
        poles = [1.0, -2 * decay * np.cos(theta), decay**2]
        sections = [
            [1.0, -decay * (np.cos(theta) + sign * np.sqrt(3 + other * 2**1.5) * np.sin(theta)), 0.0, *poles]
            for sign in (1, -1)
            for other in (1, -1)
        ]
        _, response = signal.sosfreqz(sections, worN=2 * np.pi * np.arange(n_fft // 2 + 1) / n_fft)
        _, peak = signal.sosfreqz(sections, worN=[theta])
        rows.append(np.abs(response) / np.abs(peak[0]) / n_fft)
    return np.stack(rows)
