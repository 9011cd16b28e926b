"""Analysis windows, in float64."""

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
        ValueError: if SciPy does not know the window.
    """
    try:
        values = signal.get_window(window, win_length, fftbins=True)
    except ValueError as error:
        raise ValueError(f"window must be one that scipy.signal.get_window takes, got {window!r}") from error
    left = (n_fft - win_length) // 2
    return np.pad(np.asarray(values, dtype=np.float64), (left, n_fft - win_length - left))
