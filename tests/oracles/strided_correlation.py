"""Strided correlations with complex kernels as direct float64 sums, with padding by index."""

import numpy as np


def correlate(x, kernels, starts, hop, frames):
    """Coefficient of each kernel at each of ``frames``: ``(batch, kernels, frames)``, complex128."""
    y = np.zeros((x.shape[0], len(kernels), len(frames)), dtype=np.complex128)
    for k, (kernel, start) in enumerate(zip(kernels, starts, strict=True)):
        for i, frame in enumerate(frames):
            begin = frame * hop + start
            y[:, k, i] = x[:, begin : begin + kernel.size] @ kernel.conj()
    return y


def constant_q(x, sr, hop, fmin, n_bins, bins_per_octave, frames, gamma=0.0):
    """:func:`constant_q_at` evenly spaced bins, whose bandwidth is the distance to the next bin."""
    frequencies = [fmin * 2 ** (k / bins_per_octave) for k in range(n_bins)]
    alpha = 2 ** (1 / bins_per_octave) - 1
    return constant_q_at(x, sr, hop, frequencies, [alpha * f + gamma for f in frequencies], frames)


def constant_q_at(x, sr, hop, frequencies, bandwidths, frames):
    """Centred constant-Q coefficients of the reflection-padded signal.

    Hann window, unit L1 norm, ``sqrt(length)``; lengths rounded up.
    """
    time = x.shape[1]
    y = np.zeros((x.shape[0], len(frequencies), len(frames)), dtype=np.complex128)
    for k, (f, bandwidth) in enumerate(zip(frequencies, bandwidths, strict=True)):
        length = int(np.ceil(sr / bandwidth))
        t = np.arange(length) - (length + 1) // 2
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
        kernel = window * np.exp(-2j * np.pi * f * t / sr) * np.sqrt(length) / window.sum()
        for i, frame in enumerate(frames):
            position = np.abs(frame * hop + t)
            position = np.where(position >= time, 2 * (time - 1) - position, position)
            y[:, k, i] = x[:, position] @ kernel
    return y


def worst_bin_error(actual, expected):
    """Maximum over the bins of the rms error relative to the rms of the bin."""
    error = np.sqrt((np.abs(actual - expected) ** 2).mean(axis=(0, 2)))
    return (error / np.sqrt((np.abs(expected) ** 2).mean(axis=(0, 2)))).max()
