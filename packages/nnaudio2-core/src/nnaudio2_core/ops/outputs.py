"""Magnitude and phase with gradients that are finite everywhere, at zero included."""

import torch
from torch import Tensor


def magnitude(X: Tensor) -> Tensor:
    """Absolute value; its gradient at zero is zero.

    Shape:
        X: ``(*, 2)``
        returns: ``(*)``
    """
    squared = X.square().sum(-1)
    # The inner where keeps the square root off zero, where its slope would be infinite.
    positive = squared > 0
    return torch.where(positive, torch.where(positive, squared, 1.0).sqrt(), 0.0)


def phase(X: Tensor) -> Tensor:
    """Angle in radians, -pi to pi; zero at zero, with gradient zero there.

    Shape:
        X: ``(*, 2)``
        returns: ``(*)``
    """
    tiny = torch.finfo(X.dtype).tiny
    unsafe = X.square().sum(-1, keepdim=True) < tiny
    X = torch.where(unsafe, X.detach(), X)
    # Adding 0.0 turns -0.0 into 0.0: a negative real value has the angle pi, never -pi.
    return torch.atan2(X[..., 1] + 0.0, X[..., 0])


def as_output(X: Tensor, output_format: str) -> Tensor:
    """A complex result in one of the three output formats.

    Shape:
        X: ``(*, 2)``
        returns: ``(*, 2)`` for ``"Complex"``, ``(*)`` for ``"Magnitude"`` and ``"Phase"``

    Raises:
        ValueError: if ``output_format`` is another.
    """
    if output_format == "Complex":
        return X
    if output_format == "Magnitude":
        return magnitude(X)
    if output_format == "Phase":
        return phase(X)
    raise ValueError(
        f"output_format must be one of 'Complex', 'Magnitude', 'Phase', got '{output_format}'"
    )
