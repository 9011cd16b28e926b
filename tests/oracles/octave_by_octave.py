"""Constant-Q and variable-Q transforms octave by octave: direct float64 sums, independent of our code."""

import numpy as np
from scipy import signal


def kernel_rows(rate, frequencies, gamma, bins_per_octave, filter_scale, window, norm):
    """Kernels of one octave, ``(bins, width)``, centred on ``width // 2``."""
    alpha = 2 ** (1 / bins_per_octave) - 1
    lengths = [int(np.ceil(filter_scale * rate / (alpha * f + gamma))) for f in frequencies]
    width = 2 ** int(np.ceil(np.log2(max(lengths) + 1)))
    rows = np.zeros((len(lengths), width), dtype=np.complex128)
    for row, length, f in zip(rows, lengths, frequencies, strict=True):
        place = np.arange(length) - (length + 1) // 2
        kernel = signal.get_window(window, length) / length * np.exp(2j * np.pi * f / rate * place)
        if norm is not None:
            kernel /= (np.abs(kernel) ** norm).sum() ** (1 / norm)
        row[width // 2 + place] = kernel
    return rows


def without_negative_frequencies(rows):
    """The kernels that a product with one-sided spectra amounts to."""
    spectra = np.fft.fft(rows)
    spectra[:, rows.shape[1] // 2 + 1 :] = 0
    return np.fft.ifft(spectra)


def halved(x):
    """``x`` after nnAudio's low-pass filter of 256 taps, downsampled by 2."""
    taps = signal.firwin2(256, [0.0, 0.5 / 1.001, 0.5 * 1.001, 1.0], [1.0, 1.0, 0.0, 0.0])
    return np.correlate(np.pad(x, 127), taps, "valid")[::2]


def octave_by_octave(
    x,
    sr,
    hop,
    fmin,
    octaves,
    frames,
    *,
    bins_per_octave=12,
    gamma=0.0,
    filter_scale=1.0,
    window="hann",
    norm=1,
    onesided=False,
    pad_mode="constant",
):
    """Coefficients of ``octaves`` whole octaves at the given frames.

    Shape:
        x: ``(time,)``
        returns: ``(octaves * bins_per_octave, len(frames))``, complex, times the root of the filter lengths
    """
    frequencies = fmin * 2 ** (np.arange(octaves * bins_per_octave) / bins_per_octave)
    lengths = np.ceil(filter_scale * sr / ((2 ** (1 / bins_per_octave) - 1) * frequencies + gamma))
    parts = []
    for octave in range(octaves):
        x = halved(x) if octave else x
        some = frequencies[(octaves - 1 - octave) * bins_per_octave :][:bins_per_octave]
        rows = kernel_rows(sr / 2**octave, some, gamma, bins_per_octave, filter_scale, window, norm)
        rows = without_negative_frequencies(rows) if onesided else rows
        width = rows.shape[1]
        padded = np.pad(x, (width // 2, width), pad_mode)
        seen = [padded[frame * hop // 2**octave :][:width] for frame in frames]
        parts.insert(0, rows.conj() @ np.stack(seen, 1))
    return np.concatenate(parts) * np.sqrt(lengths)[:, None]
