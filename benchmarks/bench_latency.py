"""Latency of one clip of one second, as in live use (mel: bench_spectral)."""

from collections.abc import Iterator
from functools import partial

import torch

from nnaudio2_core import CQT, MFCC, STFT, Gammatonegram, iSTFT

from . import peers, references
from .clips import SR, clips
from .references import HOP, N_FFT, N_GAMMATONE, N_MELS, N_MFCC
from .row import Row
from .timing import Peer, compare, relative_error

CASE = "1 clip of 1 s"
FRAMES = {"n_fft": N_FFT, "hop_length": HOP}


def rows(quick: bool = False) -> Iterator[Row]:
    """Every row; ``quick`` times each once."""
    x = clips(1, 1.0)
    X = peers.torch_stft()(x)
    exact = CQT(SR, HOP, fmin=peers.FMIN, tolerance=0.0)(x.double())
    for name, given, ours, others, expected in (
        (
            "STFT",
            x,
            STFT(**FRAMES),
            {
                "torch.stft": peers.torch_stft,
                peers.ROY: peers.roy_stft,
                "auvux-dsp": peers.auvux_stft,
            },
            references.stft(x),
        ),
        (
            "MFCC",
            x,
            MFCC(SR, N_MFCC, **FRAMES, n_mels=N_MELS),
            {
                "torchaudio": peers.torchaudio_mfcc,
                peers.ROY: peers.roy_mfcc,
                "auvux-dsp": peers.auvux_mfcc,
            },
            references.mfcc(x),
        ),
        (
            "gammatonegram",
            x,
            Gammatonegram(SR, **FRAMES, n_bins=N_GAMMATONE),
            {peers.ROY: peers.roy_gammatone},
            references.gammatone(x),
        ),
        (
            "CQT",
            x,
            CQT(SR, HOP, fmin=peers.FMIN),
            {peers.ROY: peers.roy_cqt},
            exact,
        ),
    ):
        found = [Peer(peer, partial(_on, build, given)) for peer, build in others.items()]
        yield from compare(name, CASE, partial(ours, given), found, relative_error(expected), quick=quick)
    ours = partial(iSTFT(**FRAMES), X, onesided=True, length=x.size(-1))
    found = [Peer("torch.istft", partial(_on, partial(peers.torch_istft, x.size(-1)), X))]
    yield from compare("inverse STFT", CASE, ours, found, relative_error(x), quick=quick)


def _on(build: peers.Transform, x: torch.Tensor) -> "partial[object]":
    return partial(build(), x)
