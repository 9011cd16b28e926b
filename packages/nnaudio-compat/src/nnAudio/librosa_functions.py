"""Helper functions that the legacy package has from librosa, with their arguments and return values."""

import warnings
from typing import Any, Optional, Tuple

import numpy as np
import numpy.typing as npt

from nnaudio2_core.bands import design_gammatone as gammatone
from nnaudio2_core.bands import design_mel as mel
from nnaudio2_core.bands import design_scales as scales

from ._deprecation import deprecated_function, warn_user

Array = npt.NDArray[Any]

__all__ = [
    "chroma",
    "fft2gammatonemx",
    "fft_frequencies",
    "get_gammatone",
    "get_mel",
    "hz_to_mel",
    "hz_to_octs",
    "mel_frequencies",
    "mel_to_hz",
    "normalize",
    "np",
    "pad_center",
    "tiny",
    "warnings",
]


@deprecated_function("numpy.finfo(x.dtype).tiny")
def tiny(x: Any) -> Any:
    """Smallest normal number of the floating type of ``x``; that of float32 if ``x`` is an integer."""
    dtype = np.asarray(x).dtype
    return np.finfo(dtype if dtype.kind in "fc" else np.float32).tiny


@deprecated_function("nnaudio2_core.bands.design_scales.mel_frequencies")
def mel_frequencies(n_mels: int = 128, fmin: float = 0.0, fmax: float = 11025.0, htk: bool = False) -> Array:
    """``n_mels`` frequencies (Hz), evenly spaced in mel."""
    return scales.mel_frequencies(n_mels, fmin, fmax, htk)


@deprecated_function("nnaudio2_core.bands.design_scales.mel_to_hz")
def mel_to_hz(mels: npt.ArrayLike, htk: bool = False) -> Any:
    """Mel to hertz."""
    return scales.mel_to_hz(mels, htk)[()]


@deprecated_function("nnaudio2_core.bands.design_scales.hz_to_mel")
def hz_to_mel(frequencies: npt.ArrayLike, htk: bool = False) -> Any:
    """Hertz to mel."""
    return scales.hz_to_mel(frequencies, htk)[()]


@deprecated_function("nnaudio2_core.bands.design_scales.fft_frequencies")
def fft_frequencies(sr: float = 22050, n_fft: int = 2048) -> Array:
    """Frequencies (Hz) of the bins of a one-sided FFT; the last is ``sr / 2`` even for an odd ``n_fft``."""
    return scales.fft_frequencies(sr, 2 * (n_fft // 2))


@deprecated_function("numpy.log2")
def hz_to_octs(frequencies: npt.ArrayLike, tuning: float = 0.0, bins_per_octave: int = 12) -> Any:
    """Octaves above 27.5 Hz, the A of octave 0, which ``tuning`` moves by that many bins."""
    a440 = 440.0 * 2.0 ** (tuning / bins_per_octave)
    return np.log2(np.asarray(frequencies, dtype=np.float64) / (a440 / 16))[()]


@deprecated_function("numpy.pad")
def pad_center(data: Array, size: int, axis: int = -1, **kwargs: Any) -> Array:
    """``data`` in the middle of ``size`` entries along ``axis``; ``kwargs`` go to ``numpy.pad``."""
    missing = size - data.shape[axis]
    if missing < 0:
        raise ValueError(f"size must be >= data.shape[axis] = {data.shape[axis]}, got {size}")
    widths = [(0, 0)] * data.ndim
    widths[axis] = (missing // 2, missing - missing // 2)
    padded: Array = np.pad(data, widths, **{"mode": "constant", **kwargs})
    return padded


@deprecated_function("numpy.linalg.norm")
def normalize(
    S: Array,
    norm: Optional[float] = np.inf,
    axis: Optional[int] = 0,
    threshold: Optional[float] = None,
    fill: Optional[bool] = None,
) -> Array:
    """Scale vectors along ``axis`` to unit ``norm``, except those below ``threshold``.

    ``norm`` is ``inf``, ``-inf``, 0 (count of nonzeros), a number > 0, or None, which returns ``S`` itself.
    ``fill``: None leaves small vectors as they are, False makes them zero, True constant and of unit norm.
    """
    if threshold is None:
        threshold = tiny(S)
    elif threshold <= 0:
        raise ValueError(f"threshold must be > 0, got {threshold!r}")
    if fill not in (None, False, True):
        raise ValueError(f"fill must be None, False or True, got {fill!r}")
    if not np.all(np.isfinite(S)):
        raise ValueError("S must be finite")
    if norm is None:
        return S
    if isinstance(norm, str) or (norm < 0 and norm != -np.inf):
        raise ValueError(f"norm must be None, inf, -inf or a number >= 0, got {norm!r}")
    if norm == 0 and fill:
        raise ValueError("fill must not be True with norm=0")
    sizes = np.abs(S).astype(float)
    if np.isinf(norm):
        length = (np.max if norm > 0 else np.min)(sizes, axis=axis, keepdims=True)
    elif norm == 0:
        length = np.sum(sizes > 0, axis=axis, keepdims=True, dtype=float)
    else:
        length = np.sum(sizes**norm, axis=axis, keepdims=True) ** (1.0 / norm)
    small = length < threshold
    result = np.empty_like(S)
    result[...] = S / np.where(small, 1.0, length)
    if fill is not None:
        entries = S.size if axis is None else S.shape[axis]
        value = 0.0 if not fill else 1.0 if np.isinf(norm) else entries ** (-1.0 / norm)
        result[...] = np.where(small, value, result)
    return result


@deprecated_function("nnaudio2_core.bands.design_mel.mel_filterbank")
def get_mel(
    sr: float,
    n_fft: int,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: Optional[float] = None,
    htk: bool = False,
    norm: Optional[float] = 1,
    dtype: Any = np.float32,
) -> Array:
    """Mel filterbank, ``(n_mels, n_fft // 2 + 1)``; ``norm``: 1 for equal areas, else equal peaks."""
    if norm is not None and norm != 1 and norm != np.inf:
        raise ValueError(f"norm must be 1, None or inf, got {norm!r}")
    fmax = sr / 2.0 if fmax is None else fmax
    # With an odd n_fft the bins are those of fft_frequencies, not those of the FFT.
    even, n_mels = 2 * (n_fft // 2), int(n_mels)
    filters = mel.mel_filterbank(sr, even, n_mels, fmin, fmax, htk, "slaney" if norm == 1 else None)
    edges = scales.mel_frequencies(n_mels + 2, fmin, fmax, htk)
    if not np.all((edges[:-2] == 0) | (filters.max(axis=1) > 0)):
        message = "some mel bands hold no bin of the FFT: raise n_fft or lower n_mels"
        warn_user(message, UserWarning)
    return filters.astype(dtype)


@deprecated_function("nnaudio2_core.bands.design_gammatone.gammatone_filterbank")
def fft2gammatonemx(
    sr: float = 20000,
    n_fft: int = 2048,
    n_bins: int = 64,
    width: float = 1.0,
    fmin: float = 0.0,
    fmax: float = 11025,
    maxlen: int = 1024,
) -> Tuple[Array, Array]:
    """Gammatone responses over the first ``maxlen`` bins of an FFT, and their centre frequencies (Hz)."""
    filters = n_fft * gammatone.gammatone_filterbank(sr, n_fft, n_bins, fmin, fmax, width)
    missing = max(0, maxlen - filters.shape[1])
    padded = np.pad(filters, ((0, 0), (0, missing)))[:, :maxlen]
    return padded.astype(np.float32), scales.erb_frequencies(n_bins, fmin, fmax)


@deprecated_function("nnaudio2_core.bands.design_gammatone.gammatone_filterbank")
def get_gammatone(
    sr: float,
    n_fft: int,
    n_bins: int = 64,
    fmin: float = 20.0,
    fmax: Optional[float] = None,
    htk: bool = False,
    norm: Optional[float] = 1,
    dtype: Any = np.float32,
) -> Array:
    """Gammatone filterbank, ``(n_bins, n_fft // 2 + 1)``, float32.

    ``htk``, ``norm`` and ``dtype`` have no effect, as in the legacy package.
    """
    fmax = sr / 2.0 if fmax is None else fmax
    return gammatone.gammatone_filterbank(sr, n_fft, n_bins, fmin, fmax).astype(np.float32)


@deprecated_function("librosa.filters.chroma")
def chroma(
    sr: float,
    n_fft: int,
    n_chroma: int = 12,
    tuning: float = 0.0,
    ctroct: float = 5.0,
    octwidth: Optional[float] = 2,
    norm: Optional[float] = 2,
    base_c: bool = True,
    dtype: Any = np.float32,
) -> Array:
    """Weights from FFT bins to pitch classes, ``(n_chroma, n_fft // 2 + 1)``.

    Gaussian bumps, a semitone wide or a bin where bins are wider, under a Gaussian over octaves of the width
    ``octwidth`` around ``ctroct``; the first class is C, or A without ``base_c``.

    Source: Ellis (2007), "Chroma feature analysis and synthesis".
    """
    bins = n_chroma * hz_to_octs(np.arange(1, n_fft) * (sr / n_fft), tuning, n_chroma)
    # 0 Hz has no octave; it is put one and a half octaves below the first bin.
    bins = np.concatenate([[bins[0] - 1.5 * n_chroma], bins])
    widths = np.append(np.maximum(np.diff(bins), 1.0), 1.0)
    half = np.round(n_chroma / 2.0)
    distance = np.remainder(bins[None, :] - np.arange(n_chroma)[:, None] + half, n_chroma) - half
    weights = normalize(np.exp(-0.5 * (2.0 * distance / widths) ** 2), norm, 0)
    if octwidth:
        weights = weights * np.exp(-0.5 * ((bins / n_chroma - ctroct) / octwidth) ** 2)
    if base_c:
        weights = np.roll(weights, -3 * (n_chroma // 12), axis=0)
    return np.ascontiguousarray(weights[:, : n_fft // 2 + 1], dtype=dtype)
