"""Streams of the front ends of models: scale, pre-emphasis, and frames that wait for their stack."""

from typing import Any, NamedTuple, Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..framing.frame_geometry import (
    FrameGeometry,
    final_frames,
    first_need,
    frames_of_clip,
    left_need,
    right_need,
)
from ..front_ends.clips import emphasised, pad_ends
from ..front_ends.features import stacked
from ..front_ends.front_end import FrontEnd
from ..module.precision import working_dtype
from ..module.shapes import check_samples
from .frame_stream import BlockFrameStream
from .held_samples import from_frame, held_samples, padded_end, stretch_of, with_block
from .stream import Stream, check_block, close, new_counts, next_counts, received_of


def require_causal(front_end: FrontEnd) -> None:
    """Raise a ValueError for an argument that looks at the whole clip, and name the one that does not."""
    whole = "it looks at the whole clip"
    if front_end.clip_length is not None:
        raise ValueError(f"clip_length must be None to stream, got {front_end.clip_length}: {whole}")
    if front_end.dynamic_range is not None and front_end.maximum is None:
        raise ValueError(
            f"maximum must be a number to stream with dynamic_range = {front_end.dynamic_range:g}, got None: "
            f"{whole}"
        )
    if front_end.normalize != "none":
        raise ValueError(
            f"normalize must be None to stream, got {front_end.normalize!r}: {whole}; mean and deviation "
            "take those of a corpus"
        )
    if front_end.n_fixed is not None:
        raise ValueError(f"n_fixed must be None to stream, got {front_end.n_fixed}: {whole}")


class FrontEndState(NamedTuple):
    """State of a stream of a front end."""

    last: Tensor
    """``(batch, 0 or 1)``: the last sample received."""
    samples: Tensor
    """``(batch, held)``: pre-emphasised samples that later frames see, padded once frames can be final."""
    frames: Tensor
    """``(batch, held, features)``: frames that wait for the rest of their stack."""
    counts: Tensor
    """``(2,)``, int64, on the CPU: key of the stream, samples received."""


class FrontEndStream(Stream):
    """Blocks of any length."""

    geometry: FrameGeometry

    @classmethod
    def serves(cls, transform: Any, fixed: bool) -> bool:
        """True for the front end of a model."""
        return isinstance(transform, FrontEnd) and not fixed

    def __init__(self, transform: Any, block: Optional[int] = None) -> None:
        require_causal(transform)
        super().__init__(transform, block)
        self.geometry = transform.single_geometry()
        self.axis = 2 if transform.frames_last else 1  # of the frames
        # With "repeat" so many copies of frame 0 come before it.
        self.copies = (transform.stack - 1) // 2 if transform.stack_edges == "repeat" else 0
        waits = (transform.stack - 1 - self.copies) * self.geometry.hop
        self.latency = first_need(self.geometry) + waits - 1 - self.geometry.first_centre
        self.mirrored = max(0, left_need(self.geometry) - 1)
        with torch.no_grad():
            probe = torch.zeros(1, self.geometry.width, device=self.place.device)
            self.features: int = transform.single_frames(probe).size(2)

    @torch.jit.export
    def start(
        self,
        batch_size: int = 1,
        dtype: torch.dtype = torch.float32,
        device: Optional[torch.device] = None,
    ) -> FrontEndState:
        """State before the first sample of a clip."""
        batch_size, device = self.beginning(batch_size, device)
        held = self.geometry.before if left_need(self.geometry) == 0 else 0
        working = working_dtype(dtype)
        return FrontEndState(
            torch.zeros([batch_size, 0], dtype=dtype, device=device),
            torch.zeros([batch_size, held], dtype=working, device=device),
            torch.zeros([batch_size, 0, self.features], dtype=working, device=device),
            new_counts(self.key),
        )

    @torch.jit.export
    def step(self, block: Tensor, state: FrontEndState) -> Tuple[Tensor, FrontEndState]:
        """The frames, or stacks of them, that become final with a block, and the state after it."""
        before = received_of(state.counts, self.key)
        check_block(block, state.last)
        total = before + block.size(1)
        done, final = self._final(before), self._final(total)
        samples = with_block(state.samples, self._prepared(block, state.last), self.geometry, before)
        y = self._frames(from_frame(samples, self.geometry, done, total), final - done)
        result, frames = self._stacks(self._waiting(y, state.frames, done), done, final)
        held = held_samples(self.geometry, final, total)
        after = FrontEndState(
            torch.cat([state.last, block], 1)[:, -1:].clone(),
            samples[:, samples.size(1) - held :].clone(),
            frames,
            next_counts(state.counts, block.size(1)),
        )
        return self.transform.arranged(result).to(block.dtype), after

    @torch.jit.export
    def finish(self, state: FrontEndState) -> Tensor:
        """The frames that see the padding on the right, and the appended ones; closes the state.

        Raises:
            ValueError: if the clip has fewer samples than the front end takes.
        """
        total = received_of(state.counts, self.key)
        check_samples(total, self.geometry.min_samples)
        done = self._final(total)
        multiple = self.transform.clip_multiple
        filled = (total + multiple - 1) // multiple * multiple
        last = frames_of_clip(self.geometry, filled)
        zeros = state.last.new_zeros([state.last.size(0), filled - total])
        samples = torch.cat([state.samples, self._prepared(zeros, state.last)], 1)
        whole = self._ended(samples, total, filled)
        y = self._frames(from_frame(whole, self.geometry, done, filled + self.geometry.after), last - done)
        close(state.counts)
        frames = F.pad(self._waiting(y, state.frames, done), [0, 0, 0, self.transform.n_trailing])
        result = self._last_stacks(frames, done, self.transform.n_frames(total))
        features: Tensor = self.transform.arranged(result)
        return features.to(state.last.dtype)

    def _final(self, time: int) -> int:
        """Frames that are final after ``time`` samples; none before the first, whatever they see."""
        return final_frames(self.geometry, time) if time > 0 else 0

    def _prepared(self, block: Tensor, last: Tensor) -> Tensor:
        """A block in the working dtype, scaled and pre-emphasised."""
        x = torch.cat([last, block], 1).to(working_dtype(block.dtype)) * self.transform.input_scale
        return emphasised(x, None, self.transform.signal_emphasis)[:, last.size(1) :]

    def _ended(self, samples: Tensor, total: int, filled: int) -> Tensor:
        """The held samples with the padding on the right, and of a very short clip the one on the left."""
        geometry = self.geometry
        if total >= left_need(geometry) and filled >= right_need(geometry):
            return padded_end(samples, geometry.after, geometry.pad_mode)
        # Shorter than the padding: all its samples are held, and reflected over and over.
        clip = samples[:, samples.size(1) - filled :]
        return pad_ends(clip, None, geometry.before, geometry.after, geometry.pad_mode)

    def _frames(self, x: Tensor, frames: int) -> Tensor:
        """``(batch, time)`` to ``(batch, frames, features)``."""
        if frames == 0:
            return torch.zeros([x.size(0), 0, self.features], dtype=x.dtype, device=x.device)
        result: Tensor = self.transform.single_frames(stretch_of(x, self.geometry, frames))
        return result

    def _waiting(self, y: Tensor, held: Tensor, done: int) -> Tensor:
        """New frames after those that wait; before frame 0 its copies."""
        if done == 0 and y.size(1) > 0 and self.copies > 0:
            return torch.cat([y[:, :1].expand(-1, self.copies, -1), y], 1)
        return torch.cat([held, y], 1)

    def _whole_stacks(self, frames: int) -> int:
        """Stacks that are whole after so many frames."""
        if frames == 0:
            return 0
        spare = frames + self.copies - self.transform.stack
        return 1 + spare // self.transform.stack_hop if spare >= 0 else 0

    def _first_held(self, frames: int) -> int:
        """The frame that waits first, copies counted, after so many frames."""
        if frames == 0:
            return 0
        known = frames + self.copies
        next_stack = self._whole_stacks(frames) * self.transform.stack_hop
        return next_stack if next_stack < known else known

    def _stacks(self, frames: Tensor, done: int, final: int) -> Tuple[Tensor, Tensor]:
        """Whole stacks of the waiting frames, and the frames that wait on."""
        first = self._first_held(done)
        begin = self._whole_stacks(done) * self.transform.stack_hop - first
        count = self._whole_stacks(final) - self._whole_stacks(done)
        kept = frames[:, self._first_held(final) - first :].clone()
        return self._side_by_side(frames[:, begin:], count), kept

    def _last_stacks(self, frames: Tensor, done: int, stacks: int) -> Tensor:
        """The last ones of all ``stacks`` of a clip, after its first ``done`` frames."""
        count = stacks - self._whole_stacks(done)
        more = self.transform.stack + self.transform.stack_hop
        if self.transform.stack_edges == "repeat" and count > 0:
            frames = torch.cat([frames, frames[:, -1:].expand(-1, more, -1)], 1)
        else:
            frames = F.pad(frames, [0, 0, 0, more])
        begin = self._whole_stacks(done) * self.transform.stack_hop - self._first_held(done)
        return self._side_by_side(frames[:, begin:], count)

    def _side_by_side(self, frames: Tensor, count: int) -> Tensor:
        """``count`` stacks, the first of which begins with the first frame."""
        size, hop = self.transform.stack, self.transform.stack_hop
        if count <= 0:
            return frames.new_zeros([frames.size(0), 0, size * frames.size(2)])
        return stacked(frames[:, : (count - 1) * hop + size], None, size, hop, "drop")


class BlockFrontEndStream(BlockFrameStream):
    """Blocks of a fixed length, in shapes that never change."""

    @classmethod
    def serves(cls, transform: Any, fixed: bool) -> bool:
        """True for the front end of a model."""
        return isinstance(transform, FrontEnd) and fixed

    @staticmethod
    def geometry_of(transform: Any) -> FrameGeometry:
        """Place of the stacks in the clip as it comes, with the sample that the pre-emphasis takes before."""
        require_causal(transform)
        for name, value, wanted in (
            ("stack_edges", transform.stack_edges, "drop"),
            ("n_trailing", transform.n_trailing, 0),
            ("clip_multiple", transform.clip_multiple, 1),
        ):
            if value != wanted:
                raise ValueError(
                    f"{name} must be {wanted!r} to stream in fixed blocks, got {value!r}: blocks of any "
                    "length have the ends of a clip"
                )
        single: FrameGeometry = transform.single_geometry()
        extra = 1 if transform.signal_emphasis > 0.0 else 0
        width = (transform.stack - 1) * single.hop + single.width + extra
        return single._replace(
            hop=transform.hop_length, width=width, seen=width, before=single.before + extra
        )

    def transformed(self, x: Tensor) -> Tensor:
        """The features of a stretch of samples as they come."""
        x = x * self.transform.input_scale
        if self.transform.signal_emphasis > 0.0:
            x = emphasised(x, None, self.transform.signal_emphasis)[:, 1:]
        y = self.transform.single_frames(x)
        if self.transform.stacks:
            y = stacked(y, None, self.transform.stack, self.transform.stack_hop, "drop")
        result: Tensor = self.transform.arranged(y)
        return result
