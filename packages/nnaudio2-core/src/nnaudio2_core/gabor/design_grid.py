"""Time grids of a nonstationary Gabor frame: samples of a unit, and coefficients of each channel in it.

A clip is extended to whole units. With ``rate`` coefficients in a unit of ``unit`` samples, a window of at
most ``rate * sr / unit`` Hz has no more bins than coefficients, whatever the number of units: its channel
loses nothing (the painless case of Daubechies, Grossmann & Meyer 1986). A slice is one unit.
"""

import math
from typing import List, NamedTuple

import numpy as np
import numpy.typing as npt

from .group import Group

Array = npt.NDArray[np.float64]

LAYOUTS = ("octaves", "matrix", "ragged")
# Longer units would extend a clip by more than a second; channels at lower rates are rare and cheap.
_MOST_UNIT = 2**15


class Grid(NamedTuple):
    """Groups of channels in order of frequency, and the samples of a unit."""

    unit: int
    groups: List[Group]


def octave_grid(widths: Array, sr: float, unit: int = 0) -> Grid:
    """Channels whose rates differ by powers of two; the first and the last channel apart.

    ``unit`` is chosen if it is 0, so that the widest channel fills its rate.

    Shape:
        widths: ``(n_bins + 2,)``, Hz
    """
    widest = widths[1:-1].max()
    levels = np.floor(np.log2(widest / widths[1:-1]) + 1e-9).astype(np.int64)
    longest = math.log2(_MOST_UNIT * widest / sr) if unit == 0 else math.log2(widest * unit / sr / 8)
    levels = np.minimum(levels, max(0, int(longest)))
    coarsest = 2 ** int(levels.max())
    unit = unit or smooth_below(coarsest * sr / widest)
    lowest = math.ceil(widest * unit / sr / coarsest * (1 - 1e-12))
    rates = lowest * coarsest >> levels
    outer = _rates(widths[[0, -1]], sr, unit)
    return Grid(unit, _grouped([int(outer[0]), *rates.tolist(), int(outer[1])]))


def ragged_grid(widths: Array, sr: float, unit: int = 0) -> Grid:
    """Each channel at its own, lowest rate."""
    unit = unit or octave_grid(widths, sr).unit
    rates = _rates(widths, sr, unit)
    return Grid(unit, [Group(k, k + 1, int(rate)) for k, rate in enumerate(rates)])


def matrix_grid(n_channels: int, hop_length: int, unit: int = 0) -> Grid:
    """All channels at one rate.

    A unit has 2, 4, 8, ... hops and at least 1000 samples, if it is not given.
    """
    unit = unit or hop_length * 2 ** max(1, math.ceil(math.log2(1000 / hop_length)))
    return Grid(unit, [Group(0, n_channels, unit // hop_length)])


def longest_hop(widths: Array, sr: float, unit: int = 0) -> int:
    """Most samples between coefficients at a common rate; a divisor of ``unit``, if that is given."""
    most = math.floor(sr / widths.max() * (1 + 1e-12))
    return next(hop for hop in range(most, 0, -1) if unit % hop == 0)


def smooth_below(bound: float) -> int:
    """Largest multiple of 4 up to ``bound`` (>= 2) without prime factors above 13; below 4 it is 2.

    FFTs of such numbers take the least time for each sample: with one factor of 2 half as much more, with a
    prime factor of 61 several times as much.
    """
    step = 4 if bound >= 4 else 2
    return next(n for n in range(int(bound) // step * step, 0, -step) if _is_smooth(n))


def _is_smooth(n: int) -> bool:
    """True for a number without prime factors above 13."""
    for prime in (2, 3, 5, 7, 11, 13):
        while n % prime == 0:
            n //= prime
    return n == 1


def _rates(widths: Array, sr: float, unit: int) -> npt.NDArray[np.int64]:
    """Fewest coefficients in a unit, without prime factors above 13."""
    least = np.maximum(1, np.ceil(widths * (unit / sr) * (1 - 1e-12))).astype(np.int64)
    return np.array([next(n for n in range(rate, 2 * rate) if _is_smooth(n)) for rate in least.tolist()])


def _grouped(rates: List[int]) -> List[Group]:
    """Runs of equal rates, the first and the last channel apart."""
    ends = [k + 1 for k in range(1, len(rates) - 2) if rates[k] != rates[k + 1]]
    firsts = [0, 1, *ends, len(rates) - 1]
    return [Group(k, end, rates[k]) for k, end in zip(firsts, [*firsts[1:], len(rates)], strict=True)]
