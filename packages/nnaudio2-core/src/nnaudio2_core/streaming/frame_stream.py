"""Streams of the transforms whose frames are those of one padded waveform."""

from typing import Any, List, NamedTuple, Optional, Tuple

import torch
from torch import Tensor

from ..constant_q.constant_q_transform import DirectConstantQ
from ..framing.frame_geometry import (
    FrameGeometry,
    final_frames,
    frames_of_clip,
    left_need,
)
from ..module.graph_capture import capturing_graph
from ..module.precision import working_dtype
from ..module.shapes import check_samples
from .held_samples import from_frame, held_samples, padded_end, stretch_of, with_block
from .stream import (
    Stream,
    check_block,
    check_fixed,
    close,
    new_counts,
    next_counts,
    received_of,
    streamed_geometry,
)


class FrameState(NamedTuple):
    """State of a stream of frames."""

    samples: Tensor
    """``(batch, held)``: samples that later frames see, padded on the left once frames can be final."""
    counts: Tensor
    """``(2,)``, int64, on the CPU: key of the stream, samples received."""


def has_frames(transform: Any) -> bool:
    """True for a transform with one geometry of its frames, not another one in each octave."""
    by_octaves = getattr(transform, "octave_by_octave", False)
    if by_octaves or (isinstance(transform, DirectConstantQ) and not transform.trainable):
        return False  # other kinds serve them
    return hasattr(transform, "frame_geometry") and hasattr(transform, "frames_of")


class _FrameStream(Stream):
    """Base of both kinds of block: the geometry of the frames, and their computation."""

    geometry: FrameGeometry
    shape: List[int]

    def __init__(self, transform: Any, block: Optional[int] = None) -> None:
        geometry = self.geometry_of(transform)
        super().__init__(transform, block)
        self.geometry = geometry
        self.keep_latency(geometry)
        with torch.no_grad():
            one, two = (self._probe(geometry.width + more * geometry.hop) for more in (0, 1))
        axes = [axis for axis in range(one.dim()) if one.size(axis) != two.size(axis)]
        # Axis of the frames, and the shape of one item without frames.
        self.axis = axes[0]
        self.shape = [0 if axis == self.axis else one.size(axis) for axis in range(1, one.dim())]
        self.complex = one.is_complex()

    @staticmethod
    def geometry_of(transform: Any) -> FrameGeometry:
        """Place of the frames; raise a ValueError if the transform cannot stream."""
        return streamed_geometry(transform)

    def transformed(self, x: Tensor) -> Tensor:
        """The frames of a stretch of samples."""
        result: Tensor = self.transform.frames_of(x)
        return result

    def _probe(self, samples: int) -> Tensor:
        return self.transformed(torch.zeros(1, samples, device=self.place.device))

    def frames_of(self, x: Tensor, frames: int) -> Tensor:
        """Frames of a stretch that holds all samples that they see.

        Shape:
            x: ``(batch, time)``, time >= ``(frames - 1) * hop + seen``
            returns: ``(batch, *)``, in the dtype of ``x``
        """
        dtype = working_dtype(x.dtype)
        if frames == 0:
            empty = x.new_zeros([x.size(0)] + self.shape)
            if self.complex:
                return torch.complex(empty.to(dtype), empty.to(dtype))
            return empty
        result = self.transformed(stretch_of(x, self.geometry, frames).to(dtype))
        return result if result.is_complex() else result.to(x.dtype)


class FrameStream(_FrameStream):
    """Blocks of any length."""

    @classmethod
    def serves(cls, transform: Any, fixed: bool) -> bool:
        """True for a transform with one geometry of its frames."""
        return has_frames(transform) and not fixed

    @torch.jit.export
    def start(
        self,
        batch_size: int = 1,
        dtype: torch.dtype = torch.float32,
        device: Optional[torch.device] = None,
    ) -> FrameState:
        """State before the first sample of a clip."""
        batch_size, device = self.beginning(batch_size, device)
        held = self.geometry.before if left_need(self.geometry) == 0 else 0
        samples = torch.zeros([batch_size, held], dtype=dtype, device=device)
        return FrameState(samples, new_counts(self.key))

    @torch.jit.export
    def step(self, block: Tensor, state: FrameState) -> Tuple[Tensor, FrameState]:
        """The frames that become final with a block, and the state after it."""
        before = received_of(state.counts, self.key)
        check_block(block, state.samples)
        total = before + block.size(1)
        done, final = final_frames(self.geometry, before), final_frames(self.geometry, total)
        samples = with_block(state.samples, block, self.geometry, before)
        frames = self.frames_of(from_frame(samples, self.geometry, done, total), final - done)
        held = held_samples(self.geometry, final, total)
        counts = next_counts(state.counts, block.size(1))
        return frames, FrameState(samples[:, samples.size(1) - held :].clone(), counts)

    @torch.jit.export
    def finish(self, state: FrameState) -> Tensor:
        """The frames that see the padding on the right; closes the state.

        Raises:
            ValueError: if the clip has fewer samples than the transform takes.
        """
        total = received_of(state.counts, self.key)
        check_samples(total, self.geometry.min_samples)
        done, last = final_frames(self.geometry, total), frames_of_clip(self.geometry, total)
        samples = state.samples
        if last > done:
            whole = padded_end(samples, self.geometry.after, self.geometry.pad_mode)
            samples = from_frame(whole, self.geometry, done, total + self.geometry.after)
        close(state.counts)
        return self.frames_of(samples, last - done)


class BlockState(NamedTuple):
    """State of a stream in blocks of a fixed length."""

    samples: Tensor
    """``(batch, held)``: the last samples, zeros before the first one."""


class BlockFrameStream(_FrameStream):
    """Blocks of a fixed length, in shapes that never change."""

    @classmethod
    def serves(cls, transform: Any, fixed: bool) -> bool:
        """True for a transform with one geometry of its frames."""
        return has_frames(transform) and fixed

    def __init__(self, transform: Any, block: Optional[int] = None) -> None:
        super().__init__(transform, block)
        self.frames = self.block // self.geometry.hop
        # Frames end a part of a hop before the end of a step; held samples are counted from there.
        self.held = self.delay * self.geometry.hop + self.geometry.before

    @torch.jit.export
    def start(
        self,
        batch_size: int = 1,
        dtype: torch.dtype = torch.float32,
        device: Optional[torch.device] = None,
    ) -> BlockState:
        """State before the first sample of a clip."""
        batch_size, device = self.beginning(batch_size, device)
        return BlockState(torch.zeros([batch_size, max(0, self.held)], dtype=dtype, device=device))

    def forward(self, block: Tensor, state: BlockState) -> Tuple[Tensor, BlockState]:
        """:meth:`step`, for graphs."""
        return self.step(block, state)

    @torch.jit.export
    def step(self, block: Tensor, state: BlockState) -> Tuple[Tensor, BlockState]:
        """The next ``block / hop_length`` frames, and the state after the block."""
        if not capturing_graph():
            check_fixed(block, self.block, state.samples, max(0, self.held))
        samples = torch.cat([state.samples, block], 1)
        frames = self.frames_of(samples[:, max(0, -self.held) :], self.frames)
        return frames, BlockState(samples[:, self.block :])

    @torch.jit.export
    def finish(self, state: BlockState) -> Tensor:
        """The last ``delay + 1`` frames, with zeros after the last sample."""
        zeros = state.samples.new_zeros([state.samples.size(0), self.block])
        parts: List[Tensor] = []
        for _ in range((self.delay + self.frames) // self.frames):
            frames, state = self.step(zeros, state)
            parts.append(frames)
        return torch.cat(parts, self.axis).narrow(self.axis, 0, self.delay + 1)
