"""Latency of one clip of one second, as in live use."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor

from nnaudio2_core import CQT, MFCC, STFT, VQT, Gammatonegram, MelSpectrogram, iSTFT

from . import peers, references
from .bench_cqt import GAMMA
from .clips import SR, clips
from .peers import FMIN, FRAMES, LIBROSA, MEL, ROY, SPECUX
from .references import HOP, N_GAMMATONE, N_MFCC
from .row import Row
from .timing import Peer, compare, relative_error

CASE = "1 clip of 1 s"


def rows(quick: bool = False) -> Iterator[Row]:
    """Every row; ``quick`` times each once."""
    x = clips(1, 1.0)
    for name, ours, expected, others in (*spectral(x), *constant_q(x)):
        yield from compare(name, CASE, partial(ours, x), others, relative_error(expected), quick=quick)
    pairs = peers.torch_stft()(x)
    ours = partial(iSTFT(**FRAMES), pairs, onesided=True, length=x.size(-1))
    others = [
        on(pairs, "torch.istft", partial(peers.torch_istft, x.size(-1))),
        on(torch.view_as_complex(pairs), SPECUX, partial(peers.specux_istft, x.size(-1)), target=1.0),
    ]
    yield from compare("inverse STFT", CASE, ours, others, relative_error(x), quick=quick)


def spectral(x: Tensor) -> "Iterator[tuple[str, peers.Transform, Tensor, list[Peer]]]":
    """Name, our transform, the exact result and the peers."""
    others = [
        on(x, "torch.stft", peers.torch_stft),
        on(x, ROY, peers.roy_stft),
        on(x, SPECUX, peers.specux_stft, 1.0),
    ]
    yield "STFT", STFT(**FRAMES), references.stft(x), others
    others = [
        on(x, "torchaudio", peers.torchaudio_mel, 1.0),
        on(x, ROY, peers.roy_mel),
        on(x, SPECUX, peers.specux_mel, 1.0),
    ]
    yield "mel", MelSpectrogram(SR, **MEL), references.mel(x), others
    others = [
        on(x, "torchaudio", peers.torchaudio_mfcc),
        on(x, ROY, peers.roy_mfcc),
        on(x, SPECUX, peers.specux_mfcc, 1.0),
    ]
    yield "MFCC", MFCC(SR, N_MFCC, **MEL), references.mfcc(x), others
    gammatonegram = Gammatonegram(SR, **FRAMES, n_bins=N_GAMMATONE)
    yield "gammatonegram", gammatonegram, references.gammatone(x), [on(x, ROY, peers.roy_gammatone)]


def constant_q(x: Tensor) -> "Iterator[tuple[str, peers.Transform, Tensor, list[Peer]]]":
    """The same; references are our exact kernels in float64, which the tests hold to direct sums."""
    cqt: dict[str, Any] = {"sr": SR, "hop_length": HOP, "fmin": FMIN}
    vqt = {**cqt, "gamma": GAMMA, **LIBROSA}
    yield "CQT", CQT(**cqt), exact(CQT, x, **cqt), [on(x, ROY, peers.roy_cqt)]
    cqt.update(LIBROSA)
    yield "CQT, librosa's", CQT(**cqt), exact(CQT, x, **cqt), [on(x, SPECUX, peers.specux_cqt, 1.0)]
    others = [on(x, SPECUX, partial(peers.specux_vqt, GAMMA), 1.0)]
    yield f"VQT, gamma {GAMMA:g}", VQT(**vqt), exact(VQT, x, **vqt), others


def exact(transform: Any, x: Tensor, **arguments: Any) -> Any:
    return transform(**arguments, tolerance=0.0)(x.double())


def on(x: Tensor, name: str, build: Any, target: Any = None) -> Peer:
    """A peer that transforms ``x``."""
    return Peer(name, lambda: partial(build(), x), target)
