"""Combined frequency and periodicity, with the legacy arguments, kernels and numbers."""

from typing import Any, Dict, Sequence, Tuple

import numpy as np
import scipy
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import nnaudio2_core as core
from nnaudio2_core.cfp import design_maps as bases
from nnaudio2_core.fourier.by_fft import fft_spectra
from nnaudio2_core.framing.padding import pad_waveform
from nnaudio2_core.module.magnitude_phase import magnitude
from nnaudio2_core.module.precision import matmul

from .. import _kernels
from .._deprecation import deprecated_class
from .._engine import build_engine, project
from .._module import LegacyModule
from ..utils import *  # noqa: F403
from ..utils import __all__ as _helpers

__all__ = ["CFP", "Combined_Frequency_Periodicity", "nn", "scipy", *_helpers]


class _FrequencyPeriodicity(LegacyModule):
    """Base of both classes: arguments, attributes, kernels, and the maps of a waveform."""

    h: Tensor
    freq2logfreq_matrix: Tensor
    quef2logfreq_matrix: Tensor

    _core: Any

    def __init__(
        self,
        fr: float = 2,
        fs: float = 16000,
        hop_length: int = 320,
        window_size: int = 2049,
        fc: float = 80,
        tc: float = 1 / 1000,
        g: Sequence[float] = [0.24, 0.6, 1],  # the legacy signature; never changed
        NumPerOct: float = 48,
    ) -> None:
        super().__init__()
        self.window_size, self.hop_length = window_size, hop_length
        self.N = int(fs / float(fr))
        self.pad_value = self.N - window_size
        self.g, self.NumofLayer = g, len(g)
        self._engine_exponents = list(self._exponents)
        self.tc_idx, self.fc_idx = round(fs * tc), round(fc / fr)
        self._engine_sizes = [self.N, self.tc_idx, self.fc_idx]
        self.HighFreqIdx, self.HighQuefIdx = round((1 / tc) / fr) + 1, round(fs / fc) + 1
        self.f = bases.bin_frequencies(fs, self.N, self.HighFreqIdx)
        self.q = np.arange(self.HighQuefIdx) / float(fs)
        by_bin, by_lag = self.create_logfreq_matrix(self.f, self.q, fr, fc, tc, NumPerOct, fs)
        window = scipy.signal.windows.blackmanharris(window_size)
        self._keep("h", torch.from_numpy(window).float(), False)
        self._keep("freq2logfreq_matrix", torch.from_numpy(by_bin).float(), False)
        self._keep("quef2logfreq_matrix", torch.from_numpy(by_lag).float(), False)
        self._fast = build_engine(
            lambda: self._core(
                fr,
                fs,
                hop_length=hop_length,
                window_size=window_size,
                fc=fc,
                tc=tc,
                g=g,
                NumPerOct=NumPerOct,
            ),
            lambda: [project(window[None]), project(by_bin), project(by_lag)],
        )

    def nonlinear_func(self, X: Tensor, g: float, cutoff: int) -> Tensor:
        """Activation of a layer: positive part to the power ``g``, its logarithm for 0; zero at both ends.

        Shape:
            X: ``(batch, frames, entries)``
            returns: the same
        """
        positive = F.relu(X)
        if g == 0:
            y = torch.log(positive + 1e-8)
        else:
            y = _kernels.to_power(positive, g)
        kept = y[:, :, cutoff : y.size(2) - cutoff] if cutoff > 0 else y[:, :, :0]
        return F.pad(kept, [cutoff, y.size(2) - cutoff - kept.size(2)])

    def create_logfreq_matrix(
        self, f: Any, q: Any, fr: float, fc: float, tc: float, NumPerOct: float, fs: float
    ) -> Tuple[Any, Any]:
        """Maps from FFT bins ``f`` (Hz) and from quefrencies ``q`` (s) to log-frequency, float64.

        Shape:
            returns: ``(bands, len(f))`` and ``(bands, len(q))``
        """
        centres = bases.log_centres(fc, 1.0 / tc, NumPerOct)
        n_fft = 2 * (round(fs / 2 / f[1]) + 1)
        return bases.frequency_map(centres, fs, fr, n_fft, len(f)), bases.quefrency_map(centres, fs, len(q))

    @property
    def g(self) -> Sequence[float]:
        """Exponents of the layers."""
        return self._g

    @g.setter
    def g(self, g: Sequence[float]) -> None:
        self._g = g
        self._exponents = [float(exponent) for exponent in g]

    def _engine_applies(self, x: Tensor) -> bool:
        """Whether the engine gives what kernels and attributes, as they are, would give."""
        if self._fast is not None:
            kernels = [self.h.unsqueeze(0), self.freq2logfreq_matrix, self.quef2logfreq_matrix]
            sizes = [self.N, self.tc_idx, self.fc_idx]
            if self._exponents == self._engine_exponents and sizes == self._engine_sizes:
                return self._fast.applies(kernels, x, self.hop_length, True, "constant", 0)
        return False

    def _framed(self, x: Tensor, skipped: int) -> Tuple[Tensor, Tensor]:
        """Padded waveform, ``skipped`` samples dropped at each end, and window, ``(N,)``, of unit energy."""
        dtype = _kernels.common_dtype(x, self.h)
        window = self.h.to(dtype)
        window = _kernels.centered(window / torch.linalg.vector_norm(window), self.N)
        padded = pad_waveform(x.to(dtype), self.N // 2, "constant")
        return padded[:, skipped : padded.size(1) - skipped], window

    def _layers(self, x: Tensor, skipped: int) -> Tuple[Tensor, Tensor, Tensor]:
        """Log-frequency spectrum, frequency layer and lag layer by the module's own kernels.

        Shape:
            x: ``(batch, time)``
            returns: three of ``(batch, bands, frames)``
        """
        batch = x.size(0)
        if batch == 0:  # FFTs refuse an empty batch: transform one clip of zeros and leave it out below
            x = F.pad(x, [0, 0, 0, 1])
        waveform, window = self._framed(x, skipped)
        by_bin, by_lag = self.freq2logfreq_matrix.to(window.dtype), self.quef2logfreq_matrix.to(window.dtype)
        magnitudes = magnitude(fft_spectra(waveform, window, self.hop_length, self.N))
        values = self._two_sided(_kernels.to_power(magnitudes, self._exponents[0]))
        frequency, lag = values, values
        for layer in range(1, len(self._exponents)):
            values = self._two_sided(torch.view_as_real(torch.fft.rfft(values, norm="ortho"))[..., 0])
            if layer % 2 == 1:
                values = self.nonlinear_func(values, self._exponents[layer], self.tc_idx)
                lag = values
            else:
                values = self.nonlinear_func(values, self._exponents[layer], self.fc_idx)
                frequency = values
        return (
            self._mapped(magnitudes[:batch], by_bin),
            self._mapped(frequency[:batch], by_bin),
            self._mapped(lag[:batch], by_lag),
        )

    def _two_sided(self, half: Tensor) -> Tensor:
        """``(batch, frames, N // 2 + 1)`` with its mirror image."""
        return torch.cat([half, half[:, :, 1 : self.N - half.size(2) + 1].flip(2)], 2)

    def _mapped(self, values: Tensor, matrix: Tensor) -> Tensor:
        return matmul(values[:, :, : matrix.size(1)], matrix.t()).transpose(1, 2)

    def __setstate__(self, state: Dict[str, Any]) -> None:
        exponents = state.pop("g", None)  # pickled by the legacy package
        super().__setstate__(state)
        if exponents is not None:
            self.g = exponents
            self._engine_exponents = list(self._exponents)


@deprecated_class("nnaudio2_core.CFP")
class CFP(_FrequencyPeriodicity):
    """Pitch salience with a window ``h`` and maps ``freq2logfreq_matrix`` and ``quef2logfreq_matrix``.

    Arguments are those of :class:`nnaudio2_core.CFP`.
    """

    __jit_unused_properties__ = ["g"]

    _core = core.CFP

    def forward(self, x: Tensor) -> Tensor:
        """Salience.

        Shape:
            x: ``(time,)``, ``(batch, time)`` or ``(batch, 1, time)``
            returns: ``(batch, bands, frames)``
        """
        waveform = _kernels.batch_of(x)
        if self._fast is not None:
            if self._engine_applies(waveform):
                return _kernels.result(self._fast.transform(_kernels.at_least_single(waveform)), x.dtype)
        _, frequency, lag = self._layers(waveform, 0)
        return _kernels.result(frequency * lag, x.dtype)


@deprecated_class("nnaudio2_core.CombinedFrequencyPeriodicity")
class Combined_Frequency_Periodicity(_FrequencyPeriodicity):
    """Pitch salience and its factors, without the first and the last frame; kernels as in :class:`CFP`.

    Arguments are those of :class:`nnaudio2_core.CombinedFrequencyPeriodicity`.
    """

    __jit_unused_properties__ = ["g"]

    _core = core.CombinedFrequencyPeriodicity

    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
        """Salience ``Z``, spectrum ``tfrL0``, frequency layer ``tfrLF`` and lag layer ``tfrLQ``.

        Shape:
            x: ``(time,)``, ``(batch, time)`` or ``(batch, 1, time)``
            returns: four times ``(batch, bands, frames)``
        """
        waveform = _kernels.batch_of(x)
        if self._fast is not None:
            if self._engine_applies(waveform):
                Z, tfrL0, tfrLF, tfrLQ = self._fast.transform(_kernels.at_least_single(waveform))
                return _results(Z, tfrL0, tfrLF, tfrLQ, x.dtype)
        tfrL0, tfrLF, tfrLQ = self._layers(waveform, self.hop_length)
        return _results(tfrLF * tfrLQ, tfrL0, tfrLF, tfrLQ, x.dtype)


def _results(
    Z: Tensor, tfrL0: Tensor, tfrLF: Tensor, tfrLQ: Tensor, dtype: torch.dtype
) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    return (
        _kernels.result(Z, dtype),
        _kernels.result(tfrL0, dtype),
        _kernels.result(tfrLF, dtype),
        _kernels.result(tfrLQ, dtype),
    )
