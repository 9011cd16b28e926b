"""Arguments and axes of the nonstationary Gabor transform."""

import math
from typing import TYPE_CHECKING, Any, List, Optional, Sequence, Tuple, Union

import numpy as np
import torch
from torch import Tensor

from ..module.arguments import (
    MOST_BANDS,
    MOST_FRAME_SAMPLES,
    require_choice,
    require_int,
    require_number,
    shown,
)
from ..module.transform import Transform
from .design_channels import (
    SCALES,
    WINDOWS,
    Array,
    Channels,
    bandwidths,
    channels,
    listed_centres,
    octave_bins,
    octave_centres,
    scale_centres,
    variable_q_stretch,
)
from .design_grid import LAYOUTS, longest_hop, matrix_grid, octave_grid, ragged_grid
from .group import Group
from .windows import frame_windows

Scale = Union[str, Sequence[float]]


def require_frequencies(name: str, values: Any, nyquist: float) -> List[float]:
    """An increasing list of frequencies between 0 and Nyquist, or an error."""
    try:
        numbers = [require_number(name, value) for value in values]
    except TypeError:
        raise TypeError(f"{name} must be a string or a list of numbers, got {shown(values)}") from None
    if not 1 <= len(numbers) <= MOST_BANDS:
        raise ValueError(f"{name} must have 1 to {MOST_BANDS} frequencies, got {len(numbers)}")
    if not all(low < high for low, high in zip([0.0, *numbers], [*numbers, nyquist], strict=True)):
        raise ValueError(f"{name} must increase between 0 and sr / 2 = {nyquist:g}, got {shown(numbers)}")
    return numbers


class GaborTransform(Transform):
    """Scale, windows and time grid of a nonstationary Gabor transform."""

    __constants__ = ["matrix", "sliced"]
    __jit_unused_properties__ = ["config", "frequencies", "redundancy", "frame_bounds", "hop_lengths"]

    if TYPE_CHECKING:  # TorchScript would take them into the scripted module
        _edges: Channels
        _frequencies: Array
    groups: List[Group]
    unit: int

    def keep_windows(
        self,
        sr: float,
        window: str,
        scale: Scale,
        fmin: float,
        fmax: Optional[float],
        n_bins: Optional[int],
        bins_per_octave: float,
        gamma: float,
    ) -> None:
        """Check and keep what determines the windows."""
        self.sr = require_number("sr", sr, above=0.0, at_most=1e12)
        self.window = require_choice("window", window, tuple(WINDOWS))
        reach, response = WINDOWS[self.window]
        if isinstance(scale, str):
            centres, stretch = self._named_scale(scale, fmin, fmax, n_bins, bins_per_octave, gamma, reach)
        else:
            listed = require_frequencies("scale", scale, self.sr / 2)
            centres, stretch = (
                listed_centres(listed, np.arange(-reach, len(listed) + reach, dtype=np.float64)),
                None,
            )
        self._edges = channels(centres, reach, stretch)
        self._frequencies = np.concatenate([[0.0], centres[reach:-reach], [self.sr / 2]])
        # Zeros after a clip: the longest response.
        self.extension = math.ceil(response * self.sr / bandwidths(self._edges, self.sr)[1:-1].min())
        if self.extension > MOST_FRAME_SAMPLES:
            raise ValueError(
                f"scale must have wider channels, with fmin = {self._frequencies[1]:g} and sr = {self.sr:g}: "
                f"the longest response would have {self.extension} samples, more than {MOST_FRAME_SAMPLES}"
            )

    def _named_scale(
        self,
        scale: str,
        fmin: float,
        fmax: Optional[float],
        n_bins: Optional[int],
        bins_per_octave: float,
        gamma: float,
        reach: int,
    ) -> Tuple[Array, Optional[Array]]:
        """Centres of a scale with ``reach`` more at both ends, and the factors on their widths."""
        nyquist = self.sr / 2
        require_choice("scale", scale, SCALES)
        fmin = require_number("fmin", fmin, above=0.0, at_least=1e-6)
        if not fmin < nyquist:
            raise ValueError(f"fmin must be < sr / 2 = {nyquist:g}, got {fmin:g}")
        if fmax is not None:
            fmax = require_number("fmax", fmax, above=fmin, at_most=nyquist)
        if n_bins is not None:
            n_bins = require_int("n_bins", n_bins, 1, MOST_BANDS)
        if scale != "octave":
            n_bins = 80 if n_bins is None else n_bins
            end = nyquist if fmax is None else fmax
            return scale_centres(
                scale, fmin, end, n_bins, np.arange(-reach, n_bins + reach, dtype=np.float64)
            ), None
        density = require_number("bins_per_octave", bins_per_octave, above=0.0, at_least=0.01, at_most=1e4)
        gamma = require_number("gamma", gamma, at_least=0.0, at_most=1e12)
        most = octave_bins(fmin, nyquist, fmax, density)
        if n_bins is None:
            n_bins = most
        elif n_bins > most:
            raise ValueError(f"n_bins must be <= {most}, or the scale does not end below fmax, got {n_bins}")
        centres = octave_centres(fmin, density, np.arange(-reach, n_bins + reach, dtype=np.float64))
        if not np.isfinite(centres).all():
            raise ValueError(f"bins_per_octave must be larger for window={self.window!r}, got {density:g}")
        return centres, variable_q_stretch(centres[reach:-reach], density, gamma)

    def keep_grid(self, layout: str, hop_length: Optional[int], slice_length: Optional[int]) -> None:
        """Check and keep what determines the time grid."""
        self.layout = require_choice("layout", layout, LAYOUTS)
        self.matrix, self.sliced = layout == "matrix", slice_length is not None
        widths = bandwidths(self._edges, self.sr)
        unit = 0
        if slice_length is not None:
            unit = require_int("slice_length", slice_length, 4, MOST_FRAME_SAMPLES)
            if unit % 2 == 1:
                raise ValueError(f"slice_length must be even, got {unit}")
        if not self.matrix:
            if hop_length is not None:
                raise ValueError(f"hop_length must be None unless layout='matrix', got {shown(hop_length)}")
            build = octave_grid if layout == "octaves" else ragged_grid
            self.unit, self.groups = build(widths, self.sr, unit)
            return
        most = longest_hop(widths, self.sr, unit)
        self.hop_length = most if hop_length is None else require_int("hop_length", hop_length, 1)
        if self.hop_length > most:
            raise ValueError(f"hop_length must be <= {most}, or channels lose the signal, got {hop_length}")
        if unit % self.hop_length != 0:
            raise ValueError(f"hop_length must divide slice_length = {unit}, got {hop_length}")
        if not self.sliced:  # for frame_times; the frames of a slice have their own times
            self.first_centre = 0
        self.unit, self.groups = matrix_grid(len(widths), self.hop_length, unit)

    @property
    def frequencies(self) -> Tensor:
        """Centre of each channel, Hz, from 0 to ``sr / 2``: ``(n_bins + 2,)``, float64."""
        return torch.from_numpy(self._frequencies.copy())

    @property
    def hop_lengths(self) -> List[float]:
        """Samples between frames of each tensor of coefficients."""
        return [self.unit / group.rate for group in self.groups]

    @property
    def redundancy(self) -> float:
        """Real numbers in the coefficients for each sample; zeros that a clip is extended by count, too."""
        numbers = 2 * sum((group.end - group.first) * group.rate for group in self.groups)
        return (2 if self.sliced else 1) * numbers / self.unit

    @property
    def frame_bounds(self) -> Tuple[float, float]:
        """Least and largest energy of the coefficients of a waveform of energy 1; 1 and 1 if tight."""
        units = 1 if self.sliced else 1 + 64 * self.extension // self.unit
        edges = torch.from_numpy(np.stack(self._edges))
        bins, window, _ = frame_windows(edges, self.groups, self.window, self.sr, self.unit, units)
        energy = torch.zeros(units * self.unit // 2 + 1, dtype=torch.float64)
        # Bins between the ends count twice, in the windows as in the energy of a waveform.
        energy = energy.index_add(0, bins.flatten(), window.square().flatten())[1:-1] / 2
        return float(energy.min()), float(energy.max())
