"""The shortest input of a model, found by running it."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import nn

from ..errors import ArtifactError
from .interface import Interface
from .outputs import tensors_in

MOST_SAMPLES = 2**20
"""Length of the longest clip that a model is tried on."""

_STEPS = 16
"""Length by which a model's input is made longer, to see by how much its output grows."""


def running_interface(module: nn.Module, interface: Interface) -> Interface:
    """The interface of a model with the shortest input that it takes, and of which it makes anything.

    What its transforms need says little: a layer before them may pad, and frames are not samples.
    """
    if interface.long_name is None:
        if _is_empty(_sizes(module, interface, interface.samples)):
            raise ArtifactError("module returns nothing of the example")
        return interface
    shortest = _least(lambda time: _runs(module, interface, time), _length_that_runs(module, interface))
    found = replace(interface, shortest=shortest, shortest_waveform=shortest)
    steps = (_sizes(module, found, shortest + count * _STEPS) for count in (1, 2))
    found = replace(found, step=_step_of(*steps))
    for name, (_, most) in interface.lengths.items():
        found = _with_least(module, found, name, most or 1)
    return found


def _length_that_runs(module: nn.Module, interface: Interface) -> int:
    """That of the example, if it is none of a waveform and has its axes named; else a power of two."""
    if interface.named and interface.usual is not None:
        if _is_empty(_sizes(module, interface, interface.usual)):
            raise ArtifactError("module returns nothing of the example")
        return interface.usual
    time = 1
    while not _runs(module, interface, time):
        time *= 2
        if time > MOST_SAMPLES:
            if _is_empty(_sizes(module, interface, MOST_SAMPLES)):  # or an error that says what is wrong
                raise ArtifactError(f"module returns nothing of {MOST_SAMPLES} samples")
            return MOST_SAMPLES
    return time


def _with_least(module: nn.Module, interface: Interface, name: str, most: int) -> Interface:
    """The interface with the least size of a length that its first input does not have."""

    def of_size(size: int) -> Interface:
        return replace(interface, lengths={**interface.lengths, name: (size, most)})

    least = _least(lambda size: _runs(module, of_size(size), interface.shortest), most)
    return of_size(least)


def _least(runs: Callable[[int], bool], most: int) -> int:
    """The least length that runs, by bisection up to one that does."""
    fails = 0
    while most - fails > 1:
        middle = (fails + most) // 2
        fails, most = (fails, middle) if runs(middle) else (middle, most)
    return most


def _sizes(module: nn.Module, interface: Interface, time: int) -> list[list[int]]:
    with torch.no_grad():
        result = interface.called(module)(interface.noise(1, time))
    return [list(x.shape) for x in tensors_in(result)]


def _runs(module: nn.Module, interface: Interface, time: int) -> bool:
    try:
        return not _is_empty(_sizes(module, interface, time))
    except Exception:
        return False


def _is_empty(sizes: list[list[int]]) -> bool:
    return any(0 in size for size in sizes)


def _step_of(sizes: list[list[int]], of_longer: list[list[int]]) -> int:
    """By how much the longest output grows with one more step of the input."""
    growth = [b - a for one, two in zip(sizes, of_longer, strict=True) for a, b in zip(one, two, strict=True)]
    return max(1, max(growth, default=0) // _STEPS)
