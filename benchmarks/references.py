"""Float64 references of the spectral transforms: torch's FFT, librosa's mel filters."""

from typing import Any, Callable

import librosa
import torch
from torch import Tensor

from nnaudio2_core.bands.design_gammatone import gammatone_filterbank
from nnaudio2_deploy import measures
from nnaudio2_deploy.crosschecks import torch_peers

from .clips import SR

N_FFT, HOP, N_MELS, N_MFCC, N_GAMMATONE = 2048, 512, 128, 20, 64
TOP_DB = 80.0


def stft(x: Tensor) -> Tensor:
    """Complex ``(..., bins, frames)``."""
    return torch.view_as_complex(torch_peers.stft(x.double(), N_FFT, HOP))


def banded(x: Tensor, weights: Tensor) -> Tensor:
    """The filters ``weights``, ``(bands, bins)``, over the power of the STFT."""
    return weights.double() @ stft(x).abs().square()


def mel(x: Tensor) -> Tensor:
    """Bands and norm of Slaney, up to the Nyquist frequency."""
    return banded(
        x, torch.from_numpy(librosa.filters.mel(sr=SR, n_fft=N_FFT, n_mels=N_MELS, dtype="float64"))
    )


def mfcc(x: Tensor) -> Tensor:
    """``top_db`` counts from the maximum of each clip, not of the batch."""
    decibels = 10 * mel(x).clamp(min=1e-10).log10()
    decibels = decibels.maximum(decibels.amax((-2, -1), keepdim=True) - TOP_DB)
    return torch.from_numpy(librosa.feature.mfcc(S=decibels.numpy(), n_mfcc=N_MFCC))


def gammatone(x: Tensor) -> Tensor:
    """No third party has these filters; the peer's error is as small, so its filters are the same."""
    return banded(x, torch.from_numpy(gammatone_filterbank(SR, N_FFT, N_GAMMATONE, 0.0, SR / 2)))


def gradient(transform: Callable[[Tensor], Any], x: Tensor, weight: Tensor) -> Tensor:
    """Gradient of ``(transform(x) * weight).sum()`` with respect to ``x``."""
    x = x.detach().clone().requires_grad_()
    y = transform(x)
    return torch.autograd.grad(y, x, weight.to(y.dtype))[0]


def energy_gradient(transform: Callable[[Tensor], Any], x: Tensor) -> Tensor:
    """Gradient of ``transform(x).square().sum()`` with respect to ``x``."""
    x = x.detach().clone().requires_grad_()
    return torch.autograd.grad(transform(x).square().sum(), x)[0]


def spectral_convergence(magnitude: Tensor, y: Tensor) -> float:
    """Difference of the STFT of ``y`` from ``magnitude``, relative to its norm."""
    return measures.spectral_convergence(stft(y).abs(), magnitude)
