"""Types of what a call is given, which TorchScript checks by itself: for eager code alone.

Callers ask ``torch.jit.is_scripting()`` first, so that none of this is compiled.
"""

import reprlib
from typing import Any

import numpy as np
import torch
from torch import Tensor


def require_dense(name: str, value: Any) -> None:
    """Raise a TypeError unless ``value`` is a dense tensor."""
    if not isinstance(value, Tensor):
        raise TypeError(
            f"{name} must be a torch.Tensor, got {type(value).__name__}; torch.as_tensor converts numbers"
        )
    if value.layout != torch.strided or value.is_nested:
        raise TypeError(f"{name} must be a dense tensor, got one that is sparse or nested")


def require_whole(name: str, value: Any) -> None:
    """Raise a TypeError unless ``value`` is a whole number, a symbolic one of a graph included."""
    if isinstance(value, (bool, Tensor, np.ndarray)) or not hasattr(type(value), "__index__"):
        raise TypeError(f"{name} must be an integer, got {reprlib.repr(value)}")


def require_text(name: str, value: Any) -> None:
    """Raise a TypeError unless ``value`` is a string."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, got {reprlib.repr(value)}")


def require_flag(name: str, value: Any) -> None:
    """Raise a TypeError unless ``value`` is True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, got {reprlib.repr(value)}")
