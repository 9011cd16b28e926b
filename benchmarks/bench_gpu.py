"""The same on the GPU, compared with the peers that run there; no rows without a GPU."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Callable

import torch
from torch import Tensor

from nnaudio2_core import CQT, MFCC, STFT, VQT, Gammatonegram, MelSpectrogram

from . import peers, references
from .bench_cqt import GAMMA
from .clips import SR, clips
from .machine import accelerator
from .references import HOP, N_FFT, N_GAMMATONE, N_MELS, N_MFCC
from .row import Row
from .timing import Call, Peer, compare, relative_error

FRAMES = {"n_fft": N_FFT, "hop_length": HOP}
CHECKED = 2  # clips whose results are compared with float64

Build = Callable[[torch.device], Callable[[Tensor], Any]]


@dataclass(frozen=True)
class Entry:
    """A transform, its peers, and its reference in float64."""

    name: str
    ours: Callable[[], Any]
    exact: Callable[[Tensor], Any]
    others: dict[str, Build] = field(default_factory=dict)
    backward: bool = False


def on_device(build: Callable[[], Any]) -> Build:
    return lambda device: build().to(device)


def entries() -> list[Entry]:
    """All transforms; the reference of CQT and VQT is an exact kernel of ours, tested against direct sums."""
    legacy = {name: on_device(getattr(peers, f"roy_{name}")) for name in ("stft", "mel", "mfcc", "gammatone")}
    torchaudio = on_device(peers.torchaudio_mel)
    return [
        Entry(
            "STFT",
            partial(STFT, **FRAMES),
            references.stft,
            {"torch.stft": lambda device: peers.torch_stft(), peers.ROY: legacy["stft"]},
        ),
        Entry(
            "mel",
            partial(MelSpectrogram, SR, **FRAMES, n_mels=N_MELS),
            references.mel,
            {"torchaudio": torchaudio, peers.ROY: legacy["mel"]},
            backward=True,
        ),
        Entry(
            "MFCC",
            partial(MFCC, SR, N_MFCC, **FRAMES, n_mels=N_MELS),
            references.mfcc,
            {peers.ROY: legacy["mfcc"]},
        ),
        Entry(
            "gammatonegram",
            partial(Gammatonegram, SR, **FRAMES, n_bins=N_GAMMATONE),
            references.gammatone,
            {peers.ROY: legacy["gammatone"]},
        ),
        Entry(
            "CQT",
            partial(CQT, **peers.PITCHES),
            CQT(**peers.PITCHES, tolerance=0.0),
            {peers.ROY: on_device(peers.roy_cqt)},
            backward=True,
        ),
        Entry(
            f"VQT, gamma {GAMMA:g}",
            partial(VQT, **peers.PITCHES, gamma=GAMMA),
            VQT(**peers.PITCHES, gamma=GAMMA, tolerance=0.0),
        ),
    ]


def rows(quick: bool = False) -> Iterator[Row]:
    """Every row on this machine's GPU."""
    device = accelerator()
    if device is not None:
        yield from rows_on(device, quick)


def rows_on(device: torch.device, quick: bool) -> Iterator[Row]:
    """Time a large batch that is on the GPU already; a call ends when the GPU has finished."""
    x = clips(2, 0.5) if quick else clips(64, 10.0)
    case = f"{device.type}, {len(x)} clips of {x.size(-1) / SR:g} s"
    for entry in entries():
        for backward in (False, True) if entry.backward else (False,):
            run = references.energy_gradient if backward else forward
            expected = relative_error(run(entry.exact, x[:CHECKED].double()))
            here = x.to(device)
            yield from compare(
                f"{entry.name}, forward and backward" if backward else entry.name,
                case,
                waited_for(partial(run, entry.ours().to(device), here), device),
                [Peer(name, partial(peer_call, build, run, here)) for name, build in entry.others.items()],
                lambda y, expected=expected: expected(y[:CHECKED]),
                quick=quick,
                gradient=backward,
                note="error of the gradient" if backward else "",
            )


def forward(transform: Callable[[Tensor], Any], x: Tensor) -> Tensor:
    with torch.no_grad():
        return transform(x)


def peer_call(build: Build, run: Callable[..., Tensor], x: Tensor) -> Call:
    return waited_for(partial(run, build(x.device), x), x.device)


def waited_for(call: Call, device: torch.device) -> Call:
    """The call and the wait until the device has done it."""
    if device.type == "cpu":
        return call

    def whole() -> Any:
        y = call()
        torch.accelerator.synchronize()
        return y

    return whole
