"""Windows, band filters and cepstral weights of front ends, in float64."""

import reprlib
from typing import Any, Optional, Tuple

import numpy as np
import numpy.typing as npt
from scipy import signal

from ..bands.design_mel import cosine_basis, mel_filterbank
from ..bands.design_scales import fft_frequencies, hz_to_mel, mel_frequencies
from ..framing.design_window import Window, analysis_window, is_sampled
from ..module.plain_values import are_numbers, plain_copy

Array = npt.NDArray[np.float64]


def frame_window(window: Window, periodic: bool, win_length: int) -> Array:
    """The window of one frame.

    Args:
        window: as for :func:`nnaudio2_core.framing.design_window.analysis_window`, or ``"povey"``: Kaldi's
            Hann window to the power 0.85.
        periodic: True for the window that repeats after ``win_length`` samples, False for the symmetric one.
        win_length: samples.

    Shape:
        returns: ``(win_length,)``

    Source: Povey et al. (2011), The Kaldi speech recognition toolkit, for ``"povey"``.
    """
    if isinstance(window, str) and window == "povey":
        return frame_window("hann", periodic, win_length) ** 0.85
    values = analysis_window(window, win_length, win_length)  # refuses what is not a window
    if periodic or is_sampled(window):
        return values
    named = tuple(window) if isinstance(window, list) else window
    return np.asarray(signal.get_window(named, win_length, fftbins=False), dtype=np.float64)


def band_filters(
    sr: float,
    n_fft: int,
    n_bands: int,
    fmin: float,
    fmax: float,
    scale: str,
    triangles: str,
    norm: Optional[str],
) -> Tuple[Array, Array]:
    """Triangular filters over the bins of a one-sided FFT, and their centres.

    Args:
        sr: sampling rate, Hz.
        n_fft: length of the FFT, samples.
        n_bands: number of filters.
        fmin: lower edge of the lowest filter, Hz.
        fmax: upper edge of the highest filter, Hz.
        scale: ``"slaney"`` or ``"htk"``, the mel scale on which the edges are evenly spaced, or ``"linear"``.
        triangles: axis along which the sides of the triangles are straight, ``"hz"`` or ``"mel"``.
        norm: ``"slaney"`` for filters of equal area, None for peaks of 1.

    Shape:
        returns: ``(n_bands, n_fft // 2 + 1)`` and ``(n_bands,)``, Hz

    Source: Slaney (1998); Young et al., The HTK Book, section 5.4, whose triangles are straight in mel.
    """
    if scale == "linear":
        centres = np.linspace(fmin, fmax, n_bands + 2)
        return _triangles(fft_frequencies(sr, n_fft), centres, centres, norm), centres[1:-1]
    htk = scale == "htk"
    centres = mel_frequencies(n_bands + 2, fmin, fmax, htk)
    if triangles == "hz":
        return mel_filterbank(sr, n_fft, n_bands, fmin, fmax, htk, norm), centres[1:-1]
    low, high = hz_to_mel([fmin, fmax], htk)
    edges = np.linspace(low, high, n_bands + 2)
    return _triangles(hz_to_mel(fft_frequencies(sr, n_fft), htk), edges, centres, norm), centres[1:-1]


def _triangles(bins: Array, edges: Array, hertz: Array, norm: Optional[str]) -> Array:
    """Triangles over the bins, each from one edge to the next but one; the edges also in Hz."""
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    weights = np.maximum(np.minimum(rising, falling), 0.0)
    if norm == "slaney":
        weights *= (2.0 / (hertz[2:] - hertz[:-2]))[:, None]
    return np.asarray(weights)


def own_filters(filters: Any, n_fft: int) -> Array:
    """A filter matrix given as an argument, ``(n_bands, n_fft // 2 + 1)``.

    Raises:
        ValueError: if it has another shape, no band, or values that are not finite numbers.
    """
    rows = plain_copy(filters)
    if not isinstance(rows, (list, tuple)) or len(rows) == 0 or not all(map(are_numbers, rows)):
        raise ValueError(f"filters must be rows of numbers, one row for each band, got {reprlib.repr(rows)}")
    bins = n_fft // 2 + 1
    for row in rows:
        if len(row) != bins:
            raise ValueError(
                f"filters must have the shape (n_bands, n_fft // 2 + 1 = {bins}), got a row of {len(row)}"
            )
    matrix = np.asarray(rows, dtype=np.float64)
    if not np.isfinite(matrix).all():
        raise ValueError("filters must have finite weights")
    return matrix


def cepstral_weights(n_cepstra: int, n_bands: int, lifter: float) -> Array:
    """Orthonormal cosine transform, each coefficient times its lifter.

    Args:
        n_cepstra: number of coefficients.
        n_bands: number of bands.
        lifter: parameter L of the factors ``1 + L / 2 sin(pi i / L)``; 0 for none.

    Shape:
        returns: ``(n_bands, n_cepstra)``

    Source: Young et al., The HTK Book, section 5.6.
    """
    basis = cosine_basis(n_cepstra, n_bands, "ortho")
    if lifter > 0:
        basis = basis * (1.0 + 0.5 * lifter * np.sin(np.pi * np.arange(n_cepstra) / lifter))[:, None]
    return np.asarray(basis.T)
