"""Kaldi's filterbank features, and linear-frequency cepstral coefficients."""

from typing import Optional

from ..framing.design_window import Window
from ..module.arguments import require_bool, require_int, require_number
from .front_end import FrontEnd


class Fbank(FrontEnd):
    """Kaldi's log-mel filterbank features.

    Each frame loses its mean, is pre-emphasised and windowed, and followed by zeros up to a power of two. The
    power spectrum goes through triangles that are straight in mel, then through the natural logarithm.

    Args:
        sr: sampling rate, Hz, > 0.
        n_bands: number of bands, >= 1.
        win_length: samples of a frame, >= 2.
        hop_length: samples between frames, >= 1.
        window: ``"povey"``, or a name or tuple that ``scipy.signal.get_window`` takes (its symmetric window).
        preemphasis: coefficient, 0 to 1.
        remove_mean: subtract the mean of each frame (Kaldi's remove-dc-offset).
        snip_edges: frames of whole windows only; False for ``time / hop_length`` frames, rounded, with the
            ends mirrored.
        input_scale: factor on the samples; models trained with Kaldi itself expect 32768.
        fmin: lower edge of the lowest band, Hz, >= 0.
        fmax: upper edge of the highest band, Hz; None means ``sr / 2``.
        trainable_bands: make the filters a parameter, ``band_basis``.
        engine: ``"fft"``, ``"real"`` (without complex numbers), or ``"auto"``: fft.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``
        lengths: ``(...)`` or None, see :class:`FrontEnd`
        returns: ``(..., n_bands, frames)``; Kaldi itself has the frames first

    Raises:
        ValueError: for an argument out of range, or a clip shorter than ``min_samples``.
        TypeError: for audio that is not of a floating type.

    Example:
        >>> import torch
        >>> Fbank(n_bands=80)(torch.randn(2, 16000)).shape
        torch.Size([2, 80, 98])

    Source: Povey et al. (2011), The Kaldi speech recognition toolkit; options of compute-fbank-feats.
    """

    def __init__(
        self,
        sr: float = 16000,
        n_bands: int = 23,
        *,
        win_length: int = 400,
        hop_length: int = 160,
        window: Window = "povey",
        preemphasis: float = 0.97,
        remove_mean: bool = True,
        snip_edges: bool = True,
        input_scale: float = 1.0,
        fmin: float = 20.0,
        fmax: Optional[float] = None,
        trainable_bands: bool = False,
        engine: str = "auto",
    ) -> None:
        width = require_int("win_length", win_length, 2, 2**24)
        hop = require_int("hop_length", hop_length, 1)
        whole = require_bool("snip_edges", snip_edges)
        if not whole and hop > width:
            raise ValueError(f"hop_length must be <= win_length = {width} with snip_edges=False, got {hop}")
        left = 0 if whole else width // 2 - hop // 2
        super().__init__(
            sr,
            1 << (width - 1).bit_length(),
            win_length=width,
            hop_length=hop,
            window=window,
            periodic=False,
            input_scale=input_scale,
            preemphasis=preemphasis,
            preemphasis_by_frame=True,
            remove_mean=remove_mean,
            pad_left=left,
            pad_right=0 if whole else width - hop + hop // 2 - left,
            pad_mode="mirror",
            n_bands=n_bands,
            scale="htk",
            triangles="mel",
            norm=None,
            fmin=fmin,
            fmax=fmax,
            floor=2.0**-23,
            trainable_bands=trainable_bands,
            engine=engine,
        )


class LFCC(FrontEnd):
    """Linear-frequency cepstral coefficients.

    Power in triangular bands that are evenly spaced in Hz, in decibels, at least the maximum of each item
    minus ``top_db``, then an orthonormal cosine transform over the bands.

    Args:
        sr: sampling rate, Hz, > 0.
        n_lfcc: number of coefficients, 1 to ``n_bands``.
        n_bands: number of bands, >= 1.
        n_fft: length of a frame, samples, >= 2.
        hop_length: samples between frames, >= 1.
        window: a name or tuple that ``scipy.signal.get_window`` takes.
        fmin: lower edge of the lowest band, Hz, >= 0.
        fmax: upper edge of the highest band, Hz; None means ``sr / 2``.
        amin: least power, 1e-37 to 1e37.
        top_db: range of each item below its own maximum, dB, >= 0; None for no floor.
        trainable_bands: make the filters a parameter, ``band_basis``.
        engine: ``"fft"``, ``"real"`` (without complex numbers), or ``"auto"``: fft.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``
        lengths: ``(...)`` or None, see :class:`FrontEnd`
        returns: ``(..., n_lfcc, frames)``, frame ``t`` centred on sample ``t * hop_length``

    Raises:
        ValueError: for an argument out of range, or a clip shorter than ``min_samples``.
        TypeError: for audio that is not of a floating type.

    Example:
        >>> import torch
        >>> LFCC(n_lfcc=20)(torch.randn(2, 16000)).shape
        torch.Size([2, 20, 81])

    Source: Davis & Mermelstein (1980); Sahidullah et al. (2015), A comparison of features for synthetic
    speech detection.
    """

    def __init__(
        self,
        sr: float = 16000,
        n_lfcc: int = 40,
        *,
        n_bands: int = 128,
        n_fft: int = 400,
        hop_length: int = 200,
        window: Window = "hann",
        fmin: float = 0.0,
        fmax: Optional[float] = None,
        amin: float = 1e-10,
        top_db: Optional[float] = 80.0,
        trainable_bands: bool = False,
        engine: str = "auto",
    ) -> None:
        points = require_int("n_fft", n_fft, 2, 2**24)
        count = require_int("n_lfcc", n_lfcc, 1)
        if count > require_int("n_bands", n_bands, 1):
            raise ValueError(f"n_lfcc must be <= n_bands = {n_bands}, got {count}")
        super().__init__(
            sr,
            points,
            hop_length=hop_length,
            window=window,
            pad_left=points // 2,
            pad_right=points // 2,
            n_bands=n_bands,
            scale="linear",
            norm=None,
            fmin=fmin,
            fmax=fmax,
            log="db",
            floor=_amin(amin),
            dynamic_range=_top_db(top_db),
            n_cepstra=count,
            trainable_bands=trainable_bands,
            engine=engine,
        )


def _amin(amin: float) -> float:
    return require_number("amin", amin, 0.0, 1e-37, 1e37)


def _top_db(top_db: Optional[float]) -> Optional[float]:
    return None if top_db is None else require_number("top_db", top_db, at_least=0.0, at_most=1e12)
