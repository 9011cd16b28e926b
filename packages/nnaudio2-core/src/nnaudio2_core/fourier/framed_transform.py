"""What the transforms over windowed frames share: frame geometry, engine, padding."""

from typing import Optional

import torch
from torch import Tensor

from ..framing.design_window import Window, analysis_window
from ..framing.padding import PAD_MODES, min_samples, pad_waveform
from ..module.arguments import MOST_FRAME_SAMPLES, require_bool, require_choice, require_int
from ..module.precision import constant, split_constant
from ..module.shapes import check_samples
from .factored_transform import FactoredTransform


class FramedTransform(FactoredTransform):
    """A transform of overlapping frames of ``n_fft`` samples, ``hop_length`` apart."""

    window: Tensor

    def frame_arguments(
        self,
        n_fft: int,
        win_length: Optional[int],
        hop_length: Optional[int],
        window: Window,
        center: bool,
        pad_mode: str,
    ) -> None:
        """Check the arguments that place the frames, and keep them and the window."""
        self.n_fft = require_int("n_fft", n_fft, 2, MOST_FRAME_SAMPLES)
        self.win_length = self.n_fft if win_length is None else require_int("win_length", win_length, 1)
        if self.win_length > self.n_fft:
            raise ValueError(f"win_length must be <= n_fft = {self.n_fft}, got {self.win_length}")
        default_hop = max(1, self.win_length // 4)
        self.hop_length = default_hop if hop_length is None else require_int("hop_length", hop_length, 1)
        self.center = require_bool("center", center)
        self.pad_mode = require_choice("pad_mode", pad_mode, PAD_MODES)
        self.pad = self.n_fft // 2 if self.center else 0
        self.min_samples = min_samples(self.pad, self.pad_mode, self.n_fft)
        self.constant_buffer("window", split_constant(analysis_window(window, self.win_length, self.n_fft)))

    @torch.jit.export
    def n_frames(self, time: int) -> int:
        """Frames of a clip of ``time`` samples: ``1 + (time + 2 * pad - n_fft) // hop_length``.

        Raises:
            ValueError: if ``time`` is less than ``min_samples``.
        """
        check_samples(time, self.min_samples)
        return 1 + (time + 2 * self.pad - self.n_fft) // self.hop_length

    def padded(self, waveform: Tensor) -> Tensor:
        """``(batch, time)`` to ``(batch, time + 2 * pad)``."""
        return pad_waveform(waveform, self.pad, self.pad_mode)

    def window_in(self, dtype: torch.dtype) -> Tensor:
        """The window, ``(n_fft,)``, in ``dtype``."""
        return constant(self.window, dtype)
