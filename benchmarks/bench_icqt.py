"""Inverse constant-Q transform compared with 32 Landweber steps of Roy et al.: time and error.

An error is the root mean square of the difference from the waveform, relative to its own; the notes give it
as signal-to-noise ratio. The peer needs seconds for a clip, so each case has three rounds, the minute one.

The last rows compare waveforms from magnitudes with librosa's. Their errors are spectral convergences: the
distance of librosa's magnitudes relative to their norm.
"""

import math
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import torch
from torch import Tensor

from nnaudio2_core import CQT1992v2, GriffinLimCQT, iCQT
from nnaudio2_deploy import measures
from nnaudio2_deploy.crosschecks.librosa_peers import library

from .clips import SR, clips
from .peers import LIBROSA, ROY
from .row import Row
from .timing import Call, seconds_of


@dataclass(frozen=True)
class Case:
    """A clip and the transform it goes through."""

    name: str
    x: Tensor
    sr: int
    hop_length: int
    n_bins: int = 84
    target: float = 1 / 30
    rounds: int = 3
    noise: float = 0.0
    damping: float = 1e-4


def tone() -> Tensor:
    return torch.sin(2 * math.pi * 440 * torch.arange(44100) / 44100)


def chirp(high: float) -> Tensor:
    t = torch.arange(44100, dtype=torch.float64) / 22050
    return torch.cos(2 * math.pi * (100 * t + (high - 100) / 4 * t**2)).float()


def cases() -> list[Case]:
    # The recordings stand at 22.05 kHz in the bench's signals: music, whatever its pitch.
    music = clips(2, 2.0)
    noisy = {"noise": 0.01, "damping": 3e-2}
    return [
        Case("440 Hz tone, 1 s at 44.1 kHz, hop 512", tone(), 44100, 512),
        Case("chirp 100 - 800 Hz, 2 s, hop 512", chirp(800), 22050, 512),
        Case("chirp 100 - 3000 Hz, 2 s, hop 64", chirp(3000), 22050, 64),
        Case("trumpet, 2 s, hop 64, 96 bins", music[0], 22050, 64, 96),
        Case("snare, 2 s, hop 64, 96 bins", music[1], 22050, 64, 96),
        Case("tone with noise, damping 3e-2", tone(), 44100, 512, **noisy),
        Case("chirp to 800 Hz with noise, damping 3e-2", chirp(800), 22050, 512, **noisy),
        Case("music, a minute, hop 512", clips(2, 30.0).flatten(), 22050, 512, target=1 / 60, rounds=1),
    ]


@lru_cache(maxsize=1)
def peer_class() -> Any:
    from nnAudio2.features.cqt import iCQT as theirs

    return theirs


def error(y: Tensor, x: Tensor) -> float:
    return float((y.double().flatten() - x).norm() / x.double().norm())


def decibels(relative: float) -> str:
    return f"{-20 * math.log10(relative):.1f} dB"


def medians(ours: Call, theirs: Call, rounds: int) -> tuple[float, float]:
    """Median milliseconds of both, in turn; ours is called once before."""
    ours()
    pairs = [(seconds_of(ours, 5), seconds_of(theirs, 1)) for _ in range(rounds)]
    return 1e3 * statistics.median(a for a, _ in pairs), 1e3 * statistics.median(b for _, b in pairs)


def row(case: Case) -> Iterator[Row]:
    """The inverse compared with the peer's, and its construction."""
    shared = {"sr": case.sr, "hop_length": case.hop_length, "n_bins": case.n_bins}
    X = CQT1992v2(**shared, output_format="Complex", tolerance=1e-6)(case.x[None])
    if case.noise:
        white = torch.randn(X.shape, generator=torch.Generator().manual_seed(0))
        X = X + white * (case.noise * X.norm() / white.norm())
    start = time.perf_counter()
    icqt = iCQT(**shared, damping=case.damping)
    built = time.perf_counter() - start
    theirs = peer_class()(**shared, verbose=False)
    ours_call, theirs_call = partial(icqt, X, len(case.x)), partial(theirs, X, len(case.x))
    ours, peers = medians(ours_call, theirs_call, case.rounds)
    mine, other = error(ours_call(), case.x), error(theirs_call(), case.x)
    yield Row(
        "iCQT",
        case.name,
        ours,
        f"{ROY}, 32 steps",
        peers,
        mine,
        other,
        case.target,
        note=f"SNR {decibels(mine)}, theirs {decibels(other)}",
    )
    yield Row("iCQT, construction", case.name, 1e3 * built, limit=5e3)


def from_magnitudes(name: str, x: Tensor, n_bins: int, steps: int, rounds: int) -> Row:
    """Waveforms from constant-Q magnitudes, as many steps each."""
    librosa, bins = library(), {"sr": SR, "hop_length": 256, "fmin": 32.70319566257483}

    def magnitudes(y: Tensor) -> Tensor:
        return torch.from_numpy(librosa.cqt(y.numpy(), **bins, n_bins=n_bins)).abs()

    S = magnitudes(x)
    lim = GriffinLimCQT(**bins, n_bins=n_bins, **LIBROSA, n_iter=steps)
    theirs = partial(librosa.griffinlim_cqt, S.numpy(), **bins, n_iter=steps, length=len(x))
    ours, peers = medians(partial(lim, S, len(x)), theirs, rounds)
    mine = measures.spectral_convergence(magnitudes(lim(S, len(x))), S)
    other = measures.spectral_convergence(magnitudes(torch.from_numpy(theirs())), S)
    return Row(
        f"GriffinLimCQT, {steps} steps",
        name,
        ours,
        "librosa",
        peers,
        mine,
        other,
        1.0,
        note=f"convergence {decibels(1 / mine)}, theirs {decibels(1 / other)}",
    )


def rows(quick: bool = False) -> Iterator[Row]:
    """Every row of the inverse in the bench."""
    chosen = cases()
    if quick:
        short = torch.sin(2 * math.pi * 440 * torch.arange(9000) / 22050)
        chosen = [Case("tone, 0.4 s", short, 22050, 512, rounds=1)]
    with torch.no_grad():
        for case in chosen:
            yield from row(case)
        music = clips(2, 0.4 if quick else 4.0)
        for name, x in zip(("trumpet", "snare"), music, strict=True):
            case_name = f"{name}, {len(x) / SR:g} s, hop 256"
            yield from_magnitudes(case_name, x, 24 if quick else 84, 2 if quick else 32, 1 if quick else 3)
