"""What the legacy classes share that go down octave by octave: rates, filters, attributes."""

import math
import warnings
from time import time
from typing import List, Tuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nnaudio2_core.constant_q.design_kernels import constant_q_frequencies

from . import _kernels
from ._module import LegacyModule
from .utils import create_lowpass_filter, get_early_downsample_params, padded_somehow

PAD_MODES = ("reflect", "constant", "replicate", "circular")


class OctaveModule(LegacyModule):
    """A constant-Q transform of a signal that is halved in rate from octave to octave, maybe before."""

    __constants__ = ["earlydownsample"]
    _prints_octaves = True
    _printed_gap = 24 * " "

    lowpass_filter: Tensor
    early_downsample_filter: Tensor
    lenghts: Tensor

    def _build_octaves(
        self,
        sr: float,
        hop_length: int,
        fmin: float,
        n_bins: int,
        bins_per_octave: float,
        filter_scale: float,
        gamma: float,
        pad_mode: str,
        earlydownsample: bool,
        verbose: bool,
    ) -> Tuple[float, float, float]:
        """Set attributes and register filters and lengths; returns Q, the top octave's rate and its bins."""
        if pad_mode not in PAD_MODES:
            raise ValueError(f"pad_mode must be one of {', '.join(PAD_MODES)}, got {pad_mode!r}")
        self.pad_mode, self.n_bins, self.earlydownsample = pad_mode, n_bins, earlydownsample
        Q = float(filter_scale) / (2 ** (1 / bins_per_octave) - 1)
        start = time()
        if verbose:
            print("Creating low pass filter ...", end="\r")
        lowpass = create_lowpass_filter(band_center=0.5, kernelLength=256, transitionBandwidth=0.001)
        self._keep("lowpass_filter", torch.tensor(lowpass)[None, None], False)
        if verbose:
            print(f"Low pass filter created, time used = {time() - start:.4f} seconds")

        n_filters = min(bins_per_octave, n_bins)
        self.n_octaves = math.ceil(n_bins / bins_per_octave)
        if verbose and self._prints_octaves:
            print("num_octave = ", self.n_octaves)
        # The top bin, and an octave below it, less a bin: also where the bins fill no whole octave.
        above = (n_bins % bins_per_octave or bins_per_octave) - 1
        top = fmin * 2.0 ** (self.n_octaves - 1) * 2.0 ** (above / bins_per_octave)
        self.fmin_t = float(top / 2.0 ** (1 - 1 / bins_per_octave))
        if top > sr / 2:
            raise ValueError(f"n_bins must leave the top bin below sr / 2 = {sr / 2:g} Hz, got {top:g} Hz")

        self.downsample_factor: float = 1.0
        if earlydownsample:
            start = time()
            if verbose:
                print("Creating early downsampling filter ...", end="\r")
            sr, hop_length, self.downsample_factor, early, self.earlydownsample = get_early_downsample_params(
                sr, hop_length, top, Q, self.n_octaves, verbose
            )
            self.register_buffer("early_downsample_filter", early)
            if verbose:
                gap = self._printed_gap
                print(f"Early downsampling filter created, {gap}time used = {time() - start:.4f} seconds")
        self.hop_length = hop_length
        self.frequencies = constant_q_frequencies(fmin, n_bins, bins_per_octave)
        alpha = 2.0 ** (1.0 / bins_per_octave) - 1.0
        lengths = np.ceil(Q * sr / (self.frequencies + gamma / alpha))
        self._keep("lenghts", torch.tensor(lengths).float(), False)
        return Q, sr, n_filters

    def _early(self, x: Tensor) -> Tensor:
        """The signal at the rate of the top octave."""
        if self.earlydownsample:
            return decimated(x, self.early_downsample_filter, int(self.downsample_factor))
        return x

    def _octaves(self, x: Tensor, weights: List[Tensor], widths: List[int]) -> List[Tensor]:
        """A constant-Q transform octave by octave, the signal halved in rate from one to the next.

        Shape:
            x: ``(batch, time)``
            weights: for each octave from the top ``(2 * bins, 1, width)``, for real, then for imaginary parts
            widths: for each octave, twice the zeros that pad a clip that is too short to be reflected
            returns: ``(batch, bins, frames, 2)`` of each octave, the lowest first
        """
        hop_length = self.hop_length
        parts: List[Tensor] = []
        for octave, weight in enumerate(weights):
            if octave > 0:
                x = decimated(x, self.lowpass_filter, 2)
                hop_length = hop_length // 2
            padded = self._padded(x, weight.size(2) // 2, widths[octave])
            X = _kernels.correlate(padded, weight, hop_length)
            parts = [torch.stack(X.chunk(2, 1), -1)] + parts
        return parts

    def _padded(self, x: Tensor, amount: int, width: int) -> Tensor:
        """Pad by the module ``padding``, whatever it is; with zeros a clip that is too short for it."""
        if not torch.jit.is_scripting():
            return padded_somehow(x.unsqueeze(1), self.padding, width).squeeze(1)
        if self.pad_mode == "reflect":
            if x.size(1) <= amount:
                return padded_with_zeros(x, amount, width)
        y: Tensor = self.padding(x.unsqueeze(1))  # type: ignore[operator]
        return y.squeeze(1)


def decimated(x: Tensor, lowpass: Tensor, factor: int) -> Tensor:
    """Low-pass filter ``(1, 1, taps)`` and keep every ``factor``-th sample of ``(batch, time)``."""
    side = (lowpass.size(2) - 1) // 2
    return _kernels.correlate(F.pad(x, [side, side]), lowpass, factor).squeeze(1)


def padded_with_zeros(x: Tensor, amount: int, width: int) -> Tensor:
    """A clip that cannot be reflected by ``amount``, padded with ``width // 2`` zeros, and a warning."""
    warnings.warn(  # noqa: B028  # TorchScript knows the message alone
        f"x must have at least {amount + 1} samples in each octave to be reflected, got {x.size(1)}; "
        "zeros are added"
    )
    return F.pad(x, [width // 2, width // 2])


def as_long_as_the_shortest(parts: List[Tensor]) -> List[Tensor]:
    """Octaves ``(batch, bins, frames, 2)`` whose frames are resampled to the smallest number among them."""
    frames = min([part.size(2) for part in parts])
    return [F.interpolate(part, [frames, 2], mode="bilinear", align_corners=False) for part in parts]
