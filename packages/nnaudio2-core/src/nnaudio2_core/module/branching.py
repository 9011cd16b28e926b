"""Data-dependent branching in eager mode: a tensor's minimum as a float."""

import math

import torch
from torch import Tensor


def minimum_value(x: Tensor) -> float:
    """Minimum of a tensor; NaN if it has none that Python can read: fake tensors, ``torch.func.vmap``.

    Shape:
        x: ``(*)``, not empty, detached
    """
    if torch.jit.is_scripting():
        return float(x.amin())
    return _minimum(x)


def _minimum(x: Tensor) -> float:
    try:
        return float(x.amin())
    except RuntimeError:
        return math.nan
