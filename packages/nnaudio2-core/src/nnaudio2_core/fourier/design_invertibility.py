"""Conditions for inversion by overlap-add, and the message if they fail."""

import numpy as np
import numpy.typing as npt

# A sample whose squared windows sum to less than this fraction of the largest sum is lost.
_LEAST_WINDOW_SUM = 1e-10


def obstacle_to_inversion(
    freq_scale: str, freq_bins: int, hop_length: int, window: npt.NDArray[np.float64]
) -> str:
    """Reason that an STFT with these arguments cannot be inverted by overlap-add; empty if it can.

    Shape:
        window: ``(n_fft,)``
    """
    n_fft = len(window)
    if freq_scale != "no":
        return (
            f"freq_scale must be 'no' to invert by overlap-add, got {freq_scale!r}: bins at other "
            "frequencies than the FFT's do not add up to the signal. Use GriffinLim on the magnitude of a "
            "linear-frequency STFT (freq_scale='no'), or the least-squares inverse, Inverse(stft)"
        )
    if freq_bins < n_fft // 2 + 1:
        return (
            f"freq_bins must be at least n_fft // 2 + 1 = {n_fft // 2 + 1} to invert, got {freq_bins}: "
            "the frequencies above are lost. Leave freq_bins at None"
        )
    period = min(hop_length, n_fft + 1)  # any hop longer than the window leaves gaps
    squared = np.pad(window**2, (0, -n_fft % period)).reshape(-1, period).sum(axis=0)
    if squared.min() < _LEAST_WINDOW_SUM * squared.max():
        return (
            f"hop_length must leave no sample without a window to invert, got {hop_length} with a window of "
            f"{np.count_nonzero(window)} samples that are not zero. Use a hop_length of at most half of that"
        )
    return ""
