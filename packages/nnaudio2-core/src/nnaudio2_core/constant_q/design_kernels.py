"""Constant-Q and variable-Q kernels, in float64, each at its own length."""

import math
import reprlib
from dataclasses import dataclass
from typing import List, Optional, Tuple, Union

import numpy as np
import numpy.typing as npt

from ..fourier.design_turns import cosines_and_sines
from ..framing.design_window import Window, analysis_window, is_sampled
from .design_bins import (
    Floats,
    constant_q_frequencies,
    constant_q_lengths,
    erb_gamma,
    relative_bandwidth,
)
from .design_librosa_rates import octave_decimation


@dataclass(frozen=True)
class ConstantQBasis:
    """The kernels of a constant-Q or variable-Q transform.

    Bin ``k`` of the frame at sample ``s`` is ``sum_t x[s + offsets[k] + t] * conj(kernels[k][t])``. Offsets
    are negative, so that every kernel has phase zero at ``s``.

    Attributes:
        frequencies: centre of each bin, Hz.
        lengths: filter length of each bin, samples; whole numbers with ``filter_lengths="integer"``.
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
    kernel = _modulated(analysis_window(window, samples, samples) / length, first, frequency / sr)
    return (kernel / _vector_norm(kernel, norm) if norm else kernel), first


def fractional_kernel(
    frequency: float, length: float, sr: float, norm: Optional[float], window: Window, decimation: int
) -> Tuple[npt.NDArray[np.complex128], int]:
    """The kernel that librosa uses at ``sr / decimation``, sampled at ``sr``.

    Its window has as many samples of the lower rate as lie in ``length``, always an odd number, and is
    centred half such a sample after the frame (librosa's product of spectra is a convolution: it applies the
    kernels reversed in time). The norm is that of the samples at the lower rate.

    Args:
        frequency: centre, Hz.
        length: filter length, samples of ``sr``, need not be whole.
        sr: sampling rate, Hz.
        norm: order of the vector norm that is scaled to one; 0 counts the samples that are not zero, None
            leaves the window.
        window: as in ``scipy.signal.get_window``.
        decimation: factor from ``sr`` down to the rate at which librosa samples the kernel.
    """
    before, after = math.floor(length / 2 / decimation), math.ceil(length / 2 / decimation)
    samples, first = (before + after) * decimation, 1 - before * decimation
    values = analysis_window(window, samples, samples)[::-1]
    sampled = analysis_window(window, before + after, before + after)
    size = 1.0 if norm is None else _vector_norm(sampled, norm)
    return _modulated(values / (decimation * size), first, frequency / sr), first


def _modulated(window: Floats, first: int, cycles: float) -> npt.NDArray[np.complex128]:
    """A window that begins at sample ``first``, times ``exp(2 pi i cycles t)``."""
    cosines, sines = cosines_and_sines(cycles * np.arange(first, first + window.size, dtype=np.float64))
    return np.asarray(window * (cosines + 1j * sines))


def _vector_norm(values: "npt.NDArray[np.complex128] | Floats", order: float) -> float:
    """Vector norm of any order, without underflow; of order 0 the number of values that are not 0."""
    peak = np.abs(values).max()
    return float(np.linalg.norm(values / peak, order) * (peak if order else 1.0))


def constant_q_basis(
    sr: float,
    fmin: float,
    n_bins: int,
    bins_per_octave: float = 12,
    filter_scale: float = 1.0,
    norm: Optional[float] = 1,
    window: Window = "hann",
    gamma: Optional[float] = 0.0,
    filter_lengths: str = "integer",
    hop_length: int = 1,
) -> ConstantQBasis:
    """The kernels of a constant-Q (``gamma=0``) or variable-Q transform, bins evenly spaced in octaves.

    Args:
        sr: sampling rate, Hz.
        fmin: centre of the lowest bin, Hz.
        n_bins: number of bins, >= 1.
        bins_per_octave: bins in each octave, > 0.
        filter_scale: as in :func:`kernels_at`, and so are those that follow.
    """
    frequencies = constant_q_frequencies(fmin, n_bins, bins_per_octave)
    return kernels_at(
        frequencies,
        bins_per_octave,
        sr,
        bins_per_octave,
        filter_scale,
        norm,
        window,
        gamma,
        filter_lengths,
        hop_length,
    )


def kernels_at(
    frequencies: Floats,
    resolution: Union[float, Floats],
    sr: float,
    bins_per_octave: float,
    filter_scale: float,
    norm: Optional[float],
    window: Window,
    gamma: Optional[float],
    filter_lengths: str,
    hop_length: int,
) -> ConstantQBasis:
    """The kernels at any increasing frequencies.

    Args:
        frequencies: centres of the bins, Hz.
        resolution: bins per octave that fix the bandwidths, one number or one for each bin.
        sr: sampling rate, Hz.
        bins_per_octave: bins that librosa computes together.
        filter_scale: factor on all filter lengths, > 0.
        norm: order of the vector norm of each kernel that is scaled to one. None is for window over length,
            and so is 0; of librosa's kernels see :func:`fractional_kernel`.
        window: as in ``scipy.signal.get_window``.
        gamma: bandwidth added to every bin, Hz, >= 0; None for that of the ear.
        filter_lengths: ``"integer"`` for nnAudio's kernels, else librosa's.
        hop_length: samples between frames; librosa's kernels depend on it, nnAudio's do not.
    """
    require_named_window(window)
    lengths = constant_q_lengths(frequencies, sr, resolution, filter_scale, gamma, filter_lengths)
    if filter_lengths == "integer":
        placed = [
            constant_q_kernel(float(frequency), float(length), sr, norm, window)
            for frequency, length in zip(frequencies, lengths, strict=True)
        ]
    else:
        alpha = float(np.ravel(relative_bandwidth(resolution, filter_lengths))[-1])
        added = erb_gamma(alpha) if gamma is None else gamma
        decimation = octave_decimation(
            frequencies,
            sr,
            hop_length,
            bins_per_octave,
            alpha,
            filter_scale,
            float(added),
            window,
            filter_lengths == "fractional-1.0",
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


def require_named_window(window: Window) -> None:
    """Raise a ValueError for a window given by its samples."""
    if is_sampled(window):
        raise ValueError(
            "window must be a name or tuple that scipy.signal.get_window takes, since kernels differ in "
            f"length, got {reprlib.repr(window)}"
        )
