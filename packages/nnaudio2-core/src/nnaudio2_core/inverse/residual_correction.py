"""Steps that correct a solution by what it leaves of the coefficients, each item of a batch by itself."""

from typing import List, NamedTuple

import torch
from torch import Tensor

from ..module.precision import round_off
from .conjugate_gradients import energy, ratio


class Correction(NamedTuple):
    """State of the iteration, per item."""

    x: Tensor
    """``(batch, time)``: the solution so far."""
    residual: Tensor
    """``(batch, n_bins, frames, 2)``: coefficients that the solution does not explain."""
    steepest: Tensor
    """``(batch, 1)``: the largest energy of a direction's image relative to that of the direction."""


def correct(
    state: Correction,
    direction: Tensor,
    image: Tensor,
    directions: List[Tensor],
    images: List[Tensor],
    least_image: float,
) -> Correction:
    """Step along a direction to the least residual that it and all earlier ones allow.

    The image is made orthogonal to the earlier ones, and appended with its direction to their lists. An item
    does not move if the image is less than ``least_image`` of the residual, if the transform maps the
    direction to almost nothing, if the image almost lies within the earlier ones, or if the residual contains
    no more of it than round-off.

    Args:
        direction: ``(batch, time)``, any; the nearer it comes to a solution for the residual, the better.
        image: ``(batch, n_bins, frames, 2)``, its transform.
        least_image: below it the direction is round-off.

    Source: Eisenstat, Elman & Schultz (1983), "Variational iterative methods for nonsymmetric systems of
    linear equations", the generalized conjugate residual method.
    """
    least = (8.0 * round_off(image.dtype)) ** 2
    before = energy(image).flatten(1).detach()
    for earlier, seen in zip(directions, images):  # noqa: B905  # TorchScript has no strict zip
        share = ratio(_product(image, seen), energy(seen).flatten(1))
        direction = direction - share * earlier
        image = image - share.unsqueeze(-1).unsqueeze(-1) * seen
    gain = energy(image).flatten(1)
    steepness = ratio(gain, energy(direction)).detach()
    steepest = torch.maximum(state.steepest, steepness)
    fit = _product(state.residual, image)
    # The difference of nearly equal images is not the image of the difference of their directions.
    negligible = (gain.detach() <= 1e-10 * before) | (steepness <= least * steepest)
    rest = energy(state.residual).flatten(1).detach()
    negligible = negligible | (before <= least_image**2 * rest)
    negligible = negligible | (fit.detach().square() <= least * before * rest)
    directions.append(torch.where(negligible, 0.0, direction))
    images.append(torch.where(negligible.unsqueeze(-1).unsqueeze(-1), 0.0, image))
    step = ratio(fit, torch.where(negligible, 0.0, gain))  # 0 where negligible, with a finite gradient
    residual = state.residual - step.unsqueeze(-1).unsqueeze(-1) * image
    return Correction(state.x + step * direction, residual, steepest)


def _product(a: Tensor, b: Tensor) -> Tensor:
    """Inner product of each item: ``(batch, 1)``."""
    return (a * b).flatten(1).sum(1, keepdim=True)
