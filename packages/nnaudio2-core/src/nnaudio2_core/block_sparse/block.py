"""One dense block of a block-sparse matrix."""

from typing import NamedTuple


class Block(NamedTuple):
    """Where a block reads and writes: inputs ``low`` to ``high`` give outputs ``first`` to ``end``."""

    low: int
    high: int
    """One past the last input."""
    first: int
    end: int
    """One past the last output."""
