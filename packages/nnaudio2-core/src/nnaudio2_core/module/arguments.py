"""Checks of arguments: each error names argument, rule and value, before any work is done.

``require_*`` check an argument and return it as a plain value. One rule holds for all: a scalar of NumPy or
torch counts as the Python number or bool that it holds; a bool is not a number; neither is a complex number
or a duration. TorchScript checks the types of a call itself: callers ask ``torch.jit.is_scripting()`` first,
which keeps the checks out of compiled code.
"""

import operator
import reprlib
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .plain_values import plain

# 2 GB in float64. Kernels of 16 384 samples, among the largest in use, need half of it.
MOST_NUMBERS = 2**28
MOST_FRAME_SAMPLES = 2**24
MOST_BANDS = 2**16
# Iterations; more is a mistake, since quality saturates long before.
MOST_STEPS = 10_000


def require_int(name: str, value: Any, minimum: int, maximum: int = 2**31 - 1) -> int:
    """``value`` as an int, or a ValueError (TypeError for a wrong type)."""
    number = require_whole(name, value)
    if number < minimum:
        raise ValueError(f"{name} must be >= {minimum}, got {shown(number)}")
    if number > maximum:
        raise ValueError(f"{name} must be <= {maximum}, got {shown(number)}")
    return number


def require_whole(name: str, value: Any) -> int:
    """``value`` as an int, or a TypeError; symbolic integers and the sizes of a trace unchanged."""
    if isinstance(value, Tensor) and torch.jit.is_tracing() and is_whole(value):
        return value  # type: ignore[return-value]
    value = plain(value)
    if isinstance(value, (int, torch.SymInt)) and not isinstance(value, bool):
        return value  # type: ignore[return-value]
    if isinstance(value, (bool, Tensor, np.ndarray, np.generic)) or not hasattr(type(value), "__index__"):
        raise TypeError(f"{name} must be an integer, got {shown(value)}")
    return operator.index(value)


def is_whole(value: Tensor) -> bool:
    """True for one integer in a tensor, as the sizes of tensors are under ``torch.jit.trace``."""
    floating = value.is_floating_point() or value.is_complex() or value.dtype == torch.bool
    return value.dim() == 0 and not floating


def require_choice(name: str, value: Any, choices: "tuple[str, ...]") -> str:
    """``value`` if it is one of ``choices``, or an error that lists them."""
    listed = ", ".join(map(repr, choices))
    if not isinstance(value, str):
        raise TypeError(f"{name} must be one of {listed}, got {shown(value)}")
    if value not in choices:
        raise ValueError(f"{name} must be one of {listed}, got {shown(value)}")
    return value


def require_bool(name: str, value: Any) -> bool:
    """``value`` as a bool (0 and 1 count), or a TypeError."""
    value = plain(value)
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    raise TypeError(f"{name} must be True or False, got {shown(value)}")


def require_number(
    name: str,
    value: Any,
    above: float = -float("inf"),
    at_least: float = -float("inf"),
    at_most: float = float("inf"),
) -> float:
    """``value`` as a finite float within bounds, or an error."""
    value = plain(value)
    if isinstance(value, (bool, np.generic)) or not hasattr(type(value), "__float__"):
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


def require_memory(names: str, numbers: int) -> None:
    """Raise a ValueError instead of building a table of so many numbers that it exhausts the memory."""
    if numbers > MOST_NUMBERS:
        raise ValueError(
            f"{names} must be smaller: a table of {shown(numbers)} numbers, more than {MOST_NUMBERS}, is "
            "not built"
        )


def shown(value: Any) -> str:
    """A short ``repr`` of any value."""
    if isinstance(value, int) and value.bit_length() > 128:
        return f"an integer of {value.bit_length()} bits"
    return reprlib.repr(value)


def check_tensor(name: str, value: Any) -> None:
    """Raise a TypeError unless ``value`` is a dense tensor."""
    if not isinstance(value, Tensor):
        raise TypeError(
            f"{name} must be a torch.Tensor, got {type(value).__name__}; torch.as_tensor converts numbers"
        )
    if value.layout != torch.strided or value.is_nested:
        raise TypeError(f"{name} must be a dense tensor, got one that is sparse or nested")


def check_str(name: str, value: Any) -> None:
    """Raise a TypeError unless ``value`` is a string."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, got {shown(value)}")
