"""A whole clip through steps, and its reference: the transform of the whole clip."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, Optional

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils import _pytree as tree

import nnaudio2_core as core

from .interface import Interface
from .parity import Result, one_or_all, tensors_of
from .rebuilding import rebuilt_with
from .seeded_signals import waveforms
from .steps import Steps, is_stream


def flushed(
    step: Callable[[Tensor, Any], tuple[Any, Any]], zeros: Tensor, state: Any, remaining: int, axis: int
) -> Result:
    """The results that follow on the last block of a clip: those of blocks of zeros.

    Args:
        step: takes a block and a state.
        zeros: a block.
        state: after the last block.
        remaining: how many results there are along ``axis``.
        axis: of time.
    """
    pieces: list[list[Tensor]] = []
    while not pieces or (pieces[0][0].size(axis) * len(pieces) < remaining and pieces[0][0].size(axis) > 0):
        result, state = step(zeros, state)
        pieces.append(tensors_of(result))
    return _joined(pieces, axis, 0, remaining)


def in_blocks(
    step: Callable[[Tensor, Any], tuple[Any, Any]],
    finish: Callable[[Any], Any],
    state: Any,
    blocks: tuple[Tensor, ...],
    delay: int,
    axis: int,
) -> Result:
    """The results of the blocks of a clip, joined, from the first one of the clip on."""
    pieces = []
    for block in blocks:
        result, state = step(block, state)
        pieces.append(tensors_of(result))
    pieces.append(tensors_of(finish(state)))
    return _joined(pieces, axis, delay)


def _joined(pieces: list[list[Tensor]], axis: int, first: int, most: Optional[int] = None) -> Result:
    """The results of several blocks, each one joined along ``axis``: from ``first`` on, at most so many."""
    results = []
    for parts in zip(*pieces, strict=True):
        tensor = torch.cat(parts, axis)
        count = tensor.size(axis) - first
        results.append(tensor.narrow(axis, first, count if most is None else min(most, count)))
    return one_or_all(results)


class Stepwise(nn.Module):
    """A module with steps as one that takes a whole clip, of whole blocks."""

    def __init__(self, steps: Steps) -> None:
        super().__init__()
        self.module: Any = steps.module
        self.axis, self.delay, self.remaining = steps.axis, steps.delay or 0, steps.remaining
        self.long, self.size = steps.interface.long_axis, steps.size
        self.usual = steps.block.size(self.long)

    def forward(self, x: Tensor) -> Any:
        """The results of all blocks, from the first one of the clip on."""
        state = tree.tree_map(lambda tensor: _as_wide(tensor, x), self.module.start(x.size(0)))
        blocks = x.split(self.usual, self.long)
        finish = self.module.finish if self.size is None else lambda after: self._flushed(blocks[0], after)
        return in_blocks(self.module.step, finish, state, blocks, self.delay, self.axis)

    def _flushed(self, block: Tensor, state: Any) -> Any:
        return flushed(self.module.step, torch.zeros_like(block), state, self.remaining, self.axis)


def _as_wide(tensor: Tensor, x: Tensor) -> Tensor:
    """A tensor of a state in float64 for a clip in float64."""
    return tensor.double() if x.dtype == torch.float64 and tensor.is_floating_point() else tensor


class Offline(nn.Module):
    """The transform of a stream on a whole clip, padded as the stream does it: with zeros."""

    def __init__(self, steps: Steps) -> None:
        super().__init__()
        stream: Any = steps.module
        transform: Any = stream.transform
        self.inverse, self.fixed = not steps.interface.takes_waveform, steps.size is not None
        if self.fixed and "pad_mode" in transform.config and not self.inverse:
            transform = rebuilt_with(transform, pad_mode="constant")
        self.transform: nn.Module = transform
        hop = stream.hop_length
        # Frames of zeros before and after those of a clip. The sum of the windows of an inverse STFT begins
        # with the first frame.
        self.before, self.after = 0, 0
        if isinstance(transform, core.iSTFT):
            self.after = 2 * transform.n_fft // hop + 2
        elif self.inverse:
            self.before, self.after = stream.held, 2 * stream.held
        # A transform that cannot pad with zeros itself gets them around the clip instead.
        geometry = getattr(stream, "geometry", None)
        self.around = 0
        if self.fixed and geometry is not None and "pad_mode" not in transform.config:
            padded = geometry.before > 0 and geometry.pad_mode != "constant"
            self.around = -(-geometry.before // hop) if padded else 0
        self.hop, self.axis = hop, steps.axis
        self.longer = steps.remaining - (steps.delay or 0)

    @property
    def stands_for(self) -> nn.Module:
        """The transform, whose kind decides what error is allowed."""
        return self.transform

    def forward(self, x: Tensor) -> Any:
        """The results of all steps, joined, without those before the clip."""
        if self.around > 0:
            frames: Tensor = self.transform(F.pad(x, [self.around * self.hop] * 2))
            return frames.narrow(self.axis, self.around, x.size(1) // self.hop + self.longer)
        if not (self.fixed and self.inverse):
            return self.transform(x)
        padded = F.pad(x, [0, 0, self.before, self.after])
        samples: Tensor = self.transform(padded)
        return samples.narrow(1, self.before * self.hop, x.size(2) * self.hop + self.longer)


def reference_of(steps: Steps) -> nn.Module:
    """Reference of whole clips in steps: the transform, or the model's own steps in eager mode."""
    return Offline(steps) if is_stream(steps.module) else Stepwise(steps)


def as_long_as(
    call: Callable[[Tensor], Any], reference: Callable[[Tensor], Any], axis: int
) -> tuple[Callable[[Tensor], Any], Callable[[Tensor], Any]]:
    """A call with as many results as the reference has, and the reference.

    Without padding, a clip ends before its stream. Both are called with the same input, one after the other,
    so the last result of the reference is kept.
    """
    kept = lru_cache(maxsize=1)(reference)

    def run(x: Tensor) -> Result:
        pairs = zip(tensors_of(call(x)), tensors_of(kept(x)), strict=True)
        return one_or_all([y.narrow(axis, 0, min(y.size(axis), z.size(axis))) for y, z in pairs])

    return run, kept


def stream_signals(interface: Interface, batch_size: int, size: Optional[int]) -> dict[str, Tensor]:
    """Clips by name, each of whole blocks: a tone, noise, an impulse, silence, a long one.

    Args:
        interface: of whole clips.
        batch_size: clips in a block.
        size: of a block along its time axis; None for any.
    """
    inputs = {}
    axis, step = interface.long_axis, size or 1
    block = step if interface.takes_waveform else step * (interface.hop_length or 1)
    if interface.samples < interface.shortest_waveform + block:
        interface = replace(interface, shortest_waveform=interface.shortest_waveform + block)
    louder = torch.arange(1, batch_size + 1)[:, None] / batch_size
    for name, waveform in waveforms(interface).items():
        if name in ("shortest", "batch"):
            continue
        x = interface.input_of(waveform[:1] * louder)
        inputs[name] = x.narrow(axis, 0, max(x.size(axis) // step, 1) * step)
    return inputs
