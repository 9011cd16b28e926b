"""Constant-Q transforms, with the legacy arguments, kernels and numbers."""

from typing import Any, List, Optional

import numpy as np
import torch
from torch import Tensor, nn

import nnaudio2_core as core
from nnaudio2_core.constant_q.design_kernels import constant_q_basis
from nnaudio2_core.constant_q.octaves import correlation_pairs
from nnaudio2_core.framing.padding import pad_waveform

from .. import _kernels
from .._constant_q import ConstantQModule, SpectralModule
from .._deprecation import deprecated_class
from .._engine import Projection, build_engine, project, project_fourier
from .._module import timed
from .._octaves import OctaveModule
from ..utils import *  # noqa: F403
from ..utils import __all__ as _helpers
from ..utils import create_cqt_kernels

__all__ = ["CQT", "CQT1992", "CQT2010", "CQT1992v2", "CQT2010v2", "nn", *_helpers]


@deprecated_class("nnaudio2_core.CQT1992")
class CQT1992(SpectralModule):
    """Constant-Q transform by spectra ``cqt_kernels_real`` and ``cqt_kernels_imag``, ``(n_bins, half)``.

    Frames are analysed by ``wsin`` and ``wcos``, ``(half, 1, kernel_width)``. Arguments are those of
    :class:`nnaudio2_core.CQT1992`. As in the legacy package, ``"convolutional"`` numbers are larger by
    ``kernel_width``, and the phase is that of the complex conjugate.
    """

    __constants__ = ["center"]

    def __init__(
        self,
        sr: float = 22050,
        hop_length: int = 512,
        fmin: float = 220,
        fmax: Optional[float] = None,
        n_bins: Optional[int] = 84,
        trainable_STFT: bool = False,
        trainable_CQT: bool = False,
        bins_per_octave: float = 12,
        filter_scale: float = 1,
        output_format: str = "Magnitude",
        norm: Optional[float] = 1,
        window: Any = "hann",
        center: bool = True,
        pad_mode: str = "reflect",
    ) -> None:
        super().__init__()
        self.hop_length, self.center, self.pad_mode = hop_length, center, pad_mode
        self.norm, self.output_format = norm, output_format
        Q = float(filter_scale) / (2 ** (1 / bins_per_octave) - 1)
        with timed(True, "CQT kernels", "CQT kernels"):
            kernels, self.kernel_width, lenghts, self.frequencies = create_cqt_kernels(
                Q, sr, fmin, n_bins, bins_per_octave, norm, window, fmax
            )
            self._keep("lenghts", lenghts, False)
        self._keep_spectra(kernels, sr, trainable_STFT, trainable_CQT, True)
        if trainable_STFT:
            return
        # The engine gives the spectra of frames; they are multiplied by the kernel spectra of the module.
        self._fast = build_engine(
            lambda: core.STFT(
                self.kernel_width,
                hop_length=hop_length,
                window="boxcar",
                center=center,
                pad_mode=pad_mode if center else "constant",
            ),
            lambda: project_fourier(self.kernel_width // 2 + 1, np.ones(self.kernel_width)),
            self.kernel_width // 2,
        )

    def _transform(self, x: Tensor, output_format: str, normalization_type: str) -> Tensor:
        X = self._coefficients(x)
        if normalization_type == "convolutional":
            X = X * self.kernel_width
        if output_format == "Phase":
            X = _kernels.conjugate(X)
        return self._output(X, output_format, normalization_type, False)

    def _coefficients(self, x: Tensor) -> Tensor:
        """Coefficients without a normalisation, ``(batch, n_bins, frames, 2)``."""
        amount, pad_mode = self.kernel_width // 2, "constant"
        if self.center:
            pad_mode = self.pad_mode
            _kernels.check_reflection(x, amount, pad_mode)
        if self._fast is not None:
            kernels = [self.wsin, self.wcos]
            if self._fast.applies(kernels, x, self.hop_length, self.center, pad_mode, amount):
                F = self._fast.transform(_kernels.at_least_single(x), "Complex")
                real, imag = self.cqt_kernels_real, self.cqt_kernels_imag
                products = _kernels.complex_product(real, -imag, F[..., 0], F[..., 1])
                return torch.stack(products, -1) / self.kernel_width
        if self.center:
            x = pad_waveform(x, amount, pad_mode)
        weights = self._weights() * (self.wcos.size(2) / self.kernel_width)
        dtype = _kernels.common_dtype(x, weights)
        return correlation_pairs(x.to(dtype), weights.to(dtype), self.hop_length)


@deprecated_class("nnaudio2_core.CQT1992v2")
class CQT1992v2(ConstantQModule):
    """Constant-Q transform, ``cqt_kernels_real`` and ``cqt_kernels_imag``: ``(n_bins, 1, kernel_width)``.

    Arguments are those of :class:`nnaudio2_core.CQT1992v2`, but a window ``("gaussian", att)`` falls by
    ``att`` dB at its ends; ``verbose`` prints.
    """

    __constants__ = ["center", "trainable"]

    cqt_kernels_real: Tensor
    cqt_kernels_imag: Tensor

    def __init__(
        self,
        sr: float = 22050,
        hop_length: int = 512,
        fmin: float = 32.70,
        fmax: Optional[float] = None,
        n_bins: Optional[int] = 84,
        bins_per_octave: float = 12,
        filter_scale: float = 1,
        norm: Optional[float] = 1,
        window: Any = "hann",
        center: bool = True,
        pad_mode: str = "reflect",
        trainable: bool = False,
        output_format: str = "Magnitude",
        verbose: bool = True,
    ) -> None:
        super().__init__()
        self.trainable, self.hop_length, self.output_format = trainable, hop_length, output_format
        self.center, self.pad_mode = center, pad_mode
        Q = float(filter_scale) / (2 ** (1 / bins_per_octave) - 1)
        with timed(verbose, "CQT kernels", "CQT kernels"):
            kernels, self.kernel_width, lenghts, self.frequencies = create_cqt_kernels(
                Q, sr, fmin, n_bins, bins_per_octave, norm, window, fmax
            )
            self._keep("lenghts", lenghts, False)
            self._keep_kernels(kernels[:, None], trainable)
        if trainable or (isinstance(window, tuple) and window[0] == "gaussian"):
            return
        arguments = {
            "fmin": fmin,
            "n_bins": len(self.frequencies),
            "bins_per_octave": bins_per_octave,
            "filter_scale": filter_scale,
            "norm": float(norm or 0),
            "window": window,
        }
        self._fast = build_engine(
            lambda: core.CQT1992v2(
                sr, hop_length, center=center, pad_mode=pad_mode if center else "constant", **arguments
            ),
            lambda: _projections(sr=sr, **arguments),
            self.kernel_width // 2,
        )

    def _transform(self, x: Tensor, output_format: str, normalization_type: str) -> Tensor:
        amount, pad_mode = self.kernel_width // 2, "constant"
        if self.center:
            pad_mode = self.pad_mode
            _kernels.check_reflection(x, amount, pad_mode)
        if self._fast is not None and not self.trainable:
            kernels = [self.lenghts, self.cqt_kernels_real, self.cqt_kernels_imag]
            if self._fast.applies(kernels, x, self.hop_length, self.center, pad_mode, amount):
                x = _kernels.precise(x)
                return self._fast.transform(x, output_format, normalization_type)  # type: ignore[no-any-return]
        if self.center:
            x = pad_waveform(x, amount, pad_mode)
        X = _kernels.pairs_by_kernels(x, self.cqt_kernels_real, self.cqt_kernels_imag, self.hop_length)
        return self._output(X, output_format, normalization_type, self.trainable)

    def forward_manual(self, x: Tensor) -> Tensor:
        """The magnitude with the ``"librosa"`` normalisation, whatever ``output_format`` is."""
        return self.forward(x, "Magnitude")


def _projections(**arguments: Any) -> List[Projection]:
    """Projections of lengths and kernels at the full rate."""
    basis = constant_q_basis(**arguments)
    dense = basis.dense()[:, None]
    return [project(basis.lengths), project(dense.real), project(dense.imag)]


@deprecated_class("nnaudio2_core.CQT")
class CQT(CQT1992v2):
    """Another name of :class:`CQT1992v2`."""


@deprecated_class("nnaudio2_core.CQT2010")
class CQT2010(OctaveModule, SpectralModule):
    """Constant-Q transform octave by octave, by spectra ``cqt_kernels_real`` and ``cqt_kernels_imag``.

    Arguments are those of :class:`nnaudio2_core.CQT2010`; ``verbose`` prints; ``fmax``, ``norm`` and
    ``window`` have no effect, as in the legacy package. Kernels are multiplied out at each call, which costs
    little.
    """

    _prints_octaves = False
    _printed_gap = 28 * " "

    def __init__(
        self,
        sr: float = 22050,
        hop_length: int = 512,
        fmin: float = 32.70,
        fmax: Optional[float] = None,
        n_bins: int = 84,
        bins_per_octave: float = 12,
        norm: bool = True,
        basis_norm: Optional[float] = 1,
        window: Any = "hann",
        pad_mode: str = "reflect",
        trainable_STFT: bool = False,
        filter_scale: float = 1,
        trainable_CQT: bool = False,
        output_format: str = "Magnitude",
        earlydownsample: bool = True,
        verbose: bool = True,
    ) -> None:
        super().__init__()
        self.norm, self.output_format = norm, output_format
        bins = (fmin, n_bins, bins_per_octave, filter_scale)
        top = self._build_octaves(sr, hop_length, *bins, 0.0, pad_mode, earlydownsample, verbose)
        with timed(verbose, "CQT kernels", "CQT kernels"):
            self._build_top_octave(top, bins_per_octave, basis_norm)
        self._keep_spectra(self.basis, top.sr, trainable_STFT, trainable_CQT, verbose)

    def _transform(self, x: Tensor, output_format: str, normalization_type: str) -> Tensor:
        # The legacy package counts these zeros by the width of a spectrum, not of a kernel.
        zeros = self.cqt_kernels_real.size(1) // 2
        X = torch.cat(self._octaves(x, [self._weights()] * self.n_octaves, zeros), 1)[:, -self.n_bins :]
        X = _kernels.conjugate(X)
        if normalization_type == "convolutional":
            X = X * self.n_fft
        return self._output(X, output_format, normalization_type, False)


@deprecated_class("nnaudio2_core.CQT2010v2")
class CQT2010v2(OctaveModule):
    """Constant-Q transform octave by octave, by ``cqt_kernels_real`` and ``_imag`` of the top octave.

    Arguments are those of :class:`nnaudio2_core.CQT2010v2`; ``verbose`` prints; ``fmax``, ``norm`` and
    ``window`` have no effect, as in the legacy package.
    """

    __constants__ = ["earlydownsample", "trainable"]

    cqt_kernels_real: Tensor
    cqt_kernels_imag: Tensor

    def __init__(
        self,
        sr: float = 22050,
        hop_length: int = 512,
        fmin: float = 32.70,
        fmax: Optional[float] = None,
        n_bins: int = 84,
        filter_scale: float = 1,
        bins_per_octave: float = 12,
        norm: bool = True,
        basis_norm: Optional[float] = 1,
        window: Any = "hann",
        pad_mode: str = "reflect",
        earlydownsample: bool = True,
        trainable: bool = False,
        output_format: str = "Magnitude",
        verbose: bool = True,
    ) -> None:
        super().__init__()
        self.norm, self.output_format, self.trainable = norm, output_format, trainable
        bins = (fmin, n_bins, bins_per_octave, filter_scale)
        top = self._build_octaves(sr, hop_length, *bins, 0.0, pad_mode, earlydownsample, verbose)
        with timed(verbose, "CQT kernels", "CQT kernels"):
            self._build_top_octave(top, bins_per_octave, basis_norm)
            self._keep_kernels(self.basis[:, None], trainable)

    def _transform(self, x: Tensor, output_format: str, normalization_type: str) -> Tensor:
        weights = torch.cat([self.cqt_kernels_real, -self.cqt_kernels_imag])
        X = torch.cat(self._octaves(x, [weights] * self.n_octaves), 1)
        X = X[:, -self.n_bins :] * self.downsample_factor
        return self._output(X, output_format, normalization_type, self.trainable)
