"""Figures of one transform in the demo, and their form in the table."""

from dataclasses import dataclass, field
from typing import Optional

from torch import Tensor

from ..measures import say_decibels, say_error, say_milliseconds

HEADINGS = ("Transform", "Shape", "Inverse SNR", "Scripted", "Peer", "Time")
"""The columns of the table, on the terminal and on the page."""


@dataclass
class Outcome:
    """Figures of one transform on one recording; None where there is nothing to measure."""

    name: str
    shape: tuple[int, ...]
    milliseconds: float
    reconstruction: Optional[Tensor] = None
    edits: dict[str, Tensor] = field(default_factory=dict)
    """Waveforms of edited coefficients, by what was done to these."""
    snr: Optional[float] = None
    scripted_error: Optional[float] = None
    peer_error: Optional[float] = None
    remarks: list[str] = field(default_factory=list)
    picture: bytes = b""
    streamed_picture: bytes = b""
    """The same of the stream, if the row has one."""

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
