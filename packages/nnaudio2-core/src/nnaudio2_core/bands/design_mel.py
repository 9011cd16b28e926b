"""Triangular mel filters and the cosine transform of the MFCC, in float64."""

from typing import Optional

import numpy as np
import numpy.typing as npt

from .design_scales import fft_frequencies, mel_frequencies

Array = npt.NDArray[np.float64]


def mel_filterbank(
    sr: float, n_fft: int, n_mels: int, fmin: float, fmax: float, htk: bool, norm: Optional[str]
) -> Array:
    """Triangles over the bins of a one-sided FFT, each from one mel frequency to the next but one.

    Args:
        sr: sampling rate, Hz.
        n_fft: length of the FFT, samples.
        n_mels: number of bands.
        fmin: lower edge of the lowest band, Hz.
        fmax: upper edge of the highest band, Hz.
        htk: HTK's mel scale instead of Slaney's.
        norm: ``"slaney"`` divides each band by half its width in Hz, so that each has the same area;
            None leaves the peaks at 1.

    Shape:
        returns: ``(n_mels, n_fft // 2 + 1)``

    Source: Slaney (1998), Auditory Toolbox; Young et al., The HTK Book, section 5.4.
    """
    edges = mel_frequencies(n_mels + 2, fmin, fmax, htk)
    widths = np.diff(edges)
    distance = edges[:, None] - fft_frequencies(sr, n_fft)[None, :]
    weights = distance[:-2] / -widths[:-1, None]
    # In place: most of the time goes into fresh memory.
    np.minimum(weights, distance[2:] / widths[1:, None], out=weights)
    np.maximum(weights, 0.0, out=weights)
    if norm == "slaney":
        weights *= (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return np.asarray(weights)


def cosine_basis(n_mfcc: int, n_mels: int, norm: Optional[str]) -> Array:
    """Rows of the type-II discrete cosine transform.

    Args:
        n_mfcc: number of coefficients, at most ``n_mels``.
        n_mels: number of bands.
        norm: ``"ortho"`` makes the rows orthonormal; None keeps ``2 cos(pi k (m + 1/2) / n_mels)``.

    Shape:
        returns: ``(n_mfcc, n_mels)``
    """
    k = np.arange(n_mfcc)[:, None]
    m = np.arange(n_mels)[None, :]
    basis = 2.0 * np.cos(np.pi * k * (m + 0.5) / n_mels)
    if norm == "ortho":
        basis *= np.sqrt(0.5 / n_mels)
        basis[0] *= np.sqrt(0.5)
    return np.asarray(basis)
