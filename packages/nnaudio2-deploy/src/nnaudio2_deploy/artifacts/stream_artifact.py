"""A loaded module with steps: ``start``, ``step`` and ``finish``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Optional

import torch
from torch import Tensor

from .artifact import Artifact
from .description import Description
from .formats.format import OpenedSteps
from .input_check import check_input, check_state, shortest_shape
from .parity import Result
from .steps import ANY_LENGTH, first_state
from .stepwise import flushed, in_blocks


@dataclass(frozen=True)
class StreamArtifact(Artifact):
    """A loaded stream: begin with :meth:`start`, give each block to :meth:`step`, end with :meth:`finish`.

    Nothing is stored in it: a state goes in and comes out, so one artifact serves any number of signals. A
    call with a whole clip does all three and returns the results joined, without those before the clip.

    Example:
        >>> import torch
        >>> from nnaudio2_core import STFT, Stream
        >>> from nnaudio2_deploy import load, save
        >>> stft = STFT(n_fft=512, hop_length=128, pad_mode="constant")
        >>> _ = save(Stream(stft, block=256), "stream.pt", "torchscript")
        >>> stream, x = load("stream.pt"), torch.randn(1, 2560)
        >>> state, pieces = stream.start(), []
        >>> for block in x.split(256, 1):
        ...     frames, state = stream.step(block, state)
        ...     pieces.append(frames)
        >>> pieces.append(stream.finish(state))
        >>> streamed = torch.cat(pieces, 2)[:, :, stream.description.delay :]
        >>> bool((streamed - stft(x)).abs().max() < 1e-4)
        True
    """

    _start: Optional[Callable[[int], Any]]
    _finish: Optional[Callable[[Any], Result]]

    @classmethod
    def of(cls, description: Description, opened: OpenedSteps) -> "StreamArtifact":
        """Of a description, and the payload in its runtime."""
        return cls(description, opened.runtime, opened.step, opened.start, opened.finish)

    def start(self, batch_size: Optional[int] = None) -> Any:
        """State before the first block of a clip.

        Args:
            batch_size: clips in a block; None means as many as the file was saved with. Only a stream of
                blocks of any length takes others.
        """
        _, axes = self.description.first
        saved = axes["batch"]
        if batch_size is None:
            batch_size = saved or 1
        if type(batch_size) is not int or batch_size < 1 or (saved is not None and batch_size != saved):
            rule = ">= 1" if saved is None else f"{saved}, as the file was saved"
            raise ValueError(f"batch_size must be {rule}, got {batch_size!r}")
        if self._start is None:
            return first_state(self.description.state or [])
        return self._start(batch_size)

    def step(self, block: Tensor, state: Any) -> tuple[Result, Any]:
        """The results of a block, and the state after it; the state that goes in stays as it is.

        Raises:
            TypeError: if block or state are not tensors, or have another dtype.
            ValueError: if they have another shape.
        """
        check_input(block, self.description)
        if self._start is None:
            check_state(state, self.description)
        result, after = self._call(block, state)
        return result, after

    def finish(self, state: Any) -> Result:
        """The results that follow on the last block of a clip: those of blocks of zeros."""
        if self.description.block is None and self._finish is not None:
            return self._finish(state)
        zeros = torch.zeros(shortest_shape(self.description), dtype=getattr(torch, self.description.dtype))
        return flushed(self.step, zeros, state, self.description.remaining, self.description.time_axis)

    def __call__(self, x: Tensor, *further: Tensor, **named: Tensor) -> Result:
        """The results of a whole clip of whole blocks, without those before the clip.

        Raises:
            TypeError: if more than the clip is given.
        """
        if further or named:
            raise TypeError(f"a stream takes one clip, got {len(further) + len(named)} tensors more")
        description = self.description
        _, axes = description.first
        long = "time" if "time" in axes else "frames"
        blocks = x.split(description.block or ANY_LENGTH[long], list(axes).index(long))
        state = self.start(x.size(0))
        return in_blocks(self.step, self.finish, state, blocks, description.delay or 0, description.time_axis)
