"""Conversion of a transform's numbers to stored ones: logarithm, normalisation, dtype."""

from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ..errors import UserError
from .options import Storing
from .statistics import Statistics

Array = npt.NDArray[np.floating]

FLOOR_DB = -100.0
"""Decibels of silence, as in librosa: power is at least 1e-10."""


def stored(
    features: Array,
    others: tuple[int, ...],
    exponent: float,
    storing: Storing,
    statistics: Optional[Statistics],
    name: str,
) -> Array:
    """The values to store of one recording.

    Args:
        features: what the transform gave.
        others: axes of segments, channels and frames.
        exponent: 2 where they are powers, 1 where they are magnitudes.
        storing: what to make of them.
        statistics: means and deviations to normalise by.
        name: what the messages call the recording.

    Raises:
        UserError: if a value is beyond float16.
    """
    if storing.scale != "linear":
        features = scaled(features, exponent, storing)
    if statistics is not None:
        features = statistics.normalised(features, others)
    with np.errstate(over="ignore"):  # reported below
        result = features.astype(storing.dtype)
    bad = int((~np.isfinite(result)).sum())
    if bad:
        raise UserError(
            f"{name} gives {bad} values beyond {storing.dtype}, the largest "
            f"{float(np.abs(features).max()):.3g}: give --db, --log or --normalize, or --dtype float32"
        )
    return result


def scaled(features: Array, exponent: float, storing: Storing) -> npt.NDArray[np.float64]:
    """Logarithms of values that are not negative; see :class:`Storing`."""
    floor = 10 ** (FLOOR_DB / 20 * exponent)
    logarithms: npt.NDArray[np.float64] = np.log(np.maximum(features.astype(np.float64), floor))
    if storing.scale == "log":
        return logarithms
    decibels: npt.NDArray[np.float64] = logarithms * (20 / (exponent * np.log(10)))
    if storing.top_db is None:
        return decibels
    loudest = decibels.max(axis=tuple(range(1, decibels.ndim)), keepdims=True)
    return np.asarray(np.maximum(decibels, loudest - storing.top_db))


def exponent(module: Any) -> float:
    """2 for powers, 1 for magnitudes: the ``power`` of a transform that has one."""
    power = module.config.get("power", 1.0)
    return float(power) if isinstance(power, (int, float)) else 1.0


def check_scale(storing: Storing, features: Array, transform: str) -> None:
    """Raise a UserError if values that may be negative are to have logarithms.

    Args:
        storing: what was asked for.
        features: the features of noise.
        transform: its name.
    """
    if storing.scale != "linear" and features.min() < 0:
        option = "--db" if storing.scale == "db" else "--log"
        raise UserError(f"{option} needs values >= 0, and {transform} with these arguments has negative ones")
