"""Time derivatives of features."""

from typing import Optional

import torch.nn.functional as F
from torch import Tensor

from ..framing.padding import PAD_MODES, min_samples, pad_waveform
from ..module.arguments import MOST_BANDS, require_choice, require_int
from ..module.precision import constant, conv1d, split_constant
from ..module.reshaping import split_axis
from ..module.shapes import flatten_magnitudes, restore_leading
from ..module.transform import Transform
from .design_deltas import delta_weights

EDGES = ("interp", *PAD_MODES)
# Frames; more are a mistake.
MOST_WIDTH = 2**12


class Deltas(Transform):
    """Time derivative of features: the slope of a line through neighbouring frames, or a higher derivative.

    A polynomial of degree ``order`` is fitted by least squares to ``width`` frames around each frame; the
    result is its derivative of that order, per frame. Of order 1: ``sum_n n (S[t + n] - S[t - n]) /
    (2 sum_n n**2)``, n from 1 to ``width // 2``.

    Args:
        width: frames of the regression, odd, 3 to 4095, more than ``order``.
        order: order of the derivative, 1 to 8.
        pad_mode: frames beyond the ends: ``"interp"`` for none (a polynomial through the first ``width``
            frames gives the derivative at all frames of their first half, and so at the end),
            ``"replicate"``, ``"reflect"``, ``"constant"`` (zeros) or ``"circular"``.
        n_bins: number of bins; None for any. A module to be saved in a file needs one.

    Shape:
        S: ``(..., bins, frames)``, ``frames >= min_frames``, which is ``width`` with ``"interp"``
        returns: the same

    Raises:
        ValueError: for an argument out of range, or features of the wrong shape.
        TypeError: for features that are not of a real floating type.

    Example:
        >>> import torch
        >>> Deltas(width=5)(torch.tensor([[0.0, 2.0, 4.0, 6.0, 8.0, 10.0]]))
        tensor([[2., 2., 2., 2., 2., 2.]])

    Source: Savitzky & Golay (1964); Young et al., The HTK Book, section 5.9. ``librosa.feature.delta`` has
    these defaults; torchaudio's ``ComputeDeltas`` is ``Deltas(5, pad_mode="replicate")``.
    """

    weights: Tensor

    def __init__(
        self, width: int = 9, *, order: int = 1, pad_mode: str = "interp", n_bins: Optional[int] = None
    ) -> None:
        super().__init__()
        self.width = require_int("width", width, 3, MOST_WIDTH)
        if self.width % 2 == 0:
            raise ValueError(f"width must be odd, got {self.width}")
        self.order = require_int("order", order, 1, 8)
        if self.order >= self.width:
            raise ValueError(f"order must be < width = {self.width}, got {self.order}")
        self.pad_mode = require_choice("pad_mode", pad_mode, EDGES)
        self.n_bins = None if n_bins is None else require_int("n_bins", n_bins, 1, MOST_BANDS)
        self.reach = self.width // 2
        self.padded = self.pad_mode != "interp"
        self.min_frames = min_samples(self.reach, self.pad_mode, self.width) if self.padded else self.width
        self.constant_buffer("weights", split_constant(delta_weights(self.width, self.order)))

    def forward(self, S: Tensor) -> Tensor:
        """Compute the derivative; see the class."""
        x = flatten_magnitudes(S, self.n_bins, self.min_frames)
        bins = x.size(1)
        rows = x.flatten(0, 1)
        if self.padded:
            rows = pad_waveform(rows, self.reach, self.pad_mode)
        for _ in range(self.order):
            rows = rows[:, 1:] - rows[:, :-1]
        weights = constant(self.weights, x.dtype).view(1, 1, -1)
        y = split_axis(conv1d(rows.unsqueeze(1), weights, 1).squeeze(1), 0, [-1, bins])
        if not self.padded:  # a derivative as high as the degree is the same along the whole polynomial
            y = F.pad(y, [self.reach, self.reach], mode="replicate")
        return restore_leading(y, S, 2)
