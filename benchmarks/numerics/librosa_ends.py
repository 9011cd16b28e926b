"""Two experiments on the rest of the difference to librosa's constant-Q transform.

librosa halves the sampling rate from octave to octave and keeps as many samples as lie in the clip, so what
its low-pass filter rings before the first and after the last one is lost. Silence around the clip keeps it.
And librosa keeps the positive half of each kernel's spectrum only; so do :func:`positive_half` and a direct
sum.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from tests.oracles.strided_correlation import correlate

from nnaudio2_core.constant_q.design_kernels import ConstantQBasis, constant_q_basis

from ..clips import SR
from ..peers import FMIN, LIBROSA
from ..references import HOP
from .comparison import Array, Signals, by_bin, rms
from .constant_q import SILENCE, by_librosa

BINS_PER_OCTAVE = 12


@dataclass(frozen=True)
class Experiment:
    """Rms differences between direct float64 sums and librosa, and the same bin by bin."""

    signal: str
    whole: float
    """librosa and the clip as it is."""
    inside: float
    """The same, of frames farther than half the longest filter from both ends."""
    silence: float
    """librosa and the clip with silence around it, all frames of the clip."""
    half: float
    """As before, and our kernels without their negative frequencies."""
    whole_by_bin: Array
    silence_by_bin: Array
    half_by_bin: Array


def experiments(signals: Signals) -> Iterator[Experiment]:
    """One for each signal, gamma 0."""
    lengths = LIBROSA["filter_lengths"]
    basis = constant_q_basis(SR, FMIN, 84, BINS_PER_OCTAVE, filter_lengths=lengths, hop_length=HOP)
    ends = math.ceil(basis.width / 2 / HOP)
    for name, x in signals.items():
        ours = direct(x, basis, basis.kernels, basis.offsets)
        half = direct(x, basis, *positive_half(basis))
        whole, silence = by_librosa(x, 0.0), by_librosa(x, 0.0, SILENCE)
        yield Experiment(
            name,
            relative_rms(ours, whole),
            relative_rms(ours[:, ends:-ends], whole[:, ends:-ends]),
            relative_rms(ours, silence),
            relative_rms(half, silence),
            by_bin(ours, whole),
            by_bin(ours, silence),
            by_bin(half, silence),
        )


def relative_rms(actual: Array, expected: Array) -> float:
    return float(rms((actual - expected).ravel()) / rms(expected.ravel()))


def direct(x: Array, basis: ConstantQBasis, kernels: Any, starts: Any) -> Array:
    """Direct sums over the signal between zeros, at its own rate: ``(bins, frames)``."""
    reach = basis.width
    frames = range(1 + len(x) // HOP)
    y = correlate(np.pad(x, reach)[None], kernels, [reach + start for start in starts], HOP, frames)[0]
    return y * np.sqrt(basis.lengths)[:, None]


def positive_half(basis: ConstantQBasis) -> "tuple[list[Array], list[int]]":
    """Each kernel without its negative frequencies, in a frame as long as librosa's of its octave."""
    kernels, starts = [], []
    for k, (kernel, offset) in enumerate(zip(basis.kernels, basis.offsets, strict=True)):
        lowest = max(0, k - (k - len(basis.kernels)) % BINS_PER_OCTAVE)
        frame = 2 ** math.ceil(math.log2(max(basis.lengths[lowest] + 2, kernel.size + 2, 2 * HOP)))
        row = np.zeros(frame, dtype=np.complex128)
        row[frame // 2 + offset : frame // 2 + offset + kernel.size] = kernel
        spectrum = np.fft.fft(row)
        spectrum[frame // 2 + 1 :] = 0
        kernels.append(np.fft.ifft(spectrum))
        starts.append(-(frame // 2))
    return kernels, starts
