"""Nonstationary Gabor transform: its coefficients against direct sums, and round trips against the clip."""

from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from tests import tolerances as bound
from tests.oracles import gabor as oracle
from torch import Tensor

from nnaudio2_core import NSGT, Stream

from ..clips import SR
from .comparison import Array, Comparison, Reference, Signals, compare

LOWEST = 220.0
SAMPLES = 2048  # of each signal, for direct sums
SLICE = 1024
DIRECT = {"float64": bound.GABOR_DIRECT_FLOAT64, "float32": bound.GABOR_DIRECT_FLOAT32}
EXACT = {"float64": bound.GABOR_ROUND_TRIP_FLOAT64, "float32": bound.GABOR_ROUND_TRIP_FLOAT32}


def comparisons(signals: Signals) -> Iterator[Comparison]:
    """Every line of this transform."""
    beginnings = {name: x[:SAMPLES] for name, x in signals.items()}
    whole = NSGT(SR, fmin=LOWEST, layout="matrix")
    covered = round(whole.n_frames(SAMPLES) * whole.hop_length)
    reference = Reference("direct sum", partial(direct, covered, whole.n_frames(SAMPLES)), DIRECT, "rms")
    yield from compare("NSGT", f"{SAMPLES} samples", whole, [reference], beginnings)
    sliced = NSGT(SR, fmin=LOWEST, layout="matrix", slice_length=SLICE)
    compute = partial(direct_slices, sliced.n_frames(SAMPLES))
    reference = Reference("direct sum", compute, DIRECT, "rms")
    yield from compare("NSGT", f"slices of {SLICE}", partial(side_by_side, sliced), [reference], beginnings)
    yield from there_and_back(signals)


def there_and_back(signals: Signals) -> Iterator[Comparison]:
    """Round trips of whole clips, of slices and of streams."""
    whole, sliced = NSGT(SR), NSGT(SR, slice_length=16384)
    clip = Reference("the clip itself", np.asarray, EXACT, "rms")
    for setting, ours in (
        ("there and back", partial(offline, whole)),
        ("there and back, slices of 16384", partial(offline, sliced)),
        ("there and back, streamed slices", partial(streamed, sliced)),
    ):
        yield from compare("NSGT", setting, ours, [clip], signals)


def offline(module: NSGT, x: Tensor) -> Tensor:
    return module.inverse(module(x), length=len(x))


def streamed(module: NSGT, x: Tensor) -> Tensor:
    """Through both streams, in blocks that do not match the slices."""
    analysis, synthesis = Stream(module), Stream(module.inverse)
    first, second, samples = analysis.start(1, x.dtype), synthesis.start(1, x.dtype), []
    for block in x[None].split(5000, 1):
        C, first = analysis.step(block, first)
        y, second = synthesis.step(C, second)
        samples.append(y)
    y, _ = synthesis.step(analysis.finish(first), second)
    return torch.cat([*samples, y], 1)[0, : len(x)]


def side_by_side(module: NSGT, x: Tensor) -> Tensor:
    """Coefficients of all slices, one after the other: ``(bins, frames, 2)``."""
    C: Tensor = module(x)
    return C.transpose(0, 1).flatten(1, 2)


@cache
def windows(length: int) -> Any:
    """The oracle's windows of the default scale, for ``length`` samples."""
    n_bins = int(np.floor(12 * np.log2(SR / 2 / LOWEST)))
    return oracle.windows((partial(oracle.octave_centre, LOWEST, 12), n_bins), "sine", float(SR), length)


def direct(length: int, frames: int, x: Array) -> Array:
    """The coefficients of a whole clip that is extended by zeros to ``length`` samples."""
    rows = windows(length)
    return np.stack(oracle.coefficients(x, rows, [frames] * len(rows), length))


def direct_slices(frames: int, x: Array) -> Array:
    """The coefficients of all slices, one after the other: ``(bins, frames)``."""
    return np.concatenate([direct(SLICE, frames, item) for item in oracle.slices(x, SLICE)], axis=1)
