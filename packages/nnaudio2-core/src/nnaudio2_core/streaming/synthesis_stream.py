"""Streams of the inverse STFT: overlap-add, with the sum of squared windows in the state."""

from typing import Any, NamedTuple, Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..fourier.frame_fourier import synthesis
from ..fourier.inverse_stft import checked_length, onesided_bins
from ..fourier.istft import iSTFT
from ..framing.frames import overlap_add
from ..framing.window_sum import reciprocal
from ..module.graph_capture import capturing_graph
from ..module.precision import working_dtype
from .stream import Stream, close, new_counts, next_counts, real_pairs, received_of


class SynthesisState(NamedTuple):
    """State of a stream from frames to samples."""

    samples: Tensor
    """``(batch, held)``: sum of the windowed frames, from the first sample that a later frame adds to."""
    weights: Tensor
    """``(held,)``: sum of the squared windows."""
    counts: Tensor
    """``(2,)``, int64, on the CPU: key of the stream, frames received."""


class BlockSynthesisState(NamedTuple):
    """State of a stream from frames to samples, in blocks of a fixed length."""

    samples: Tensor
    """As in :class:`SynthesisState`."""
    weights: Tensor
    """As in :class:`SynthesisState`."""


class _SynthesisStream(Stream):
    """Base of both kinds of block: overlap-add of some frames to what the state holds.

    In the padded clip, step by step, the frames from ``n`` on complete the samples from
    ``n * hop - spare`` on.
    """

    def __init__(self, transform: Any, block: Optional[int] = None) -> None:
        if transform.obstacle:
            raise ValueError(transform.obstacle)
        super().__init__(transform, block)
        hop, width, pad = transform.hop_length, transform.n_fft, transform.pad
        # If a frame is the last one, the clip ends pad samples before it does.
        self.spare = max(0, hop + pad - width)
        self.held = width - hop + self.spare
        self.delay = pad + self.spare
        self.latency = self.delay - hop + 1

    def overlap_added(self, X: Tensor, samples: Tensor, weights: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
        """Samples that frames complete, and what is held after them.

        Shape:
            X: ``(batch, bins, frames, 2)``, at least one frame
            returns: ``(batch, frames * hop)``, and the new samples and weights
        """
        spectra = onesided_bins(X, self.transform.n_fft, self.transform.freq_bins, None).transpose(1, 2)
        fourier = self.transform.inverse_fourier(X.dtype)
        hop, frames = self.hop_length, X.size(2)
        ready = frames * hop
        total = F.pad(synthesis(spectra, fourier), [self.spare, 0]) + F.pad(samples, [0, ready])
        squares = fourier.window.square().reshape(1, 1, -1).expand(1, frames, -1)
        added = F.pad(overlap_add(squares, hop).squeeze(0), [self.spare, 0])
        sums = F.pad(weights, [0, ready]) + added
        return self.divided(total[:, :ready], sums[:ready]), total[:, ready:], sums[ready:]

    def divided(self, samples: Tensor, weights: Tensor) -> Tensor:
        """Sums of windowed frames, over the sums of squared windows."""
        y: Tensor = samples * (reciprocal(weights) / self.transform.n_fft)
        return y


class SynthesisStream(_SynthesisStream):
    """Any number of frames in each step."""

    @classmethod
    def serves(cls, transform: Any, fixed: bool) -> bool:
        """True for an inverse STFT."""
        return isinstance(transform, iSTFT) and not fixed

    @torch.jit.export
    def start(
        self,
        batch_size: int = 1,
        dtype: torch.dtype = torch.float32,
        device: Optional[torch.device] = None,
    ) -> SynthesisState:
        """State before the first frame."""
        batch_size, device = self.beginning(batch_size, device)
        work = working_dtype(dtype)
        samples = torch.zeros([batch_size, self.held], dtype=work, device=device)
        weights = torch.zeros([self.held], dtype=work, device=device)
        return SynthesisState(samples, weights, new_counts(self.key))

    @torch.jit.export
    def step(self, block: Tensor, state: SynthesisState) -> Tuple[Tensor, SynthesisState]:
        """The samples that frames complete, and the state after them."""
        before = received_of(state.counts, self.key)
        X = real_pairs(block, state.samples)
        if X.size(2) == 0:
            return block.new_zeros([X.size(0), 0], dtype=X.dtype), state
        y, samples, weights = self.overlap_added(X, state.samples, state.weights)
        padding = max(0, self.delay - before * self.hop_length)
        counts = next_counts(state.counts, X.size(2))
        return y[:, min(y.size(1), padding) :], SynthesisState(samples.clone(), weights.clone(), counts)

    @torch.jit.export
    def finish(self, state: SynthesisState, length: Optional[int] = None) -> Tensor:
        """The last samples; closes the state.

        Args:
            state: after the last frame.
            length: samples of the whole clip, at least those that were returned; None means as many as the
                frames cover between the paddings. Samples that no frame covers are zero.
        """
        received = received_of(state.counts, self.key)
        if received == 0:
            raise ValueError("X must have at least 1 frame, got 0")
        hop = self.hop_length
        length = checked_length(length, received * hop + self.transform.n_fft)
        y = self.divided(state.samples, state.weights)
        padding = max(0, self.delay - received * hop)
        y, returned = y[:, padding:], max(0, received * hop - self.delay)
        wanted = y.size(1) - self.transform.pad if length is None else length - returned
        if wanted < 0:
            raise ValueError(f"length must be >= {returned}, the samples returned so far, got {length}")
        close(state.counts)
        return F.pad(y[:, :wanted], [0, max(0, wanted - y.size(1))])


class BlockSynthesisStream(_SynthesisStream):
    """``block / hop_length`` frames in each step, ``block`` samples out."""

    @classmethod
    def serves(cls, transform: Any, fixed: bool) -> bool:
        """True for an inverse STFT."""
        return isinstance(transform, iSTFT) and fixed

    def __init__(self, transform: Any, block: Optional[int] = None) -> None:
        super().__init__(transform, block)
        self.frames = self.block // self.hop_length

    @torch.jit.export
    def start(
        self,
        batch_size: int = 1,
        dtype: torch.dtype = torch.float32,
        device: Optional[torch.device] = None,
    ) -> BlockSynthesisState:
        """State before the first frame."""
        batch_size, device = self.beginning(batch_size, device)
        work = working_dtype(dtype)
        samples = torch.zeros([batch_size, self.held], dtype=work, device=device)
        return BlockSynthesisState(samples, torch.zeros([self.held], dtype=work, device=device))

    def forward(self, block: Tensor, state: BlockSynthesisState) -> Tuple[Tensor, BlockSynthesisState]:
        """:meth:`step`, for graphs."""
        return self.step(block, state)

    @torch.jit.export
    def step(self, block: Tensor, state: BlockSynthesisState) -> Tuple[Tensor, BlockSynthesisState]:
        """The next ``block`` samples, ``delay`` of them before sample 0, and the state after them."""
        if not capturing_graph():
            if state.samples.dim() != 2 or state.samples.size(1) != self.held:
                raise ValueError(
                    f"state must hold {self.held} samples, got {list(state.samples.shape)}: it is one of "
                    "another stream"
                )
        X = real_pairs(block, state.samples)
        if not capturing_graph() and X.size(2) != self.frames:
            raise ValueError(f"block must have {self.frames} frames, got {X.size(2)}")
        y, samples, weights = self.overlap_added(X, state.samples, state.weights)
        return y, BlockSynthesisState(samples, weights)

    @torch.jit.export
    def finish(self, state: BlockSynthesisState) -> Tensor:
        """The samples after the last step, up to the end of the last frame's padding."""
        y = self.divided(state.samples, state.weights)
        return y[:, : y.size(1) - self.transform.pad]
