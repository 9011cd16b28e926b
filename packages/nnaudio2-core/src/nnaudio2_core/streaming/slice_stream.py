"""Streams of the sliced nonstationary Gabor transform: a slice for each half slice of samples."""

from typing import Any, List, NamedTuple, Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..gabor.nsgt import NSGT, Coefficients
from ..gabor.slices import n_slices
from ..module.graph_capture import capturing_graph
from ..module.precision import working_dtype
from ..module.shapes import check_samples
from .stream import Stream, check_block, check_fixed, close, new_counts, next_counts, received_of


class SliceState(NamedTuple):
    """State of a stream of slices."""

    samples: Tensor
    """``(batch, held)``: the second half of the last slice, zeros at first, and the samples after it."""
    counts: Tensor
    """``(2,)``, int64, on the CPU: key of the stream, samples received."""


class BlockSliceState(NamedTuple):
    """State of a stream of slices, in blocks of a fixed length."""

    samples: Tensor
    """``(batch, slice_length / 2)``: the second half of the last slice, zeros at first."""


class BySlices(Stream):
    """Base of streams of slices, forward and back."""

    @staticmethod
    def hop_of(transform: Any) -> Tuple[int, str]:
        """Samples between slices, and what errors call them."""
        return transform.unit // 2, "slice_length / 2"


class _SliceStream(BySlices):
    """Base of both kinds of block: the slices of a stretch of samples."""

    def __init__(self, transform: Any, block: Optional[int] = None) -> None:
        super().__init__(transform, block)
        # A slice waits for its second half, which begins at its own sample.
        self.latency = self.hop_length - 1

    def slices_of(self, samples: Tensor, count: int) -> Coefficients:
        """Coefficients of ``count`` slices.

        Shape:
            samples: ``(batch, time)``, time >= ``(count + 1) * slice_length / 2``
            returns: ``(batch, count, channels, frames, 2)``, a list of them or one, in the dtype of samples
        """
        parts: List[Tensor] = []
        if count == 0:
            for group in self.transform.groups:
                shape = [samples.size(0), 0, group.end - group.first, group.rate, 2]
                parts.append(samples.new_zeros(shape))
        else:
            x = samples[:, : (count + 1) * self.hop_length].to(working_dtype(samples.dtype))
            parts = [part.to(samples.dtype) for part in self.transform.bank.coefficients(x)]
        if self.transform.matrix:
            return parts[0]
        return parts


class SliceStream(_SliceStream):
    """Blocks of any length."""

    @classmethod
    def serves(cls, transform: Any, fixed: bool) -> bool:
        """True for an ``NSGT`` of slices."""
        return isinstance(transform, NSGT) and transform.sliced and not fixed

    @torch.jit.export
    def start(
        self,
        batch_size: int = 1,
        dtype: torch.dtype = torch.float32,
        device: Optional[torch.device] = None,
    ) -> SliceState:
        """State before the first sample of a clip."""
        batch_size, device = self.beginning(batch_size, device)
        samples = torch.zeros([batch_size, self.hop_length], dtype=dtype, device=device)
        return SliceState(samples, new_counts(self.key))

    @torch.jit.export
    def step(self, block: Tensor, state: SliceState) -> Tuple[Coefficients, SliceState]:
        """The slices that end with a block, and the state after it."""
        received_of(state.counts, self.key)
        check_block(block, state.samples)
        samples = torch.cat([state.samples, block], 1)
        count = samples.size(1) // self.hop_length - 1
        kept = samples[:, count * self.hop_length :].clone()
        return self.slices_of(samples, count), SliceState(kept, next_counts(state.counts, block.size(1)))

    @torch.jit.export
    def finish(self, state: SliceState) -> Coefficients:
        """The last one or two slices, with zeros after the last sample; closes the state.

        Raises:
            ValueError: if the clip has no samples.
        """
        total = received_of(state.counts, self.key)
        check_samples(total, self.transform.min_samples)
        hop = self.hop_length
        count = n_slices(total, 2 * hop) - total // hop
        samples = F.pad(state.samples, [0, (count + 1) * hop - state.samples.size(1)])
        close(state.counts)
        return self.slices_of(samples, count)


class BlockSliceStream(_SliceStream):
    """Blocks of a fixed length, in shapes that never change."""

    @classmethod
    def serves(cls, transform: Any, fixed: bool) -> bool:
        """True for an ``NSGT`` of slices."""
        return isinstance(transform, NSGT) and transform.sliced and fixed

    @torch.jit.export
    def start(
        self,
        batch_size: int = 1,
        dtype: torch.dtype = torch.float32,
        device: Optional[torch.device] = None,
    ) -> BlockSliceState:
        """State before the first sample of a clip."""
        batch_size, device = self.beginning(batch_size, device)
        return BlockSliceState(torch.zeros([batch_size, self.hop_length], dtype=dtype, device=device))

    def forward(self, block: Tensor, state: BlockSliceState) -> Tuple[Coefficients, BlockSliceState]:
        """:meth:`step`, for graphs."""
        return self.step(block, state)

    @torch.jit.export
    def step(self, block: Tensor, state: BlockSliceState) -> Tuple[Coefficients, BlockSliceState]:
        """The next ``block / (slice_length / 2)`` slices, and the state after the block."""
        if not capturing_graph():
            check_fixed(block, self.block, state.samples, self.hop_length)
        samples = torch.cat([state.samples, block], 1)
        slices = self.slices_of(samples, self.block // self.hop_length)
        return slices, BlockSliceState(samples[:, self.block :])

    @torch.jit.export
    def finish(self, state: BlockSliceState) -> Coefficients:
        """The last slice, with zeros after the last sample."""
        return self.slices_of(F.pad(state.samples, [0, self.hop_length]), 1)
