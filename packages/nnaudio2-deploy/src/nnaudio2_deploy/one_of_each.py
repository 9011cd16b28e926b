"""One of each transform, for the matrix, the bench and the demo, at sizes that each of them chooses."""

from collections.abc import Callable
from dataclasses import dataclass
from math import log2
from typing import Any

import nnaudio2_core as core
from nnaudio2_core import Transform


@dataclass(frozen=True)
class Sizes:
    """Sampling rate, Hz, sizes of frames, and numbers of bands, bins and steps."""

    sr: int
    n_fft: int
    hop_length: int
    pitch_hop: int
    """Samples between the frames of constant-Q transforms."""
    n_bins: int
    fmin: float = 32.7
    gamma: float = 20.0
    n_mels: int = 128
    n_mfcc: int = 20
    n_gammatone: int = 64
    n_iter: int = 32
    slice_length: int = 8192

    @classmethod
    def for_rate(cls, sr: int) -> "Sizes":
        """Windows of about 46 ms, a hop of a quarter of that, and semitones from C1 to nearly ``sr / 2``.

        The length is the power of two nearest to 46 ms: 2048 at 44.1 kHz, 1024 at 22.05 kHz, 512 at 8 kHz.
        Constant-Q frames lie eight times as close: the highest bins are as wide as a twentieth of their
        frequency, and an inverse needs frames that sample them densely.
        """
        n_fft = 2 ** round(log2(0.046 * sr))
        n_bins = int(12 * log2(0.45 * sr / cls.fmin))
        return cls(sr, n_fft, n_fft // 4, pitch_hop=n_fft // 32, n_bins=n_bins)

    @property
    def step(self) -> float:
        """Time between frames, s."""
        return self.hop_length / self.sr

    @property
    def frames(self) -> dict[str, Any]:
        """The arguments that all transforms on short frames share."""
        return {"n_fft": self.n_fft, "hop_length": self.hop_length}

    @property
    def bands(self) -> dict[str, Any]:
        """The arguments that the mel spectrogram and MFCC share."""
        return {"sr": self.sr, **self.frames, "n_mels": self.n_mels}

    @property
    def pitches(self) -> dict[str, Any]:
        """The arguments that constant-Q transforms and their inverses share."""
        return {"sr": self.sr, "hop_length": self.pitch_hop, "fmin": self.fmin, "n_bins": self.n_bins}


def _log_stft(sizes: Sizes) -> dict[str, Any]:
    return {**sizes.frames, "sr": sizes.sr, "freq_scale": "log", "freq_bins": 84}


def _front_end(sizes: Sizes) -> dict[str, Any]:
    half = sizes.n_fft // 2
    return {"sr": sizes.sr, **sizes.frames, "pad_left": half, "pad_right": half, "dynamic_range": 8.0}


def _stacked(sizes: Sizes) -> dict[str, Any]:
    bins = {"n_bins": sizes.n_bins - 12, "bins_per_octave": 12, "cqt_bins": sizes.n_bins}
    return {**sizes.pitches, "hop_length": sizes.hop_length, **bins, "harmonics": (0.5, 1.0, 2.0)}


ONE_OF_EACH: dict[str, tuple[type[Transform], Callable[[Sizes], dict[str, Any]]]] = {
    "STFT": (core.STFT, lambda s: {**s.frames, "sr": s.sr}),
    "STFT, log": (core.STFT, _log_stft),
    "iSTFT": (core.iSTFT, lambda s: s.frames),
    "GriffinLim": (core.GriffinLim, lambda s: {**s.frames, "n_iter": s.n_iter}),
    "MelSpectrogram": (core.MelSpectrogram, lambda s: s.bands),
    "MFCC": (core.MFCC, lambda s: {**s.bands, "n_mfcc": s.n_mfcc}),
    "Gammatonegram": (core.Gammatonegram, lambda s: {"sr": s.sr, **s.frames, "n_bins": s.n_gammatone}),
    "CQT": (core.CQT, lambda s: s.pitches),
    "CQT1992": (core.CQT1992, lambda s: s.pitches),
    "CQT1992v2": (core.CQT1992v2, lambda s: s.pitches),
    "CQT2010": (core.CQT2010, lambda s: s.pitches),
    "CQT2010v2": (core.CQT2010v2, lambda s: s.pitches),
    "VQT": (core.VQT, lambda s: {**s.pitches, "gamma": s.gamma}),
    "VQT, octaves": (core.VQT, lambda s: {**s.pitches, "gamma": s.gamma, "algorithm": "octaves"}),
    "iCQT": (core.iCQT, lambda s: s.pitches),
    "iVQT": (core.iVQT, lambda s: {**s.pitches, "gamma": s.gamma}),
    # Graphs unroll the steps, and each is an analysis and an inverse.
    "GriffinLimCQT": (core.GriffinLimCQT, lambda s: {**s.pitches, "n_iter": 2}),
    "Inverse of STFT, log": (core.Inverse, lambda s: {"transform": core.STFT(**_log_stft(s))}),
    "NSGT": (
        core.NSGT,
        lambda s: {"sr": s.sr, "fmin": s.fmin, "layout": "matrix", "slice_length": s.slice_length},
    ),
    "Fbank": (core.Fbank, lambda s: {"sr": s.sr, "n_bands": 80}),
    "LFCC": (core.LFCC, lambda s: {"sr": s.sr, **s.frames}),
    "FrontEnd": (core.FrontEnd, _front_end),
    "AmplitudeToDB": (core.AmplitudeToDB, lambda s: {"n_bins": s.n_mels}),
    "Deltas": (core.Deltas, lambda s: {"n_bins": s.n_mels}),
    "PCEN": (core.PCEN, lambda s: {"n_bins": s.n_mels}),
    # Graphs unroll the steps.
    "InverseMel": (core.InverseMel, lambda s: {**s.bands, "n_steps": 8, "n_iter": 2}),
    "Chroma": (core.Chroma, lambda s: {"sr": s.sr, **s.frames}),
    "ChromaCQT": (
        core.ChromaCQT,
        lambda s: {"sr": s.sr, "hop_length": s.pitch_hop, "fmin": s.fmin, "n_octaves": s.n_bins // 12},
    ),
    "HCQT": (core.HCQT, lambda s: {**s.pitches, "harmonics": (0.5, 1.0, 2.0)}),
    "StackedCQT": (core.StackedCQT, _stacked),
    "CFP": (core.CFP, lambda s: {"fs": s.sr}),
    "CombinedFrequencyPeriodicity": (core.CombinedFrequencyPeriodicity, lambda s: {"fs": s.sr}),
}
"""A class and its arguments by the name that tables show."""


def one(name: str, sizes: Sizes, **arguments: Any) -> Transform:
    """A transform of the list, with other arguments where some are given."""
    made, usual = ONE_OF_EACH[name]
    return made(**{**usual(sizes), **arguments})
