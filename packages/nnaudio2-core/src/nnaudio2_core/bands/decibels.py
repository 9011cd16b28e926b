"""Decibels with a separate floor for each item."""

import math
from typing import Optional

import torch
from torch import Tensor


def power_to_db(
    power: Tensor, ref: float, amin: float, top_db: Optional[float], gain: Optional[Tensor] = None
) -> Tensor:
    """``10 log10(max(power, amin) / max(ref, amin))``, at least the maximum of the item minus ``top_db``.

    Shape:
        power: ``(batch, *)``
        gain: decibels by which the true power is larger, where it would overflow; of the axes of ``power``
        returns: the same
    """
    if gain is None:
        decibels = 10.0 * torch.log10(power.clamp(min=amin))
    else:
        decibels = 10.0 * torch.log10(power.clamp(min=min(amin, 1e-37))) + gain
        decibels = decibels.clamp(min=10.0 * math.log10(amin))
    decibels = decibels - 10.0 * math.log10(max(amin, ref))
    if top_db is None:
        return decibels
    loudest = decibels.flatten(1).amax(1).reshape([decibels.size(0)] + [1] * (decibels.dim() - 1))
    return torch.maximum(decibels, loudest - top_db)
