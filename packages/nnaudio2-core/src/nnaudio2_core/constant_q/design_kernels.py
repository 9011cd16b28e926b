"""Constant-Q and variable-Q kernels, in float64, each at its own length."""

import math
import reprlib
from dataclasses import dataclass
from typing import List, Optional, Tuple

import numpy as np
import numpy.typing as npt

from ..fourier.design_turns import cosines_and_sines
from ..framing.design_window import Window, analysis_window, is_sampled
from .design_librosa_rates import octave_decimation

Floats = npt.NDArray[np.float64]
FILTER_LENGTHS = ("integer", "fractional")
_MANY = 2.0**40  # bins: a finite bound far above any real number of bins
_ROUNDING = 1e-9  # bins: round-off allowed where a limit equals the frequency of a bin


@dataclass(frozen=True)
class ConstantQBasis:
    """The kernels of a constant-Q or variable-Q transform.

    Bin ``k`` of the frame at sample ``s`` is ``sum_t x[s + offsets[k] + t] * conj(kernels[k][t])``. Offsets
    are negative, so that every kernel has phase zero at ``s``.

    Attributes:
        frequencies: centre of each bin, Hz.
        lengths: filter length of each bin, samples; whole numbers unless ``filter_lengths="fractional"``.
        kernels: one complex array for each bin, as long as its filter and no longer.
        offsets: first sample of each kernel, relative to the frame's own sample.
        width: the smallest power of two that holds every kernel; the frame length when ``center=False``.
    """

    frequencies: Floats
    lengths: Floats
    kernels: List[npt.NDArray[np.complex128]]
    offsets: List[int]
    width: int

    def dense(self) -> npt.NDArray[np.complex128]:
        """All kernels in rows of ``width`` samples, the sample of the frame at ``width // 2``.

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
    return max(1, math.ceil(min(_MANY, bins_per_octave * math.log2(fmax / fmin)) - _ROUNDING))


def bins_below_nyquist(fmin: float, sr: float, bins_per_octave: float) -> int:
    """The largest number of bins from ``fmin`` on whose top bin does not exceed ``sr / 2``."""
    return max(0, 1 + math.floor(min(_MANY, bins_per_octave * math.log2(sr / 2 / fmin)) + _ROUNDING))


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
    # This order of operations rounds as in the legacy package, whose ceil must give the same integer.
    lengths = (filter_scale / alpha) * sr / (frequencies + gamma / alpha)
    if filter_lengths == "integer":
        lengths = np.ceil(lengths)
    return np.asarray(lengths, dtype=np.float64)


def constant_q_kernel(
    frequency: float, length: float, sr: float, norm: Optional[float], window: Window
) -> Tuple[npt.NDArray[np.complex128], int]:
    """One windowed complex exponential with phase zero at the frame, and the offset of its first sample.

    Args:
        frequency: centre, Hz.
        length: filter length, whole samples.
        sr: sampling rate, Hz.
        norm: order of the vector norm that is scaled to one; None or 0 leaves window over length.
        window: as in ``scipy.signal.get_window``.

    Shape:
        returns: ``(length,)``

    Source: Brown (1991), "Calculation of a constant Q spectral transform", eq. 5, with the time origin of the
    frame moved to the middle of the window.
    """
    samples, first = round(length), math.floor(-length / 2)
    values = analysis_window(window, samples, samples)
    return _modulated(values / length, first, frequency / sr, norm), first


def fractional_kernel(
    frequency: float, length: float, sr: float, norm: Optional[float], window: Window, decimation: int
) -> Tuple[npt.NDArray[np.complex128], int]:
    """The kernel that librosa uses at ``sr / decimation``, sampled at ``sr``.

    Its window has as many samples of the lower rate as lie in ``length``, always an odd number, and is
    centred half such a sample after the frame (librosa's product of spectra is a convolution: it applies the
    kernels reversed in time).

    Args:
        frequency: centre, Hz.
        length: filter length, samples of ``sr``, need not be whole.
        sr: sampling rate, Hz.
        norm: as in :func:`constant_q_kernel`.
        window: as in ``scipy.signal.get_window``.
        decimation: factor from ``sr`` down to the rate at which librosa samples the kernel.
    """
    before, after = math.floor(length / 2 / decimation), math.ceil(length / 2 / decimation)
    samples, first = (before + after) * decimation, 1 - before * decimation
    values = analysis_window(window, samples, samples)[::-1]
    return _modulated(values / length, first, frequency / sr, norm), first


def _modulated(
    window: Floats, first: int, cycles: float, norm: Optional[float]
) -> npt.NDArray[np.complex128]:
    """A window that begins at sample ``first``, times ``exp(2 pi i cycles t)``, scaled to unit norm."""
    cosines, sines = cosines_and_sines(cycles * np.arange(first, first + window.size, dtype=np.float64))
    kernel = window * (cosines + 1j * sines)
    if norm:
        peak = np.abs(kernel).max()
        kernel = kernel / (peak * np.linalg.norm(kernel / peak, norm))  # of any order, without underflow
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
    hop_length: int = 1,
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
        hop_length: samples between frames; librosa's kernels depend on it, nnAudio's do not.
    """
    if is_sampled(window):
        raise ValueError(
            "window must be a name or tuple that scipy.signal.get_window takes, since kernels differ in "
            f"length, got {reprlib.repr(window)}"
        )
    frequencies = constant_q_frequencies(fmin, n_bins, bins_per_octave)
    lengths = constant_q_lengths(frequencies, sr, bins_per_octave, filter_scale, gamma, filter_lengths)
    if filter_lengths == "integer":
        placed = [
            constant_q_kernel(float(frequency), float(length), sr, norm, window)
            for frequency, length in zip(frequencies, lengths, strict=True)
        ]
    else:
        alpha = relative_bandwidth(bins_per_octave, filter_lengths)
        decimation = octave_decimation(
            frequencies, sr, hop_length, bins_per_octave, alpha, filter_scale, gamma, window
        )
        placed = [
            fractional_kernel(float(frequency), float(length), sr, norm, window, int(factor))
            for frequency, length, factor in zip(frequencies, lengths, decimation, strict=True)
        ]
    reach = max(max(-offset, offset + kernel.size) for kernel, offset in placed)
    return ConstantQBasis(
        frequencies=frequencies,
        lengths=lengths,
        kernels=[kernel for kernel, _ in placed],
        offsets=[offset for _, offset in placed],
        width=2 ** math.ceil(math.log2(max(2 * reach, 1))),
    )
