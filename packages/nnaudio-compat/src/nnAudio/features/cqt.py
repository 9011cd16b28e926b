"""Constant-Q transforms, with the legacy arguments, kernels and numbers."""

from time import time
from typing import Any, Optional

import numpy as np
import torch
from torch import Tensor, nn

import nnaudio2_core as core
from nnaudio2_core.constant_q.design_kernels import constant_q_basis
from nnaudio2_core.constant_q.octaves import weights_from_spectra
from nnaudio2_core.framing.padding import pad_waveform

from .. import _kernels
from .._deprecation import deprecated_class
from .._module import LegacyModule
from .._octaves import OctaveModule
from .._stand_in import fingerprint, fourier_fingerprints, stand_in
from ..utils import *  # noqa: F403
from ..utils import __all__ as _helpers
from ..utils import create_cqt_kernels, create_fourier_kernels

__all__ = ["CQT", "CQT1992", "CQT2010", "CQT1992v2", "CQT2010v2", "nn", *_helpers]


def _spectra(kernels: Any) -> Any:
    """One-sided spectra of kernels, in their own precision: ``(bins, width // 2 + 1)``."""
    width = kernels.shape[1]
    return np.fft.fft(kernels)[:, : width // 2 + 1].astype(kernels.dtype)


@deprecated_class("nnaudio2_core.CQT1992")
class CQT1992(LegacyModule):
    """Constant-Q transform by spectra: ``cqt_kernels_real`` and ``cqt_kernels_imag``, ``(n_bins, half)``.

    Frames are analysed by ``wsin`` and ``wcos``, ``(half, 1, kernel_width)``. Arguments are those of
    :class:`nnaudio2_core.CQT1992`. ``"convolutional"`` numbers are larger by ``kernel_width``, and the phase
    is that of the complex conjugate, as they were.
    """

    __constants__ = ["center"]

    wsin: Tensor
    wcos: Tensor
    cqt_kernels_real: Tensor
    cqt_kernels_imag: Tensor
    lenghts: Tensor

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
        print("Creating CQT kernels ...", end="\r")
        start = time()
        kernels, self.kernel_width, lenghts, self.frequencies = create_cqt_kernels(
            Q, sr, fmin, n_bins, bins_per_octave, norm, window, fmax
        )
        self._keep("lenghts", lenghts, False)
        spectra = _spectra(kernels)
        print(f"CQT kernels created, time used = {time() - start:.4f} seconds")
        print("Creating STFT kernels ...", end="\r")
        start = time()
        kernel_sin, kernel_cos, self.bins2freq, _, _ = create_fourier_kernels(
            self.kernel_width, window="boxcar", freq_scale="no", sr=sr
        )
        self._keep("wsin", kernel_sin, trainable_STFT)
        self._keep("wcos", kernel_cos, trainable_STFT)
        self._keep("cqt_kernels_real", np.ascontiguousarray(spectra.real), trainable_CQT)
        self._keep("cqt_kernels_imag", np.ascontiguousarray(spectra.imag), trainable_CQT)
        print(f"STFT kernels created, time used = {time() - start:.4f} seconds")
        if trainable_STFT:
            return
        # An engine for the spectra of frames alone: what multiplies them is always what the module holds.
        self._fast = stand_in(
            lambda: core.STFT(
                self.kernel_width,
                hop_length=hop_length,
                window="boxcar",
                center=center,
                pad_mode=pad_mode if center else "constant",
            ),
            lambda: fourier_fingerprints(self.kernel_width // 2 + 1, np.ones(self.kernel_width)),
            self.kernel_width // 2,
        )

    def forward(
        self, x: Tensor, output_format: Optional[str] = None, normalization_type: str = "librosa"
    ) -> Tensor:
        """Transform a waveform.

        Shape:
            x: ``(time,)``, ``(batch, time)`` or ``(batch, 1, time)``
            returns: ``(batch, n_bins, frames)`` for Magnitude, else ``(batch, n_bins, frames, 2)``
        """
        if output_format is None:
            output_format = self.output_format
        X = self._products(_kernels.batch_of(x))
        if normalization_type != "convolutional":
            X = X / self.kernel_width
        if output_format != "Phase":
            X = _kernels.conjugate(X)
        y = _kernels.cqt_output(X, self.lenghts, output_format, normalization_type, False)
        return _kernels.result(y, x.dtype)

    def _products(self, x: Tensor) -> Tensor:
        pad_mode = "constant"
        if self.center:
            pad_mode = self.pad_mode
            _kernels.check_reflection(x, self.kernel_width // 2, pad_mode)
        if self._fast is not None:
            kernels, amount = [self.wsin, self.wcos], self.kernel_width // 2
            if self._fast.replaces(kernels, x, self.hop_length, self.center, pad_mode, amount):
                F = self._fast.transform(_kernels.at_least_single(x), "Complex")
                return _kernels.products_of_spectra(
                    self.cqt_kernels_real, self.cqt_kernels_imag, F[..., 0], -F[..., 1]
                )
        if self.center:
            x = pad_waveform(x, self.kernel_width // 2, pad_mode)
        cosine, sine = _kernels.correlations(x, self.wcos, self.wsin, self.hop_length)
        return _kernels.products_of_spectra(self.cqt_kernels_real, self.cqt_kernels_imag, cosine, sine)

    def extra_repr(self) -> str:
        """Sizes of the kernels."""
        sizes = tuple(self.wcos.shape), tuple(self.cqt_kernels_real.shape)
        return f"STFT kernel size = {sizes[0]}, CQT kernel size = {sizes[1]}"


@deprecated_class("nnaudio2_core.CQT1992v2")
class CQT1992v2(LegacyModule):
    """Constant-Q transform, ``cqt_kernels_real`` and ``cqt_kernels_imag``: ``(n_bins, 1, kernel_width)``.

    Arguments are those of :class:`nnaudio2_core.CQT1992v2`, but a window ``("gaussian", att)`` falls by
    ``att`` dB at its ends; ``verbose`` prints.
    """

    __constants__ = ["center", "trainable"]

    cqt_kernels_real: Tensor
    cqt_kernels_imag: Tensor
    lenghts: Tensor

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
        if verbose:
            print("Creating CQT kernels ...", end="\r")
        start = time()
        kernels, self.kernel_width, lenghts, self.frequencies = create_cqt_kernels(
            Q, sr, fmin, n_bins, bins_per_octave, norm, window, fmax
        )
        self._keep("lenghts", lenghts, False)
        self._keep("cqt_kernels_real", np.ascontiguousarray(kernels.real[:, None]), trainable)
        self._keep("cqt_kernels_imag", np.ascontiguousarray(kernels.imag[:, None]), trainable)
        if verbose:
            print(f"CQT kernels created, time used = {time() - start:.4f} seconds")
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
        self._fast = stand_in(
            lambda: core.CQT1992v2(
                sr, hop_length, center=center, pad_mode=pad_mode if center else "constant", **arguments
            ),
            lambda: direct_fingerprints(sr=sr, **arguments),
            self.kernel_width // 2,
        )

    def forward(
        self, x: Tensor, output_format: Optional[str] = None, normalization_type: str = "librosa"
    ) -> Tensor:
        """Transform a waveform.

        Shape:
            x: ``(time,)``, ``(batch, time)`` or ``(batch, 1, time)``
            returns: ``(batch, n_bins, frames)`` for Magnitude, else ``(batch, n_bins, frames, 2)``
        """
        if output_format is None:
            output_format = self.output_format
        waveform = _kernels.batch_of(x)
        pad_mode = "constant"
        if self.center:
            pad_mode = self.pad_mode
            _kernels.check_reflection(waveform, self.kernel_width // 2, pad_mode)
        if self._fast is not None and not self.trainable:
            kernels = [self.lenghts, self.cqt_kernels_real, self.cqt_kernels_imag]
            amount = self.kernel_width // 2
            if self._fast.replaces(kernels, waveform, self.hop_length, self.center, pad_mode, amount):
                waveform = _kernels.at_least_single(waveform)
                y: Tensor = self._fast.transform(waveform, output_format, normalization_type)
                return _kernels.result(y, x.dtype)
        if self.center:
            waveform = pad_waveform(waveform, self.kernel_width // 2, pad_mode)
        X = _kernels.pairs_by_kernels(waveform, self.cqt_kernels_real, self.cqt_kernels_imag, self.hop_length)
        y = _kernels.cqt_output(X, self.lenghts, output_format, normalization_type, self.trainable)
        return _kernels.result(y, x.dtype)

    def forward_manual(self, x: Tensor) -> Tensor:
        """The magnitude with the ``"librosa"`` normalisation, whatever ``output_format`` is."""
        return self.forward(x, "Magnitude")


def direct_fingerprints(**arguments: Any) -> Any:
    """Those of lengths and kernels at the full rate."""
    basis = constant_q_basis(**arguments)
    dense = basis.dense()[:, None]
    return [fingerprint(basis.lengths), fingerprint(dense.real), fingerprint(dense.imag)]


@deprecated_class("nnaudio2_core.CQT")
class CQT(CQT1992v2):
    """Another name of :class:`CQT1992v2`."""


@deprecated_class("nnaudio2_core.CQT2010")
class CQT2010(OctaveModule):
    """Constant-Q transform octave by octave, by spectra ``cqt_kernels_real`` and ``cqt_kernels_imag``.

    Arguments are those of :class:`nnaudio2_core.CQT2010`; ``verbose`` prints; ``fmax``, ``norm`` and
    ``window`` had no effect and have none. Kernels are multiplied out at each call, which costs little.
    """

    _prints_octaves = False
    _printed_gap = 28 * " "

    wsin: Tensor
    wcos: Tensor
    cqt_kernels_real: Tensor
    cqt_kernels_imag: Tensor

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
        Q, sr, n_filters = self._build_octaves(
            sr,
            hop_length,
            fmin,
            n_bins,
            bins_per_octave,
            filter_scale,
            0.0,
            pad_mode,
            earlydownsample,
            verbose,
        )
        start = time()
        if verbose:
            print("Creating CQT kernels ...", end="\r")
        self.basis, self.n_fft, _, _ = create_cqt_kernels(
            Q, sr, self.fmin_t, n_filters, bins_per_octave, norm=basis_norm, topbin_check=False
        )
        spectra = _spectra(self.basis)
        if verbose:
            print(f"CQT kernels created, time used = {time() - start:.4f} seconds")
            print("Creating STFT kernels ...", end="\r")
        start = time()
        kernel_sin, kernel_cos, self.bins2freq, _, _ = create_fourier_kernels(
            self.n_fft, window="boxcar", freq_scale="no", sr=sr
        )
        self._keep("wsin", kernel_sin, trainable_STFT)
        self._keep("wcos", kernel_cos, trainable_STFT)
        self._keep("cqt_kernels_real", np.ascontiguousarray(spectra.real), trainable_CQT)
        self._keep("cqt_kernels_imag", np.ascontiguousarray(spectra.imag), trainable_CQT)
        self.padding = padding_module(pad_mode, self.n_fft // 2)
        if verbose:
            print(f"STFT kernels created, time used = {time() - start:.4f} seconds")

    def forward(
        self, x: Tensor, output_format: Optional[str] = None, normalization_type: str = "librosa"
    ) -> Tensor:
        """Transform a waveform.

        Shape:
            x: ``(time,)``, ``(batch, time)`` or ``(batch, 1, time)``
            returns: ``(batch, n_bins, frames)`` for Magnitude, else ``(batch, n_bins, frames, 2)``
        """
        if output_format is None:
            output_format = self.output_format
        waveform = self._early(_kernels.batch_of(x))
        weights = weights_from_spectra(self.cqt_kernels_real, self.cqt_kernels_imag, self.wcos, self.wsin)
        widths = [self.cqt_kernels_real.size(1)] * self.n_octaves
        X = torch.cat(self._octaves(waveform, [weights] * self.n_octaves, widths), 1)
        X = _kernels.conjugate(X[:, -self.n_bins :])
        if normalization_type == "convolutional":
            X = X * self.n_fft
        y = _kernels.cqt_output(X, self.lenghts, output_format, normalization_type, False)
        return _kernels.result(y, x.dtype)

    def extra_repr(self) -> str:
        """Sizes of the kernels."""
        sizes = tuple(self.wcos.shape), tuple(self.cqt_kernels_real.shape)
        return f"STFT kernel size = {sizes[0]}, CQT kernel size = {sizes[1]}"


def padding_module(pad_mode: str, amount: int) -> nn.Module:
    """What pads each octave of the classes whose octaves have the same kernels."""
    if pad_mode == "constant":
        return nn.ConstantPad1d(amount, 0)
    modules = {"reflect": nn.ReflectionPad1d, "replicate": nn.ReplicationPad1d, "circular": nn.CircularPad1d}
    return modules[pad_mode](amount)


@deprecated_class("nnaudio2_core.CQT2010v2")
class CQT2010v2(OctaveModule):
    """Constant-Q transform octave by octave, all with the ``cqt_kernels_real`` and ``_imag`` of the top.

    Arguments are those of :class:`nnaudio2_core.CQT2010v2`; ``verbose`` prints; ``fmax``, ``norm`` and
    ``window`` had no effect and have none.
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
        Q, sr, n_filters = self._build_octaves(
            sr,
            hop_length,
            fmin,
            n_bins,
            bins_per_octave,
            filter_scale,
            0.0,
            pad_mode,
            earlydownsample,
            verbose,
        )
        start = time()
        if verbose:
            print("Creating CQT kernels ...", end="\r")
        self.basis, self.n_fft, _, _ = create_cqt_kernels(
            Q, sr, self.fmin_t, n_filters, bins_per_octave, norm=basis_norm, topbin_check=False
        )
        self._keep("cqt_kernels_real", np.ascontiguousarray(self.basis.real[:, None]), trainable)
        self._keep("cqt_kernels_imag", np.ascontiguousarray(self.basis.imag[:, None]), trainable)
        self.padding = padding_module(pad_mode, self.n_fft // 2)
        if verbose:
            print(f"CQT kernels created, time used = {time() - start:.4f} seconds")

    def forward(
        self, x: Tensor, output_format: Optional[str] = None, normalization_type: str = "librosa"
    ) -> Tensor:
        """Transform a waveform.

        Shape:
            x: ``(time,)``, ``(batch, time)`` or ``(batch, 1, time)``
            returns: ``(batch, n_bins, frames)`` for Magnitude, else ``(batch, n_bins, frames, 2)``
        """
        if output_format is None:
            output_format = self.output_format
        waveform = self._early(_kernels.batch_of(x))
        weights = torch.cat([self.cqt_kernels_real, -self.cqt_kernels_imag])
        widths = [weights.size(2)] * self.n_octaves
        X = torch.cat(self._octaves(waveform, [weights] * self.n_octaves, widths), 1)
        X = X[:, -self.n_bins :] * self.downsample_factor
        y = _kernels.cqt_output(X, self.lenghts, output_format, normalization_type, self.trainable)
        return _kernels.result(y, x.dtype)
