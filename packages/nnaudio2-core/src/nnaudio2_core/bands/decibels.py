"""Decibels with a separate floor for each item."""

import math
from typing import Optional

import torch
from torch import Tensor


def power_to_db(power: Tensor, ref: float, amin: float, top_db: Optional[float]) -> Tensor:
    """``10 log10(max(power, amin) / max(ref, amin))``, at least the maximum of the item minus ``top_db``.

    Shape:
        power: ``(batch, *)``
        returns: the same
    """
    decibels = 10.0 * torch.log10(power.clamp(min=amin)) - 10.0 * math.log10(max(amin, ref))
    if top_db is None:
        return decibels
    loudest = decibels.flatten(1).amax(1).reshape([decibels.size(0)] + [1] * (decibels.dim() - 1))
    return torch.maximum(decibels, loudest - top_db)
