"""Distances between two results, and figures as tables write them."""

from math import inf, isinf, isnan
from typing import Optional

import torch
from torch import Tensor

NOTHING = "–"
"""Content of a cell where nothing was measured."""


def relative_error(ours: Tensor, theirs: Tensor) -> float:
    """Largest of :func:`relative_errors`; zero for no values.

    Raises:
        ValueError: if the shapes differ.
    """
    return float(relative_errors(ours, theirs).max()) if ours.numel() > 0 else 0.0


def relative_errors(ours: Tensor, theirs: Tensor) -> Tensor:
    """Difference of each value over the largest finite magnitude of ``theirs``.

    Where that is zero it is the difference itself. It is infinite for a NaN or an infinity that is not in
    both at the same place.

    Raises:
        ValueError: if the shapes differ.
    """
    apart = _difference(ours, theirs).abs()
    if ours.numel() == 0:
        return apart
    same = ours.double().isclose(theirs.double(), rtol=0.0, atol=0.0, equal_nan=True)  # inf - inf is NaN
    peak = float(theirs.double().abs().where(theirs.isfinite(), 0.0).max())
    return apart.where(~same, 0.0).nan_to_num(nan=inf, posinf=inf) / (peak if peak > 0 else 1.0)


def relative_rms(ours: Tensor, theirs: Tensor) -> float:
    """Root mean square of the difference over that of ``theirs``; a NaN anywhere makes it infinite.

    Raises:
        ValueError: if the shapes differ.
    """
    ratio = float(_difference(ours, theirs).norm() / theirs.double().norm())
    return inf if isnan(ratio) else ratio


def _difference(ours: Tensor, theirs: Tensor) -> Tensor:
    if ours.shape != theirs.shape:
        raise ValueError(f"ours has the shape {list(ours.shape)}, theirs {list(theirs.shape)}")
    return ours.double() - theirs.double()


def spectral_convergence(magnitude: Tensor, target: Tensor) -> float:
    """Norm of the difference between two magnitude spectrograms over that of ``target``."""
    return float(_difference(magnitude, target).norm() / target.double().norm())


def snr_db(signal: Tensor, estimate: Tensor) -> float:
    """Signal-to-noise ratio of an estimate, dB: inf where it is exact, nan where the signal is silent."""
    energy = float(signal.double().square().sum())
    noise = float((signal.double() - estimate.double()).square().sum())
    if energy == 0:
        return float("nan")
    if noise == 0:
        return float("inf")
    return float(10 * torch.log10(torch.tensor(energy / noise, dtype=torch.float64)))


def say_decibels(value: Optional[float]) -> str:
    """A level, or a dash where there is none (no inverse, or a silent recording)."""
    if value is None or isnan(value):
        return NOTHING
    if isinf(value):
        return "exact"
    return f"{value:.1f} dB"


def say_error(value: Optional[float]) -> str:
    """A relative error, or a dash where nothing was compared."""
    if value is None:
        return NOTHING
    if value == 0:
        return "0"
    return f"{value:.1e}"


def say_milliseconds(value: float) -> str:
    """A time to three figures at most."""
    if value < 10:
        return f"{value:.1f} ms"
    if value < 1000:
        return f"{value:.0f} ms"
    return f"{value / 1000:.1f} s"
