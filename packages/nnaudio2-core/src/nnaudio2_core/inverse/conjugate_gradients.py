"""Conjugate gradients on the normal equations, each item of a batch by itself."""

from typing import NamedTuple, Tuple

import torch
from torch import Tensor

from ..module.precision import round_off


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


def fitting_factor(X: Tensor, image: Tensor) -> Tensor:
    """1 for an item whose ``image`` is nearer to ``X`` than zeros are, else the factor that fits best.

    Shape:
        X, image: ``(batch, n_bins, frames, 2)``
        returns: ``(batch, 1, 1, 1)``, 0 to 1
    """
    product = (X * image).flatten(1).sum(1).reshape(-1, 1, 1, 1)
    best = ratio(product, energy(image)).clamp(min=0.0)
    return torch.where(energy(X - image) > energy(X), best, 1.0)


def normalised(X: Tensor) -> Tuple[Tensor, Tensor]:
    """Coefficients over the largest of their item, so that no energy over- or underflows, and the largest.

    Shape:
        X: ``(batch, n_bins, frames, 2)``
        returns: the same, and ``(batch, 1)``, a constant to the gradient; 1 for an item of zeros
    """
    largest = X.detach().abs().amax([1, 2, 3], keepdim=True)
    largest = torch.where(largest > 0, largest, 1.0)
    return X / largest, largest.flatten(1)


class Descent(NamedTuple):
    """State of the iteration, per item."""

    x: Tensor
    """``(batch, time)``: the solution so far."""
    residual: Tensor
    """``(batch, n_bins, frames, 2)``: coefficients that the solution does not explain."""
    direction: Tensor
    """``(batch, time)``"""
    gain: Tensor
    """``(batch, 1)``: energy of the residual's adjoint."""
    least_gain: Tensor
    """``(batch, 1)``: below it the gain is round-off."""
    steepest: Tensor
    """``(batch, 1)``: the largest energy of a direction's image relative to that of the direction."""
    converged: Tensor
    """``(batch, 1)``, bool; an item with a NaN never converges, so the result shows the NaN."""


def first_descent(x: Tensor, residual: Tensor, gradient: Tensor) -> Descent:
    """State before the first step; ``gradient`` is the adjoint of the residual."""
    gain = energy(gradient)
    relative = 8.0 * round_off(x.dtype)
    return Descent(
        x, residual, gradient, gain, relative**2 * gain.detach(), torch.zeros_like(gain), gain.detach() <= 0
    )


def conjugate_step(state: Descent, image: Tensor) -> Descent:
    """Step along the direction to the least residual; converged items do not move.

    Past convergence the recursions of the method drift apart and the solution would explode. An item has
    converged if its gain is round-off, if the transform maps the direction to almost nothing, or if the
    residual would rise.

    Shape:
        image: ``(batch, n_bins, frames, 2)``: the transform of the direction
        returns: the state with the new solution and residual

    Source: Hestenes & Stiefel (1952), section 10: conjugate gradients on the normal equations.
    """
    seen = energy(image).flatten(1)
    steepness = ratio(seen, energy(state.direction)).detach()
    steepest = torch.maximum(state.steepest, steepness)
    least = (8.0 * round_off(image.dtype)) ** 2
    converged = state.converged | (state.gain.detach() <= state.least_gain) | (steepness <= least * steepest)
    step = torch.where(converged, 0.0, ratio(state.gain, seen))
    residual = state.residual - step.unsqueeze(-1).unsqueeze(-1) * image
    converged = converged | (energy(residual) > energy(state.residual)).flatten(1)
    x = torch.where(converged, state.x, state.x + step * state.direction)
    residual = torch.where(converged.unsqueeze(-1).unsqueeze(-1), state.residual, residual)
    return Descent(x, residual, state.direction, state.gain, state.least_gain, steepest, converged)


def next_direction(state: Descent, gradient: Tensor) -> Descent:
    """Choose the direction of the next step; ``gradient`` is the adjoint of the new residual."""
    gain = energy(gradient)
    direction = gradient + ratio(gain, state.gain) * state.direction
    direction = torch.where(state.converged, 0.0, direction)
    return Descent(
        state.x, state.residual, direction, gain, state.least_gain, state.steepest, state.converged
    )
