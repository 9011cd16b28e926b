"""Harmonics of a spectrogram: their factors, and a copy of its rows for each."""

from itertools import pairwise
from typing import Any, List

import torch
from torch import Tensor

from ..module.arguments import require_number, shown
from ..module.plain_values import plain_copy

# Harmonics; more are a mistake.
MOST_HARMONICS = 1000


def require_harmonics(values: Any) -> List[float]:
    """Increasing factors above 0."""
    given = plain_copy(values)
    if not isinstance(given, (list, tuple)):
        raise TypeError(f"harmonics must be a list of numbers, got {shown(given)}")
    if not 1 <= len(given) <= MOST_HARMONICS:
        raise ValueError(f"harmonics must be 1 to {MOST_HARMONICS} numbers, got {len(given)}")
    factors = [require_number("harmonics", value, 0.0, 1e-6, 1e6) for value in given]
    if any(low >= high for low, high in pairwise(factors)):
        raise ValueError(f"harmonics must increase, got {shown(given)}")
    return factors


def rows_of_harmonics(y: Tensor, places: Tensor, n_harmonics: int, has_gaps: bool) -> Tensor:
    """Rows of a spectrogram for each harmonic.

    Args:
        y: the spectrogram.
        places: rows of each harmonic, one after the other; the number of rows for a row of zeros.
        n_harmonics: number of harmonics.
        has_gaps: True if there is a row of zeros.

    Shape:
        y: ``(batch, rows, frames, *)``
        places: ``(n_harmonics * n_bins,)``
        returns: ``(batch, n_harmonics, n_bins, frames, *)``
    """
    if has_gaps:
        y = torch.cat([y, torch.zeros_like(y[:, :1])], 1)
    copies: Tensor = y.index_select(1, places).unflatten(1, [n_harmonics, -1])
    return copies
