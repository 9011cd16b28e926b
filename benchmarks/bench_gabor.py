"""Nonstationary Gabor transform, there and back, compared with cicuetea: time and round trip.

cicuetea (sparse, float64, NumPy) needs a power of two of samples and has one clip at a time. An error is that
of the round trip, relative to the clip (root mean squares).
"""

import time
from collections.abc import Iterator
from functools import partial
from typing import Any, Callable

import torch
from torch import Tensor

from nnaudio2_core import NSGT

from .row import Row
from .timing import Call, Peer, compare

SR, FMIN, FMAX = 48000, 32.7, 23000.0
CICUETEA = "cicuetea 1.0.0, sparse, float64"


def noise(batch: int, samples: int) -> Tensor:
    return torch.randn(batch, samples, generator=torch.Generator().manual_seed(0))


def round_trip(inverse: Callable[[], Any], x: Tensor) -> float:
    y = torch.as_tensor(inverse()).double().reshape(x.shape)
    return float((y - x).norm() / x.double().norm())


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
    error = round_trip(partial(module.inverse, C, length), x)
    note = f"round trip {error:.1e}, redundancy {module.redundancy:.2f}"
    for name, call, inverse in (
        ("NSGT", partial(module, x), False),
        ("NSGT, inverse", partial(module.inverse, C, length), True),
    ):
        peers = [Peer(CICUETEA, partial(cicuetea, x, inverse), target=1 / 5)]
        yield from compare(name, case, call, peers, lambda output: error, quick=quick, note=note)
    yield from compare(
        "NSGT, forward and backward",
        case,
        partial(both_ways, module, x),
        [Peer("our forward and inverse", lambda: lambda: module.inverse(module(x), length))],
        lambda output: error,
        quick=quick,
        gradient=True,
    )


def both_ways(module: NSGT, x: Tensor) -> Tensor:
    y = x.clone().requires_grad_()
    torch.stack([part.square().sum() for part in module(y)]).sum().backward()
    assert y.grad is not None
    return y.grad


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
        yield Row("NSGT, new length", f"{samples / SR:.2f} s", taken[0], "the same length again", taken[2])


def rows(quick: bool = False) -> Iterator[Row]:
    """Every row; ``quick`` runs on tiny problems."""
    samples = 2**15 if quick else 2**20
    for batch in (1,) if quick else (1, 4, 8):
        yield from there_and_back(noise(batch, samples), f"{batch} x {samples} samples at 48 kHz", quick)
    sliced = NSGT(SR, fmin=FMIN, slice_length=2**16)
    x = noise(1, samples)
    C = sliced(x)
    yield from compare(
        "NSGT, slices of 65536",
        f"{samples} samples",
        partial(sliced, x),
        [Peer("NSGT of the whole clip", lambda: partial(NSGT(SR, fmin=FMIN), x))],
        lambda output: round_trip(partial(sliced.inverse, C, samples), x),
        quick=quick,
    )
    yield from lengths(quick)
