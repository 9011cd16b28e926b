"""Tolerances that the user sets for the error against eager mode."""

from collections.abc import Iterable, Mapping
from math import inf
from typing import Union

from ..errors import ArtifactError
from .seeded_signals import NAMES


def tolerances_of(tolerance: Union[float, Mapping[str, float], None]) -> dict[str, float]:
    """The tolerance of each signal that has one.

    Raises:
        ArtifactError: if one is not a finite number above 0, or not for a known signal.
    """
    if tolerance is None:
        return {}
    named = dict(tolerance) if isinstance(tolerance, Mapping) else dict.fromkeys(NAMES, tolerance)
    for name, value in named.items():
        if name not in NAMES:
            raise ArtifactError(f"tolerance must name a signal, one of {', '.join(NAMES)}, got {name!r}")
        if not (isinstance(value, (int, float)) and 0 < value < inf):
            raise ArtifactError(f"tolerance must be a number > 0, and finite, got {value!r} for {name}")
    return named


def accepted(tolerances: Mapping[str, float], measured: Iterable[str]) -> dict[str, float]:
    """The tolerance of each error that was measured, ``"tone"`` or ``"tone, inverse"``, if it has one."""
    signals = {name: name.partition(",")[0] for name in measured}
    return {name: tolerances[signal] for name, signal in signals.items() if signal in tolerances}
