"""How far two results are apart."""

from math import inf, isnan

import torch
from torch import Tensor


def relative_error(ours: Tensor, theirs: Tensor) -> float:
    """Largest difference over the largest magnitude of ``theirs``.

    Where theirs is all zero it is the largest difference itself; a NaN anywhere makes it infinite.

    Raises:
        ValueError: if the shapes differ.
    """
    difference = _difference(ours, theirs).abs().max()
    peak = float(theirs.double().abs().max())
    if isnan(difference):
        return inf
    return float(difference) / peak if peak > 0 else float(difference)


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
