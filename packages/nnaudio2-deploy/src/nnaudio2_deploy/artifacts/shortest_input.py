"""The shortest input of a model, found by running it."""

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

    def sizes(time: int) -> list[list[int]]:
        with torch.no_grad():
            result = interface.called(module)(interface.noise(1, time))
        return [list(x.shape) for x in tensors_in(result)]

    def runs(time: int) -> bool:
        try:
            return all(0 not in size for size in sizes(time))
        except Exception:
            return False

    fails, most = 0, 1
    while not runs(most):
        fails, most = most, 2 * most
        if most > MOST_SAMPLES:
            if any(0 in size for size in sizes(MOST_SAMPLES)):  # or an error that says what is wrong
                raise ArtifactError(f"module returns nothing of {MOST_SAMPLES} samples")
    while most - fails > 1:
        middle = (fails + most) // 2
        fails, most = (fails, middle) if runs(middle) else (middle, most)
    return replace(
        interface,
        shortest=most,
        shortest_waveform=most,
        step=_step_of(sizes(most + _STEPS), sizes(most + 2 * _STEPS)),
    )


def _step_of(sizes: list[list[int]], of_longer: list[list[int]]) -> int:
    """By how much the longest output grows with one more step of the input."""
    growth = [b - a for one, two in zip(sizes, of_longer, strict=True) for a, b in zip(one, two, strict=True)]
    return max(1, max(growth, default=0) // _STEPS)
