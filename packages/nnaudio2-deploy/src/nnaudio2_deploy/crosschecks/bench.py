"""Times of the transforms on this machine, compared with torch and torchaudio."""

import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Optional

import torch
from rich import box
from rich.console import Console
from rich.table import Table
from torch import Tensor

from ..measures import NOTHING, say_milliseconds
from ..one_of_each import Sizes, one
from .peer import Peer, PeerMissing
from .subjects import SUBJECTS

SR = 22050
CLIPS, SECONDS = 8, 5
SIZES = Sizes(SR, n_fft=2048, hop_length=512, pitch_hop=512, n_bins=84, gamma=10.0)
TIMED = ("STFT", "iSTFT", "MelSpectrogram", "MFCC", "Gammatonegram", "GriffinLim", "CQT", "VQT", "CFP")
ONE_CLIP = ("GriffinLim", "CFP")
"""Transforms that are timed on one clip of the batch."""

FEWEST_ROUNDS = 3
BUDGET = 2.0
"""Rounds go on until this, s."""

Call = Callable[[], Any]


@dataclass(frozen=True)
class Line:
    """A transform and its time, ms, and those of its peer, if it has one that could be loaded."""

    name: str
    ours: float
    peer: str = NOTHING
    theirs: Optional[float] = None
    missing: str = ""
    """Reason why the peer could not be loaded."""


def run(console: Console) -> list[Line]:
    """Time every transform on a batch of noise and print a table."""
    x = 0.1 * torch.randn(CLIPS, SECONDS * SR, generator=torch.Generator().manual_seed(0))
    table = Table(
        title=f"{CLIPS} clips of {SECONDS} s at {SR} Hz ({', '.join(ONE_CLIP)}: one), "
        f"torch {torch.__version__}, {torch.get_num_threads()} threads: medians of several calls, ours and "
        "the peer's in turn",
        title_justify="left",
        box=box.SIMPLE_HEAD,
    )
    for heading in ("Transform", "ours", "peer's", "Peer", "ours / peer's"):
        table.add_column(heading, justify="left" if heading in ("Transform", "Peer") else "right")
    lines = []
    with console.status("") as status, torch.no_grad():
        for name, module, inputs, peer in _timed(x):
            status.update(name)
            lines.append(line := _line(name, module, inputs, peer))
            ratio = NOTHING if line.theirs is None else f"{line.ours / line.theirs:.2f}"
            theirs = NOTHING if line.theirs is None else say_milliseconds(line.theirs)
            table.add_row(line.name, say_milliseconds(line.ours), theirs, line.peer, ratio)
    console.print(table)
    for message in sorted({line.missing for line in lines if line.missing}):
        print(f"nnaudio2 bench: {message}", file=sys.stderr)
    return lines


def _timed(x: Tensor) -> Iterator[tuple[str, Any, Sequence[Any], Optional[Peer]]]:
    """Transforms, the inputs that they share with their peers, and the peers."""
    subjects = {subject.name: subject for subject in SUBJECTS}
    for name in TIMED:
        module = one(name, SIZES)
        given = x[:1] if name in ONE_CLIP else x
        subject = subjects.get(name)
        inputs = (given,) if subject is None else subject.feed(given, module.config)
        peers = [] if subject is None else [peer for peer in subject.peers if peer.library != "librosa"]
        yield name, module, inputs, peers[0] if peers else None


def _line(name: str, module: Any, inputs: Sequence[Any], peer: Optional[Peer]) -> Line:
    ours = partial(module, *inputs)
    if peer is None:
        return Line(name, _medians([ours])[0])
    try:
        theirs = partial(peer.built(module.config), *inputs)
    except PeerMissing as error:
        return Line(name, _medians([ours])[0], f"{peer.library} cannot be loaded", missing=str(error))
    mine, other = _medians([ours, theirs])
    return Line(name, mine, peer.library, other)


def _medians(calls: Sequence[Call]) -> list[float]:
    """Median milliseconds of each call, all of them in turn, after one call of each to warm up."""
    started = time.perf_counter()
    for call in calls:
        call()
    times: list[list[float]] = [[] for _ in calls]
    while len(times[0]) < FEWEST_ROUNDS or time.perf_counter() - started < BUDGET:
        for call, taken in zip(calls, times, strict=True):
            before = time.perf_counter()
            call()
            taken.append(1e3 * (time.perf_counter() - before))
    return [statistics.median(taken) for taken in times]
