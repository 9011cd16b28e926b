"""Strided filter banks as dense float64 matrices, their pseudo-inverses, and energy outside a band."""

import numpy as np
import numpy.typing as npt
from scipy import signal

Floats = npt.NDArray[np.float64]
Complexes = npt.NDArray[np.complex128]


def constant_q_rows(sr: float, fmin: float, n_bins: int, bins_per_octave: int) -> Complexes:
    """Kernels of a constant-Q transform: Hann, unit 1-norm, times the root of their length.

    Shape:
        returns: ``(n_bins, width)``, centred on ``width // 2``
    """
    q = 1 / (2 ** (1 / bins_per_octave) - 1)
    lengths = [int(np.ceil(q * sr / (fmin * 2 ** (k / bins_per_octave)))) for k in range(n_bins)]
    width = 2 ** int(np.ceil(np.log2(max(lengths))))
    rows = np.zeros((n_bins, width), dtype=np.complex128)
    for k, length in enumerate(lengths):
        place = np.arange(length) - (length + 1) // 2
        frequency = fmin * 2 ** (k / bins_per_octave)
        kernel = signal.get_window("hann", length) * np.exp(2j * np.pi * frequency / sr * place)
        rows[k, width // 2 + place] = kernel / np.abs(kernel).sum() * np.sqrt(length)
    return rows


def fourier_rows(n_fft: int, bins: Floats) -> Complexes:
    """Kernels of a short-time Fourier transform, Hann, at ``bins`` (cycles in ``n_fft`` samples).

    Shape:
        bins: ``(bins,)``
        returns: ``(bins, n_fft)``
    """
    angle = 2 * np.pi / n_fft * np.outer(bins, np.arange(n_fft))
    return np.asarray(signal.get_window("hann", n_fft) * np.exp(1j * angle))


def dense_analysis(rows: Complexes, hop: int, time: int, center: bool, pad_mode: str) -> Complexes:
    """The matrix that maps ``time`` samples to ``n_bins * frames`` coefficients.

    Shape:
        rows: ``(n_bins, width)``
        returns: ``(n_bins * frames, time)``
    """
    n_bins, width = rows.shape
    pad = width // 2 if center else 0
    # Padding copies samples, so padding their indices gives the source of each; 0 stands for a zero.
    modes = {"reflect": "reflect", "constant": "constant", "replicate": "edge", "circular": "wrap"}
    source = np.pad(np.arange(1, time + 1), pad, mode=modes[pad_mode])  # type: ignore[call-overload]
    frames = 1 + (time + 2 * pad - width) // hop
    matrix = np.zeros((n_bins, frames, time + 1), dtype=np.complex128)
    for frame in range(frames):
        seen = source[frame * hop : frame * hop + width]
        for place, sample in enumerate(seen):
            matrix[:, frame, sample] += rows[:, place].conj()
    return matrix[:, :, 1:].reshape(n_bins * frames, time)


def as_real(matrix: Complexes) -> Floats:
    """A complex matrix that acts on real vectors, as a real one: real parts, then imaginary parts."""
    return np.concatenate([matrix.real, matrix.imag])


def pseudo_inverse(matrix: Complexes, coefficients: Complexes) -> Floats:
    """The minimum-energy real signal among those with the nearest coefficients.

    Shape:
        matrix: ``(n_bins * frames, time)``
        coefficients: ``(n_bins, frames)``
        returns: ``(time,)``
    """
    return np.asarray(np.linalg.pinv(as_real(matrix)) @ as_real(coefficients.reshape(-1, 1))[:, 0])


def damped_inverse(
    rows: Complexes, matrix: Complexes, coefficients: Complexes, hop: int, damping: float
) -> Floats:
    """Four iterations of Tikhonov regularisation: a component of power s2 has ``1 - (f / (s2 + f)) ** 4``.

    ``f`` is ``damping`` times the largest power with which one coefficient sees its alias group, the
    frequencies that are 1 / hop apart. In units of the matrix, a group's power has the factor hop / 2: from
    the Fourier transforms of samples and frames, and since real samples have two frequencies of each.

    Shape:
        rows: ``(n_bins, width)``
        matrix: ``(n_bins * frames, time)``
        coefficients: ``(n_bins, frames)``
        returns: ``(time,)``
    """
    points = 4 * -(-rows.shape[1] // hop)
    power = np.abs(np.fft.fft(rows, points * hop)).reshape(len(rows), hop, points) ** 2
    floor = damping * power.sum(axis=1).max() / hop**2 * hop / 2
    real = as_real(matrix)
    values, vectors = np.linalg.eigh(real.T @ real)
    gain = (1 - (floor / (np.maximum(values, 0) + floor)) ** 4) / np.maximum(values, 1e-300)
    return np.asarray(vectors @ (gain * (vectors.T @ (real.T @ as_real(coefficients.reshape(-1, 1))[:, 0]))))


def floor_outside(x: Floats, sr: float, low: float, high: float) -> float:
    """Energy of the signal over its energy below ``low`` and above ``high`` (Hz), dB.

    This is about the best SNR of an inverse whose bins lie between these frequencies.
    """
    power = np.abs(np.fft.rfft(x)) ** 2
    power[1 : (len(x) + 1) // 2] *= 2
    frequency = np.fft.rfftfreq(len(x), 1 / sr)
    outside = power[(frequency < low) | (frequency > high)].sum()
    return float(10 * np.log10(power.sum() / outside))


def snr(x: Floats, y: Floats, margin: int = 0) -> float:
    """Energy of ``x`` over energy of ``y - x``, dB, without ``margin`` samples at both ends."""
    inside = slice(margin, len(x) - margin)
    return float(10 * np.log10((x[inside] ** 2).sum() / ((y[inside] - x[inside]) ** 2).sum()))
