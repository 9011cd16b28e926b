"""Combined frequency and periodicity by direct float64 sums, layer by layer.

The definition is that of Su and Yang (2015). The conventions are those of the legacy class, found by running
it on test signals: the zero padding, the frequency grid, the zeroed entries, the triangles.
"""

import numpy as np
from scipy.signal.windows import blackmanharris


def centre_frequencies(fc, tc, per_octave):
    """The centre frequencies below 1 / tc; each row has a centre, and a next centre above it."""
    centres = []
    while (f := fc * 2.0 ** (len(centres) / per_octave)) < 1 / tc:
        centres.append(f)
    return centres


def triangle(f, below, centre, above):
    """1 near the centre, 0 at the neighbours, and 0 exactly at the centre."""
    return 0.0 if f == centre else float(np.interp(f, [below, centre, above], [0.0, 1.0, 0.0]))


def frequency_rows(centres, fs, fr, n_fft, n_bins):
    """``(rows, n_bins)``: weights of the bins; bin j has j * fs / (n_fft - 2) Hz for an even n_fft."""
    points = round(n_fft / 2)
    rows = np.zeros((len(centres) - 1, n_bins))
    for i in range(1, len(rows)):
        below, centre, above = centres[i - 1 : i + 2]
        first, last = round(below / fr), round(above / fr)
        if first == last:
            rows[i, first] = 1.0
            continue
        for j in range(first, min(last + 1, n_bins)):
            rows[i, j] = triangle(j * (fs / 2) / (points - 1), below, centre, above)
    return rows


def lag_rows(centres, fs, n_lags):
    """``(rows, n_lags)``: weights of the lags; lag j has fs / j Hz."""
    rows = np.zeros((len(centres) - 1, n_lags))
    for i in range(1, len(rows)):
        for j in range(1, n_lags):
            rows[i, j] = triangle(fs / j, *centres[i - 1 : i + 2])
    return rows


def activation(layer, exponent, cut):
    """Rectify, raise to a power (or take the logarithm), zero ``cut`` entries at both ends."""
    positive = np.where(layer > 0, layer, 0.0)
    out = np.log(positive + 1e-8) if exponent == 0 else positive**exponent
    out[:cut] = 0.0
    out[len(out) - cut :] = 0.0
    return out


def cfp(x, *, fr, fs, hop_length, window_size, fc, tc, g, NumPerOct):
    """Salience, spectrum, frequency layer and lag layer of one clip, each ``(rows, frames)``, all frames."""
    n_fft = int(fs / fr)
    window = np.zeros(n_fft)
    left = (n_fft - window_size) // 2
    window[left : left + window_size] = blackmanharris(window_size)
    window /= np.sqrt(np.sum(window**2))
    angle = 2 * np.pi * np.outer(np.arange(n_fft), np.arange(n_fft)) / n_fft
    cosines, sines = np.cos(angle), np.sin(angle)

    padded = np.concatenate([np.zeros(n_fft // 2), x, np.zeros(n_fft // 2)])
    n_frames = 1 + (len(padded) - n_fft) // hop_length
    frames = [window * padded[t * hop_length : t * hop_length + n_fft] for t in range(n_frames)]
    magnitude = np.stack([np.hypot(cosines @ frame, sines @ frame) for frame in frames], 1)

    frequency, lag = magnitude ** g[0], None
    for number, exponent in enumerate(g[1:]):
        if number % 2 == 0:
            lag = activation(cosines @ frequency / np.sqrt(n_fft), exponent, round(fs * tc))
        else:
            frequency = activation(cosines @ lag / np.sqrt(n_fft), exponent, round(fc / fr))

    centres = centre_frequencies(fc, tc, NumPerOct)
    n_bins = min(round(1 / tc / fr) + 1, round(n_fft / 2))
    n_lags = round(fs / fc) + 1
    by_bin = frequency_rows(centres, fs, fr, n_fft, n_bins)
    by_lag = lag_rows(centres, fs, n_lags)
    maps = [by_bin @ magnitude[:n_bins], by_bin @ frequency[:n_bins], by_lag @ lag[:n_lags]]
    return [maps[1] * maps[2], *maps]
