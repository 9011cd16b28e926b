"""Nonstationary Gabor transform, there and back, compared with cicuetea: time and round trip.

cicuetea (sparse, float64, NumPy) needs a power of two of samples and has one clip at a time. An error is that
of the round trip, relative to the clip (root mean squares).
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Callable

import torch
from torch import Tensor

from nnaudio2_core import NSGT

from .memory import memory_row
from .row import Row
from .timing import Call, Peer, compare, threads

SR, FMIN, FMAX = 48000, 32.7, 23000.0
CICUETEA = "cicuetea 1.0.0, sparse, float64"


def noise(batch: int, samples: int) -> Tensor:
    return torch.randn(batch, samples, generator=torch.Generator().manual_seed(0))


def difference(x: Tensor, output: Any) -> float:
    y = torch.as_tensor(output).double().reshape(x.shape)
    return float((y - x).norm() / x.double().norm())


def no_error(output: Any) -> float:
    return float("nan")


def without_errors(row: Row) -> Row:
    """Coefficients of two different frames have no common reference."""
    return replace(row, error=None, peer_error=None)


def cicuetea(x: Tensor, inverse: bool) -> Call:
    """Its transform, or its inverse, of the items of a batch in turn."""
    from cicuetea import NsgfCQT

    cqt = NsgfCQT("sparse", SR, x.size(-1), 1 / 12, FMIN, FMAX)
    items = [item.double().numpy() for item in x]
    coefficients = [cqt.forward(item) for item in items]
    if inverse:
        return lambda: torch.stack([torch.from_numpy(cqt.inverse(each)) for each in coefficients])
    return lambda: [cqt.forward(item) for item in items]


def there_and_back(x: Tensor, case: str, quick: bool) -> Iterator[Row]:
    """Forward and inverse compared with the peer, and forward with backward."""
    module, length = NSGT(SR, fmin=FMIN), x.size(-1)
    C = module(x)
    note = f"redundancy {module.redundancy:.2f}"
    peers = [Peer(CICUETEA, partial(cicuetea, x, False), target=1 / 5)]
    forward = compare("NSGT", case, partial(module, x), peers, no_error, quick=quick, note=note)
    yield from map(without_errors, forward)
    peers = [Peer(CICUETEA, partial(cicuetea, x, True), target=1 / 5)]
    call = partial(module.inverse, C, length)
    yield from compare("NSGT, inverse", case, call, peers, partial(difference, x), quick=quick, note=note)
    there = [Peer("ours, forward and inverse", lambda: lambda: module.inverse(module(x), length))]
    call = partial(both_ways, module, x)
    gradients = compare("NSGT, forward and backward", case, call, there, no_error, quick=quick, gradient=True)
    yield from map(without_errors, gradients)


def both_ways(module: NSGT, x: Tensor) -> Tensor:
    y = x.clone().requires_grad_()
    torch.stack([part.square().sum() for part in module(y)]).sum().backward()
    assert y.grad is not None
    return y.grad


def ours_there_and_back() -> Callable[[Tensor], Tensor]:
    module = NSGT(SR, fmin=FMIN)
    return lambda x: module.inverse(module(x), x.size(-1))


def cicuetea_there_and_back() -> Callable[[Tensor], Tensor]:
    """With its construction for the length: its windows are dense until it picks what is not zero."""

    def call(x: Tensor) -> Tensor:
        samples = 2 ** (x.size(-1) - 1).bit_length()
        extended = torch.nn.functional.pad(x, [0, samples - x.size(-1)])
        y: Tensor = cicuetea(extended, inverse=True)()
        return y[:, : x.size(-1)]

    return call


def lengths(quick: bool) -> Iterator[Row]:
    """Construction, the first clip of a new length, and one whose windows are kept."""
    start = time.perf_counter()
    module = NSGT(SR, fmin=FMIN)
    first = noise(1, 20000 if quick else 480000)
    module(first)
    yield Row("NSGT, construction and first clip", "10 s", 1e3 * (time.perf_counter() - start), limit=1e3)
    for samples in (22001, 33001) if quick else (440003, 360007):
        x = noise(1, samples)
        taken = []
        for _ in range(3):
            start = time.perf_counter()
            module(x)
            taken.append(1e3 * (time.perf_counter() - start))
        yield Row(
            "NSGT, new length", f"{samples / SR:.2f} s", taken[0], "ours, the same length again", taken[2]
        )


def rows(quick: bool = False) -> Iterator[Row]:
    """Every row; ``quick`` runs on tiny problems."""
    samples = 2**15 if quick else 2**20
    for batch in (1,) if quick else (1, 4, 8):
        yield from there_and_back(noise(batch, samples), f"{batch} x {samples} samples at 48 kHz", quick)
    with threads(1):
        yield from there_and_back(noise(1, samples), f"1 x {samples} samples at 48 kHz, one thread", quick)
    yield memory_row(
        "NSGT, there and back",
        f"{samples} samples",
        f"{__name__}:ours_there_and_back",
        CICUETEA,
        f"{__name__}:cicuetea_there_and_back",
        samples,
        limit=250.0,
    )
    sliced, whole = NSGT(SR, fmin=FMIN, slice_length=2**16), NSGT(SR, fmin=FMIN)
    x = noise(1, samples)

    def there_and_back_by(module: NSGT) -> Tensor:
        return module.inverse(module(x), samples)

    yield from compare(
        "NSGT, slices of 65536, there and back",
        f"{samples} samples",
        partial(there_and_back_by, sliced),
        [Peer("ours, the whole clip", lambda: partial(there_and_back_by, whole))],
        partial(difference, x),
        quick=quick,
    )
    yield from lengths(quick)
