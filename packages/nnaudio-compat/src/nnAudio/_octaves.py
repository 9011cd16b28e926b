"""Base class of the legacy classes that compute octave by octave: rates, filters, padding, attributes."""

import warnings
from typing import List, NamedTuple, Optional

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nnaudio2_core.constant_q.design_bins import constant_q_frequencies, constant_q_lengths
from nnaudio2_core.constant_q.design_octaves import top_octave
from nnaudio2_core.constant_q.octaves import correlation_pairs, decimate, octave_signals
from nnaudio2_core.framing.padding import PAD_MODES

from . import _kernels
from ._constant_q import ConstantQModule
from ._module import timed
from .utils import (
    create_cqt_kernels,
    create_lowpass_filter,
    get_early_downsample_params,
    padded_or_with_zeros,
)


class TopOctave(NamedTuple):
    """Parameters of the kernels of the top octave."""

    Q: float
    sr: float
    """Its sampling rate, Hz."""
    n_filters: float
    """Its bins; a fraction where ``bins_per_octave`` is one."""


class OctaveModule(ConstantQModule):
    """A transform of a signal that is halved in rate from octave to octave, perhaps also before the first."""

    __constants__ = ["earlydownsample"]
    _prints_octaves = True
    _printed_gap = 24 * " "

    lowpass_filter: Tensor
    early_downsample_filter: Tensor

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
    ) -> TopOctave:
        """Set attributes, and register filters and lengths."""
        if pad_mode not in PAD_MODES:
            raise ValueError(f"pad_mode must be one of {', '.join(PAD_MODES)}, got {pad_mode!r}")
        self.pad_mode, self.n_bins, self.earlydownsample = pad_mode, n_bins, earlydownsample
        Q = float(filter_scale) / (2 ** (1 / bins_per_octave) - 1)
        with timed(verbose, "Low pass filter", "low pass filter"):
            lowpass = create_lowpass_filter(band_center=0.5, kernelLength=256, transitionBandwidth=0.001)
            self._keep("lowpass_filter", torch.tensor(lowpass)[None, None], False)

        self.n_octaves, top, self.fmin_t = top_octave(fmin, n_bins, bins_per_octave)
        if verbose and self._prints_octaves:
            print("num_octave = ", self.n_octaves)
        if top > sr / 2:
            raise ValueError(f"n_bins must leave the top bin below sr / 2 = {sr / 2:g} Hz, got {top:g} Hz")

        self.downsample_factor: float = 1.0
        if earlydownsample:
            step = "Early downsampling filter"
            with timed(verbose, step, step.lower(), self._printed_gap):
                sr, hop_length, self.downsample_factor, early, self.earlydownsample = (
                    get_early_downsample_params(sr, hop_length, top, Q, self.n_octaves, verbose)
                )
                self.register_buffer("early_downsample_filter", early)
        self.hop_length = hop_length
        self.frequencies = constant_q_frequencies(fmin, n_bins, bins_per_octave)
        lengths = constant_q_lengths(self.frequencies, sr, bins_per_octave, filter_scale, gamma)
        self._keep("lenghts", torch.tensor(lengths).float(), False)
        return TopOctave(Q, sr, min(bins_per_octave, n_bins))

    def _build_top_octave(self, top: TopOctave, bins_per_octave: float, basis_norm: Optional[float]) -> None:
        """Set the kernels and the padding that all octaves share."""
        self.basis, self.n_fft, _, _ = create_cqt_kernels(
            top.Q, top.sr, self.fmin_t, top.n_filters, bins_per_octave, norm=basis_norm, topbin_check=False
        )
        self.padding = padding_module(self.pad_mode, self.n_fft // 2)

    def _octaves(self, x: Tensor, weights: List[Tensor], zeros: Optional[int] = None) -> List[Tensor]:
        """Coefficients of each octave, the lowest first.

        Shape:
            x: ``(batch, time)``
            weights: for each octave from the top ``(2 * bins, 1, width)``: kernels of the real parts, then of
                the imaginary parts
            zeros: number that pads each end of a clip too short to be reflected, ``width // 2`` unless given
            returns: ``(batch, bins, frames, 2)`` of each octave
        """
        dtype = _kernels.common_dtype(x, weights[0])
        x = x.to(dtype)
        if self.earlydownsample:
            lowpass = self.early_downsample_filter.reshape(-1).to(dtype)
            x = decimate(x, lowpass, int(self.downsample_factor))
        parts: List[Tensor] = []
        lowpass = self.lowpass_filter.reshape(-1).to(dtype)
        for octave, signal in enumerate(octave_signals(x, lowpass, len(weights))):
            weight = weights[octave].to(dtype)
            amount = weight.size(2) // 2
            padded = self._padded(signal, amount, amount if zeros is None else zeros)
            hop_length = self.hop_length // (1 << octave)
            parts = [correlation_pairs(padded, weight, hop_length)] + parts
        return parts

    def _padded(self, x: Tensor, amount: int, zeros: int) -> Tensor:
        """Pad by the module ``padding``, whatever it is, or with zeros a clip too short to be reflected."""
        if not torch.jit.is_scripting():
            return padded_or_with_zeros(x.unsqueeze(1), self.padding, zeros).squeeze(1)
        if self.pad_mode == "reflect":
            if x.size(1) <= amount:
                return padded_with_zeros(x, amount, zeros)
        y: Tensor = self.padding(x.unsqueeze(1))
        return y.squeeze(1)


def padding_module(pad_mode: str, amount: int) -> nn.Module:
    """The attribute ``padding`` of the classes whose octaves share one set of kernels."""
    if pad_mode == "constant":
        return nn.ConstantPad1d(amount, 0)
    modules = {"reflect": nn.ReflectionPad1d, "replicate": nn.ReplicationPad1d, "circular": nn.CircularPad1d}
    return modules[pad_mode](amount)


def padded_with_zeros(x: Tensor, amount: int, zeros: int) -> Tensor:
    """A clip too short to be reflected by ``amount``, with ``zeros`` zeros at each end, and a warning."""
    warnings.warn(  # noqa: B028  # TorchScript takes only the message
        f"x must have at least {amount + 1} samples in each octave to be reflected, got {x.size(1)}; "
        "zeros are added"
    )
    return F.pad(x, [zeros, zeros])


def with_fewest_frames(parts: List[Tensor]) -> List[Tensor]:
    """Octaves ``(batch, bins, frames, 2)``, their frames resampled to the smallest number among them."""
    frames = min([part.size(2) for part in parts])
    return [F.interpolate(part, [frames, 2], mode="bilinear", align_corners=False) for part in parts]
