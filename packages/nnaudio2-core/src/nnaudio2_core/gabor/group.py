"""Channels that share a time grid."""

from typing import NamedTuple


class Group(NamedTuple):
    """Channels ``first`` to ``end`` with ``rate`` coefficients each in every unit of samples."""

    first: int
    end: int
    """One past the last channel."""
    rate: int
