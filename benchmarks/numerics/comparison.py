"""Comparisons of the numerics page: a transform, a reference, and their difference."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

import numpy as np
import torch
from torch import Tensor

Array = Any  # NumPy, real or complex, (bins, frames) or (time,)
Signals = Mapping[str, Array]
DTYPES = {"float64": torch.float64, "float32": torch.float32}


@dataclass(frozen=True)
class Difference:
    """Difference of a result from a reference, in three relative measures."""

    maximum: float
    """Largest difference, of the reference's largest value."""
    rms: float
    """Root mean square of the difference, of the reference's."""
    worst_bin: float
    """The same of the bin (or band) for which it is largest; see :func:`by_bin`."""

    def worse(self, other: "Difference") -> "Difference":
        """The larger one of each."""
        return Difference(
            max(self.maximum, other.maximum),
            max(self.rms, other.rms),
            max(self.worst_bin, other.worst_bin),
        )


@dataclass(frozen=True)
class Reference:
    """A reference: ``compute`` takes a float64 waveform; ``bounds`` go by our precision."""

    name: str
    compute: Callable[[Array], Array]
    bounds: Mapping[str, float]
    bounded: str = "maximum"
    """Measure of :class:`Difference` that the bounds are for."""
    why: str = ""
    """Cause of a difference that is larger than round-off."""


@dataclass(frozen=True)
class Comparison:
    """The worst over all signals."""

    transform: str
    setting: str
    against: str
    precision: str
    difference: Difference
    bound: float
    bounded: str = "maximum"
    why: str = field(default="")

    @property
    def kept(self) -> bool:
        """True if the bound holds."""
        return bool(getattr(self.difference, self.bounded) <= self.bound)


def as_array(output: Any) -> Array:
    """A tensor as NumPy in double precision; pairs in a last axis of 2 become complex."""
    if not isinstance(output, Tensor):
        return np.asarray(output)
    tensor = output.detach().cpu().double()
    if tensor.dim() == 3 and tensor.size(-1) == 2:
        tensor = torch.view_as_complex(tensor.contiguous())
    return tensor.numpy()


def rms(values: Array) -> Array:
    """Root mean square over the last axis."""
    return np.sqrt((np.abs(values) ** 2).mean(-1))


def by_bin(actual: Array, expected: Array) -> Array:
    """Rms of the difference in each bin relative to the bin's own, ``(bins,)``.

    A bin that is more than 80 dB below the loudest counts as 80 dB below: a tone leaves bins that hold
    nothing but round-off.
    """
    level = rms(expected)
    return rms(actual - expected) / np.maximum(level, 1e-4 * level.max())


def difference(actual: Array, expected: Array) -> Difference:
    if actual.shape != expected.shape:
        raise ValueError(f"another shape, {actual.shape} for {expected.shape}")
    error = np.abs(actual - expected)
    return Difference(
        float(error.max() / np.abs(expected).max()),
        float(rms(error.ravel()) / rms(expected.ravel())),
        float(by_bin(actual, expected).max()),
    )


def compare(
    transform: str,
    setting: str,
    ours: Callable[[Tensor], Tensor],
    references: Sequence[Reference],
    signals: Signals,
) -> Iterator[Comparison]:
    """One line for each reference and precision, in all signals."""
    for reference in references:
        expected = {name: reference.compute(x) for name, x in signals.items()}
        for precision, bound in reference.bounds.items():
            worst = Difference(0.0, 0.0, 0.0)
            for name, x in signals.items():
                y = ours(torch.from_numpy(x).to(DTYPES[precision]))
                worst = worst.worse(difference(as_array(y), expected[name]))
            yield Comparison(
                transform,
                setting,
                reference.name,
                precision,
                worst,
                bound,
                reference.bounded,
                reference.why,
            )
