"""Streams of the direct least-squares inverse, whose kernels have a finite length.

A sample depends on the frames up to ``edge`` hops away. Near the ends of a clip the solver also estimates
virtual frames from the nearest ``points`` frames: the first samples wait until so many have come, and as many
are held for the last ones. Both ends are those of the solver on a clip of only these frames.
"""

from typing import Any, NamedTuple, Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..fourier.inverse_stft import checked_length
from ..inverse.least_squares import LeastSquaresInverse
from ..module.graph_capture import capturing_graph
from ..module.precision import working_dtype
from ..module.shapes import check_bins
from .stream import Stream, close, new_counts, next_counts, real_pairs, received_of, require_causal


class InverseState(NamedTuple):
    """State of a stream from coefficients to samples."""

    frames: Tensor
    """``(batch, n_bins, held, 2)``: the last frames."""
    counts: Tensor
    """``(2,)``, int64, on the CPU: key of the stream, frames received."""


class BlockInverseState(NamedTuple):
    """State of a stream from coefficients to samples, in blocks of a fixed length."""

    frames: Tensor
    """``(batch, n_bins, held, 2)``: the last frames, zeros before the first one."""


class _InverseStream(Stream):
    """Base of both kinds of block: the reach of the solver."""

    def __init__(self, transform: Any, block: Optional[int] = None) -> None:
        if transform.solver != "direct" or transform.n_iter > 0:
            raise ValueError(
                "solver must be 'direct' with n_iter=0 to stream, whose kernels end; iterations see the "
                f"whole clip, got solver={transform.solver!r} with n_iter={transform.n_iter}"
            )
        solver = transform.direct
        if solver.periodic:
            require_causal("circular")
        super().__init__(transform, block)
        self.n_bins: int = transform.n_bins
        self.edge: int = solver.edge
        # Clip samples before the own sample of frame 0.
        self.shift: int = solver.shift
        # Both ends are final if this many frames lie between them.
        self.held = max(solver.points, 2 * solver.edge) + 1
        self.latency = (self.edge - 1) * self.hop_length + 1 - self.shift
        self.delay = self.edge * self.hop_length - self.shift

    def checked_frames(self, block: Tensor, held: Tensor) -> Tensor:
        """A block as real pairs, or an error."""
        X = real_pairs(block, held)
        if X.size(1) != self.n_bins:
            check_bins(X.size(1), self.n_bins)
        if held.dim() != 4 or held.size(1) != self.n_bins:
            raise ValueError("state must be one of this stream, got one of another stream")
        return X

    def samples_between(self, frames: Tensor, count: int) -> Tensor:
        """``count`` hops of samples, from ``edge`` frames more on each side."""
        x: Tensor = self.transform.direct.samples_of(frames)
        return x[:, : count * self.hop_length]


class InverseStream(_InverseStream):
    """Any number of frames in each step."""

    @classmethod
    def serves(cls, transform: Any, fixed: bool) -> bool:
        """True for a least-squares inverse."""
        return isinstance(transform, LeastSquaresInverse) and not fixed

    @torch.jit.export
    def start(
        self,
        batch_size: int = 1,
        dtype: torch.dtype = torch.float32,
        device: Optional[torch.device] = None,
    ) -> InverseState:
        """State before the first frame."""
        batch_size, device = self.beginning(batch_size, device)
        frames = torch.zeros([batch_size, self.n_bins, 0, 2], dtype=working_dtype(dtype), device=device)
        return InverseState(frames, new_counts(self.key))

    @torch.jit.export
    def step(self, block: Tensor, state: InverseState) -> Tuple[Tensor, InverseState]:
        """The samples that become final with some frames, and the state after them."""
        before = received_of(state.counts, self.key)
        X = self.checked_frames(block, state.frames)
        total = before + X.size(2)
        frames = torch.cat([state.frames, X], 2)
        samples = X.new_zeros([X.size(0), 0])
        if before >= self.held:
            if X.size(2) > 0:
                samples = self.samples_between(frames[:, :, -2 * self.edge - X.size(2) :], X.size(2))
        elif total >= self.held:
            samples = self._solved(frames, None)[:, : self._final(total)]
        kept = frames[:, :, max(0, frames.size(2) - self.held) :].clone()
        return samples, InverseState(kept, next_counts(state.counts, X.size(2)))

    @torch.jit.export
    def finish(self, state: InverseState, length: Optional[int] = None) -> Tensor:
        """The last samples; closes the state.

        Args:
            state: after the last frame.
            length: samples of the whole clip, at least those that were returned; None means as many as the
                transform without a length returns.
        """
        total = received_of(state.counts, self.key)
        if total == 0:
            raise ValueError("X must have at least 1 frame, got 0")
        length = checked_length(length, total * self.hop_length + self.transform.frame_width)
        returned = self._final(total) if total >= self.held else 0
        if length is not None and length < returned:
            raise ValueError(f"length must be >= {returned}, the samples returned so far, got {length}")
        first = (total - state.frames.size(2)) * self.hop_length
        rest = self._solved(state.frames, None if length is None else length - first)[:, returned - first :]
        close(state.counts)
        return rest

    def _final(self, total: int) -> int:
        """Samples of a clip that are final after ``total`` frames."""
        return (total - self.edge) * self.hop_length + self.shift

    def _solved(self, frames: Tensor, length: Optional[int]) -> Tensor:
        """The samples of a clip of some frames."""
        x: Tensor = self.transform.solution(frames, length)
        return x


class BlockInverseStream(_InverseStream):
    """``block / hop_length`` frames in each step, ``block`` samples out."""

    @classmethod
    def serves(cls, transform: Any, fixed: bool) -> bool:
        """True for a least-squares inverse."""
        return isinstance(transform, LeastSquaresInverse) and fixed

    def __init__(self, transform: Any, block: Optional[int] = None) -> None:
        super().__init__(transform, block)
        self.frames = self.block // self.hop_length

    @torch.jit.export
    def start(
        self,
        batch_size: int = 1,
        dtype: torch.dtype = torch.float32,
        device: Optional[torch.device] = None,
    ) -> BlockInverseState:
        """State before the first frame."""
        batch_size, device = self.beginning(batch_size, device)
        shape = [batch_size, self.n_bins, 2 * self.edge, 2]
        return BlockInverseState(torch.zeros(shape, dtype=working_dtype(dtype), device=device))

    def forward(self, block: Tensor, state: BlockInverseState) -> Tuple[Tensor, BlockInverseState]:
        """:meth:`step`, for graphs."""
        return self.step(block, state)

    @torch.jit.export
    def step(self, block: Tensor, state: BlockInverseState) -> Tuple[Tensor, BlockInverseState]:
        """The next ``block`` samples, ``delay`` of them before sample 0, and the state after them."""
        X = self.checked_frames(block, state.frames)
        if not capturing_graph():
            if X.size(2) != self.frames:
                raise ValueError(f"block must have {self.frames} frames, got {X.size(2)}")
            if state.frames.size(2) != 2 * self.edge:
                raise ValueError("state must be one of this stream, got one of another stream")
        frames = torch.cat([state.frames, X], 2)
        return self.samples_between(frames, self.frames), BlockInverseState(frames[:, :, self.frames :])

    @torch.jit.export
    def finish(self, state: BlockInverseState) -> Tensor:
        """The samples after the last step up to the last frame's own, with frames of zeros after it."""
        frames = F.pad(state.frames, [0, 0, 0, self.edge])
        return self.samples_between(frames, self.edge)
