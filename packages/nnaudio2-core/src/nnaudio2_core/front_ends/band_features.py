"""Base class of front ends: frames to bands, and bands to features."""

from typing import TYPE_CHECKING, Any, List, Optional

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..bands.filterbank import Filterbank, band_range, require_finite
from ..block_sparse.block import Block
from ..block_sparse.products import block_matrices, sparse_product
from ..fourier.filtered_spectra import FrameFilters, filtered_spectra
from ..fourier.frame_fourier import FrameFourier, powers
from ..module.arguments import (
    MOST_BANDS,
    require_bool,
    require_choice,
    require_int,
    require_memory,
    require_number,
    shown,
)
from ..module.plain_values import plain_copy
from ..module.precision import constant, matmul, split_constant
from ..module.reshaping import join_axes, reshaped
from .clip_framing import ClipFraming
from .clips import conditioned_frames, valid
from .design_front_end import Array, band_filters, cepstral_weights, own_filters
from .features import affine, logarithm, normalized, stacked, within_range

LOGARITHMS = ("ln", "log10", "db", "log1p", "none")


class BandFeatures(ClipFraming, Filterbank):
    """Bands of short-time spectra, their logarithm and cepstra, normalised.

    The attributes are the arguments of :class:`nnaudio2_core.FrontEnd`.
    """

    sr: float
    weights: Tensor
    cepstral: Tensor
    mean: Tensor
    scale: Tensor
    blocks: List[Block]

    if TYPE_CHECKING:  # at run time the tracer would take the parameter for one that may be None
        band_basis: Optional[Tensor]

    def keep_power(self, power: Any, power_offset: Any) -> None:
        """Check and keep the exponent of the magnitudes."""
        self.power = require_number("power", power, above=0.0, at_most=100.0)
        self.power_offset = require_number("power_offset", power_offset, at_least=0.0, at_most=1e12)
        if self.power_offset > 0.0 and self.power != 1.0:
            raise ValueError(f"power_offset must be 0 unless power is 1, got {self.power_offset:g}")

    def keep_filters(
        self,
        n_bands: Any,
        scale: Any,
        triangles: Any,
        norm: Any,
        fmin: Any,
        fmax: Any,
        filters: Any,
        trainable: Any,
    ) -> None:
        """Build and keep the filters."""
        trainable = require_bool("trainable_bands", trainable)
        n_bands = require_int("n_bands", n_bands, 1, MOST_BANDS)
        require_choice("scale", scale, ("slaney", "htk", "linear"))
        require_choice("triangles", triangles, ("hz", "mel"))
        if norm is not None:
            require_choice("norm", norm, ("slaney",))
        low, high = band_range(self.sr, fmin, fmax)
        if filters is None:
            require_memory("n_bands and n_fft", n_bands * self.n_fft)
            with np.errstate(all="ignore"):
                matrix, self._frequencies = band_filters(
                    self.sr, self.n_fft, n_bands, low, high, scale, triangles, norm
                )
            require_finite(matrix, self.sr, low, high)
        else:
            matrix = own_filters(filters, self.n_fft)
            self._frequencies = np.abs(matrix).argmax(1) * (self.sr / self.n_fft)
        self.keep_filterbank(matrix, "band_basis", trainable)
        self.n_bands = len(matrix)

    def keep_logarithm(self, log: Any, floor: Any, add_floor: Any, multiple: Any) -> None:
        """Check and keep the logarithm."""
        self.log = require_choice("log", log, LOGARITHMS)
        self.floor = require_number("floor", floor, 0.0, 1e-37, 1e37)
        self.add_floor = require_bool("add_floor", add_floor)
        self.log_multiple = require_number("log_multiple", multiple, above=0.0, at_most=1e12)

    def keep_cepstra(self, n_cepstra: Any, lifter: Any) -> None:
        """Keep the cosine transform over the bands."""
        self.n_cepstra = 0 if n_cepstra is None else require_int("n_cepstra", n_cepstra, 1)
        lifter = require_number("lifter", lifter, at_least=0.0, at_most=1e6)
        if self.n_cepstra > self.n_bands:
            raise ValueError(f"n_cepstra must be <= n_bands = {self.n_bands}, got {self.n_cepstra}")
        if self.n_cepstra == 0:
            self.constant_buffer("cepstral", torch.zeros(2, 0))
            return
        require_memory("n_cepstra and n_bands", self.n_cepstra * self.n_bands)
        weights = cepstral_weights(self.n_cepstra, self.n_bands, lifter)
        self.constant_buffer("cepstral", split_constant(weights))

    def keep_range(self, dynamic_range: Any, maximum: Any) -> None:
        """Check and keep the bounds of the logarithm."""
        self.dynamic_range = _optional_number("dynamic_range", dynamic_range, at_least=0.0)
        self.maximum = _optional_number("maximum", maximum)

    def keep_normalisation(
        self, normalize: Any, ddof: Any, variance_offset: Any, deviation_offset: Any
    ) -> None:
        """Check and keep the normalisation over the frames of a clip."""
        self.normalize = "none"
        if normalize is not None:
            self.normalize = require_choice("normalize", normalize, ("mean", "deviation"))
        self.ddof = require_int("ddof", ddof, 0, 1)
        self.variance_offset = require_number("variance_offset", variance_offset, at_least=0.0, at_most=1e12)
        self.deviation_offset = require_number(
            "deviation_offset", deviation_offset, at_least=0.0, at_most=1e12
        )

    def keep_affine(self, mean: Any, deviation: Any) -> None:
        """Check and keep given means and deviations of the features."""
        n_features = self.n_cepstra or self.n_bands
        self.constant_buffer("mean", split_constant(_of_features("mean", mean, n_features)))
        divisors = _of_features("deviation", deviation, n_features)
        if not (divisors >= 1e-12).all():
            raise ValueError(f"deviation must be >= 1e-12, got {shown(deviation)}")
        self.constant_buffer("scale", split_constant(1.0 / divisors))
        self.affine = bool((divisors != 1.0).any()) or bool(np.any(np.asarray(plain_copy(mean)) != 0.0))

    def clip_bands(self, x: Tensor, lengths: Optional[Tensor]) -> Tensor:
        """Bands of clips, ``(batch, frames, bands)``, without the work for the zeros that fill them up."""
        if self.clip_length is not None and self.power_offset == 0.0:
            frames = self._frames_of(self.clip_length)
            reached = self.frames_reached(x.size(1), self.clip_length)
            if reached < frames:
                # No less than what the padding on the left mirrors.
                seen = max((reached - 1) * self.frame_hop + self.win_length - self.left, self.left + 1)
                bands = self.bands_of(self.prepared(x, lengths, seen, 0))[:, :reached]
                return F.pad(bands, [0, 0, 0, frames - reached])
        return self.bands_of(self.prepared(x, lengths, self.clip_length, self.right))

    def bands_of(self, x: Tensor) -> Tensor:
        """``(batch, time)`` to ``(batch, frames, bands)``."""
        if not self.by_frame:
            return self.plain_bands(x)
        frames = conditioned_frames(x, self.win_length, self.frame_hop, self.remove_mean, self.frame_emphasis)
        bands = self.plain_bands(join_axes(frames, 0, 1))  # each as a clip of its own
        return reshaped(bands, [frames.size(0), frames.size(1), bands.size(2)])

    def plain_bands(self, x: Tensor) -> Tensor:
        """``(batch, time)`` to ``(batch, frames, bands)``, of frames as they are."""
        fourier = self.fourier(x.dtype)
        fourier = FrameFourier(
            self.frame_hop, fourier.n_fft, fourier.window, fourier.factors, fourier.kernels
        )
        weights = self.filter_weights(self.band_basis, x.dtype)
        if self.power_offset > 0.0:
            magnitudes = (powers(x, fourier, 2.0) + self.power_offset).sqrt()
            return sparse_product(magnitudes, block_matrices(weights, self.blocks), self.blocks)
        return filtered_spectra(x, fourier, weights, FrameFilters(0, "constant", self.blocks, self.power))

    def features_of(self, bands: Tensor, counts: Optional[Tensor]) -> Tensor:
        """``(batch, frames, bands)`` to ``(batch, frames, features)``; ``counts`` as in ``features``."""
        y = self.single_features(bands, counts)
        if self.n_fixed is not None:
            counts = None
        if self.n_trailing > 0:
            y = F.pad(y, [0, 0, 0, self.n_trailing])
        if not self.stacks:
            return y
        if counts is not None:
            counts = counts + self.n_trailing
        y = stacked(y, counts, self.stack, self.stack_hop, self.stack_edges)
        if counts is not None:
            counts = self.whole_stacks(counts)
        return without_rest_of_frames(y, counts)

    def single_frames(self, x: Tensor) -> Tensor:
        """Features of the frames of a scaled, pre-emphasised and padded clip, before any are stacked.

        Shape:
            x: ``(batch, time)``, float32 or float64
            returns: ``(batch, frames, features)``
        """
        return self.single_features(self.bands_of(x), None)

    def single_features(self, bands: Tensor, counts: Optional[Tensor]) -> Tensor:
        """``(batch, frames, bands)`` to ``(batch, frames, features)``, before any are stacked."""
        y = logarithm(bands, self.log, self.floor, self.add_floor, self.log_multiple)
        if self.dynamic_range is not None:
            y = within_range(y, counts, self.dynamic_range, self.maximum)
        if self.n_cepstra > 0:
            y = matmul(y, constant(self.cepstral, y.dtype))
        if self.normalize != "none":
            by_deviation = self.normalize == "deviation"
            y = normalized(y, counts, by_deviation, self.ddof, self.variance_offset, self.deviation_offset)
        if self.n_fixed is not None:
            y = F.pad(without_rest_of_frames(y, counts), [0, 0, 0, self.n_fixed])[:, : self.n_fixed]
            counts = None
        if self.affine:
            y = affine(y, constant(self.mean, y.dtype), constant(self.scale, y.dtype))
        return without_rest_of_frames(y, counts)


def without_rest_of_frames(y: Tensor, counts: Optional[Tensor]) -> Tensor:
    """Zeros in the place of the frames after those of each item: ``(batch, frames, features)``."""
    if counts is None:
        return y
    return torch.where(valid(counts, y.size(1)).unsqueeze(2), y, 0.0)


def _optional_number(name: str, value: Any, at_least: float = -1e12) -> Optional[float]:
    return None if value is None else require_number(name, value, at_least=at_least, at_most=1e12)


def _of_features(name: str, value: Any, n_features: int) -> Array:
    """One number for all features, ``(1,)``, or one for each, ``(n_features,)``."""
    given = plain_copy(value)
    if isinstance(given, (list, tuple)):
        if len(given) != n_features:
            raise ValueError(f"{name} must have {n_features} numbers, one for each feature, got {len(given)}")
        return np.asarray([require_number(name, number, at_least=-1e12, at_most=1e12) for number in given])
    return np.asarray([require_number(name, given, at_least=-1e12, at_most=1e12)])
