"""Filters scaled for the multiplicative steps of an inverse, in float64."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class UnitFilters(NamedTuple):
    """Non-negative filters whose weights sum to 1, and what they were divided by."""

    filters: Array
    """``(n_bands, n_bins)``; a filter without weights stays so."""
    of_bands: Array
    """``(n_bands,)``: 1 over the sum of each filter; 0 for one without weights."""
    of_bins: Array
    """``(n_bins,)``: 1 over the sum of the scaled weights at each bin; 0 where there are none."""


def unit_filters(filters: Array) -> UnitFilters:
    """Filters divided by their sums.

    Shape:
        filters: ``(n_bands, n_bins)``, >= 0
    """
    of_bands = _reciprocals(filters.sum(1))
    scaled = filters * of_bands[:, None]
    return UnitFilters(scaled, of_bands, _reciprocals(scaled.sum(0)))


def _reciprocals(sums: Array) -> Array:
    return np.asarray(np.where(sums > 0, 1.0 / np.where(sums > 0, sums, 1.0), 0.0))
