"""Constant-Q and variable-Q kernels, in float64, each at its own length."""

import math
from dataclasses import dataclass
from typing import List, Optional

import numpy as np
import numpy.typing as npt

from .windows import Window, analysis_window

Floats = npt.NDArray[np.float64]
FILTER_LENGTHS = ("integer", "fractional")


@dataclass(frozen=True)
class ConstantQBasis:
    """The kernels of a constant-Q or variable-Q transform.

    Bin ``k`` of the frame that stands at sample ``s`` is
    ``sum_t x[s + offsets[k] + t] * conj(kernels[k][t])``: offsets are negative, so that every kernel has
    phase zero at ``s``.

    Attributes:
        frequencies: centre of each bin, Hz.
        lengths: filter length of each bin, samples; whole numbers unless ``filter_lengths="fractional"``.
        kernels: one complex array for each bin, as long as its filter and no longer.
        offsets: place of a kernel's first sample, relative to the frame's.
        width: the smallest power of two that holds every kernel; the frame length when ``center=False``.
    """

    frequencies: Floats
    lengths: Floats
    kernels: List[npt.NDArray[np.complex128]]
    offsets: List[int]
    width: int

    def dense(self) -> npt.NDArray[np.complex128]:
        """All kernels in rows of ``width`` samples, the frame's own sample at ``width // 2``.

        Shape:
            returns: ``(n_bins, width)``
        """
        rows = np.zeros((len(self.kernels), self.width), dtype=np.complex128)
        for row, kernel, offset in zip(rows, self.kernels, self.offsets, strict=True):
            start = self.width // 2 + offset
            row[start : start + kernel.size] = kernel
        return rows


def constant_q_frequencies(fmin: float, n_bins: int, bins_per_octave: float) -> Floats:
    """Geometric centre frequencies ``fmin * 2 ** (k / bins_per_octave)``, Hz.

    Shape:
        returns: ``(n_bins,)``
    """
    return np.asarray(fmin * 2.0 ** (np.arange(n_bins) / float(bins_per_octave)), dtype=np.float64)


def bins_between(fmin: float, fmax: float, bins_per_octave: float) -> int:
    """Number of constant-Q bins from ``fmin`` up to and not including ``fmax``, both in Hz."""
    return math.ceil(bins_per_octave * math.log2(fmax / fmin))


def bins_below_nyquist(fmin: float, sr: float, bins_per_octave: float) -> int:
    """The largest number of bins from ``fmin`` on whose top bin does not exceed ``sr / 2``."""
    return max(0, 1 + math.floor(bins_per_octave * math.log2(sr / 2 / fmin)))


def relative_bandwidth(bins_per_octave: float, filter_lengths: str = "integer") -> float:
    """Bandwidth of a bin over its centre frequency, alpha = 1 / Q.

    ``"integer"`` is nnAudio's: the distance to the next bin, ``2 ** (1 / b) - 1``. ``"fractional"`` is
    librosa's: half the distance between the two neighbours of a bin, ``(r**2 - 1) / (r**2 + 1)`` with
    ``r = 2 ** (1 / b)``.
    """
    ratio = math.pow(2.0, 1.0 / bins_per_octave)
    if filter_lengths == "integer":
        return ratio - 1.0
    return (ratio**2 - 1.0) / (ratio**2 + 1.0)


def constant_q_lengths(
    frequencies: Floats,
    sr: float,
    bins_per_octave: float,
    filter_scale: float = 1.0,
    gamma: float = 0.0,
    filter_lengths: str = "integer",
) -> Floats:
    """Filter lengths in samples, ``filter_scale * sr / B_k`` with the bandwidths ``B_k = alpha f_k + gamma``.

    Args:
        frequencies: centre frequencies, Hz.
        sr: sampling rate, Hz.
        bins_per_octave: fixes alpha, see :func:`relative_bandwidth`.
        filter_scale: > 0; below 1 the filters are shorter and wider.
        gamma: bandwidth added to every bin, Hz, >= 0.
        filter_lengths: ``"integer"`` rounds up to whole samples, ``"fractional"`` does not.

    Shape:
        frequencies: ``(n_bins,)``
        returns: ``(n_bins,)``

    Source: Schörkhuber, Klapuri, Holighaus & Dörfler (2014), "A Matlab toolbox for efficient perfect
    reconstruction time-frequency transforms with log-frequency resolution", eq. 1.
    """
    alpha = relative_bandwidth(bins_per_octave, filter_lengths)
    # In this order the rounding is that of the legacy package, whose ceil must fall on the same integer.
    lengths = (filter_scale / alpha) * sr / (frequencies + gamma / alpha)
    if filter_lengths == "integer":
        lengths = np.ceil(lengths)
    return np.asarray(lengths, dtype=np.float64)


def constant_q_kernel(
    frequency: float, length: float, sr: float, norm: Optional[float], window: Window
) -> npt.NDArray[np.complex128]:
    """One windowed complex exponential, phase zero at sample ``ceil(length / 2)``.

    Args:
        frequency: centre, Hz.
        length: filter length, samples; a fractional length is sampled at the whole samples inside it.
        sr: sampling rate, Hz.
        norm: order of the vector norm that is scaled to one; None or 0 leaves window over length.
        window: as in ``scipy.signal.get_window``.

    Shape:
        returns: ``(floor(length / 2) + ceil(length / 2),)``

    Source: Brown (1991), "Calculation of a constant Q spectral transform", eq. 5, with the frame's
    time origin moved to the middle of the window.
    """
    times = np.arange(math.floor(-length / 2), math.floor(length / 2))
    kernel = analysis_window(window, times.size, times.size) * np.exp(2j * np.pi * frequency / sr * times)
    kernel = kernel / length
    if norm:
        kernel = kernel / np.linalg.norm(kernel, norm)
    return np.asarray(kernel, dtype=np.complex128)


def constant_q_basis(
    sr: float,
    fmin: float,
    n_bins: int,
    bins_per_octave: float = 12,
    filter_scale: float = 1.0,
    norm: Optional[float] = 1,
    window: Window = "hann",
    gamma: float = 0.0,
    filter_lengths: str = "integer",
) -> ConstantQBasis:
    """The kernels of a constant-Q (``gamma=0``) or variable-Q transform.

    Args:
        sr: sampling rate, Hz.
        fmin: centre of the lowest bin, Hz.
        n_bins: number of bins, >= 1.
        bins_per_octave: bins in each octave, > 0.
        filter_scale: factor on all filter lengths, > 0.
        norm: order of the vector norm of each kernel that is scaled to one; None or 0 for none.
        window: as in ``scipy.signal.get_window``.
        gamma: bandwidth added to every bin, Hz, >= 0.
        filter_lengths: ``"integer"`` (nnAudio's rule) or ``"fractional"`` (librosa's).
    """
    frequencies = constant_q_frequencies(fmin, n_bins, bins_per_octave)
    lengths = constant_q_lengths(frequencies, sr, bins_per_octave, filter_scale, gamma, filter_lengths)
    kernels = [
        constant_q_kernel(float(frequency), float(length), sr, norm, window)
        for frequency, length in zip(frequencies, lengths, strict=True)
    ]
    return ConstantQBasis(
        frequencies=frequencies,
        lengths=lengths,
        kernels=kernels,
        offsets=[math.floor(-float(length) / 2) for length in lengths],
        width=2 ** math.ceil(math.log2(float(lengths.max()))),
    )
