"""Cosines and sines of whole and broken turns, with exact zeros."""

from typing import Tuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def cosines_and_sines(turns: Array) -> Tuple[Array, Array]:
    """``cos(2 pi turns)`` and ``sin(2 pi turns)``; exact zeros at quarter and half turns.

    ``np.sin(np.pi)`` is 1e-16. The sign of such a number decides whether a negative real value has the
    phase pi or -pi.

    Shape:
        turns: any shape
        returns: two of the same
    """
    quarters = 4.0 * np.remainder(turns, 1.0)  # exact
    angles = 0.5 * np.pi * quarters
    cosines = np.where(quarters % 2.0 == 1.0, 0.0, np.cos(angles))
    sines = np.where(quarters % 2.0 == 0.0, 0.0, np.sin(angles))
    return cosines, sines
