"""Base class of the octave-by-octave transforms: filters, rates, shortest clip."""

import math
from typing import List, Optional

import numpy as np
import torch
from torch import Tensor

from ..framing.design_window import Window
from ..module.arguments import require_bool, require_memory
from ..module.precision import constant, split_constant
from ..module.shapes import require_samples
from .constant_q_transform import ConstantQTransform
from .design_kernels import constant_q_basis
from .design_octaves import Octaves, cut_into_octaves, lowpass_filter, octave_lengths
from .octaves import decimate, octave_analysis


class OctaveConstantQ(ConstantQTransform):
    """A constant-Q transform that halves the sampling rate from octave to octave."""

    by_spectra = False
    """True if the module holds Fourier kernels as long as its own kernels."""
    lowpass: Tensor
    early_lowpass: Tensor

    def build_octaves(self, earlydownsample: bool, gamma: float) -> None:
        """Compute rates, filters and lengths, from which :meth:`octave_kernels` computes the kernels."""
        self.require_short_kernels(gamma, "integer", False)
        bins = int(self.bins_per_octave)
        if bins != self.bins_per_octave:
            raise ValueError(f"bins_per_octave must be whole octave by octave, got {self.bins_per_octave:g}")
        arguments = (self.sr, self.hop_length, self.fmin, self.n_bins, bins, self.filter_scale)
        octaves = cut_into_octaves(*arguments, require_bool("earlydownsample", earlydownsample))
        self.n_octaves, self.n_filters, self.fmin_top, self.downsample_factor = octaves
        self.require_short_rows(octaves, gamma)
        unit = self.downsample_factor * 2 ** (self.n_octaves - 1)
        if self.hop_length % unit:
            raise ValueError(
                f"hop_length must be a multiple of {unit}, so that {self.n_octaves} octaves, each at half "
                f"the rate of the last, stay in step, got {self.hop_length}"
            )
        self.top_hop = self.hop_length // self.downsample_factor
        self.first_centre = 0
        self.engine, self.real_engine = "real", True
        lengths = octave_lengths(
            self.sr / self.downsample_factor, self.fmin, self.n_bins, bins, self.filter_scale, gamma
        )
        self._lengths = lengths
        self.constant_buffer("scale", split_constant(np.sqrt(lengths)[:, None, None]))
        self.constant_buffer("lowpass", split_constant(lowpass_filter(0.5, 0.001)))
        early = lowpass_filter(1 / self.downsample_factor, 0.03) if self.downsample_factor > 1 else np.ones(1)
        self.constant_buffer("early_lowpass", split_constant(early))

    def require_short_rows(self, octaves: Octaves, gamma: float) -> None:
        """Raise a ValueError instead of building kernels, or Fourier kernels, that exhaust the memory."""
        rate, fmin = self.sr / octaves.factor, octaves.fmin_top
        if gamma > 0:  # each octave has its own kernels, of the original rate
            rate = self.sr
        longest = octave_lengths(rate, fmin, 1, int(self.bins_per_octave), self.filter_scale, gamma)[0]
        width = 2 ** math.ceil(math.log2(longest + 2))
        require_memory("n_bins or filter_scale", 2 * self.n_bins * width)
        if self.by_spectra:
            require_memory("filter_scale or bins_per_octave", (width // 2 + 1) * width)

    def octave_kernels(
        self, octave: int, sr: float, norm: Optional[float], window: Window, gamma: float
    ) -> "np.typing.NDArray[np.complex128]":
        """Kernels of one octave, counted from the top; ``sr`` is the rate of the top octave.

        Shape:
            returns: ``(n_filters, width)``
        """
        return constant_q_basis(
            sr / 2**octave,
            self.fmin_top / 2**octave,
            self.n_filters,
            self.bins_per_octave,
            self.filter_scale,
            norm,
            window,
            gamma,
        ).dense()

    def shortest_clip(self, widths: List[int]) -> int:
        """Fewest samples with which every octave, of kernels ``widths`` from the top, can be padded."""
        samples = 1
        for octave, width in enumerate(widths):
            least = width // 2 + 1 if self.pad_mode == "reflect" else 1
            if self.pad_mode == "circular":
                least = width // 2
            samples = max(samples, least * 2**octave)
        factor = self.downsample_factor
        return samples if factor == 1 else (samples - 1) * factor + 2

    @torch.jit.export
    def n_frames(self, time: int) -> int:
        """Frames of a clip of ``time`` samples.

        Raises:
            ValueError: if ``time`` is less than ``min_samples``.
        """
        time = require_samples(time, self.min_samples)
        if self.downsample_factor > 1:
            time = 1 + (time - 2) // self.downsample_factor
        return 1 + time // self.top_hop

    def octave_weights(self, x: Tensor) -> List[Tensor]:
        """Kernels of each octave from the top down, ``(2 * n_filters, 1, width)``, in the dtype of ``x``."""
        raise NotImplementedError

    def scaled(self, X: Tensor) -> Tensor:
        """Correlations with the kernels, scaled to the ``"librosa"`` normalisation.

        Shape:
            X: ``(batch, n_bins, frames, 2)``
            returns: the same
        """
        raise NotImplementedError

    @torch.jit.export
    def coefficients(self, x: Tensor) -> Tensor:
        """:meth:`analysis` of a batch of clips."""
        return self.scaled(self.octaves_of(x, self.octave_weights(x)))

    def octaves_of(self, x: Tensor, weights: List[Tensor]) -> Tensor:
        """Coefficients with the given kernels, not scaled.

        Shape:
            x: ``(batch, time)``
            weights: for each octave from the top down ``(2 * n_filters, 1, width)``
            returns: ``(batch, n_bins, frames, 2)``
        """
        if self.downsample_factor > 1:
            x = decimate(x, constant(self.early_lowpass, x.dtype), self.downsample_factor)
        X = octave_analysis(x, weights, constant(self.lowpass, x.dtype), self.top_hop, self.pad_mode)
        return X[:, -self.n_bins :]
