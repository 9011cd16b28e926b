"""Base class of front ends: clips to frames, and the number of frames of each clip."""

from typing import Any, Optional

import numpy as np
import torch
from torch import Tensor

from ..fourier.design_factors import factors_pay
from ..fourier.fourier_transform import FourierTransform
from ..framing.design_window import Window
from ..framing.frame_geometry import FrameGeometry
from ..module.arguments import (
    MOST_BANDS,
    MOST_FRAME_SAMPLES,
    require_bool,
    require_choice,
    require_int,
    require_number,
)
from ..module.engines import resolve_engine
from ..module.graph_capture import capturing_graph
from ..module.shapes import is_float, require_samples
from .clips import emphasised, of_length, pad_ends, to_multiple, without_rest
from .design_front_end import frame_window

EDGES = ("drop", "zeros", "repeat")
# Samples of a clip or frames of a result; a fixed length of more would exhaust the memory.
MOST_LENGTH = 2**28


class ClipFraming(FourierTransform):
    """Length, scale, pre-emphasis, padding and frames of a clip, and stacks of frames.

    The attributes are the arguments of :class:`nnaudio2_core.FrontEnd`; ``frame_hop`` is its ``hop_length``,
    ``left`` and ``right`` are its paddings.
    """

    def keep_clip(self, length: Any, repeat: Any, multiple: Any, input_scale: Any, preemphasis: Any) -> None:
        """Check and keep what happens to a clip as a whole."""
        self.clip_length = optional_int("clip_length", length)
        self.clip_repeat = require_bool("clip_repeat", repeat)
        self.clip_multiple = require_int("clip_multiple", multiple, 1, MOST_LENGTH)
        self.input_scale = require_number("input_scale", input_scale, 0.0, 1e-12, 1e12)
        self.preemphasis = require_number("preemphasis", preemphasis, at_least=0.0, at_most=1.0)

    def keep_frames(
        self, n_fft: Any, win_length: Any, hop_length: Any, remove_mean: Any, by_frame: Any
    ) -> None:
        """Check and keep the sizes of frames, and what happens to each."""
        self.n_fft = require_int("n_fft", n_fft, 2, MOST_FRAME_SAMPLES)
        self.win_length = self.n_fft if win_length is None else require_int("win_length", win_length, 1)
        if self.win_length > self.n_fft:
            raise ValueError(f"win_length must be <= n_fft = {self.n_fft}, got {self.win_length}")
        self.frame_hop = require_int("hop_length", hop_length, 1)
        self.remove_mean = require_bool("remove_mean", remove_mean)
        by_frame = require_bool("preemphasis_by_frame", by_frame)
        # Coefficients of the pre-emphasis over the signal and within each frame, of which one is 0.
        self.signal_emphasis = 0.0 if by_frame else self.preemphasis
        self.frame_emphasis = self.preemphasis if by_frame else 0.0
        self.by_frame = self.remove_mean or self.frame_emphasis > 0.0

    def keep_padding(self, left: Any, right: Any, mode: Any) -> None:
        """Check and keep the padding of both ends."""
        self.left = require_int("pad_left", left, 0, MOST_FRAME_SAMPLES)
        self.right = require_int("pad_right", right, -self.frame_hop, MOST_FRAME_SAMPLES)
        self.pad_mode = require_choice("pad_mode", mode, ("reflect", "constant", "mirror"))
        self.first_centre = self.win_length // 2 - self.left

    def keep_window(self, window: Window, periodic: Any, engine: Any) -> None:
        """Check and keep the window, and the constants of the Fourier transform of frames."""
        self.engine = resolve_engine(engine)
        exact = frame_window(window, require_bool("periodic", periodic), self.win_length)
        half = self.n_fft // 2 + 1
        real = self.engine == "real"
        pays = factors_pay(self.n_fft, half)
        self.hop_length = self.frame_hop
        self.keep_fourier(exact, self.n_fft, "n_fft", real and pays)
        if real and not pays:
            # Cycles per window, which may be shorter than the transform.
            bins = np.arange(half, dtype=np.float64) * (self.win_length / self.n_fft)
            self.keep_kernels(bins, exact, False, "n_fft")

    def keep_counts(self, n_fixed: Any, n_trailing: Any, stack: Any, stack_hop: Any, edges: Any) -> None:
        """Check and keep what changes the number of frames."""
        self.n_fixed = optional_int("n_fixed", n_fixed)
        self.n_trailing = require_int("n_trailing", n_trailing, 0, MOST_LENGTH)
        self.stack = require_int("stack", stack, 1, MOST_BANDS)
        self.stack_hop = (
            self.stack if stack_hop is None else require_int("stack_hop", stack_hop, 1, MOST_BANDS)
        )
        self.stack_edges = require_choice("stack_edges", edges, EDGES)
        self.stacks = self.stack > 1 or self.stack_hop > 1
        self.hop_length = self.frame_hop * self.stack_hop
        self.min_samples = self._fewest_samples()

    def _fewest_samples(self) -> int:
        """Samples of the shortest clip that has a frame."""
        if self.clip_length is not None:
            if self._frames_of(self.clip_length) < 1:
                raise ValueError(
                    f"clip_length must hold one frame of {self.win_length} samples, got {self.clip_length}"
                )
            return 1
        frames = 1
        if self.n_fixed is None and self.stack_edges == "drop":
            frames = max(1, self.stack - self.n_trailing)
        needed = max(1, (frames - 1) * self.frame_hop + self.win_length - self.left - self.right)
        return (needed - 1) // self.clip_multiple * self.clip_multiple + 1

    def _frames_of(self, time: int) -> int:
        """Frames of a clip before any are added, cut off or stacked; less than 1 if it is too short."""
        if self.clip_length is not None:
            time = self.clip_length
        time = (time + self.clip_multiple - 1) // self.clip_multiple * self.clip_multiple
        return (time + self.left + self.right - self.win_length) // self.frame_hop + 1

    def single_geometry(self) -> FrameGeometry:
        """Place of the frames in a clip, before any are stacked."""
        return FrameGeometry(
            hop=self.frame_hop,
            width=self.win_length,
            seen=self.win_length,
            before=self.left,
            after=self.right,
            pad_mode=self.pad_mode,
            first_centre=self.first_centre,
            min_samples=self.min_samples,
        )

    @torch.jit.export
    def n_frames(self, time: int) -> int:
        """Frames of a clip of ``time`` samples, in eager mode also of a tensor of lengths.

        Raises:
            ValueError: if ``time`` is less than ``min_samples``.
        """
        if not torch.jit.is_scripting():
            if isinstance(time, Tensor) and time.dim() > 0 and not is_float(time):
                return self.frame_counts(time)
        time = require_samples(time, self.min_samples)
        frames = self._frames_of(time)
        if self.n_fixed is not None:
            frames = self.n_fixed
        frames += self.n_trailing
        if not self.stacks:
            return frames
        if self.stack_edges == "drop":
            return (frames - self.stack) // self.stack_hop + 1
        return (frames + self.stack_hop - 1) // self.stack_hop

    @torch.jit.export
    def frame_counts(self, lengths: Tensor) -> Tensor:
        """Frames of the clips of a padded batch: :meth:`n_frames` of each; 0 for one that is too short.

        Shape:
            lengths: ``(...)``, whole numbers
            returns: the same
        """
        frames = self.valid_frames(lengths)
        if self.n_fixed is not None:
            frames = torch.full_like(frames, self.n_fixed)
        frames = frames + self.n_trailing
        if self.stacks:
            frames = self.whole_stacks(frames)
        return torch.where(lengths >= self.min_samples, frames, 0)

    def valid_frames(self, lengths: Tensor) -> Tensor:
        """Frames of clips before any are added, cut off or stacked."""
        if self.clip_length is not None:
            return torch.full_like(lengths, self._frames_of(self.clip_length))
        multiple = self.clip_multiple
        lengths = torch.div(lengths + (multiple - 1), multiple, rounding_mode="floor") * multiple
        over = lengths + (self.left + self.right - self.win_length)
        return (torch.div(over, self.frame_hop, rounding_mode="floor") + 1).clamp(min=0)

    def whole_stacks(self, frames: Tensor) -> Tensor:
        """Stacks of so many frames."""
        if self.stack_edges == "drop":
            return torch.div(frames - self.stack, self.stack_hop, rounding_mode="floor") + 1
        return torch.div(frames + (self.stack_hop - 1), self.stack_hop, rounding_mode="floor")

    def frames_reached(self, time: int, clip_length: int) -> int:
        """Frames that begin before the end of a clip of ``time`` samples; the others see only its zeros.

        All frames in a graph, which serves any length, and where what follows the clip is not zero.
        """
        frames = self._frames_of(clip_length)
        mirrored = time + max(self.right, 0) >= clip_length
        if capturing_graph() or mirrored or self.clip_repeat or self.clip_multiple > 1:
            return frames
        return min(frames, (self.left + time) // self.frame_hop + 1)  # pre-emphasis reaches one sample more

    def prepared(
        self, x: Tensor, lengths: Optional[Tensor], clip_length: Optional[int], right: int
    ) -> Tensor:
        """``(batch, time)`` to ``(batch, left + time + right)``, scaled and pre-emphasised."""
        x = without_rest(x, lengths)
        if clip_length is not None:
            x = of_length(x, lengths, clip_length, self.clip_repeat)
            lengths = None
        x, lengths = to_multiple(x, lengths, self.clip_multiple)
        if self.input_scale != 1.0:
            x = x * self.input_scale
        x = emphasised(x, lengths, self.signal_emphasis)
        return pad_ends(x, lengths, self.left, right, self.pad_mode)


def optional_int(name: str, value: Any) -> Optional[int]:
    """None, or a length >= 1."""
    return None if value is None else require_int(name, value, 1, MOST_LENGTH)
