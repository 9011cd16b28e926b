"""Plan of a strided filter bank: its groups of bins, in plain numbers."""

from typing import List, NamedTuple


class Group(NamedTuple):
    """Neighbouring bins that are computed together."""

    kind: str
    """``"matrix"``, ``"band"`` or ``"polyphase"``, see ``design_plan``."""
    bins: int
    start: int
    """First sample in the frame."""
    size: int
    """Samples of the matrix, or frames P of a block."""
    low: int
    """Lowest run of P bins of the block's spectrum; 0 except for a band."""
    runs: int
    """Runs of P bins; for a matrix 0."""
    valid: int
    """Frames of a block that are free of circular wrap-around; for a matrix 0."""
    skipped: int
    """Runs before the first among the constants; 0 except for a band."""
    stored: int
    """Runs among the constants, at least ``skipped + runs``."""


class BankPlan(NamedTuple):
    """The groups of a bank, in the order of its bins."""

    groups: List[Group]
    """Groups in float32."""
    wide: List[Group]
    """The same in float64: their bands keep more of the kernels' spectra."""
    hop: int
    """Samples between frames."""
    width: int
    """Samples of a frame."""
    n_bins: int
