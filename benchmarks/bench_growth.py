"""Growth of time with clips, seconds, bins and threads, ours and the peers'."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Callable

import torch
from torch import Tensor

from nnaudio2_core import CQT, STFT, MelSpectrogram

from . import peers
from .clips import SR, clips
from .references import HOP, N_FFT, N_MELS
from .row import Row
from .timing import Peer, compare, relative_error, threads

Build = Callable[..., peers.Transform]


@dataclass(frozen=True)
class Size:
    """Sizes of one problem, of which one grows at a time."""

    clips: int = 4
    s: float = 5.0
    bins: int = 0
    threads: int = 0


@dataclass(frozen=True)
class Grown:
    """A transform and its peers, each built for a number of bins."""

    name: str
    bins: "tuple[int, ...]"
    ours: Build
    others: "dict[str, Build]"
    exact: Build


def stft(bins: int) -> peers.Transform:
    return STFT(2 * bins, hop_length=HOP)


def torch_stft(bins: int) -> peers.Transform:
    return peers.torch_stft(n_fft=2 * bins)


def mel(bins: int) -> peers.Transform:
    return MelSpectrogram(SR, N_FFT, hop_length=HOP, n_mels=bins)


def cqt(bins: int, **arguments: Any) -> peers.Transform:
    return CQT(SR, HOP, fmin=peers.FMIN, n_bins=bins, **arguments)


GROWN = [
    Grown("STFT", (1024, 256, 512, 2048, 4096), stft, {"torch.stft": torch_stft}, torch_stft),
    Grown("mel", (N_MELS, 32, 64, 256), mel, {"torchaudio": peers.torchaudio_mel}, mel),
    Grown("CQT", (84, 24, 48, 96), cqt, {peers.ROY: peers.roy_cqt}, partial(cqt, tolerance=0.0)),
]


def sizes(grown: Grown) -> "Iterator[tuple[str, Size]]":
    """Name of the size that grows, and the problem."""
    usual = Size(bins=grown.bins[0], threads=torch.get_num_threads())
    for axis, values in (
        ("clips", (1, 2, 4, 8, 16, 32)),
        ("s", (1.0, 3.0, 10.0, 30.0)),
        ("bins", sorted(grown.bins)),
        ("threads", [n for n in (1, 2, 4, 8, 16) if n <= (os.cpu_count() or 1)]),
    ):
        yield from ((axis, replace(usual, **{axis: value})) for value in values)


def rows(quick: bool = False) -> Iterator[Row]:
    """Every row; ``quick`` has one of each transform and axis, on next to nothing."""
    for grown in GROWN:
        seen = set()
        for axis, size in sizes(grown):
            if quick and axis in seen:
                continue
            seen.add(axis)
            with threads(size.threads):
                yield from row(grown, axis, replace(size, clips=1, s=1.0) if quick else size, quick)


def row(grown: Grown, axis: str, size: Size, quick: bool) -> Iterator[Row]:
    x = clips(size.clips, size.s)
    value = getattr(size, axis)
    others = [Peer(name, partial(on, build, size.bins, x)) for name, build in grown.others.items()]
    expected = grown.exact(size.bins)(x.double())
    ours = grown.ours(size.bins)
    return compare(
        grown.name,
        f"{value:g} {axis.removesuffix('s') if value == 1 and axis != 's' else axis}",
        partial(ours, x),
        others,
        relative_error(expected),
        quick=quick,
        axis=axis,
        value=value,
    )


def on(build: Build, bins: int, x: Tensor) -> "partial[Any]":
    return partial(build(bins), x)
