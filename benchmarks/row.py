"""One line of the bench."""

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Row:
    """A transform of ours and one peer (or none), both measured in the same run.

    ``ours`` and ``theirs`` are medians in ``unit``; an error is the largest difference from a reference as a
    share of the reference's maximum, unless ``note`` says otherwise. ``target`` is the largest wanted ratio;
    ``limit`` the largest wanted value of ours, where the promise is not a ratio. None stands for what was not
    measured; ``note`` then says why. ``axis`` and ``value`` are there where one thing grows from row to row:
    ``("clips", 8)``.
    """

    transform: str
    case: str
    ours: Optional[float]
    peer: str = ""
    theirs: Optional[float] = None
    error: Optional[float] = None
    peer_error: Optional[float] = None
    target: Optional[float] = None
    limit: Optional[float] = None
    unit: str = "ms"
    note: str = ""
    axis: str = ""
    value: Optional[float] = None

    @property
    def ratio(self) -> Optional[float]:
        """Ours over theirs: below 1 where ours is the smaller."""
        return self.ours / self.theirs if self.ours is not None and self.theirs else None

    @property
    def rival(self) -> bool:
        """True if it was compared with another package, and not with ours in another layout or length."""
        return self.ratio is not None and not self.peer.startswith("ours")

    @property
    def behind(self) -> bool:
        """True if another package is the faster or smaller one."""
        return self.rival and (self.ratio or 0.0) > 1

    @property
    def met(self) -> Optional[bool]:
        """True if the target or the limit was met; None without one, or without a measurement."""
        if self.target is not None and self.ratio is not None:
            return self.ratio <= self.target
        if self.limit is not None and self.ours is not None:
            return self.ours <= self.limit
        return None

    def cells(self) -> list[str]:
        """The line as text, one string for each of :data:`HEADINGS`."""
        return [
            self.transform,
            self.case,
            self.peer,
            quantity(self.ours, self.unit),
            quantity(self.theirs, self.unit),
            "" if self.ratio is None else f"{self.ratio:.3g}",
            self._wanted(),
            {None: "", True: "yes", False: "no"}[self.met],
            "" if self.error is None else f"{self.error:.1e}",
            "" if self.peer_error is None else f"{self.peer_error:.1e}",
            self.note,
        ]

    def _wanted(self) -> str:
        if self.target is not None:
            return f"<= {self.target:.3g}"
        return "" if self.limit is None else f"<= {quantity(self.limit, self.unit)}"


HEADINGS = [
    "transform",
    "case",
    "peer",
    "ours",
    "peer's",
    "ratio",
    "target",
    "met",
    "our error",
    "peer's error",
    "note",
]


def quantity(value: Optional[float], unit: str) -> str:
    """Three digits and the unit; empty for None."""
    if value is None:
        return ""
    return f"{value:.0f} {unit}" if abs(value) >= 100 else f"{value:.3g} {unit}"
