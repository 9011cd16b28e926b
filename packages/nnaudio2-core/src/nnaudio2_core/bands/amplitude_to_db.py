"""Decibels of a spectrogram."""

from typing import Optional

from torch import Tensor

from ..module.arguments import MOST_BANDS, require_int, require_number
from ..module.shapes import flatten_magnitudes, not_below_zero, restore_leading
from ..module.transform import Transform
from .decibels import power_to_db


class AmplitudeToDB(Transform):
    """Decibels of a magnitude or power spectrogram, floored below the maximum of each item.

    ``(20 / power) log10(max(S, amin) / max(ref, amin))``, at least the maximum of the item minus ``top_db``.
    An item is one ``(bins, frames)``: the others of the batch, and other channels, do not change it.

    Args:
        power: exponent of the given spectrogram, 0.001 to 100: 1 for magnitude, 2 for power.
        ref: value of ``S`` that is 0 dB, > 0.
        amin: least value of ``S``, 1e-37 to 1e37; smaller ones are raised to it, with a gradient of zero.
        top_db: range of each item below its own maximum, dB, >= 0; None for no floor.
        n_bins: number of bins; None for any. A module to be saved in a file needs one.

    Shape:
        S: ``(..., bins, frames)``; a value below 0 counts as 0
        returns: the same

    Raises:
        ValueError: for an argument out of range, or a spectrogram of the wrong shape.
        TypeError: for a spectrogram that is not of a real floating type.

    Example:
        >>> import torch
        >>> AmplitudeToDB(power=1.0, top_db=50.0)(torch.tensor([[1.0, 0.1, 1e-6]]))
        tensor([[  0., -20., -50.]])

    Source: the decibel of ISO 80000-8; ``amin``, ``ref`` and ``top_db`` as in ``librosa.power_to_db``.
    """

    def __init__(
        self,
        power: float = 2.0,
        *,
        ref: float = 1.0,
        amin: float = 1e-10,
        top_db: Optional[float] = 80.0,
        n_bins: Optional[int] = None,
    ) -> None:
        super().__init__()
        self.power = require_number("power", power, at_least=1e-3, at_most=100.0)
        self.ref = require_number("ref", ref, above=0.0)
        self.amin = require_number("amin", amin, 0.0, 1e-37, 1e37)
        self.top_db = None if top_db is None else require_number("top_db", top_db, at_least=0.0)
        self.n_bins = None if n_bins is None else require_int("n_bins", n_bins, 1, MOST_BANDS)
        self.min_frames = 1
        # The decibels below are those of S as a power, 2 / power times too small.
        self.scale = 2.0 / self.power
        self.extent = None if self.top_db is None else self.top_db / self.scale

    def forward(self, S: Tensor) -> Tensor:
        """Compute decibels; see the class."""
        levels = not_below_zero(flatten_magnitudes(S, self.n_bins, self.min_frames))
        decibels = power_to_db(levels, self.ref, self.amin, self.extent)
        return restore_leading(decibels * self.scale, S, 2)
