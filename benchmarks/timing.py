"""Timing: ours and the peers in turn, in one process, after a check that they agree."""

import math
import statistics
import time
import warnings
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable, Optional, TypeVar

import torch
from torch import Tensor

from nnaudio2_deploy import measures

from .row import Row

Call = Callable[[], Any]
Measure = Callable[[Any], float]
Name = TypeVar("Name", bound=Hashable)

ROUNDS = 7  # at least
BLOCK = 0.02  # seconds: shorter calls are timed in blocks of this length, or cold caches would count
BUDGET = 3.0  # seconds to fill with more rounds where 7 take less
MOST_ROUNDS = 51


@dataclass(frozen=True)
class Peer:
    """A peer to time: ``build`` imports its package and returns the call."""

    name: str
    build: Callable[[], Call]
    target: Optional[float] = None


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Run with so many threads of torch, then with as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def seconds_of(call: Call, times: int) -> float:
    """Mean seconds of ``times`` calls in a row."""
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times


def alternate(calls: Mapping[Name, Call], quick: bool = False) -> dict[Name, float]:
    """Median seconds of each call, all of them in turn in every round. Warm-up: two calls of each."""
    first = {name: min(seconds_of(call, 1), seconds_of(call, 1)) for name, call in calls.items()}
    if quick:
        return {name: seconds_of(call, 1) for name, call in calls.items()}
    times = {name: max(1, math.ceil(BLOCK / seconds)) for name, seconds in first.items()}
    one_round = sum(first[name] * times[name] for name in calls)
    rounds = min(MOST_ROUNDS, max(ROUNDS, int(BUDGET / one_round)))
    seconds: dict[Name, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            seconds[name].append(seconds_of(call, times[name]))
    return {name: statistics.median(values) for name, values in seconds.items()}


@dataclass(frozen=True)
class Checked:
    """A peer's call and its error, or the reason why there is none."""

    call: Optional[Call] = None
    error: Optional[float] = None
    failure: str = ""


def checked(peer: Peer, error: Measure) -> Checked:
    """Build and run the peer once. Its row will show whatever it raises."""
    try:
        call = peer.build()
        return Checked(call, error(call()))
    except Exception as problem:
        return Checked(failure=failure(problem))


def compare(
    transform: str,
    case: str,
    ours: Call,
    peers: Sequence[Peer],
    error: Measure,
    *,
    quick: bool = False,
    gradient: bool = False,
    note: str = "",
    axis: str = "",
    value: Optional[float] = None,
) -> Iterator[Row]:
    """One row for each peer. A peer that is missing or fails is a row that says so.

    ``error`` makes a number of an output, ours or a peer's; see :func:`relative_error`. Without ``gradient``
    all run under ``torch.no_grad()``.
    """
    with warnings.catch_warnings(), torch.set_grad_enabled(gradient):
        warnings.simplefilter("ignore")  # the peers'; not ours to mend
        our_error = error(ours())
        others = {peer.name: checked(peer, error) for peer in peers}
        calls = {name: other.call for name, other in others.items() if other.call is not None}
        seconds = alternate({"": ours, **calls}, quick)
    for peer in peers:
        yield Row(
            transform,
            case,
            ours=1e3 * seconds[""],
            peer=peer.name,
            theirs=1e3 * seconds[peer.name] if peer.name in seconds else None,
            error=our_error,
            peer_error=others[peer.name].error,
            target=peer.target,
            note=others[peer.name].failure or note,
            axis=axis,
            value=value,
        )


def failure(problem: BaseException) -> str:
    """An exception as one line of a row."""
    if isinstance(problem, ImportError):
        return f"not installed: {problem}"
    line = (str(problem).splitlines() or [""])[0]
    return f"raises {type(problem).__name__}: {line}"


def relative_error(reference: Tensor) -> Measure:
    """The largest difference from ``reference``, relative to its maximum; complex outputs as pairs."""
    expected = as_pairs(reference)
    return lambda output: measures.relative_error(as_pairs(output), expected)


def as_pairs(output: Any) -> Tensor:
    """A result on the CPU; complex numbers as pairs of real and imaginary part."""
    tensor = torch.as_tensor(output).detach().cpu()
    return torch.view_as_real(tensor) if tensor.is_complex() else tensor
