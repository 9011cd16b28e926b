"""Prediction of the virtual frames of a clip without padding from its nearest frames.

Frames overlap, so neighbours largely determine each other: the predicted frames are those of the
minimum-energy signal consistent with the known ones.
"""

from typing import Sequence, Tuple

import numpy as np
import numpy.typing as npt

Complexes = npt.NDArray[np.complex128]

# Eight frames predict nearly as well as more would, if the hop suits the kernels. The system has as many
# unknowns as the frames have coefficients, which limits their number for many bins.
_FRAMES = 8
_COEFFICIENTS = 800


def frame_predictors(
    kernels: Sequence[Complexes], offsets: Sequence[int], hop: int, damping: float
) -> Tuple[Complexes, Complexes]:
    """Matrices from the first frames to those before them, and from the last ones to those after them.

    With ``K`` the correlations among the known frames of white noise, and ``B`` those of the virtual frames
    with the known ones, ``B (K + damping max(diag K) I)^-1``.

    Args:
        kernels: one complex array for each bin.
        offsets: first sample of each kernel, relative to the frame's own sample.
        hop: samples between frames, >= 1.
        damping: > 0, relative to the largest energy of a kernel.

    Shape:
        returns: ``(n_bins * count, n_bins * count)`` each, to be multiplied from the left by rows of
            ``(n_bins, count)`` coefficients; ``count`` is 0 for more bins than would fit

    Source: Wiener (1949), "Extrapolation, interpolation, and smoothing of stationary time series".
    """
    count = min(_FRAMES, _COEFFICIENTS // len(kernels))
    correlations = _correlations(kernels, offsets, hop, 2 * count)

    def block(of: npt.NDArray[np.int64], others: npt.NDArray[np.int64]) -> Complexes:
        lags = correlations[2 * count + others[None, :] - of[:, None]]
        size = len(kernels) * count
        result: Complexes = lags.transpose(2, 0, 3, 1).reshape(size, size)
        return result

    known = np.arange(count)
    within = block(known, known)
    floor = damping * max(float((np.abs(kernel) ** 2).sum()) for kernel in kernels)
    inverse = np.linalg.inv(within + floor * np.eye(len(within)))
    before, after = (block(known + shift, known) @ inverse for shift in (-count, count))
    return before.T, after.T


def _correlations(kernels: Sequence[Complexes], offsets: Sequence[int], hop: int, most: int) -> Complexes:
    """Expected products of a frame of white noise with the conjugate of one ``lag`` frames later, bin by bin.

    Shape:
        returns: ``(2 * most + 1, n_bins, n_bins)``, lags from ``-most`` to ``most``
    """
    stops = [offset + kernel.size for offset, kernel in zip(offsets, kernels, strict=True)]
    width = max(stops) - min(offsets)
    reach = min(most, width // hop)  # farther apart no two kernels overlap
    origin = reach * hop - min(offsets)
    bank = np.zeros((len(kernels), width + 2 * reach * hop), dtype=np.complex128)
    for k, (kernel, offset) in enumerate(zip(kernels, offsets, strict=True)):
        bank[k, origin + offset : origin + offset + kernel.size] = kernel
    products = np.zeros((2 * most + 1, len(kernels), len(kernels)), dtype=np.complex128)
    for k, (kernel, offset) in enumerate(zip(kernels, offsets, strict=True)):
        for lag in range(-reach, reach + 1):
            start = origin + offset - lag * hop
            products[most + lag, k] = bank[:, start : start + kernel.size] @ kernel.conj()
    return products
