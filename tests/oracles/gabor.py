"""Slow float64 references of the nonstationary Gabor transform: direct sums in NumPy, without our code."""

import numpy as np

REACH = {"sine": 1, "hann": 1, "blackmanharris": 2, "gaussian": 2}


def octave_centre(fmin, bins_per_octave, k):
    return fmin * 2 ** (k / bins_per_octave)


def mel_centre(fmin, end, n_bins, k):
    """HTK's scale: ``2595 log10(1 + f / 700)``."""
    low, high = (2595 * np.log10(1 + f / 700) for f in (fmin, end))
    return 700 * (10 ** ((low + (high - low) * k / n_bins) / 2595) - 1)


def erb_centre(fmin, end, n_bins, k):
    """Slaney's form of Glasberg and Moore's scale: ``9.26449 log(1 + f / (24.7 * 9.26449))``."""
    low, high = (9.26449 * np.log(1 + f / (24.7 * 9.26449)) for f in (fmin, end))
    return 24.7 * 9.26449 * (np.exp((low + (high - low) * k / n_bins) / 9.26449) - 1)


def value(window, t):
    """A window at ``t``, an array: 1 at its centre ``t = 0``, 0 from its edge ``t = 1`` on."""
    if window == "sine":
        values = np.cos(np.pi * t / 2)
    elif window == "hann":
        values = np.cos(np.pi * t / 2) ** 2
    elif window == "gaussian":
        values = np.exp(-0.5 * (4 * t) ** 2)
    else:
        terms = (0.35875, 0.48829, 0.14128, 0.01168)
        values = sum(a * np.cos(np.pi * i * t) for i, a in enumerate(terms))
    return np.where(t > 1 - 1e-9, 0.0, values)


def windows(centres, window, sr, length, stretch=None):
    """Windows on the bins of ``length`` samples: ``(channels, length // 2 + 1)``.

    Args:
        centres: a function of the channel's number, which continues beyond both ends of the scale, and the
            number of channels.
        stretch: a function of a centre in Hz, the factor on the width of its channel.
    """
    centre, n_bins = centres
    reach = REACH[window]
    f = np.arange(length // 2 + 1) * sr / length
    rows = np.zeros((n_bins + 2, len(f)))
    for k in range(-1, n_bins + 1):
        middle, low, high = centre(k), centre(k - reach), centre(k + reach)
        if stretch is not None and 0 <= k < n_bins:
            low = middle - stretch(middle) * (middle - low)
            high = middle + stretch(middle) * (high - middle)
        below, above = (
            value(window, (middle - f) / (middle - low)),
            value(window, (f - middle) / (high - middle)),
        )
        if k == -1:
            below = 1.0
        if k == n_bins:
            above = 1.0
        rows[k + 1] = np.where(f < middle, below, above)
    if window == "sine":
        rows /= np.sqrt((rows**2).sum(axis=0))
    return rows


def atoms(row, frames, length):
    """Atoms of a channel on the time grid of ``frames`` coefficients: complex ``(frames, length)``.

    The coefficient is ``sum_t x[t] conj(atom[t])``, by the definition of the transform as a bank of filters.
    """
    j = np.arange(len(row))
    weight = np.where((j == 0) | (j == length // 2), 1.0, np.sqrt(2.0)) * row
    used = np.flatnonzero(weight)
    t = np.arange(length)
    result = np.zeros((frames, length), dtype=complex)
    for n in range(frames):
        shifted = t - n * length / frames
        # In one period, for exact angles.
        result[n] = (
            weight[used, None] * np.exp(2j * np.pi * (used[:, None] * shifted % length) / length)
        ).sum(0)
    return result / np.sqrt(frames * length)


def coefficients(x, rows, frames, length):
    """Coefficients of a clip, extended by zeros to ``length`` samples: a list of complex ``(frames,)``.

    Inner products with the atoms as direct sums: over samples to bins, then over the bins of a channel.
    """
    half = np.arange(length // 2 + 1)
    X = np.exp(-2j * np.pi * (np.outer(half, np.arange(len(x))) % length) / length) @ x
    X *= np.where((half == 0) | (half == length // 2), 1.0, np.sqrt(2.0)) / np.sqrt(length)
    result = []
    for row, n in zip(rows, frames, strict=True):
        used = np.flatnonzero(row)
        turns = np.outer(np.arange(n), used) % n / n
        result.append(np.exp(2j * np.pi * turns) @ (row[used] * X[used]) / np.sqrt(n))
    return result


def slices(x, length):
    """Slices that overlap by half under a sine; the first one starts half a slice before the clip."""
    hop = length // 2
    count = -(-len(x) // hop) + 1
    padded = np.concatenate([np.zeros(hop), x, np.zeros(count * hop)])
    fade = np.sin(np.pi * (np.arange(length) + 0.5) / length)
    return np.stack([padded[s * hop : s * hop + length] * fade for s in range(count)])


def frame_bounds(rows, frames, length):
    """Squares of the least and the largest singular value of the analysis of ``length`` samples."""
    matrix = np.concatenate([atoms(row, n, length).conj() for row, n in zip(rows, frames, strict=True)])
    values = np.linalg.svd(np.concatenate([matrix.real, matrix.imag]), compute_uv=False)
    return values.min() ** 2, values.max() ** 2
