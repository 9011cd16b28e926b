"""Checks of constructor arguments: of any type and size, refused by name before any work is done."""

import operator
import reprlib
from typing import Any

import numpy as np

# 2 GB in float64. Kernels of 16 384 samples, which are among the largest in use, need half of it.
MOST_NUMBERS = 2**28
MOST_FRAME_SAMPLES = 2**24
MOST_BANDS = 2**16


def require_int(name: str, value: Any, minimum: int, maximum: int = 2**31 - 1) -> int:
    """``value`` as an int, or a ValueError (TypeError for a wrong type) that names the argument."""
    try:
        number = None if isinstance(value, bool) else int(operator.index(value))
    except TypeError:
        number = None
    if number is None:
        raise TypeError(f"{name} must be an integer, got {shown(value)}")
    if number < minimum:
        raise ValueError(f"{name} must be >= {minimum}, got {shown(number)}")
    if number > maximum:
        raise ValueError(f"{name} must be <= {maximum}, got {shown(number)}")
    return number


def require_choice(name: str, value: Any, choices: "tuple[str, ...]") -> str:
    """``value`` if it is one of ``choices``, or an error that names the argument and the choices."""
    listed = ", ".join(map(repr, choices))
    if not isinstance(value, str):
        raise TypeError(f"{name} must be one of {listed}, got {shown(value)}")
    if value not in choices:
        raise ValueError(f"{name} must be one of {listed}, got {shown(value)}")
    return value


def require_bool(name: str, value: Any) -> bool:
    """``value`` as a bool (0 and 1 count), or a TypeError that names the argument."""
    if isinstance(value, (bool, np.bool_)) or (isinstance(value, int) and value in (0, 1)):
        return bool(value)
    raise TypeError(f"{name} must be True or False, got {shown(value)}")


def require_number(
    name: str,
    value: Any,
    above: float = -float("inf"),
    at_least: float = -float("inf"),
    at_most: float = float("inf"),
) -> float:
    """``value`` as a finite float within bounds, or an error that names the argument."""
    if isinstance(value, (bool, str)) or not hasattr(type(value), "__float__"):
        raise TypeError(f"{name} must be a number, got {shown(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"{name} must be a number, got {shown(value)}") from None
    if abs(number) == float("inf") or number != number:
        raise ValueError(f"{name} must be finite, got {shown(value)}")
    if not number > above:
        raise ValueError(f"{name} must be > {above:g}, got {shown(value)}")
    if not number >= at_least:
        raise ValueError(f"{name} must be >= {at_least:g}, got {shown(value)}")
    if not number <= at_most:
        raise ValueError(f"{name} must be <= {at_most:g}, got {shown(value)}")
    return number


def require_room(names: str, numbers: int) -> None:
    """A ValueError that names the arguments, before a table of that many numbers exhausts the memory."""
    if numbers > MOST_NUMBERS:
        raise ValueError(
            f"{names} must be smaller: a table of {shown(numbers)} numbers, more than {MOST_NUMBERS}, is "
            "not built"
        )


def shown(value: Any) -> str:
    """``repr``, but short: what was given may be anything."""
    if isinstance(value, int) and value.bit_length() > 128:
        return f"an integer of {value.bit_length()} bits"
    return reprlib.repr(value)


def plain(value: Any) -> Any:
    """NumPy's and torch's scalars as Python's own; other values as they are."""
    return value.item() if getattr(value, "shape", None) == () else value
