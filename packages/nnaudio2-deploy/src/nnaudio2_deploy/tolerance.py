"""How far from eager mode an artifact may be, where the user says so."""

from collections.abc import Iterable, Mapping
from math import inf
from typing import Union

from .errors import ArtifactError

EVERY_SIGNAL = ""


def tolerances_of(tolerance: Union[float, Mapping[str, float], None]) -> dict[str, float]:
    """The tolerances by signal; one for all signals stands under ``EVERY_SIGNAL``.

    Raises:
        ArtifactError: if one is not above 0 and finite.
    """
    if tolerance is None:
        return {}
    named = dict(tolerance) if isinstance(tolerance, Mapping) else {EVERY_SIGNAL: tolerance}
    for name, value in named.items():
        if not 0 < value < inf:
            raise ArtifactError(f"tolerance must be > 0 and finite, got {value}{name and f' for {name}'}")
    return named


def accepted(tolerances: Mapping[str, float], names: Iterable[str]) -> dict[str, float]:
    """The tolerance of each signal that has one.

    Raises:
        ArtifactError: for a name that is none of ``names``.
    """
    if EVERY_SIGNAL in tolerances:
        return dict.fromkeys(names, tolerances[EVERY_SIGNAL])
    known = list(names)
    unknown = [name for name in tolerances if name not in known]
    if unknown:
        raise ArtifactError(f"tolerance names the signal {unknown[0]!r}; there are {', '.join(known)}")
    return dict(tolerances)
