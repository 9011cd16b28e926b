"""Conjugate gradients on the normal equations, each item of a batch by itself."""

from typing import Tuple

import torch
from torch import Tensor


def energy(x: Tensor) -> Tensor:
    """Sum of squares of each item; the axes are kept.

    Shape:
        x: ``(batch, *)``
        returns: ``(batch, 1, ...)``, as many axes as ``x``
    """
    total = x.flatten(1).square().sum(1)
    return total.reshape([-1] + [1] * (x.dim() - 1))


def ratio(a: Tensor, b: Tensor) -> Tensor:
    """``a / b`` for ``b > 0``, and 0 where ``b`` is 0, with a finite gradient everywhere."""
    zero = b <= 0
    return torch.where(zero, torch.zeros_like(a), a / torch.where(zero, torch.ones_like(b), b))


def conjugate_step(
    x: Tensor, direction: Tensor, residual: Tensor, image: Tensor, gain: Tensor
) -> Tuple[Tensor, Tensor]:
    """Step along a direction to the least residual.

    Shape:
        x, direction: ``(batch, time)``
        residual, image: ``(batch, n_bins, frames, 2)``; ``image`` is the transform of ``direction``
        gain: ``(batch, 1)``, energy of the residual's adjoint
        returns: the new ``x`` and ``residual``

    Source: Hestenes & Stiefel (1952), section 10: conjugate gradients on the normal equations.
    """
    step = ratio(gain, energy(image).flatten(1))
    return x + step * direction, residual - step.unsqueeze(-1).unsqueeze(-1) * image
