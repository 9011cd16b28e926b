"""Magnitude and phase with gradients that are finite everywhere, at zero included."""

import math
from typing import Tuple

import torch
from torch import Tensor

from .arguments import check_str
from .graph_capture import capturing_graph, needs_derivative, needs_gradient
from .shapes import as_complex


def scaled_parts(X: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    """Real and imaginary part of ``X`` divided by the larger magnitude of the two, and that magnitude.

    The divisor is a constant to the gradient. Squares of the quotients neither over- nor underflow, whatever
    the size of ``X``; zeros stay zeros. The parts are separate because runtimes are slow at an axis of 2.

    Shape:
        X: ``(*, 2)``
        returns: three of ``(*)``
    """
    real, imaginary = X[..., 0], X[..., 1]
    larger = torch.maximum(real.detach().abs(), imaginary.detach().abs())
    scale = torch.where(larger == 0, 1.0, larger)
    return real / scale, imaginary / scale, larger


def magnitude(X: Tensor, real_engine: bool = False) -> Tensor:
    """Absolute value; its gradient at zero is zero.

    With ``real_engine`` no complex tensor is made.

    Shape:
        X: ``(*, 2)``
        returns: ``(*)``
    """
    if not real_engine:
        return _complex_detached_near_zero(X).abs()
    real, imaginary, larger = scaled_parts(X)
    squared = real.square() + imaginary.square()
    # The inner where keeps zeros out of the square root, whose gradient there is infinite.
    zero = squared == 0
    return torch.where(zero, 0.0, torch.where(zero, 1.0, squared).sqrt() * larger)


def spectral_power(X: Tensor, power: float, real_engine: bool = False) -> Tensor:
    """Magnitude to a power > 0; its gradient at zero is zero, also where the true one is infinite.

    Without gradients ``X`` is overwritten: the squares reuse its memory.

    Shape:
        X: ``(*, 2)``
        returns: ``(*)``
    """
    if power == 2.0:
        # Adding strided halves takes a third of the time of a sum over pairs.
        kept = capturing_graph() or needs_gradient(X)
        squares = X.square() if kept else X.pow_(2)
        return squares[..., 0] + squares[..., 1]
    magnitudes = magnitude(X, real_engine)
    if power == 1.0:
        return magnitudes
    return magnitudes.pow(power) if power > 1.0 else root(magnitudes, power)


def root(x: Tensor, exponent: float) -> Tensor:
    """``x ** exponent`` for ``x >= 0``, ``0 < exponent < 1``; no gradient near zero, where it would overflow.

    Shape:
        x: ``(*)``
        returns: ``(*)``
    """
    if not needs_derivative(x):
        return x.pow(exponent)
    small = x < (1e-200 if x.dtype == torch.float64 else 1e-30)
    return torch.where(small, x.detach().pow(exponent), torch.where(small, 1.0, x).pow(exponent))


def _complex_detached_near_zero(X: Tensor) -> Tensor:
    """Pairs as complex numbers; constants where they are so small that torch's gradient of abs is NaN."""
    Z = torch.view_as_complex(X)
    if not needs_gradient(X):
        return Z
    parts = X.detach().abs()
    small = torch.maximum(parts[..., 0], parts[..., 1]) < (1e-306 if X.dtype == torch.float64 else 1e-37)
    return torch.where(small, Z.detach(), Z)


def phase(X: Tensor) -> Tensor:
    """Angle in radians, -pi to pi; zero at zero. The gradient is zero for magnitudes below 1e-30.

    Shape:
        X: ``(*, 2)``
        returns: ``(*)``
    """
    real, imaginary = _parts_detached_near_zero(X)
    # Adding 0.0 turns -0.0 into 0.0: negative real values have the angle pi, not -pi; zero has 0, not pi.
    angle = torch.atan2(imaginary + 0.0, real + 0.0)
    if capturing_graph():  # the arctangent of exporters to ONNX is -pi there, and other runtimes drop + 0.0
        angle = angle + torch.where((imaginary == 0) & (angle < 0), 2 * math.pi, 0.0)
    return angle


def _parts_detached_near_zero(X: Tensor) -> Tuple[Tensor, Tensor]:
    """:func:`scaled_parts` without a gradient near zero.

    There the gradient of a phase is one over the magnitude, and sums over frames and bins overflow float32.
    """
    real, imaginary, larger = scaled_parts(X)
    small = larger < 1e-30
    return torch.where(small, real.detach(), real), torch.where(small, imaginary.detach(), imaginary)


def as_output(
    X: Tensor, output_format: str, real_engine: bool = False, return_complex: bool = False
) -> Tensor:
    """A complex result in one of the output formats.

    Shape:
        X: ``(*, 2)``
        returns: ``(*, 2)`` for ``"Complex"``, or complex ``(*)`` with ``return_complex``; ``(*)`` for
            ``"Magnitude"`` and ``"Phase"``

    Raises:
        ValueError: if ``output_format`` is none of these, or ``return_complex`` is True for a real format.
        TypeError: if ``output_format`` is not a string.
    """
    if not torch.jit.is_scripting():
        check_str("output_format", output_format)
    if output_format == "Complex":
        if return_complex:
            return as_complex(X)
        # Kernels leave the two parts apart; torch.view_as_complex needs them adjacent.
        return X.contiguous() if real_engine else X
    if output_format != "Magnitude" and output_format != "Phase":
        raise ValueError(
            f"output_format must be one of 'Complex', 'Magnitude', 'Phase', got '{output_format}'"
        )
    check_real_output(output_format, return_complex)
    return magnitude(X, real_engine) if output_format == "Magnitude" else phase(X)


def check_real_output(output_format: str, return_complex: bool) -> None:
    """Raise a ValueError if ``return_complex`` is True for a real format."""
    if return_complex:
        raise ValueError(f"return_complex must be False with output_format='{output_format}', got True")


def unit_phase(X: Tensor) -> Tensor:
    """Cosine and sine of the phase; (1, 0) at zero. The gradient is zero for magnitudes below 1e-30.

    Shape:
        X: ``(*, 2)``
        returns: ``(*, 2)``
    """
    real, imaginary = _parts_detached_near_zero(X)
    squared = real.square() + imaginary.square()
    zero = squared == 0
    length = torch.where(zero, 1.0, squared).rsqrt()
    return torch.stack([torch.where(zero, 1.0, real * length), imaginary * length], -1)
