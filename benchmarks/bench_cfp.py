"""CFP compared with Roy et al., and the cost of its gradient and its construction.

Errors are against their class in float64, of the first clip. That class has no gradient: its backward pass
raises. The clips are noise, the fastest case, and music with dither, since the peer divides by zero at
silence; both have the target. Music falls to the round-off of a float32 FFT in places: ours then takes longer
than on noise, and is exact.
"""

import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor

from nnaudio2_core import CFP, CombinedFrequencyPeriodicity

from .clips import SR, clips
from .peers import ROY, roy
from .row import Row
from .timing import Call, Peer, alternate, compare, relative_error

NAMES = {CFP: "CFP", CombinedFrequencyPeriodicity: "Combined_Frequency_Periodicity"}


def rows(quick: bool = False) -> Iterator[Row]:
    """Every row of the CFP; ``quick`` runs on tiny problems."""
    if quick:
        yield from against_roy(CFP, "2 clips of 1 s, 16 kHz", noise(2, 16_000), quick)
        yield from ours_only("2 clips of 1 s", noise(2, 16_000), quick)
        return
    eight = noise(8, 160_000)
    for ours in NAMES:
        yield from against_roy(ours, "8 clips of 10 s, 16 kHz", eight, target=1 / 10)
    yield from against_roy(CFP, "8 clips of 10 s of music", music(8, 160_000), target=1 / 10)
    yield from against_roy(CFP, "1 clip of 1 s, 16 kHz", noise(1, 16_000))
    yield from against_roy(CFP, "2 clips of 10 s, 44.1 kHz", noise(2, 441_000), fs=44100)
    yield from against_roy(CFP, "4 clips of 10 s, up to 8 kHz", noise(4, 160_000), tc=1 / 8000)
    yield from ours_only("8 clips of 10 s", eight)


def noise(number: int, time: int) -> Tensor:
    return torch.randn(number, time, generator=torch.Generator().manual_seed(0))


def music(number: int, time: int) -> Tensor:
    """Cuts of the recordings with the dither of 16 bits."""
    return clips(number, time / SR)[:, :time] + noise(number, time) / 32768


def first_of_first(y: Any) -> Tensor:
    """The product of the layers, of the first clip; some of the classes also return the layers."""
    return (y if isinstance(y, Tensor) else y[0])[:1]


def against_roy(
    ours: Any, case: str, x: Tensor, quick: bool = False, target: Any = None, **arguments: Any
) -> Iterator[Row]:
    def legacy() -> Any:
        return getattr(roy(), NAMES[ours])(**arguments)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a division by zero and of torch.stft
        expected = relative_error(first_of_first(legacy().double()(x[:1].double())))
    peers = [Peer(ROY, lambda: partial(legacy(), x), target)]
    return compare(
        ours.__name__,
        case,
        partial(ours(**arguments), x),
        peers,
        lambda y: expected(first_of_first(y)),
        quick=quick,
    )


def ours_only(case: str, x: Tensor, quick: bool = False) -> Iterator[Row]:
    cfp, leaf = CFP(), x.clone().requires_grad_()
    calls: dict[str, Call] = {
        f"{case}, forward and backward": lambda: torch.autograd.grad(cfp(leaf).sum(), leaf),
        "construction": CFP,
    }
    for what, seconds in alternate(calls, quick).items():
        yield Row("CFP", what, 1e3 * seconds)
