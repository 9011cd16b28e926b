"""One dense block of a block-sparse matrix."""

from typing import NamedTuple


class Block(NamedTuple):
    """Place of a block in its matrix: inputs ``low`` to ``high``, outputs ``first`` to ``end``."""

    low: int
    high: int
    """One past the last input."""
    first: int
    end: int
    """One past the last output."""
