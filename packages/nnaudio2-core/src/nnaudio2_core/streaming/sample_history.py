"""Samples that a stream holds: padding of the two ends of a clip that comes block by block."""

import torch
import torch.nn.functional as F
from torch import Tensor


def padded_start(x: Tensor, amount: int, mode: str) -> Tensor:
    """The first samples of a clip with its padding on the left; a negative amount leaves samples out.

    Shape:
        x: ``(batch, time)``, at least ``frame_geometry.left_need`` samples
        returns: ``(batch, time + amount)``
    """
    if amount < 0:
        return x[:, -amount:]
    if amount == 0:
        return x
    if mode == "reflect":
        return torch.cat([x[:, 1 : amount + 1].flip(1), x], 1)
    if mode == "replicate":
        return torch.cat([x[:, :1].expand(-1, amount), x], 1)
    return F.pad(x, [amount, 0])


def padded_end(x: Tensor, amount: int, mode: str) -> Tensor:
    """The last samples of a clip with its padding on the right; a negative amount leaves samples out.

    Shape:
        x: ``(batch, time)``, at least ``frame_geometry.right_need`` samples
        returns: ``(batch, time + amount)``
    """
    if amount < 0:
        return x[:, : max(0, x.size(1) + amount)]
    if amount == 0:
        return x
    if mode == "reflect":
        return torch.cat([x, x[:, -amount - 1 : -1].flip(1)], 1)
    if mode == "replicate":
        return torch.cat([x, x[:, -1:].expand(-1, amount)], 1)
    return F.pad(x, [0, amount])
