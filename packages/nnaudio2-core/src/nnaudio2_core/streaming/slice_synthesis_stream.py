"""Streams of the inverse of the sliced Gabor transform: half a slice of samples for each slice."""

from typing import Any, List, NamedTuple, Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..fourier.inverse_stft import checked_length
from ..gabor.nsgt import NSGT, Coefficients
from ..module.graph_capture import capturing_graph
from ..module.precision import working_dtype
from .slice_stream import BySlices
from .stream import check_fits, close, new_counts, next_counts, received_of


class SliceSynthesisState(NamedTuple):
    """State of a stream from slices to samples."""

    samples: Tensor
    """``(batch, slice_length / 2)``: the second half of the last slice, faded out."""
    counts: Tensor
    """``(2,)``, int64, on the CPU: key of the stream, slices received."""


class BlockSliceSynthesisState(NamedTuple):
    """State of a stream from slices to samples, in blocks of a fixed length."""

    samples: Tensor
    """As in :class:`SliceSynthesisState`."""


def inverts_slices(method: Any) -> bool:
    """True for the method ``inverse`` of an ``NSGT`` of slices."""
    owner = getattr(method, "__self__", None)
    return isinstance(owner, NSGT) and owner.sliced and method == owner.inverse


class _SliceSynthesisStream(BySlices):
    """Base of both kinds of block: the sum of some slices and of what the state holds."""

    def __init__(self, transform: Any, block: Optional[int] = None) -> None:
        super().__init__(transform.__self__, block)
        # Samples wait for the slice that begins before them.
        self.latency, self.delay = 1, self.hop_length

    def checked_slices(self, block: Coefficients, held: Tensor) -> List[Tensor]:
        """A block as pairs of real numbers, in the dtype of what a state holds, or an error.

        Shape:
            held: ``(batch, slice_length / 2)``
            returns: ``(batch, slices, channels, frames, 2)`` each
        """
        given: List[Tensor] = self.transform.checked_parts(block, "block", 0)
        parts = [part.to(working_dtype(part.dtype)) for part in given]
        if parts[0].dim() != 5:
            raise ValueError(
                "block must have the shape (batch, slices, channels, frames, 2), "
                f"got {list(parts[0].shape)} in tensor 0"
            )
        check_fits(parts[0], held)
        return parts

    def overlap_added(self, parts: List[Tensor], held: Tensor) -> Tuple[Tensor, Tensor]:
        """Samples that slices complete, the first ``slice_length / 2`` with the help of ``held``.

        Shape:
            parts: ``(batch, slices, channels, frames, 2)`` each, at least one slice
            held: ``(batch, slice_length / 2)``
            returns: ``(batch, slices * slice_length / 2)``, and what is held after them
        """
        slices = parts[0].size(1)
        ready = slices * self.hop_length
        y: Tensor = self.transform.bank.samples([part.flatten(0, 1) for part in parts], slices)
        y = y + F.pad(held, [0, ready])
        return y[:, :ready], y[:, ready:]


class SliceSynthesisStream(_SliceSynthesisStream):
    """Any number of slices in each step."""

    @classmethod
    def serves(cls, transform: Any, fixed: bool) -> bool:
        """True for the inverse of an ``NSGT`` of slices."""
        return inverts_slices(transform) and not fixed

    @torch.jit.export
    def start(
        self,
        batch_size: int = 1,
        dtype: torch.dtype = torch.float32,
        device: Optional[torch.device] = None,
    ) -> SliceSynthesisState:
        """State before the first slice."""
        batch_size, device = self.beginning(batch_size, device)
        samples = torch.zeros([batch_size, self.hop_length], dtype=working_dtype(dtype), device=device)
        return SliceSynthesisState(samples, new_counts(self.key))

    @torch.jit.export
    def step(self, block: Coefficients, state: SliceSynthesisState) -> Tuple[Tensor, SliceSynthesisState]:
        """The samples that slices complete, and the state after them."""
        before = received_of(state.counts, self.key)
        parts = self.checked_slices(block, state.samples)
        slices = parts[0].size(1)
        if slices == 0:
            return state.samples.new_zeros([state.samples.size(0), 0]), state
        y, held = self.overlap_added(parts, state.samples)
        # The first slice begins half its length before the clip.
        skipped = self.hop_length if before == 0 else 0
        return y[:, skipped:], SliceSynthesisState(held.clone(), next_counts(state.counts, slices))

    @torch.jit.export
    def finish(self, state: SliceSynthesisState, length: Optional[int] = None) -> Tensor:
        """The samples after those of the last slice, which are zeros, if any; closes the state.

        Args:
            state: after the last slice.
            length: samples of the whole clip, at least those that were returned; None means as many. The last
                slice of a clip may end after it: cut the joined samples at the length of the clip.
        """
        received = received_of(state.counts, self.key)
        if received == 0:
            raise ValueError("block must have at least 1 slice before finish, got 0")
        returned = (received - 1) * self.hop_length
        wanted = checked_length(length, returned)
        if wanted is None:
            wanted = returned
        if wanted < returned:
            raise ValueError(f"length must be >= {returned}, the samples returned so far, got {length}")
        close(state.counts)
        return state.samples.new_zeros([state.samples.size(0), wanted - returned])


class BlockSliceSynthesisStream(_SliceSynthesisStream):
    """``block / (slice_length / 2)`` slices in each step, ``block`` samples out."""

    @classmethod
    def serves(cls, transform: Any, fixed: bool) -> bool:
        """True for the inverse of an ``NSGT`` of slices."""
        return inverts_slices(transform) and fixed

    @torch.jit.export
    def start(
        self,
        batch_size: int = 1,
        dtype: torch.dtype = torch.float32,
        device: Optional[torch.device] = None,
    ) -> BlockSliceSynthesisState:
        """State before the first slice."""
        batch_size, device = self.beginning(batch_size, device)
        samples = torch.zeros([batch_size, self.hop_length], dtype=working_dtype(dtype), device=device)
        return BlockSliceSynthesisState(samples)

    def forward(
        self, block: Coefficients, state: BlockSliceSynthesisState
    ) -> Tuple[Tensor, BlockSliceSynthesisState]:
        """:meth:`step`, for graphs."""
        return self.step(block, state)

    @torch.jit.export
    def step(
        self, block: Coefficients, state: BlockSliceSynthesisState
    ) -> Tuple[Tensor, BlockSliceSynthesisState]:
        """The next ``block`` samples, ``delay`` of them before sample 0, and the state after them."""
        parts = self.checked_slices(block, state.samples)
        if not capturing_graph():
            slices = self.block // self.hop_length
            if parts[0].size(1) != slices:
                raise ValueError(f"block must have {slices} slices, got {parts[0].size(1)}")
            if state.samples.size(1) != self.hop_length:
                raise ValueError("state must be one of this stream, got one of another stream")
        y, held = self.overlap_added(parts, state.samples)
        return y, BlockSliceSynthesisState(held)

    @torch.jit.export
    def finish(self, state: BlockSliceSynthesisState) -> Tensor:
        """No samples: those of the last slice came with it."""
        return state.samples[:, :0]
