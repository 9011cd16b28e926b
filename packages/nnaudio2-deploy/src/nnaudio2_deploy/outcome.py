"""What the demo found out about one transform, and how the table says it."""

from dataclasses import dataclass, field
from math import isinf, isnan
from typing import Optional

from torch import Tensor

HEADINGS = ("Transform", "Shape", "Inverse SNR", "Scripted", "Peer", "Time")
"""The columns of the table, on the terminal and on the page."""


NOTHING = "–"
"""What a cell holds where there is nothing to measure."""


@dataclass
class Outcome:
    """Figures of one transform on one recording; None where there is nothing to measure."""

    name: str
    shape: tuple[int, ...]
    milliseconds: float
    reconstruction: Optional[Tensor] = None
    snr: Optional[float] = None
    scripted_error: Optional[float] = None
    peer_error: Optional[float] = None
    remarks: list[str] = field(default_factory=list)
    picture: bytes = b""

    def cells(self) -> tuple[str, ...]:
        """The figures as text, one for each of ``HEADINGS``."""
        return (
            self.name,
            " × ".join(map(str, self.shape)),
            say_decibels(self.snr),
            say_error(self.scripted_error),
            say_error(self.peer_error),
            say_milliseconds(self.milliseconds),
        )


def say_decibels(value: Optional[float]) -> str:
    """A level, or a dash where there is none (no inverse, or a silent recording)."""
    if value is None or isnan(value):
        return NOTHING
    if isinf(value):
        return "exact"
    return f"{value:.1f} dB"


def say_error(value: Optional[float]) -> str:
    """A relative error, or a dash where nothing was compared."""
    if value is None:
        return NOTHING
    if value == 0:
        return "0"
    return f"{value:.1e}"


def say_milliseconds(value: float) -> str:
    """A time to three figures at most."""
    if value < 10:
        return f"{value:.1f} ms"
    if value < 1000:
        return f"{value:.0f} ms"
    return f"{value / 1000:.1f} s"
