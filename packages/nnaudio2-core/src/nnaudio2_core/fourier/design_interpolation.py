"""The discrete-time Fourier transform at any frequencies, from an oversampled FFT."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]

# Twice oversampled, 14 neighbours: the interpolation error is below 1e-13 of the frame's norm.
_TAPS = 14
_SHAPE = np.pi * _TAPS * 0.75  # Beatty et al. (2005), eq. 5, for an oversampling of 2: about 2.3 a tap


class Interpolation(NamedTuple):
    """An FFT of a pre-weighted frame, and the weights that interpolate other frequencies from its bins."""

    window: Array
    """``(n_fft,)``: the frame's window, divided by the taper of the interpolator."""
    points: int
    """Length of the FFT; the frame is followed by zeros."""
    weights: Array
    """``(2 * bins, 2 * (points // 2 + 1))``: real rows over the real and imaginary parts of the FFT."""


def interpolated_fourier(bins: Array, window: Array) -> Interpolation:
    """Interpolate the spectrum of a windowed frame at ``bins`` (cycles per ``len(window)`` samples).

    Row ``2 k`` of the weights gives the real part of ``sum_n window[n] x[n] exp(-2 pi i bins[k] n / n_fft)``,
    row ``2 k + 1`` the imaginary part.

    Shape:
        bins: ``(bins,)``, 0 to n_fft / 2
        window: ``(n_fft,)``

    Source: Fessler & Sutton (2003), "Nonuniform fast Fourier transforms using min-max interpolation",
    section IV, with the Kaiser-Bessel interpolator of Beatty et al. (2005).
    """
    n_fft = len(window)
    points = 2 * n_fft + 2 * (n_fft % 2)  # even, at least twice oversampled
    centre = (n_fft - 1) / 2.0
    offset = (np.arange(n_fft) - centre) / points
    argument = np.sqrt(_SHAPE**2 - (np.pi * _TAPS * offset) ** 2 + 0j)
    taper = np.real(np.sinh(argument) / argument) * _TAPS / special.i0(_SHAPE)

    position = bins * (points / n_fft)
    nearest = np.ceil(position - _TAPS / 2).astype(np.int64)[:, None] + np.arange(_TAPS)[None, :]
    distance = position[:, None] - nearest
    kernel = special.i0(_SHAPE * np.sqrt(np.maximum(0.0, 1.0 - (2.0 * distance / _TAPS) ** 2)))
    # The taper belongs to frames centred on zero: shift the phase of the FFT bins there, and the result back.
    turn = np.exp(-2j * np.pi * distance * centre / points)
    coefficients = kernel / special.i0(_SHAPE) * turn

    return Interpolation(
        window=window / taper, points=points, weights=_real_rows(coefficients, nearest, points)
    )


def _real_rows(coefficients: npt.NDArray[np.complex128], index: npt.NDArray[np.int64], points: int) -> Array:
    """Spread complex coefficients of FFT bins over real and imaginary parts of the one-sided FFT.

    Bins below zero and above Nyquist are the conjugates of bins within.
    """
    half = points // 2
    wrapped = np.remainder(index, points)
    mirrored = wrapped > half
    column = 2 * np.where(mirrored, points - wrapped, wrapped)
    sign = np.where(mirrored, -1.0, 1.0)
    row = np.broadcast_to(2 * np.arange(len(index))[:, None], index.shape)
    rows = np.zeros((2 * len(index), 2 * (half + 1)))

    def add(row: npt.NDArray[np.int64], column: npt.NDArray[np.int64], values: Array) -> None:
        # A bin and its mirror image may share a column: their weights add up.
        np.add.at(rows.reshape(-1), row * rows.shape[1] + column, values)

    add(row, column, coefficients.real)
    add(row, column + 1, -sign * coefficients.imag)
    add(row + 1, column, coefficients.imag)
    add(row + 1, column + 1, sign * coefficients.real)
    return rows
