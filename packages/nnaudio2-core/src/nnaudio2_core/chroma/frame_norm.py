"""Normalisation of each frame of pitch classes."""

from typing import Any

import torch.nn.functional as F
from torch import Tensor

from ..module.arguments import require_choice, require_number


def require_frame_norm(norm: Any) -> float:
    """The order of a norm: 0 for none, -1 for the largest value."""
    if norm is None:
        return 0.0
    if isinstance(norm, str):
        require_choice("norm", norm, ("max",))
        return -1.0
    return require_number("norm", norm, at_least=1.0, at_most=100.0)


def normalized_frames(x: Tensor, order: float, floor: float) -> Tensor:
    """Divide each frame by its norm, or by ``floor`` if that is larger.

    Args:
        x: classes of frames.
        order: order of the norm; -1 for the largest value, 0 for none.
        floor: > 0.

    Shape:
        x: ``(batch, frames, classes)``
        returns: the same
    """
    if order == 0.0:
        return x
    sizes = x.abs()
    largest = sizes.amax(-1, keepdim=True).clamp(min=floor)
    if order < 0.0:
        return x / largest
    # Powers of numbers up to 1 do not overflow. Their sum is at least 1 unless the frame is below floor.
    total = (sizes / largest).pow(order).sum(-1, keepdim=True).clamp(min=1e-30)
    return x / (largest * total.pow(1.0 / order)).clamp(min=floor)


def largest_class(x: Tensor) -> Tensor:
    """1 for the largest class of each frame, the first of several, and 0 for the others.

    Shape:
        x: ``(batch, frames, classes)``
        returns: the same
    """
    return F.one_hot(x.argmax(-1), x.size(-1)).to(x.dtype)
