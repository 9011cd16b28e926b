"""Weights of a local polynomial regression over frames, in float64."""

import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def delta_weights(width: int, order: int) -> Array:
    """Weights over the differences of order ``order`` of neighbouring frames.

    A polynomial of degree ``order`` is fitted to ``width`` frames by least squares. Its derivative of that
    order is a weighted sum of the frames; summation by parts turns it into one of their differences, which
    is 0 for constants without round-off. All weights are positive and sum to 1.

    Args:
        width: frames, odd, > ``order``.
        order: order of the derivative, >= 1.

    Shape:
        returns: ``(width - order,)``

    Source: Savitzky & Golay (1964); summation by parts, Abel.
    """
    half = width // 2
    basis = np.polynomial.legendre.legvander(np.arange(-half, half + 1) / half, order)
    # Of the Legendre polynomials up to this degree only the last has a term of this degree.
    leading = math.factorial(2 * order) / (2.0**order * math.factorial(order) ** 2)
    weights = np.linalg.pinv(basis)[order] * (leading * math.factorial(order) / float(half) ** order)
    for _ in range(order):
        weights = -np.cumsum(weights)[:-1]
    return np.asarray(weights)
