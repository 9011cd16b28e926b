"""CFP beside nnaudio2, and what its gradient and its construction cost.

Errors are against nnaudio2's class in float64, of the first clip. That class has no gradient: its backward
pass raises. The clips are noise and, where it says so, music with dither: it divides by zero at silence. What
falls to the round-off of a float32 FFT, music for instance, takes ours longer than noise and makes it exact.
"""

import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor

from nnaudio2_core import CFP, CombinedFrequencyPeriodicity

from .row import Row
from .signals import SR, clips
from .spectral_peers import nnaudio2
from .timing import Call, Peer, alternate, compare, relative_error

NAMES = {CFP: "CFP", CombinedFrequencyPeriodicity: "Combined_Frequency_Periodicity"}


def rows(quick: bool = False) -> Iterator[Row]:
    """Every row of the CFP; ``quick`` shows that they work, on next to nothing."""
    if quick:
        yield from beside_nnaudio2(CFP, "2 clips of 1 s, 16 kHz", noise(2, 16_000), quick)
        yield from alone("2 clips of 1 s", noise(2, 16_000), quick)
        return
    eight = noise(8, 160_000)
    for ours in NAMES:
        yield from beside_nnaudio2(ours, "8 clips of 10 s, 16 kHz", eight, target=1 / 10)
    yield from beside_nnaudio2(CFP, "8 clips of 10 s of music", music(8, 160_000))
    yield from beside_nnaudio2(CFP, "1 clip of 1 s, 16 kHz", noise(1, 16_000))
    yield from beside_nnaudio2(CFP, "2 clips of 10 s, 44.1 kHz", noise(2, 441_000), fs=44100)
    yield from beside_nnaudio2(CFP, "4 clips of 10 s, up to 8 kHz", noise(4, 160_000), tc=1 / 8000)
    yield from alone("8 clips of 10 s", eight)


def noise(number: int, time: int) -> Tensor:
    return torch.randn(number, time, generator=torch.Generator().manual_seed(0))


def music(number: int, time: int) -> Tensor:
    """Cuts of the recordings with the dither of 16 bits."""
    return clips(number, time / SR)[:, :time] + noise(number, time) / 32768


def first_of_first(y: Any) -> Tensor:
    """The product of the layers, of the first clip; some of the classes return the layers, too."""
    return (y if isinstance(y, Tensor) else y[0])[:1]


def beside_nnaudio2(
    ours: Any, case: str, x: Tensor, quick: bool = False, target: Any = None, **arguments: Any
) -> Iterator[Row]:
    def legacy() -> Any:
        return getattr(nnaudio2(), NAMES[ours])(**arguments)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a division by zero and of torch.stft
        expected = relative_error(first_of_first(legacy().double()(x[:1].double())))
    peers = [Peer("nnaudio2", lambda: partial(legacy(), x), target)]
    return compare(
        ours.__name__,
        case,
        partial(ours(**arguments), x),
        peers,
        lambda y: expected(first_of_first(y)),
        quick=quick,
    )


def alone(case: str, x: Tensor, quick: bool = False) -> Iterator[Row]:
    cfp, leaf = CFP(), x.clone().requires_grad_()
    calls: dict[str, Call] = {
        f"{case}, forward and backward": lambda: torch.autograd.grad(cfp(leaf).sum(), leaf),
        "construction": CFP,
    }
    for what, seconds in alternate(calls, quick).items():
        yield Row("CFP", what, 1e3 * seconds)
