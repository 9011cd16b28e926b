"""Options of a run: how recordings are read, and what is done to the features before they are stored."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Optional, Union

from ..errors import UserError

Channels = Union[Literal["mono", "keep"], int]
Scale = Literal["linear", "log", "db"]


@dataclass(frozen=True)
class Reading:
    """Conversion of a recording to the clips that are transformed: rate, channels, segments."""

    sr: Optional[int] = None
    """Rate to resample to, Hz; None keeps that of the file."""
    channels: Channels = "mono"
    """``"mono"``: their mean. ``"keep"``: all. A number, from 0: that one."""
    segment: Optional[float] = None
    """Length of a clip, s; None for the whole recording."""
    segment_hop: Optional[float] = None
    """Time between the starts of clips, s; None for their length."""


@dataclass(frozen=True)
class Storing:
    """Changes to the features before they are stored, in this order: scale, normalisation, dtype."""

    scale: Scale = "linear"
    """``"log"``: natural logarithm. ``"db"``: decibels, 0 dB at 1."""
    top_db: Optional[float] = None
    """Values of a clip are at least its maximum less this; for ``"db"``."""
    dtype: Literal["float32", "float16"] = "float32"
    statistics: Optional[str] = None
    """Digest of the means and deviations that normalise the features; None leaves them as they are."""


@dataclass(frozen=True)
class Options:
    """All options that change the stored features."""

    reading: Reading = Reading()
    storing: Storing = Storing()
    labels: bool = False
    """Label each recording by its folder."""

    def as_json(self) -> dict[str, Any]:
        """Options that differ from the defaults, by name."""
        usual = Options()._by_name()
        return {name: value for name, value in self._by_name().items() if value != usual[name]}

    def _by_name(self) -> dict[str, Any]:
        return {**asdict(self.reading), **asdict(self.storing), "labels": self.labels}


def chosen_channels(mono: bool, channel: Optional[int], keep: bool) -> Channels:
    """The channels that three options of the command line ask for.

    Raises:
        UserError: if more than one of them is given.

    Example:
        >>> chosen_channels(False, None, False)
        'mono'
    """
    if mono + (channel is not None) + keep > 1:
        raise UserError("--mono, --channel and --keep-channels exclude each other: give one of them")
    if channel is not None:
        return channel
    return "keep" if keep else "mono"


def chosen_scale(log: bool, db: bool, top_db: Optional[float]) -> tuple[Scale, Optional[float]]:
    """Scale of the features and range of their decibels.

    Args:
        log: natural logarithm.
        db: decibels.
        top_db: range of each clip, dB; 0 for no limit, None for 80.

    Raises:
        UserError: if they exclude each other.

    Example:
        >>> chosen_scale(False, True, None)
        ('db', 80.0)
    """
    if log and db:
        raise UserError("--log and --db exclude each other: give one of them")
    if top_db is not None and not db:
        raise UserError("--top-db limits the range of --db: give --db as well")
    if not db:
        return ("log" if log else "linear"), None
    return "db", (80.0 if top_db is None else top_db or None)


def check_reading(reading: Reading) -> None:
    """Raise a UserError for segments that cannot be cut."""
    if reading.segment is None:
        if reading.segment_hop is not None:
            raise UserError("--segment-hop is the time between segments: give --segment as well")
        return
    for name, value in (("--segment", reading.segment), ("--segment-hop", reading.segment_hop)):
        if value is not None and not 0 < value < float("inf"):
            raise UserError(f"{name} must be > 0 s, got {value:g}")


NONE = Options()
"""No option: recordings as they are, the numbers of the transform."""
