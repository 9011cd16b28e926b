"""Constant-Q transforms octave by octave, as nnAudio computes them: CQT2010v2 and CQT2010."""

from typing import List, Optional

import numpy as np
import torch
from torch import Tensor

from ..framing.design_window import Window
from ..module.arguments import require_bool
from ..module.constants import parameter
from ..module.precision import constant, split_constant
from .constant_q_transform import require_norm
from .design_spectra import kernel_spectra
from .octave_constant_q import OctaveConstantQ
from .octaves import weights_from_spectra
from .spectral_kernels import keep_spectra


class CQT2010v2(OctaveConstantQ):
    """Constant-Q transform of a waveform, octave by octave, by correlation with kernels.

    The kernels of the top octave serve all octaves, on a signal that is low-pass filtered and halved in rate
    from one to the next. The transition bands of the filters and the separate padding of each octave make it
    differ from :class:`CQT1992v2` by about 1 % (rms), 3 % with reflected ends; it is kept because models were
    trained on it. Use :class:`CQT` otherwise: it is exact and faster.

    Args:
        sr: sampling rate, Hz, > 0.
        hop_length: samples between frames, >= 1, a multiple of ``2 ** (octaves - 1)`` times the factor of the
            early down-sampling.
        fmin: centre of the lowest bin, Hz, > 0.
        fmax: end of the frequency range, Hz, > ``fmin``; if given, ``n_bins`` is ignored.
        n_bins: number of bins, >= 1; None for as many as have their pass band below ``sr / 2``.
        filter_scale: factor on all filter lengths, 1e-6 to 1e6.
        bins_per_octave: bins in each octave, >= 1.
        basis_norm: order of the vector norm of each kernel that is scaled to one; None or 0 for none.
        window: a name or tuple that ``scipy.signal.get_window`` takes (nnAudio always uses "hann").
        pad_mode: ``"reflect"``, ``"constant"`` (zeros), ``"replicate"`` or ``"circular"``, in every octave.
        earlydownsample: lower the rate by a power of two d before the top octave, where hop and top bin allow
            it. As in nnAudio, magnitudes are then larger than those of :class:`CQT`: sqrt(d) times with the
            ``"librosa"`` normalisation, d times with ``"wrap"``. d is 2 in the example below.
        trainable: make the kernels parameters ``cqt_kernels_real`` and ``cqt_kernels_imag``.
        output_format: ``"Magnitude"``, ``"Complex"`` or ``"Phase"`` (cosine and sine of the phase).
        return_complex: with ``"Complex"``, return a complex tensor.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``
        returns: ``(..., n_bins, frames)`` for Magnitude (or complex), else ``(..., n_bins, frames, 2)``

    The call accepts ``output_format``, ``normalization_type`` and ``return_complex`` as :class:`CQT1992v2`.

    Raises:
        ValueError: for an argument out of range, a top bin above ``sr / 2``, or a clip shorter than
            ``min_samples``.
        TypeError: for audio that is not of a floating type.

    Example:
        >>> import torch
        >>> cqt = CQT2010v2(sr=22050, fmin=55.0, n_bins=60)
        >>> x = torch.sin(2 * torch.pi * 440 * torch.arange(22050) / 22050)
        >>> int(cqt(x)[:, 22].argmax())
        36

    Source: Schörkhuber & Klapuri (2010); Cheuk et al. (2020), nnAudio.
    """

    cqt_kernels_real: Tensor
    cqt_kernels_imag: Tensor
    weights: Tensor

    def __init__(
        self,
        sr: float = 22050,
        hop_length: int = 512,
        *,
        fmin: float = 32.70,
        fmax: Optional[float] = None,
        n_bins: Optional[int] = 84,
        filter_scale: float = 1,
        bins_per_octave: int = 12,
        basis_norm: Optional[float] = 1,
        window: Window = "hann",
        pad_mode: str = "reflect",
        earlydownsample: bool = True,
        trainable: bool = False,
        output_format: str = "Magnitude",
        return_complex: bool = False,
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
        )
        self.trainable = require_bool("trainable", trainable)
        self.build_octaves(earlydownsample, 0.0)
        basis_norm = require_norm("basis_norm", basis_norm)
        kernels = self.octave_kernels(0, self.sr / self.downsample_factor, basis_norm, window, 0.0)
        self.min_samples = self.shortest_clip([kernels.shape[1]] * self.n_octaves)
        if self.trainable:
            self.cqt_kernels_real = parameter(kernels.real[:, None].copy())
            self.cqt_kernels_imag = parameter(kernels.imag[:, None].copy())
        else:
            weights = np.concatenate([kernels.real, -kernels.imag])[:, None]
            self.constant_buffer("weights", split_constant(weights))

    def octave_weights(self, x: Tensor) -> List[Tensor]:
        """Kernels of each octave, all the same."""
        if self.trainable:
            weights = torch.cat([self.cqt_kernels_real, -self.cqt_kernels_imag]).to(x.dtype)
        else:
            weights = constant(self.weights, x.dtype)
        return [weights] * self.n_octaves

    def scaled(self, X: Tensor) -> Tensor:
        """Correlations with the kernels, scaled."""
        return X * (constant(self.scale, X.dtype) * self.downsample_factor)


class CQT2010(OctaveConstantQ):
    """Constant-Q transform of a waveform, octave by octave, by products of spectra.

    The algorithm of :class:`CQT2010v2`, with one-sided spectra of the kernels instead of the kernels. Its
    numbers are nnAudio's, also where those differ from CQT2010v2's: they are the complex conjugates,
    early down-sampling by d makes them smaller by d, and ``"convolutional"`` ones are larger by the width
    of the kernels.

    Args:
        sr: sampling rate, Hz, > 0.
        hop_length: as in :class:`CQT2010v2`.
        fmin: centre of the lowest bin, Hz, > 0.
        fmax: end of the frequency range, Hz, > ``fmin``; if given, ``n_bins`` is ignored.
        n_bins: number of bins, >= 1; None for as many as have their pass band below ``sr / 2``.
        bins_per_octave: bins in each octave, >= 1.
        basis_norm: as in :class:`CQT2010v2`.
        window: as in :class:`CQT2010v2`.
        pad_mode: as in :class:`CQT2010v2`.
        trainable_STFT: make ``wsin`` and ``wcos``, ``(width // 2 + 1, 1, width)``, parameters.
        filter_scale: factor on all filter lengths, 1e-6 to 1e6.
        trainable_CQT: make the spectra ``cqt_kernels_real`` and ``cqt_kernels_imag``, ``(bins of an octave,
            width // 2 + 1)``, parameters.
        output_format: ``"Magnitude"``, ``"Complex"`` or ``"Phase"`` (cosine and sine of the phase).
        return_complex: with ``"Complex"``, return a complex tensor.
        earlydownsample: as in :class:`CQT2010v2`.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``
        returns: ``(..., n_bins, frames)`` for Magnitude (or complex), else ``(..., n_bins, frames, 2)``

    The call accepts ``output_format``, ``normalization_type`` and ``return_complex`` as :class:`CQT1992v2`.

    Raises:
        ValueError: as :class:`CQT2010v2`.
        TypeError: as :class:`CQT2010v2`.

    Example:
        >>> import torch
        >>> CQT2010(sr=22050, n_bins=72)(torch.zeros(22050)).shape
        torch.Size([72, 44])

    Source: Schörkhuber & Klapuri (2010); Cheuk et al. (2020), nnAudio.
    """

    by_spectra = True
    wsin: Tensor
    wcos: Tensor
    cqt_kernels_real: Tensor
    cqt_kernels_imag: Tensor
    weights: Tensor
    conjugating_scale: Tensor

    def __init__(
        self,
        sr: float = 22050,
        hop_length: int = 512,
        *,
        fmin: float = 32.70,
        fmax: Optional[float] = None,
        n_bins: Optional[int] = 84,
        bins_per_octave: int = 12,
        basis_norm: Optional[float] = 1,
        window: Window = "hann",
        pad_mode: str = "reflect",
        trainable_STFT: bool = False,
        filter_scale: float = 1,
        trainable_CQT: bool = False,
        output_format: str = "Magnitude",
        return_complex: bool = False,
        earlydownsample: bool = True,
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
        )
        trainable_STFT = require_bool("trainable_STFT", trainable_STFT)
        trainable_CQT = require_bool("trainable_CQT", trainable_CQT)
        self.trainable = trainable_STFT or trainable_CQT
        self.build_octaves(earlydownsample, 0.0)
        basis_norm = require_norm("basis_norm", basis_norm)
        kernels = self.octave_kernels(0, self.sr / self.downsample_factor, basis_norm, window, 0.0)
        self.kernel_width = self.convolutional_gain = kernels.shape[1]
        self.min_samples = self.shortest_clip([self.kernel_width] * self.n_octaves)
        conjugation = np.array([1.0, -1.0])
        self.constant_buffer(
            "conjugating_scale", split_constant(np.sqrt(self._lengths)[:, None, None] * conjugation)
        )
        spectra = kernel_spectra(kernels)
        if self.trainable:
            keep_spectra(self, spectra, trainable_STFT, trainable_CQT)
        else:
            weights = weights_from_spectra(*(torch.from_numpy(spectrum) for spectrum in spectra))
            self.constant_buffer("weights", split_constant(weights.numpy()))

    def octave_weights(self, x: Tensor) -> List[Tensor]:
        """Kernels of each octave, all the same."""
        if self.trainable:
            weights = weights_from_spectra(
                self.cqt_kernels_real, self.cqt_kernels_imag, self.wcos, self.wsin
            ).to(x.dtype)
        else:
            weights = constant(self.weights, x.dtype)
        return [weights] * self.n_octaves

    def scaled(self, X: Tensor) -> Tensor:
        """Correlations with the kernels, conjugated and scaled."""
        return X * constant(self.conjugating_scale, X.dtype)
