"""Kernels that look ahead of their frame by no more than a given number of samples.

A capped kernel keeps its length, its frequency, its phase at the frame and its norm; it ends ``lookahead``
samples after the frame. Its window is ``w(u ** p)`` with ``w`` the symmetric one, ``u`` from 0 to 1: it rises
slowly and falls fast. ``p >= 1`` puts the peak on the frame, but is at most ``SKEW``, beyond which the band
widens faster than the delay falls: then the peak lies before the frame. Unlike a window that is cut off, it
falls to zero as smoothly as ``w`` does, so the side lobes fall off at the same rate.
"""

import dataclasses
import math
from typing import Optional, Tuple

import numpy as np
from scipy.interpolate import CubicSpline

from .design_bins import Floats
from .design_kernels import ConstantQBasis

SKEW = 2.0


def with_lookahead(basis: ConstantQBasis, lookahead: int, sr: float, norm: Optional[float]) -> ConstantQBasis:
    """A basis whose kernels see at most ``lookahead`` samples after the frame's own.

    Args:
        basis: symmetric kernels.
        lookahead: samples, >= 0.
        sr: sampling rate, Hz.
        norm: order of the norm of a kernel that stays as it is; None or 0 for that of order 1.
    """
    placed = [
        capped(kernel, offset, lookahead, 2 * math.pi * frequency / sr, norm)
        for kernel, offset, frequency in zip(basis.kernels, basis.offsets, basis.frequencies, strict=True)
    ]
    reach = max(max(-offset, offset + kernel.size) for kernel, offset in placed)
    return dataclasses.replace(
        basis,
        kernels=[kernel for kernel, _ in placed],
        offsets=[offset for _, offset in placed],
        width=2 ** math.ceil(math.log2(max(2 * reach, 1))),
    )


def capped(
    kernel: "np.typing.NDArray[np.complex128]",
    offset: int,
    lookahead: int,
    omega: float,
    norm: Optional[float],
) -> "Tuple[np.typing.NDArray[np.complex128], int]":
    """One kernel with an asymmetric window, and its offset; unchanged if it looks no further ahead.

    Args:
        kernel: symmetric kernel.
        offset: its first sample, relative to the frame's own.
        lookahead: samples.
        omega: centre frequency, radians per sample.
        norm: as in :func:`with_lookahead`.
    """
    size = kernel.size
    if offset + size - 1 <= lookahead:
        return kernel, offset
    window = np.real(kernel * np.exp(-1j * omega * np.arange(offset, offset + size)))
    first = lookahead - size + 1
    skewed = skewed_window(window, -first / size)
    values = skewed * np.exp(1j * omega * np.arange(first, first + size))
    order = norm or 1
    return values * (np.linalg.norm(kernel, order) / np.linalg.norm(values, order)), first


def skewed_window(window: Floats, frame: float) -> Floats:
    """A periodic window, its time axis warped so that its middle lies at ``frame`` or as near as allowed.

    Args:
        window: ``(size,)``, one period.
        frame: place of the frame in the window, 0.5 to 1.
    """
    exponent = SKEW if frame >= 0.5 ** (1 / SKEW) else math.log(0.5) / math.log(frame)
    place = np.arange(window.size + 1) / window.size
    smooth = CubicSpline(place, np.append(window, window[0]), bc_type="periodic")
    return np.asarray(smooth(place[:-1] ** max(1.0, exponent)), dtype=np.float64)
