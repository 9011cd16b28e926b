"""Features of spectrograms by their definitions, frame by frame in float64."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def decibels(S: Array, power: float, ref: float, amin: float, top_db: float | None) -> Array:
    """Decibels of one item, ``(bins, frames)``."""
    y = 20.0 / power * (np.log10(np.maximum(S, amin)) - np.log10(max(amin, ref)))
    return y if top_db is None else np.maximum(y, y.max() - top_db)


def derivative(S: Array, width: int, order: int, pad: str | None) -> Array:
    """A polynomial through the frames around each one; at the ends through the first or last ``width``."""
    half, frames = width // 2, S.shape[-1]
    padded = S if pad is None else np.pad(S, [(0, 0), (half, half)], mode=pad)
    y = np.empty_like(S)
    for t in range(frames):
        first = min(max(t - half, 0), frames - width) if pad is None else t
        place = t - first if pad is None else half
        for b in range(S.shape[0]):
            fitted = np.polynomial.Polynomial.fit(np.arange(width), padded[b, first : first + width], order)
            y[b, t] = fitted.deriv(order)(place)
    return y


def pcen(
    S: Array, smoothing: float, gain: float, bias: float, power: float, eps: float, initial: float | None
) -> Array:
    """Wang et al. (2017), eq. 1 to 3, ``(bins, frames)``."""
    y, level = np.empty_like(S), S[:, 0] if initial is None else np.full(len(S), initial)
    for t in range(S.shape[1]):
        level = (1 - smoothing) * level + smoothing * S[:, t]
        y[:, t] = (S[:, t] / (eps + level) ** gain + bias) ** power - bias**power
    return y


def chroma_weights(sr: float, n_fft: int, n_chroma: int, tuning: float) -> Array:
    """Bells around each class, one bin after the other, weighted around five octaves above A0 (27.5 Hz)."""
    weights = np.zeros((n_chroma, n_fft // 2 + 1))

    def place(k: float) -> float:
        return float(n_chroma * np.log2(k * sr / n_fft / 27.5) - tuning)

    for k in range(n_fft // 2 + 1):
        here = place(k) if k else place(1) - 1.5 * n_chroma
        width = max(1.0, place(k + 1) - here)
        for c in range(n_chroma):
            distance = (here - n_chroma / 4 - c + n_chroma / 2) % n_chroma - n_chroma / 2
            weights[c, k] = np.exp(-0.5 * (2 * distance / width) ** 2)
        weights[:, k] /= np.sqrt(np.sum(weights[:, k] ** 2))
        weights[:, k] *= np.exp(-0.5 * ((here / n_chroma - 5) / 2) ** 2)
    return weights
