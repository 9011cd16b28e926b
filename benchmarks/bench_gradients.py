"""Forward and backward with respect to the waveform; mel and CQT are in bench_spectral and bench_cqt."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Callable

import torch

from nnaudio2_core import MFCC, STFT, VQT, Gammatonegram

from . import peers, references
from .bench_cqt import GAMMA
from .clips import SR, clips
from .references import HOP, N_FFT, N_GAMMATONE, N_MELS, N_MFCC
from .row import Row
from .timing import Peer, compare, relative_error

FRAMES = {"n_fft": N_FFT, "hop_length": HOP}


def rows(quick: bool = False) -> Iterator[Row]:
    """Every row; ``quick`` runs on tiny problems."""
    x = clips(2, 0.5) if quick else clips(8, 10.0)
    case = f"{len(x)} clips of {x.size(-1) / SR:g} s"
    vqt = {"sr": SR, "hop_length": HOP, "fmin": peers.FMIN, "gamma": GAMMA}
    for name, ours, others, exact in (
        (
            "STFT",
            STFT(**FRAMES),
            {"torch.stft": peers.torch_stft, peers.ROY: peers.roy_stft},
            references.stft,
        ),
        (
            "MFCC",
            MFCC(SR, N_MFCC, **FRAMES, n_mels=N_MELS),
            {"torchaudio": peers.torchaudio_mfcc, peers.ROY: peers.roy_mfcc},
            MFCC(SR, N_MFCC, **FRAMES, n_mels=N_MELS),
        ),
        (
            "gammatonegram",
            Gammatonegram(SR, **FRAMES, n_bins=N_GAMMATONE),
            {peers.ROY: peers.roy_gammatone},
            references.gammatone,
        ),
        (
            "VQT, gamma 10",
            VQT(**vqt),
            {},
            VQT(**vqt, tolerance=0.0),
        ),
    ):
        weight = torch.rand(as_pairs(ours(x)).shape, generator=torch.Generator().manual_seed(0))
        found = [Peer(peer, partial(_both_ways, build, x, weight)) for peer, build in others.items()]
        expected = relative_error(gradient(exact, x.double(), weight))
        mine = partial(gradient, ours, x, weight)
        note = "error of the gradient"
        yield from compare(
            f"{name}, forward and backward",
            case,
            mine,
            found,
            expected,
            quick=quick,
            gradient=True,
            note=note,
        )


def as_pairs(y: Any) -> torch.Tensor:
    return torch.view_as_real(y) if y.is_complex() else y


def gradient(transform: Callable[[torch.Tensor], Any], x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Gradient of ``(transform(x) * weight).sum()``, complex results as pairs."""
    return references.gradient(lambda x: as_pairs(transform(x)), x, weight)


def _both_ways(build: peers.Transform, x: torch.Tensor, weight: torch.Tensor) -> "partial[torch.Tensor]":
    return partial(gradient, build(), x, weight)
