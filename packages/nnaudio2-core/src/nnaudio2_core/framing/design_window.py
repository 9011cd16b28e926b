"""Analysis windows, in float64."""

import reprlib
from typing import Any, Sequence, Tuple, Union

import numpy as np
import numpy.typing as npt
from scipy import signal

from ..module.plain_values import are_numbers, plain_copy

Window = Union[str, float, Tuple[Union[str, float], ...], Sequence[float]]
"""A window as ``scipy.signal.get_window`` names it, ``"hann"``, ``("kaiser", 4.0)``, ..., or its samples."""


def is_sampled(window: Any) -> bool:
    """True if ``window`` is a list, array or tensor of numbers, False if it is a name or parameter."""
    return are_numbers(plain_copy(window))


def analysis_window(window: Window, win_length: int, n_fft: int) -> npt.NDArray[np.float64]:
    """A periodic window of ``win_length`` samples in the middle of ``n_fft``, zeros around it.

    Args:
        window: name, parameter or tuple that ``scipy.signal.get_window`` takes, or ``win_length`` samples.
        win_length: length of the window, samples, 1 to ``n_fft``.
        n_fft: length of the frame, samples.

    Shape:
        returns: ``(n_fft,)``

    Raises:
        ValueError: if SciPy does not know the window, it has another number of samples, or its samples are
            not finite or all zero.
    """
    given = plain_copy(window)
    if is_sampled(given):
        values = np.asarray(given, dtype=np.float64)
        if len(values) != win_length:
            raise ValueError(f"window must have win_length = {win_length} samples, got {len(values)}")
    else:
        values = _named(given, win_length)
    if not np.isfinite(values).all() or not values.any():
        raise ValueError(f"window must have finite samples, not all zero, got {reprlib.repr(window)}")
    left = (n_fft - win_length) // 2
    return np.pad(values, (left, n_fft - win_length - left))


def _named(window: Any, win_length: int) -> npt.NDArray[np.float64]:
    given = tuple(window) if isinstance(window, list) else window  # JSON turns a tuple into a list
    try:
        # SciPy would take True, or a duration, for the parameter of a Kaiser window.
        if isinstance(given, bool) or not isinstance(given, (str, int, float, tuple)):
            raise TypeError("not a name or a number")
        with np.errstate(all="ignore"):
            return np.asarray(signal.get_window(given, win_length, fftbins=True), dtype=np.float64)
    except (ValueError, TypeError, IndexError, OverflowError, RuntimeError) as error:
        cure = "; give its samples, f(win_length)" if callable(given) else ""
        raise ValueError(
            "window must be one that scipy.signal.get_window takes, or its samples, "
            f"got {reprlib.repr(window)}{cure}"
        ) from error
