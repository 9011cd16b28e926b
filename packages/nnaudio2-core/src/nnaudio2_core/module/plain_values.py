"""Plain values of arguments: Python's numbers and containers for those of NumPy and torch."""

from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Scalars of NumPy and torch as Python numbers; other values unchanged.

    NumPy's dates and durations are unchanged: ``item()`` turns some of them into numbers.
    """
    if isinstance(value, np.longdouble):
        return float(value)
    if getattr(value, "shape", None) != () or isinstance(value, (np.datetime64, np.timedelta64)):
        return value
    return value.item()


def plain_copy(value: Any) -> Any:
    """:func:`plain` for every value of a list, tuple or dict, which is copied; arrays become lists."""
    if isinstance(value, dict):
        return {key: plain_copy(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(plain_copy(item) for item in value)
    if callable(getattr(value, "tolist", None)) and getattr(value, "ndim", 0) > 0:
        return listed(value)
    return plain(value)


def are_numbers(values: Any) -> bool:
    """True for a list or tuple of real numbers, at least one, that float64 holds."""
    if not isinstance(values, (list, tuple)) or len(values) == 0:
        return False
    return all(isinstance(value, float) or _is_whole(value) for value in values)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value.bit_length() < 1024


def listed(values: Any) -> Any:
    """The numbers of an array or a tensor as a list; a tensor without data unchanged."""
    try:
        return values.tolist()
    except (RuntimeError, NotImplementedError, TypeError):
        return values
