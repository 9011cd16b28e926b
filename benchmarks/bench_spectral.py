"""STFT, its inverse, mel, MFCC, gammatonegram and Griffin-Lim compared with the peers.

Everywhere frames of 2048 samples, hop 512, the Hann window and reflected ends. Errors are against float64.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Callable, Optional

import torch
from torch import Tensor

from nnaudio2_core import MFCC, STFT, Gammatonegram, GriffinLim, MelSpectrogram, iSTFT

from . import peers, references
from .clips import SR, clips
from .memory import memory_row
from .peers import SPECUX
from .references import HOP, N_FFT, N_GAMMATONE, N_MELS, N_MFCC
from .row import Row
from .timing import Peer, compare, relative_error


@dataclass(frozen=True)
class Problem:
    """Amount of audio, and steps of Griffin-Lim."""

    quick: bool
    clips: int = 8
    seconds: float = 10.0
    steps: int = 32
    long_seconds: int = 3600

    @property
    def case(self) -> str:
        return f"{self.clips} clips of {self.seconds:g} s"


def rows(quick: bool = False) -> Iterator[Row]:
    """Every row of the spectral transforms; ``quick`` runs on tiny problems."""
    problem = Problem(True, clips=2, seconds=0.5, steps=2, long_seconds=10) if quick else Problem(False)
    x = clips(problem.clips, problem.seconds)
    for part in (stft, inverse, mel, mel_gradient, mfcc, gammatone, griffin_lim):
        yield from part(problem, x)
    yield from long_audio(problem.long_seconds)


def on(x: Tensor, name: str, build: Callable[[], peers.Transform], target: Optional[float] = None) -> Peer:
    """A peer that transforms ``x``."""
    return Peer(name, lambda: partial(build(), x), target)


def our_stft() -> peers.Transform:
    return STFT(N_FFT, hop_length=HOP)


def our_mel() -> peers.Transform:
    return MelSpectrogram(SR, N_FFT, hop_length=HOP, n_mels=N_MELS)


def stft(problem: Problem, x: Tensor) -> Iterator[Row]:
    others = [
        on(x, "torch.stft", peers.torch_stft, target=1.3),
        on(x, peers.ROY, peers.roy_stft),
        on(x, SPECUX, peers.specux_stft, target=1.0),
    ]
    error = relative_error(references.stft(x))
    return compare("STFT", problem.case, partial(our_stft(), x), others, error, quick=problem.quick)


def inverse(problem: Problem, x: Tensor) -> Iterator[Row]:
    """Of spectra in the memory order of torch.stft, frames first, and of a network's, bins first."""
    pairs = peers.torch_stft()(x)
    yield from inverse_of(pairs, problem, x, "inverse STFT")
    yield from inverse_of(pairs.contiguous(), problem, x, "inverse STFT, contiguous spectra")


def inverse_of(pairs: Tensor, problem: Problem, x: Tensor, name: str) -> Iterator[Row]:
    time = x.size(-1)
    ours = partial(iSTFT(N_FFT, hop_length=HOP), pairs, onesided=True, length=time)
    others = [
        on(pairs, "torch.istft", partial(peers.torch_istft, time), target=0.6),
        on(pairs.contiguous(), peers.ROY, partial(peers.roy_istft, time)),
        on(torch.view_as_complex(pairs), SPECUX, partial(peers.specux_istft, time), target=1.0),
    ]
    return compare(name, problem.case, ours, others, relative_error(x), quick=problem.quick)


def mel(problem: Problem, x: Tensor) -> Iterator[Row]:
    others = [
        on(x, "torchaudio", peers.torchaudio_mel, target=1 / 3),
        on(x, peers.ROY, peers.roy_mel, target=1 / 20),
        on(x, SPECUX, peers.specux_mel, target=1.0),
    ]
    error = relative_error(references.mel(x))
    return compare("mel", problem.case, partial(our_mel(), x), others, error, quick=problem.quick)


def mel_gradient(problem: Problem, x: Tensor) -> Iterator[Row]:
    exact = references.mel(x)
    weight = torch.rand(exact.shape, generator=torch.Generator().manual_seed(0))

    def both_ways(build: Callable[[], peers.Transform]) -> Callable[[], Tensor]:
        return partial(references.gradient, build(), x, weight)

    others = [
        Peer("torchaudio", lambda: both_ways(peers.torchaudio_mel), target=1 / 3),
        Peer(peers.ROY, lambda: both_ways(peers.roy_mel)),
        Peer(SPECUX, lambda: both_ways(peers.specux_mel), target=1.0),
    ]
    error = relative_error(references.gradient(references.mel, x.double(), weight))
    return compare(
        "mel, forward and backward",
        problem.case,
        both_ways(our_mel),
        others,
        error,
        quick=problem.quick,
        gradient=True,
        note="error of the gradient",
    )


def mfcc(problem: Problem, x: Tensor) -> Iterator[Row]:
    ours = partial(MFCC(SR, N_MFCC, n_fft=N_FFT, hop_length=HOP, n_mels=N_MELS), x)
    others = [
        on(x, "torchaudio", peers.torchaudio_mfcc, target=1 / 2),
        on(x, peers.ROY, peers.roy_mfcc),
        on(x, SPECUX, peers.specux_mfcc, target=1.0),
    ]
    error = relative_error(references.mfcc(x))
    return compare("MFCC", problem.case, ours, others, error, quick=problem.quick)


def gammatone(problem: Problem, x: Tensor) -> Iterator[Row]:
    gammatonegram = Gammatonegram(SR, N_FFT, hop_length=HOP, n_bins=N_GAMMATONE)
    error = relative_error(references.gammatone(x))
    others = [on(x, peers.ROY, peers.roy_gammatone, target=1 / 8)]
    return compare(
        "gammatonegram", problem.case, partial(gammatonegram, x), others, error, quick=problem.quick
    )


def griffin_lim(problem: Problem, x: Tensor) -> Iterator[Row]:
    S = references.stft(x).abs().float()
    torchaudio = on(S, "torchaudio", partial(peers.torchaudio_griffin_lim, problem.steps), target=1.0)
    roy = on(S, peers.ROY, partial(peers.roy_griffin_lim, problem.steps))
    for init, others in (("gradient", [torchaudio, roy]), ("random", [torchaudio])):
        yield from compare(
            f"Griffin-Lim, {problem.steps} steps, {init} phases",
            problem.case,
            partial(GriffinLim(N_FFT, problem.steps, hop_length=HOP, init=init), S),
            others,
            partial(references.spectral_convergence, S),
            quick=problem.quick,
            note="errors are spectral convergences",
        )


def long_audio(seconds: int) -> Iterator[Row]:
    here, there = __name__, peers.__name__
    for transform, ours, peer, theirs in (
        ("STFT", f"{here}:our_stft", "torch.stft", f"{there}:torch_stft"),
        ("mel", f"{here}:our_mel", "torchaudio", f"{there}:torchaudio_mel"),
    ):
        yield memory_row(transform, f"{seconds} s in one call", ours, peer, theirs, seconds * SR, limit=500.0)
