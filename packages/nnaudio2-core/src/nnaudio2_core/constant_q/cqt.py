"""Constant-Q transforms by exact kernels: CQT1992v2, its plain name CQT, and CQT1992."""

from typing import Any, Optional, Sequence

import torch
from torch import Tensor

from ..framing.design_window import Window
from ..module.arguments import require_bool, require_memory
from .constant_q_transform import DirectConstantQ, require_norm
from .design_kernels import ConstantQBasis
from .design_spectra import kernel_spectra
from .librosa_arguments import librosa_arguments
from .octaves import weights_from_spectra
from .spectral_kernels import keep_spectra


class CQT1992v2(DirectConstantQ):
    """Constant-Q transform of a waveform by exact kernels.

    ``X[k, n] = sqrt(L_k) sum_t x[n * hop_length + t] conj(g_k[t])`` with ``g_k`` a window of ``L_k`` samples
    times ``exp(2 pi i f_k t / sr)``, centred on ``t = 0`` and of unit ``norm``, and ``f_k = fmin *
    2 ** (k / bins_per_octave)``. With ``center`` frame ``n`` is centred on sample ``n * hop_length``.

    Args:
        sr: sampling rate, Hz, > 0.
        hop_length: samples between frames, >= 1; odd and prime ones included.
        fmin: centre of the lowest bin, Hz, > 0.
        fmax: end of the frequency range, Hz, > ``fmin``; if given, ``n_bins`` is ignored.
        n_bins: number of bins, >= 1; None for as many as have their pass band below ``sr / 2``.
        bins_per_octave: bins in each octave, 0.01 to 1e5.
        filter_scale: factor on all filter lengths, 1e-6 to 1e6; below 1 the filters are shorter and wider.
        norm: order of the vector norm of each kernel that is scaled to one, 1, 2 or ``inf``; None or 0
            leaves window over length. librosa's kernels have their norm at the rate at which librosa samples
            them: there 0 counts the samples that are not 0, and None leaves the window.
        window: a name or tuple that ``scipy.signal.get_window`` takes.
        center: pad both ends so that frame ``n`` is centred on sample ``n * hop_length``; else it begins
            there and has ``kernel_width`` samples, with the kernels in its middle.
        pad_mode: ``"reflect"``, ``"constant"`` (zeros), ``"replicate"`` or ``"circular"``.
        trainable: make the kernels parameters ``cqt_kernels_real`` and ``cqt_kernels_imag``.
        output_format: ``"Magnitude"``, ``"Complex"`` or ``"Phase"`` (cosine and sine of the phase).
        return_complex: with ``"Complex"``, return a complex tensor.
        filter_lengths: ``"integer"`` for nnAudio's, ``ceil(Q sr / f_k)`` with ``Q = filter_scale /
            (2 ** (1 / bins_per_octave) - 1)``; ``"fractional"`` for the kernels of librosa up to 0.11,
            ``"fractional-1.0"`` for those of librosa 1.0. :meth:`like_librosa` sets all arguments so.
        engine: ``"fft"``, ``"real"`` (correlations with kernels: trainable, without complex numbers), or
            ``"auto"``: real if trainable, else fft.
        tolerance: largest response to a sine that the fft engine may drop in float32, as a share of the
            smallest peak response of the bins, >= 0; in float64 a twentieth of it. 0 drops nothing and takes
            two to four times as long.
        tuning: bins by which all frequencies are shifted, -1 to 1; :func:`estimate_tuning` measures it.
        frequencies: increasing centres of the bins, Hz, at most ``sr / 2``; if given, ``fmin``, ``fmax`` and
            ``n_bins`` are ignored. Bandwidths follow from the neighbours, with ``2 ** (1 / bins_per_octave)``
            replaced by ``r_k = (f_{k+1} / f_{k-1}) ** 0.5``; beyond the ends the last ratio goes on.
        scale: multiply by ``sqrt(L_k)``; False by ``L_k``, as librosa's ``scale=False``.
        lookahead: samples after its own that a frame may see, >= 0; None for symmetric kernels. A kernel that
            would see more keeps its length, ends there, and has a skewed window: its band is up to a quarter
            wider, and its middle lies up to a third of its length before the frame.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``
        returns: ``(..., n_bins, frames)`` for Magnitude (or complex), else ``(..., n_bins, frames, 2)``;
        ``frames = 1 + time // hop_length`` with ``center``

    The call accepts ``output_format``, ``normalization_type`` and ``return_complex``. The normalisation
    ``"librosa"`` is as above; ``"convolutional"`` leaves the factor ``sqrt(L_k)`` out; ``"wrap"`` replaces it
    by 2, so that a sine of amplitude 1 has magnitude 1.

    Raises:
        ValueError: for an argument out of range, a top bin above ``sr / 2``, or a clip shorter than
            ``min_samples``.
        TypeError: for audio that is not of a floating type.

    Example:
        >>> import torch
        >>> cqt = CQT1992v2(sr=22050, hop_length=512, fmin=55.0, n_bins=60)
        >>> x = torch.sin(2 * torch.pi * 440 * torch.arange(22050) / 22050)
        >>> X = cqt(x)
        >>> X.shape
        torch.Size([60, 44])
        >>> int(X[:, 22].argmax())  # 440 Hz is three octaves above 55 Hz
        36
        >>> round(float(cqt(x, "Magnitude", "wrap")[36, 22]), 3)
        1.0

    Source: Brown (1991), Brown & Puckette (1992); normalisations of Cheuk et al. (2020), nnAudio.
    """

    def __init__(
        self,
        sr: float = 22050,
        hop_length: int = 512,
        *,
        fmin: float = 32.70,
        fmax: Optional[float] = None,
        n_bins: Optional[int] = 84,
        bins_per_octave: float = 12,
        filter_scale: float = 1,
        norm: Optional[float] = 1,
        window: Window = "hann",
        center: bool = True,
        pad_mode: str = "reflect",
        trainable: bool = False,
        output_format: str = "Magnitude",
        return_complex: bool = False,
        filter_lengths: str = "integer",
        engine: str = "auto",
        tolerance: float = 2e-7,
        tuning: float = 0.0,
        frequencies: Optional[Sequence[float]] = None,
        scale: bool = True,
        lookahead: Optional[int] = None,
    ) -> None:
        super().__init__()
        self.constant_q_arguments(
            sr,
            hop_length,
            fmin,
            fmax,
            n_bins,
            bins_per_octave,
            filter_scale,
            pad_mode,
            output_format,
            return_complex,
            window=window,
            filter_lengths=filter_lengths,
            tuning=tuning,
            frequencies=frequencies,
        )
        norm = require_norm("norm", norm)
        self.build(norm, window, 0.0, filter_lengths, scale, center, trainable, engine, tolerance, lookahead)

    @classmethod
    def like_librosa(
        cls,
        sr: float = 22050,
        hop_length: int = 512,
        *,
        fmin: Optional[float] = None,
        n_bins: Optional[int] = 84,
        bins_per_octave: int = 12,
        tuning: float = 0.0,
        filter_scale: float = 1,
        norm: Optional[float] = 1,
        window: Window = "hann",
        scale: bool = True,
        pad_mode: str = "constant",
        version: str = "0.11",
        **ours: Any,
    ) -> "CQT1992v2":
        """The transform with the numbers of ``librosa.cqt``, whose arguments and defaults these are.

        In noise, away from the ends of a clip and the Nyquist frequency, it differs from librosa with
        ``sparsity=0`` by less than 1e-4 (rms, relative), for every ``norm``, ``scale``, ``tuning``,
        ``filter_scale`` and hop.
        The difference is larger where librosa simplifies. It omits the negative frequencies of its kernels:
        1e-2 with a window that does not fall to zero (Hamming's, Kaiser's of beta 4), 7e-2 with a
        rectangular one. Its resampler attenuates below the Nyquist frequency: 5e-2 in 0.11 and 1e-2 in 1.0
        with bins near it. It truncates the resampler's ringing: 1e-2 at loud ends of a clip. Its default
        ``sparsity``, 0.01, drops 5e-3.

        Args:
            sr: sampling rate, Hz, > 0.
            hop_length: samples between frames, >= 1.
            fmin: centre of the lowest bin, Hz; None for C1, 32.703 Hz.
            n_bins: number of bins; None, as in librosa 1.0, for as many as fit.
            bins_per_octave: bins in each octave. For ``intervals`` of librosa pass their ``frequencies``.
            tuning: bins; None is refused, :func:`estimate_tuning` measures it.
            filter_scale: factor on all filter lengths.
            norm: order of the norm of each kernel: None, 0 or >= 0.1.
            window: a name, tuple or number that ``scipy.signal.get_window`` takes; functions are refused.
            scale: divide by the root of the filter length.
            pad_mode: ``"constant"``, ``"reflect"`` or ``"edge"``; other than constant, ends differ by 4e-2.
            version: of librosa, such as ``librosa.__version__``; since 1.0 it decimates fewer octaves.
            ours: arguments of :class:`CQT` that librosa lacks. Coefficients are complex by default.

        Example:
            >>> import torch
            >>> cqt = CQT.like_librosa(n_bins=60)
            >>> cqt(torch.zeros(22050)).dtype
            torch.complex64
        """
        given = librosa_arguments(version, fmin, tuning, norm, scale, pad_mode, "norm", ours)
        return cls(
            sr,
            hop_length,
            n_bins=n_bins,
            bins_per_octave=bins_per_octave,
            filter_scale=filter_scale,
            window=window,
            **given,
        )


class CQT(CQT1992v2):
    """Constant-Q transform of a waveform: another name of :class:`CQT1992v2`, which describes it.

    Example:
        >>> import torch
        >>> CQT(sr=16000, hop_length=256, n_bins=72)(torch.zeros(2, 16000)).shape
        torch.Size([2, 72, 63])
    """


class CQT1992(DirectConstantQ):
    """Constant-Q transform of a waveform by products of spectra, after Brown & Puckette (1992).

    It is the transform of :class:`CQT1992v2`, whose arguments it shares. With frozen kernels both are
    computed by the same engine. Trained, this one is a short-time Fourier transform with a rectangular
    window and kernels ``wsin`` and ``wcos``, multiplied by the one-sided spectra ``cqt_kernels_real`` and
    ``cqt_kernels_imag`` of the constant-Q kernels. One-sided spectra are exact to 2e-4 of the maximum with a
    Hann window and 12 bins per octave; with windows that do not fall to zero they differ by some per cent.

    Args:
        sr: sampling rate, Hz, > 0.
        hop_length: samples between frames, >= 1.
        fmin: centre of the lowest bin, Hz, > 0.
        fmax: end of the frequency range, Hz; if given, ``n_bins`` is ignored.
        n_bins: number of bins, >= 1, or None as in :class:`CQT1992v2`. The default, 60, fits below 11 025 Hz;
            nnAudio's, 84, does not.
        trainable_STFT: make ``wsin`` and ``wcos``, ``(kernel_width // 2 + 1, 1, kernel_width)``, parameters.
        trainable_CQT: make the spectra ``cqt_kernels_real`` and ``cqt_kernels_imag``,
            ``(n_bins, kernel_width // 2 + 1)``, parameters.
        bins_per_octave: bins in each octave, 0.01 to 1e5.
        filter_scale: factor on all filter lengths, 1e-6 to 1e6.
        output_format: ``"Magnitude"``, ``"Complex"`` or ``"Phase"`` (cosine and sine of the phase).
        return_complex: with ``"Complex"``, return a complex tensor.
        norm: as in :class:`CQT1992v2`.
        window: as in :class:`CQT1992v2`.
        center: as in :class:`CQT1992v2`.
        pad_mode: as in :class:`CQT1992v2`.
        filter_lengths: as in :class:`CQT1992v2`.
        engine: as in :class:`CQT1992v2`; auto is real if anything is trained.
        tolerance: as in :class:`CQT1992v2`.
        tuning: as in :class:`CQT1992v2`.
        frequencies: as in :class:`CQT1992v2`.
        scale: as in :class:`CQT1992v2`.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``
        returns: ``(..., n_bins, frames)`` for Magnitude (or complex), else ``(..., n_bins, frames, 2)``

    The call accepts ``output_format``, ``normalization_type`` and ``return_complex`` as :class:`CQT1992v2`.

    Raises:
        ValueError: as :class:`CQT1992v2`.
        TypeError: as :class:`CQT1992v2`.

    Example:
        >>> import torch
        >>> CQT1992(sr=22050, fmin=220.0, n_bins=48)(torch.zeros(22050)).shape
        torch.Size([48, 44])

    Source: Brown & Puckette (1992), "An efficient algorithm for the calculation of a constant Q
    transform", eq. 5.
    """

    wsin: Tensor
    wcos: Tensor

    def __init__(
        self,
        sr: float = 22050,
        hop_length: int = 512,
        *,
        fmin: float = 220,
        fmax: Optional[float] = None,
        n_bins: Optional[int] = 60,
        trainable_STFT: bool = False,
        trainable_CQT: bool = False,
        bins_per_octave: float = 12,
        filter_scale: float = 1,
        output_format: str = "Magnitude",
        return_complex: bool = False,
        norm: Optional[float] = 1,
        window: Window = "hann",
        center: bool = True,
        pad_mode: str = "reflect",
        filter_lengths: str = "integer",
        engine: str = "auto",
        tolerance: float = 2e-7,
        tuning: float = 0.0,
        frequencies: Optional[Sequence[float]] = None,
        scale: bool = True,
    ) -> None:
        super().__init__()
        self.constant_q_arguments(
            sr,
            hop_length,
            fmin,
            fmax,
            n_bins,
            bins_per_octave,
            filter_scale,
            pad_mode,
            output_format,
            return_complex,
            window=window,
            filter_lengths=filter_lengths,
            tuning=tuning,
            frequencies=frequencies,
        )
        train_fourier = require_bool("trainable_STFT", trainable_STFT)
        self._trained = (train_fourier, require_bool("trainable_CQT", trainable_CQT))
        norm = require_norm("norm", norm)
        trained = any(self._trained)
        self.build(norm, window, 0.0, filter_lengths, scale, center, trained, engine, tolerance)

    @torch.jit.unused
    def keep_trained(self, basis: ConstantQBasis) -> None:
        """Register Fourier kernels and spectra of kernels, one or both of them as parameters."""
        require_memory("filter_scale * sr / fmin", (basis.width // 2 + 1) * basis.width)
        keep_spectra(self, kernel_spectra(basis.dense()), *self._trained)

    def trained_weights(self) -> Tensor:
        """Kernels in time from the trained spectra, ``(2 * n_bins, 1, kernel_width)``."""
        return weights_from_spectra(self.cqt_kernels_real, self.cqt_kernels_imag, self.wcos, self.wsin)
