"""Analysis windows, in float64."""

import reprlib
from typing import Tuple, Union

import numpy as np
import numpy.typing as npt
from scipy import signal

Window = Union[str, float, Tuple[Union[str, float], ...]]
"""A window as ``scipy.signal.get_window`` names it: ``"hann"``, ``("kaiser", 4.0)``, ..."""


def analysis_window(window: Window, win_length: int, n_fft: int) -> npt.NDArray[np.float64]:
    """A periodic window of ``win_length`` samples in the middle of ``n_fft``, zeros around it.

    Args:
        window: name, parameter or tuple that ``scipy.signal.get_window`` takes.
        win_length: length of the window, samples, 1 to ``n_fft``.
        n_fft: length of the frame, samples.

    Shape:
        returns: ``(n_fft,)``

    Raises:
        ValueError: if SciPy does not know the window, or its samples are not finite or all zero.
    """
    given = tuple(window) if isinstance(window, list) else window  # JSON turns a tuple into a list
    try:
        with np.errstate(all="ignore"):
            values = np.asarray(signal.get_window(given, win_length, fftbins=True), dtype=np.float64)
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise ValueError(
            f"window must be one that scipy.signal.get_window takes, got {reprlib.repr(window)}"
        ) from error
    if not np.isfinite(values).all() or not values.any():
        raise ValueError(f"window must have finite samples, not all zero, got {reprlib.repr(window)}")
    left = (n_fft - win_length) // 2
    return np.pad(values, (left, n_fft - win_length - left))
