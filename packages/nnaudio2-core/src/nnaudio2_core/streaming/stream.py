"""Base class of all streams: the choice of the class that streams a transform, the counts of a state."""

import zlib
from typing import Any, List, Optional, Tuple, Type

import torch
from torch import Tensor

from ..framing.frame_geometry import FrameGeometry, first_need, left_need
from ..module.arguments import check_tensor, require_int, shown
from ..module.constants import Constants
from ..module.precision import working_dtype
from ..module.shapes import as_real_pairs, is_float

REFUSED = {
    "GriffinLim": "which fits its phases to the whole clip: stream iSTFT with phases of your own",
    "GriffinLimCQT": "which fits its phases to the whole clip: stream iCQT with phases of your own",
    "InverseMel": "which fits its phases to the whole clip: stream iSTFT with phases of your own",
    "StackedCQT": "which scales by the least and greatest value of the whole clip: stream CQT2010v2",
    "AmplitudeToDB": "which takes frames, not samples: call it, with top_db=None, on the frames of a stream",
    "Deltas": "which takes frames, not samples: call it on the frames of a stream and those beside them",
    "PCEN": "which takes frames, not samples: its method step continues from block to block",
    "NSGT": "whose windows belong to the whole clip: with slice_length it streams",
    "CombinedFrequencyPeriodicity": "which returns four results: CFP streams the first",
}
"""Transforms that do not stream: why, and what to use instead."""


class Stream(Constants):
    """A transform or an inverse, block by block, equal to its result on the whole clip.

    The pieces that :meth:`step` and :meth:`finish` return, joined along time, are the transform of all blocks
    joined, its padded ends included. Nothing is stored in the module: a state is a named tuple of tensors,
    passed in and returned, so that one stream serves any number of signals. Each stream takes the default
    output format of its transform.

    Args:
        transform: any transform or inverse of this package with a finite reach; what cannot stream raises
            here. Trainable ones stream, with the gradients of the whole clip. An ``NSGT`` with
            ``slice_length`` streams slices, which are frames ``slice_length / 2`` apart; ``nsgt.inverse`` is
            its inverse.
        block: None for blocks of any length. With a number B, a multiple of the hop, each step takes B
            samples and returns ``B / hop_length`` frames, in shapes that never change, for graphs; before the
            first sample there are zeros. Of an inverse each step takes ``B / hop_length`` frames.

    Shape:
        block: ``(batch, samples)``, any number of samples, none included; of an inverse
            ``(batch, bins, frames, 2)``; of the inverse of an ``NSGT`` what that returns, with an axis of
            batch and any number of slices
        frames: as the transform returns them for a batch, with as many frames as are final; of an inverse
            ``(batch, samples)``

    Attributes:
        latency: samples after its own that a frame waits for: frame k comes with the step that brings sample
            ``first_centre + k * hop_length + latency`` (that is ``k * hop_length + latency`` for a centred
            transform), or the one that brings sample ``mirrored``, if that is later. Of an inverse: sample t
            comes with the first frame k for which ``k * hop_length >= t + latency``.
        mirrored: samples that the padding on the left mirrors with ``pad_mode="reflect"``; else 0.
        delay: with ``block``, frames that come before frame 0; of an inverse, samples before sample 0.

    Raises:
        TypeError: if ``transform`` is none that streams.
        ValueError: if the transform, with its arguments, cannot stream.

    Example:
        >>> import torch
        >>> from nnaudio2_core import STFT, Stream
        >>> x = torch.randn(1, 4000)
        >>> stft = STFT(n_fft=512, hop_length=128)
        >>> stream = Stream(stft)
        >>> state = stream.start(batch_size=1)
        >>> pieces = []
        >>> for block in x.split(300, 1):
        ...     frames, state = stream.step(block, state)
        ...     pieces.append(frames)
        >>> pieces.append(stream.finish(state))
        >>> bool((torch.cat(pieces, 2) - stft(x)).abs().max() < 1e-4)
        True

    Source: overlap-save and overlap-add, Oppenheim & Schafer (2010), section 8.7, with the frames of each
    transform.
    """

    _kinds: "List[Type[Stream]]" = []

    place: Tensor
    latency: int
    mirrored: int
    delay: int
    key: int

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "serves" in vars(cls):
            Stream._kinds.append(cls)

    def __new__(cls, transform: Any = None, block: Optional[int] = None) -> "Stream":
        """The stream of the class that serves ``transform``."""
        if cls is Stream:
            cls = cls._kind(transform, block)
        return super().__new__(cls)

    @classmethod
    def serves(cls, transform: Any, fixed: bool) -> bool:
        """True if this class streams ``transform``, in blocks of a fixed length if ``fixed``."""
        raise NotImplementedError

    @classmethod
    def _kind(cls, transform: Any, block: Optional[int]) -> "Type[Stream]":
        for kind in cls._kinds:
            if kind.serves(transform, block is not None):
                return kind
        # The inverse of an NSGT is its method: it is refused as its owner is.
        inverts = getattr(transform, "__name__", "") == "inverse"
        name = type(getattr(transform, "__self__", None) if inverts else transform).__name__
        if name in REFUSED:
            raise ValueError(f"transform must be one that streams, got {name}, {REFUSED[name]}")
        raise TypeError(f"transform must be a transform or an inverse that streams, got {shown(transform)}")

    def __init__(self, transform: Any, block: Optional[int] = None) -> None:
        super().__init__()
        self.transform = transform
        self.latency, self.delay, self.mirrored = 0, 0, 0
        self.hop_length, name = self.hop_of(transform)
        self.block = 0
        if block is not None:
            self.block = require_int("block", block, 1)
            if self.block % self.hop_length:
                raise ValueError(f"block must be a multiple of {name} = {self.hop_length}, got {self.block}")
        # A state of another stream is told apart by this.
        described = f"{type(self).__name__} {type(transform).__name__} {transform.config!r} {self.block}"
        self.key = zlib.crc32(described.encode())
        tensors = [*transform.parameters(), *transform.buffers()]
        self.constant_buffer("place", torch.zeros(0, device=tensors[0].device))

    @staticmethod
    def hop_of(transform: Any) -> Tuple[int, str]:
        """Samples between frames, and what errors call them."""
        return transform.hop_length, "hop_length"

    def keep_latency(self, geometry: FrameGeometry) -> None:
        """Keep what follows from the place of the frames."""
        self.latency = first_need(geometry) - 1 - geometry.first_centre
        self.delay = -(-first_need(geometry) // geometry.hop) - 1
        self.mirrored = max(0, left_need(geometry) - 1)

    def beginning(self, batch_size: int, device: Optional[torch.device]) -> Tuple[int, torch.device]:
        """Batch size and device of a new state: by default the device of the stream."""
        if not torch.jit.is_scripting():
            batch_size = require_int("batch_size", batch_size, 1)
        return batch_size, self.place.device if device is None else device


def streamed_geometry(transform: Any) -> FrameGeometry:
    """The place of a transform's frames; raise a ValueError if its padding is not causal."""
    geometry: FrameGeometry = transform.frame_geometry()
    if geometry.before > 0 or geometry.after > 0:
        require_causal(geometry.pad_mode)
    return geometry


def require_causal(pad_mode: str) -> None:
    """Raise a ValueError for a padding that needs the end of a clip at its start."""
    if pad_mode == "circular":
        raise ValueError(
            "pad_mode must be 'reflect', 'constant' or 'replicate' to stream, got 'circular', which pads the "
            "start of a clip with its end"
        )


def new_counts(key: int) -> Tensor:
    """Counts of a state that has seen nothing: the stream's key, and samples or frames received.

    They stay on the CPU, where reading them makes no device wait.

    Shape:
        returns: ``(2,)``, int64
    """
    return torch.tensor([key, 0], dtype=torch.int64, device="cpu")


def next_counts(counts: Tensor, received: int) -> Tensor:
    """The counts after ``received`` more samples or frames."""
    return counts + torch.tensor([0, received], dtype=torch.int64, device=counts.device)


def received_of(counts: Tensor, key: int) -> int:
    """Samples or frames received; raise an error for a state of another stream, or a finished one."""
    if counts.dim() != 1 or counts.size(0) != 2:
        raise ValueError("state must come from start, step or finish of this stream")
    if int(counts[0]) != key:
        raise ValueError("state must be one of this stream, got one of another stream or of other arguments")
    received = int(counts[1])
    if received < 0:
        raise ValueError("state must not be finished: begin a new clip with start")
    return received


def close(counts: Tensor) -> None:
    """Mark a state as finished, in place."""
    counts[1] = -1


def check_block(x: Tensor, held: Tensor) -> None:
    """Raise an error unless a block of samples fits the samples that a state holds.

    Shape:
        x: ``(batch, samples)``
        held: ``(batch, samples)``
    """
    if not torch.jit.is_scripting():
        check_tensor("block", x)
    if not is_float(x):
        raise TypeError(f"block must be a float tensor of 16, 32 or 64 bits, got {x.dtype}")
    if x.dim() != 2:
        raise ValueError(f"block must have the shape (batch, samples), got {list(x.shape)}")
    check_fits(x, held)


def check_fixed(x: Tensor, size: int, samples: Tensor, held: int) -> None:
    """Raise an error unless a block has ``size`` samples and a state holds ``held`` of them.

    Shape:
        x: ``(batch, samples)``, the block
        samples: ``(batch, held)``, those of the state
    """
    check_block(x, samples)
    if x.size(1) != size:
        raise ValueError(f"block must have {size} samples, got {x.size(1)}")
    if samples.size(1) != held:
        raise ValueError(
            f"state must hold {held} samples, got {samples.size(1)}: it is one of another stream"
        )


def check_fits(x: Tensor, held: Tensor) -> None:
    """Raise an error unless batch size, dtype and device of a block are those of a state."""
    if x.size(0) != held.size(0):
        raise ValueError(f"block must have the state's batch size {held.size(0)}, got {x.size(0)}")
    if x.dtype != held.dtype:
        raise TypeError(f"block must have the state's dtype {held.dtype}, got {x.dtype}")
    if x.device != held.device:
        raise ValueError(f"block must be on the state's device {held.device}, got {x.device}")


def real_pairs(X: Tensor, held: Tensor) -> Tensor:
    """Frames of a block as pairs of real numbers, in the dtype of what a state holds.

    Shape:
        X: ``(batch, bins, frames, 2)`` or complex ``(batch, bins, frames)``
        held: ``(batch, *)``
        returns: ``(batch, bins, frames, 2)``

    Raises:
        TypeError: if ``X`` is not of a floating or complex type, or not of the state's.
        ValueError: if ``X`` has another shape, or another batch size than the state.
    """
    X = as_real_pairs(X)
    if not is_float(X):
        raise TypeError(f"block must be a float tensor of 16, 32 or 64 bits or a complex one, got {X.dtype}")
    if X.dim() != 4 or X.size(3) != 2:
        raise ValueError(f"block must have the shape (batch, bins, frames, 2), got {list(X.shape)}")
    X = X.to(working_dtype(X.dtype))
    check_fits(X, held)
    return X
