"""Forward and backward with respect to the input; mel is in bench_spectral, CQT and VQT are in bench_cqt."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Callable

import torch
from torch import Tensor

from nnaudio2_core import MFCC, STFT, Gammatonegram, iSTFT

from . import peers, references
from .clips import SR, clips
from .peers import FRAMES, MEL, ROY, SPECUX
from .references import N_GAMMATONE, N_MFCC
from .row import Row
from .timing import Peer, compare, relative_error

Builds = dict[str, Callable[[], peers.Transform]]


def rows(quick: bool = False) -> Iterator[Row]:
    """Every row; ``quick`` runs on tiny problems."""
    x = clips(2, 0.5) if quick else clips(8, 10.0)
    case = f"{len(x)} clips of {x.size(-1) / SR:g} s"
    for name, ours, exact, others in of_waveforms():
        yield from both_ways(name, case, x, ours, exact, others, quick)
    # contiguous spectra, as a network returns them
    pairs, time = peers.torch_stft()(x).contiguous(), x.size(-1)
    others = {
        "torch.istft": partial(peers.torch_istft, time),
        SPECUX: lambda: through_complex(peers.specux_istft(time)),
    }
    ours = iSTFT(**FRAMES)
    inverse = partial(ours, onesided=True, length=time)
    exact = partial(iSTFT(**FRAMES).double(), onesided=True, length=time)
    yield from both_ways("inverse STFT", case, pairs, inverse, exact, others, quick)


def of_waveforms() -> "Iterator[tuple[str, peers.Transform, peers.Transform, Builds]]":
    """Name, our transform, the exact one and the peers."""
    stfts: Builds = {
        "torch.stft": peers.torch_stft,
        ROY: peers.roy_stft,
        SPECUX: peers.specux_stft,
    }
    yield "STFT", STFT(**FRAMES), references.stft, stfts
    mfccs: Builds = {
        "torchaudio": peers.torchaudio_mfcc,
        ROY: peers.roy_mfcc,
        SPECUX: peers.specux_mfcc,
    }
    yield "MFCC", MFCC(SR, N_MFCC, **MEL), MFCC(SR, N_MFCC, **MEL), mfccs
    gammatonegram = Gammatonegram(SR, **FRAMES, n_bins=N_GAMMATONE)
    yield "gammatonegram", gammatonegram, references.gammatone, {ROY: peers.roy_gammatone}


def both_ways(
    name: str,
    case: str,
    x: Tensor,
    ours: peers.Transform,
    exact: peers.Transform,
    others: Builds,
    quick: bool,
) -> Iterator[Row]:
    with torch.no_grad():
        weight = torch.rand(as_pairs(ours(x)).shape, generator=torch.Generator().manual_seed(0))
    return compare(
        f"{name}, forward and backward",
        case,
        partial(gradient, ours, x, weight),
        [
            Peer(peer, partial(built, build, x, weight), 1.0 if peer == SPECUX else None)
            for peer, build in others.items()
        ],
        relative_error(gradient(exact, x.double(), weight)),
        quick=quick,
        gradient=True,
        note="error of the gradient",
    )


def as_pairs(y: Any) -> Tensor:
    return torch.view_as_real(y) if y.is_complex() else y


def through_complex(transform: peers.Transform) -> peers.Transform:
    return lambda pairs: transform(torch.view_as_complex(pairs))


def gradient(transform: Callable[[Tensor], Any], x: Tensor, weight: Tensor) -> Tensor:
    """Gradient of ``(transform(x) * weight).sum()``, complex results as pairs."""
    return references.gradient(lambda x: as_pairs(transform(x)), x, weight)


def built(build: Callable[[], peers.Transform], x: Tensor, weight: Tensor) -> "partial[Tensor]":
    return partial(gradient, build(), x, weight)
