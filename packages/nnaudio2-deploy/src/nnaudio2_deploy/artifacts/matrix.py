"""Matrix of transforms and formats: error and speed of each cell, or the reason why it cannot be made."""

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Optional

import torch
from rich.progress import track
from torch import nn

from ..errors import ArtifactError, UserError, nearest
from ..measures import NOTHING
from ..one_of_each import ONE_OF_EACH, Sizes, one
from .formats import FORMATS, format_named
from .interface import interface_of
from .loading import load
from .saving import save

SIZES = Sizes(
    16000, n_fft=512, hop_length=128, pitch_hop=256, n_bins=48, fmin=110.0, gamma=10.0, n_mels=64, n_iter=8
)
"""Common sizes at 16 kHz."""

SECONDS = 4
TIMED_ROUNDS, WARM_CALLS, TIMED_CALLS = 3, 2, 5
PAUSE = 0.1
"""Seconds: threads of onnxruntime and of torch spin for a while after work, which slows the other down."""


@dataclass(frozen=True)
class Cell:
    """One transform in one format."""

    transform: str
    format: str
    error: Optional[float] = None
    """Worst error over the signals, relative to the maximum, except those in ``left_open``; None for none."""
    left_open: dict[str, float] = field(default_factory=dict)
    """Errors above the format's bound, on signals where eager mode in float32 is itself far from float64."""
    speed: Optional[float] = None
    """Eager mode's time over the artifact's: above 1 the artifact is faster."""
    reason: str = ""
    """Reason why it cannot be made."""

    def __str__(self) -> str:
        error = NOTHING if self.error is None else f"{self.error:.0e}"
        return f"{error}{'*' if self.left_open else ''}, {self.speed:.2g}×"


def measure(
    formats: Optional[Sequence[str]] = None, transforms: Optional[Sequence[str]] = None
) -> list[Cell]:
    """The cells of the table, one transform after the other.

    Args:
        formats: names of formats; None means all.
        transforms: names in ``ONE_OF_EACH``; None means all.

    Raises:
        UserError: for a name that is not known.
    """
    for option, names, known in (("format", formats, FORMATS), ("transform", transforms, ONE_OF_EACH)):
        for name in names or ():
            if name not in known:
                raise UserError(f"--{option} {name} is not in the table: {nearest(name, known)}")
    pairs = [(subject, form) for subject in transforms or ONE_OF_EACH for form in formats or FORMATS]
    return [_cell(subject, form) for subject, form in track(pairs, "Making files", transient=True)]


def _cell(subject: str, form: str) -> Cell:
    module = one(subject, SIZES)
    with tempfile.TemporaryDirectory(prefix="nnaudio2-") as folder:
        path = Path(folder) / "artifact"
        try:
            description = save(module, path, form)
            artifact = load(path, trust=True)
        except ArtifactError as error:
            return Cell(subject, form, reason=str(error).partition(": ")[2])
        bound = format_named(form).bound
        left_open = {name: error for name, error in description.parity.items() if error > bound}
        errors = [error for error in description.parity.values() if error <= bound]
        return Cell(subject, form, max(errors, default=None), left_open, _speed(module, artifact))


def _speed(module: nn.Module, artifact: Callable[[torch.Tensor], Any]) -> float:
    interface = interface_of(module)
    x = interface.noise(1, SECONDS * int(interface.sr or 16000))
    calls: tuple[Callable[[torch.Tensor], Any], ...] = (partial(module, **interface.call), artifact)
    times: tuple[list[float], list[float]] = ([], [])
    with torch.no_grad():
        for _ in range(TIMED_ROUNDS):  # in turn, so that a busy moment hits both
            for call, taken in zip(calls, times, strict=True):
                time.sleep(PAUSE)
                taken += [_seconds(call, x) for _ in range(WARM_CALLS + TIMED_CALLS)][WARM_CALLS:]
    eager, artifacts = map(statistics.median, times)
    return eager / artifacts


def _seconds(call: Callable[[torch.Tensor], Any], x: torch.Tensor) -> float:
    start = time.perf_counter()
    call(x)
    return time.perf_counter() - start
