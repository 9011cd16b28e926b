"""Sizes of frames and numbers of bands that the demo uses, for any sampling rate."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2
from typing import Any

from torch import Tensor

import nnaudio2_core as core

N_MELS = 128
N_MFCC = 20
N_GAMMATONE = 64
GAMMATONE_FMIN = 20.0
GRIFFIN_LIM_STEPS = 32
SEED = 0
CQT_FMIN = 32.70
VQT_GAMMA = 20.0

Results = Mapping[str, Tensor]
"""What the rows so far have computed, by name; ``'waveform'`` is the recording."""


@dataclass(frozen=True)
class Setting:
    """Sizes that suit a sampling rate: windows of about 46 ms, a hop of a quarter of that."""

    sr: int
    n_fft: int
    hop_length: int

    @classmethod
    def for_rate(cls, sr: int) -> "Setting":
        """The power of two nearest to 46 ms: 2048 at 44.1 kHz, 1024 at 22.05 kHz, 512 at 8 kHz."""
        n_fft = 2 ** round(log2(0.046 * sr))
        return cls(sr=sr, n_fft=n_fft, hop_length=n_fft // 4)

    @property
    def step(self) -> float:
        """Time between frames, s."""
        return self.hop_length / self.sr

    @property
    def constant_q(self) -> dict[str, Any]:
        """The arguments of ``CQT`` and its inverse: semitones from C1 to nearly ``sr / 2``.

        Frames lie eight times as close as elsewhere: the highest bins are as wide as a twentieth of their
        frequency, and an inverse is only as good as they are sampled.
        """
        n_bins = int(12 * log2(0.45 * self.sr / CQT_FMIN))
        return {"sr": self.sr, "hop_length": self.hop_length // 8, "fmin": CQT_FMIN, "n_bins": n_bins}

    @property
    def frames(self) -> dict[str, Any]:
        """The arguments that all transforms on short frames share."""
        return {"n_fft": self.n_fft, "hop_length": self.hop_length}


def cfp_for(setting: Setting) -> core.CFP:
    """``CFP`` with a long FFT (bins of 2 to 3 Hz) and, as pitch changes slowly, twice the hop."""
    return core.CFP(
        setting.sr / (8 * setting.n_fft),
        setting.sr,
        hop_length=2 * setting.hop_length,
        window_size=2 * setting.n_fft + 1,
    )
