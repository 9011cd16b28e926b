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


def window_sum_table(window: npt.NDArray[np.float64], hop_length: int) -> npt.NDArray[np.float64]:
    """Sum of the squared windows of overlapping frames, as rows of one hop each.

    The sum rises over the first frames, is the same in every hop after that, and falls over the last
    ones. With ``R = ceil(n_fft / hop_length)`` blocks to a window, rows 0 to R - 1 are the rise and the
    plateau, rows R to 2 R - 2 the fall; any number of frames >= R is a choice of these rows.

    Shape:
        window: ``(n_fft,)``
        returns: ``(2 * R - 1, hop_length)``
    """
    blocks = -(-len(window) // hop_length)
    squared = np.pad(window**2, (0, blocks * hop_length - len(window))).reshape(blocks, hop_length)
    rise = np.cumsum(squared, axis=0)
    fall = np.cumsum(squared[::-1], axis=0)[::-1][1:]
    return np.concatenate([rise, fall])
