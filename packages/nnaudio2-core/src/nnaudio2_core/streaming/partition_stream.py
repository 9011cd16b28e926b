"""Streams of the direct constant-Q family; ``design_partitions`` has the mathematics."""

from typing import Any, List, NamedTuple, Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..constant_q.constant_q_transform import DirectConstantQ
from ..framing.frame_geometry import FrameGeometry, final_frames, frames_of_clip, left_need, right_need
from ..inverse.least_squares import constant_q_bank
from ..module.graph_capture import capturing_graph
from ..module.precision import constant, matmul, split_constant, working_dtype
from ..module.shapes import check_samples
from .design_partitions import NEGLIGIBLE, PartitionGroup, partitions
from .held_samples import padded_end, padded_start
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


class PartitionState(NamedTuple):
    """State of a stream of projections."""

    samples: Tensor
    """``(batch, held)``: samples of the hop that is not complete, and those that the padding on the right
    needs."""
    projections: Tensor
    """``(batch, hops, ranks)``: the hops that later frames see."""
    counts: Tensor
    """``(2,)``, int64, on the CPU: key of the stream, samples received."""


class BlockPartitionState(NamedTuple):
    """State of a stream of projections in blocks of a fixed length."""

    samples: Tensor
    """``(batch, held)``: samples after the last complete hop."""
    projections: Tensor
    """``(batch, hops, ranks)``: the hops that later frames see, zeros before the first one."""


class _PartitionStream(Stream):
    """Base of both kinds of block: the factors of the bank, projections and frames."""

    geometry: FrameGeometry
    narrow_groups: List[PartitionGroup]
    wide_groups: List[PartitionGroup]
    projection: Tensor
    mixing: Tensor
    wide_projection: Tensor
    wide_mixing: Tensor

    @classmethod
    def partitioned(cls, transform: Any) -> bool:
        """True for frozen kernels, all at the full rate."""
        by_octaves = getattr(transform, "octave_by_octave", False)
        return isinstance(transform, DirectConstantQ) and not by_octaves and not transform.trainable

    def __init__(self, transform: Any, block: Optional[int] = None) -> None:
        geometry = streamed_geometry(transform)
        super().__init__(transform, block)
        self.geometry = geometry
        self.keep_latency(self.geometry)
        bank, seen, hop = constant_q_bank(transform), self.geometry.seen, self.geometry.hop
        starts = [bank.width // 2 + offset for offset in bank.offsets]
        single = partitions(bank.kernels, starts, seen, hop, NEGLIGIBLE["single"])
        double = partitions(bank.kernels, starts, seen, hop, NEGLIGIBLE["double"])
        self.narrow_groups, self.wide_groups, self.blocks = single.groups, double.groups, single.blocks
        device = self.place.device
        for name, values in (
            ("projection", single.projection),
            ("mixing", single.mixing),
            ("wide_projection", double.projection),
            ("wide_mixing", double.mixing),
        ):
            self.constant_buffer(name, split_constant(values).to(device))
        # Zeros before the padded clip: the hops of a frame end with the samples that it sees.
        self.lead = self.blocks * hop - seen
        self.ranks: int = single.projection.shape[1]
        self.wide_ranks: int = double.projection.shape[1]

    def projected(self, samples: Tensor) -> Tensor:
        """Projections of whole hops.

        Shape:
            samples: ``(batch, hops * hop)``
            returns: ``(batch, hops, ranks)``
        """
        x = samples.to(working_dtype(samples.dtype))
        wide = x.dtype == torch.float64
        projection = constant(self.wide_projection, x.dtype) if wide else self.projection[0]
        hops: Tensor = x.unflatten(1, [x.size(1) // self.geometry.hop, self.geometry.hop])
        return matmul(hops, projection)

    def mixed(self, projections: Tensor, frames: int, like: Tensor) -> Tensor:
        """Frames from the projections of their hops, in the transform's format and the dtype of ``like``.

        Shape:
            projections: ``(batch, frames - 1 + blocks, ranks)``, or any without frames
            returns: ``(batch, n_bins, frames)`` or ``(batch, n_bins, frames, 2)``
        """
        wide = projections.dtype == torch.float64
        mixing = constant(self.wide_mixing, projections.dtype) if wide else self.mixing[0]
        parts: List[Tensor] = []
        column, offset = 0, 0
        for group in self.wide_groups if wide else self.narrow_groups:
            rows = group.blocks * group.rank
            matrix = mixing[offset : offset + rows * 2 * group.bins].view(rows, 2 * group.bins)
            offset += rows * 2 * group.bins
            last = self.blocks - group.skipped
            own = projections[:, last - group.blocks :, column : column + group.rank]
            column += group.rank
            if frames == 0:
                parts.append(projections.new_zeros([projections.size(0), 0, 2 * group.bins]))
            elif frames == 1:
                parts.append(matmul(own[:, : group.blocks].flatten(1), matrix).unsqueeze(1))
            else:
                windows = own[:, : frames - 1 + group.blocks].unfold(1, group.blocks, 1).transpose(2, 3)
                parts.append(matmul(windows.flatten(2), matrix))
        X = torch.cat(parts, 2).unflatten(2, [-1, 2]).transpose(1, 2)
        # Only its leading axis and its dtype count.
        like = X.new_zeros([X.size(0), 1]).to(like.dtype)
        result: Tensor = self.transform.finish(X, like, None, "librosa", None)
        return result


class PartitionStream(_PartitionStream):
    """Blocks of any length."""

    @classmethod
    def serves(cls, transform: Any, fixed: bool) -> bool:
        """True for frozen kernels, all at the full rate."""
        return cls.partitioned(transform) and not fixed

    @torch.jit.export
    def start(
        self,
        batch_size: int = 1,
        dtype: torch.dtype = torch.float32,
        device: Optional[torch.device] = None,
    ) -> PartitionState:
        """State before the first sample of a clip."""
        batch_size, device = self.beginning(batch_size, device)
        zeros = self.lead + self.geometry.before if left_need(self.geometry) == 0 else 0
        hops = zeros // self.geometry.hop
        samples = torch.zeros([batch_size, zeros - hops * self.geometry.hop], dtype=dtype, device=device)
        ranks = self.wide_ranks if dtype == torch.float64 else self.ranks
        projections = torch.zeros([batch_size, hops, ranks], dtype=working_dtype(dtype), device=device)
        return PartitionState(samples, projections, new_counts(self.key))

    @torch.jit.export
    def step(self, block: Tensor, state: PartitionState) -> Tuple[Tensor, PartitionState]:
        """The frames that become final with a block, and the state after it."""
        before = received_of(state.counts, self.key)
        check_block(block, state.samples)
        total = before + block.size(1)
        counts = next_counts(state.counts, block.size(1))
        samples = torch.cat([state.samples, block], 1)
        if total < left_need(self.geometry):
            return self.mixed(state.projections, 0, block), PartitionState(samples, state.projections, counts)
        if before < left_need(self.geometry):
            samples = padded_start(samples, self.geometry.before, self.geometry.pad_mode)
            samples = F.pad(samples, [self.lead, 0])
        done, final = final_frames(self.geometry, before), final_frames(self.geometry, total)
        projections = self._with_hops(samples, state.projections, before, total)
        frames = self.mixed(projections, final - done, block)
        padded = total + self.geometry.before + self.lead
        held = min(samples.size(1), max(padded % self.geometry.hop, right_need(self.geometry)))
        skipped = min(projections.size(1), final - done)
        state = PartitionState(
            samples[:, samples.size(1) - held :].clone(), projections[:, skipped:].clone(), counts
        )
        return frames, state

    @torch.jit.export
    def finish(self, state: PartitionState) -> Tensor:
        """The frames that see the padding on the right; closes the state.

        Raises:
            ValueError: if the clip has fewer samples than the transform takes.
        """
        total = received_of(state.counts, self.key)
        check_samples(total, self.geometry.min_samples)
        done, last = final_frames(self.geometry, total), frames_of_clip(self.geometry, total)
        projections = state.projections
        if last > done:
            whole = padded_end(state.samples, self.geometry.after, self.geometry.pad_mode)
            projections = self._with_hops(whole, projections, total, total + self.geometry.after)
        close(state.counts)
        return self.mixed(projections, last - done, state.samples)

    def _hops(self, total: int) -> int:
        """Complete hops after ``total`` samples of a clip."""
        if total < left_need(self.geometry):
            return 0
        return (total + self.geometry.before + self.lead) // self.geometry.hop

    def _with_hops(self, samples: Tensor, projections: Tensor, before: int, total: int) -> Tensor:
        """Projections up to the last complete hop of ``samples``, which end ``total`` samples into a clip."""
        hop = self.geometry.hop
        done, complete = self._hops(before), self._hops(total)
        if complete == done:
            return projections
        begin = done * hop - (total + self.geometry.before + self.lead - samples.size(1))
        fresh = self.projected(samples[:, begin : begin + (complete - done) * hop])
        return torch.cat([projections, fresh], 1)


class BlockPartitionStream(_PartitionStream):
    """Blocks of a fixed length, in shapes that never change."""

    @classmethod
    def serves(cls, transform: Any, fixed: bool) -> bool:
        """True for frozen kernels, all at the full rate."""
        return cls.partitioned(transform) and fixed

    def __init__(self, transform: Any, block: Optional[int] = None) -> None:
        super().__init__(transform, block)
        self.frames = self.block // self.geometry.hop
        # Samples after the last complete hop of the frames of a step.
        seen = self.geometry.seen - self.geometry.before
        self.late = (self.delay + 1) * self.geometry.hop - seen
        self.axis = 2

    @torch.jit.export
    def start(
        self,
        batch_size: int = 1,
        dtype: torch.dtype = torch.float32,
        device: Optional[torch.device] = None,
    ) -> BlockPartitionState:
        """State before the first sample of a clip."""
        batch_size, device = self.beginning(batch_size, device)
        ranks = self.wide_ranks if dtype == torch.float64 else self.ranks
        shape = [batch_size, self.blocks - 1, ranks]
        projections = torch.zeros(shape, dtype=working_dtype(dtype), device=device)
        return BlockPartitionState(
            torch.zeros([batch_size, self.late], dtype=dtype, device=device), projections
        )

    def forward(self, block: Tensor, state: BlockPartitionState) -> Tuple[Tensor, BlockPartitionState]:
        """:meth:`step`, for graphs."""
        return self.step(block, state)

    @torch.jit.export
    def step(self, block: Tensor, state: BlockPartitionState) -> Tuple[Tensor, BlockPartitionState]:
        """The next ``block / hop_length`` frames, and the state after the block."""
        if not capturing_graph():
            check_fixed(block, self.block, state.samples, self.late)
            if state.projections.size(1) != self.blocks - 1:
                raise ValueError("state must be one of this stream, got one of another stream")
        samples = torch.cat([state.samples, block], 1)
        fresh = self.projected(samples[:, : self.block])
        projections = torch.cat([state.projections, fresh], 1)
        frames = self.mixed(projections, self.frames, block)
        return frames, BlockPartitionState(samples[:, self.block :], projections[:, self.frames :])

    @torch.jit.export
    def finish(self, state: BlockPartitionState) -> Tensor:
        """The last ``delay + 1`` frames, with zeros after the last sample."""
        zeros = state.samples.new_zeros([state.samples.size(0), self.block])
        parts: List[Tensor] = []
        for _ in range((self.delay + self.frames) // self.frames):
            frames, state = self.step(zeros, state)
            parts.append(frames)
        return torch.cat(parts, self.axis).narrow(self.axis, 0, self.delay + 1)
