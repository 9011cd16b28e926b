"""Every public transform, with small arguments and an input, for the contract tests."""

from dataclasses import dataclass, field
from typing import Any, Callable

import torch
from tests import tolerances
from torch import Tensor, nn

import nnaudio2_core as core


@dataclass(frozen=True)
class Entry:
    """A transform, and the facts about it that the contracts need."""

    name: str
    make: Callable[..., nn.Module]
    arguments: dict[str, Any]
    kind: str = "waveform"
    """Its input: ``waveform``, ``spectrogram`` (complex) or ``magnitude``."""
    time: int = 3000
    bins: int = 0
    """Bins of a spectrogram or magnitude."""
    call: dict[str, Any] = field(default_factory=dict)
    """Keyword arguments of the call."""
    engines: tuple[str, ...] = ("fft", "real")
    trained: dict[str, Any] = field(default_factory=dict)
    """Arguments that make its parameters trainable."""
    small: dict[str, Any] = field(default_factory=dict)
    """Arguments that make it small enough for numerical gradients."""
    small_time: int = 150
    small_bins: int = 0
    """Bins of a small spectrogram or magnitude."""
    engine_bound: float = tolerances.ENGINES
    float32_bound: float = tolerances.ENGINES
    batch_bound: float = tolerances.BATCH

    def build(self, **changes: Any) -> nn.Module:
        torch.manual_seed(0)
        return self.make(**{**self.arguments, **changes})

    def input(self, *lead: int, time: int | None = None, dtype: torch.dtype = torch.float32) -> Tensor:
        time = self.time if time is None else time
        if self.kind == "waveform":
            return torch.randn(*lead, time, dtype=dtype)
        if self.kind == "spectrogram":
            return torch.randn(*lead, self.bins, time, 2, dtype=dtype)
        return torch.rand(*lead, self.bins, time, dtype=dtype)

    @property
    def own_axes(self) -> int:
        return {"waveform": 1, "spectrogram": 3, "magnitude": 2}[self.kind]


FRAMES: dict[str, Any] = {"n_fft": 128, "hop_length": 32}
PITCHES: dict[str, Any] = {"sr": 8000, "hop_length": 64, "fmin": 300.0, "n_bins": 20}
SMALL_PITCHES: dict[str, Any] = {
    **PITCHES,
    "hop_length": 16,
    "fmin": 900.0,
    "n_bins": 4,
    "bins_per_octave": 4,
}
PERIODS: dict[str, Any] = {"fr": 16, "fs": 4000, "hop_length": 100, "window_size": 129}
SMALL: dict[str, Any] = {"n_fft": 32, "hop_length": 9}
# Frames so long that the real engine uses a factored DFT instead of kernels.
LONG_FRAMES: dict[str, Any] = {"n_fft": 512, "hop_length": 150}
# Every step that changes single frames, and Kaldi's padding.
FRONT_END_FRAMES: dict[str, Any] = {
    "remove_mean": True,
    "preemphasis": 0.97,
    "preemphasis_by_frame": True,
    "window": "povey",
    "pad_left": 60,
    "pad_right": 90,
    "pad_mode": "mirror",
}
GABOR: dict[str, Any] = {"sr": 8000, "fmin": 300.0, "bins_per_octave": 5}
SMALL_GABOR: dict[str, Any] = {"sr": 8000, "fmin": 900.0, "bins_per_octave": 2}

ENTRIES = [
    Entry("STFT", core.STFT, FRAMES, trained={"trainable": True}, small=SMALL),
    Entry("STFT, long frames", core.STFT, LONG_FRAMES, trained={"trainable": True}, small=SMALL),
    Entry(
        "STFT log",
        core.STFT,
        {**FRAMES, "freq_scale": "log", "freq_bins": 30},
        trained={"trainable": True},
        small={**SMALL, "freq_scale": "log", "freq_bins": 6},
    ),
    Entry(
        "STFT magnitude",
        core.STFT,
        {**FRAMES, "output_format": "Magnitude"},
        trained={"trainable": True},
        small={**SMALL, "output_format": "Magnitude"},
    ),
    Entry(
        "iSTFT",
        core.iSTFT,
        FRAMES,
        kind="spectrogram",
        bins=65,
        time=40,
        call={"onesided": True},
        trained={"trainable_kernels": True, "trainable_window": True},
        small={"n_fft": 16, "hop_length": 4},
        small_time=6,
        small_bins=9,
    ),
    Entry(
        "iSTFT, long frames",
        core.iSTFT,
        LONG_FRAMES,
        kind="spectrogram",
        bins=257,
        time=12,
        call={"onesided": True},
        trained={"trainable_window": True},
        small={"n_fft": 16, "hop_length": 4},
        small_time=6,
        small_bins=9,
    ),
    Entry(
        "MelSpectrogram",
        core.MelSpectrogram,
        {"sr": 8000, "n_mels": 20, **FRAMES},
        trained={"trainable_mel": True, "trainable_STFT": True},
        small={"sr": 8000, "n_mels": 6, **SMALL},
    ),
    Entry(
        "MelSpectrogram power 1",
        core.MelSpectrogram,
        {"sr": 8000, "n_mels": 20, "power": 1.0, **FRAMES},
        trained={"trainable_mel": True},
        small={"sr": 8000, "n_mels": 6, "power": 1.0, **SMALL},
    ),
    Entry(
        "MFCC",
        core.MFCC,
        {"sr": 8000, "n_mfcc": 13, "n_mels": 20, **FRAMES},
        trained={"trainable_mel": True, "trainable_STFT": True},
        small={"sr": 8000, "n_mfcc": 4, "n_mels": 6, **SMALL},
    ),
    Entry(
        "Gammatonegram",
        core.Gammatonegram,
        {"sr": 8000, "n_bins": 20, **FRAMES},
        trained={"trainable_bins": True, "trainable_STFT": True},
        small={"sr": 8000, "n_bins": 6, **SMALL},
    ),
    Entry(
        "FrontEnd",
        core.FrontEnd,
        {
            "sr": 8000,
            "n_bands": 20,
            "pad_left": 64,
            "pad_right": 64,
            "log": "log10",
            "dynamic_range": 8.0,
            **FRAMES,
        },
        trained={"trainable_bands": True},
        small={"sr": 8000, "n_bands": 6, "pad_left": 16, "pad_right": 16, **SMALL},
    ),
    Entry(
        "FrontEnd, frame by frame",
        core.FrontEnd,
        {"sr": 8000, "n_bands": 20, **FRONT_END_FRAMES, **LONG_FRAMES, "win_length": 300},
        trained={"trainable_bands": True},
        small={"sr": 8000, "n_bands": 6, **FRONT_END_FRAMES, **SMALL},
    ),
    Entry(
        "Fbank",
        core.Fbank,
        {"sr": 8000, "n_bands": 20, "win_length": 120, "hop_length": 40},
        trained={"trainable_bands": True},
        small={"sr": 8000, "n_bands": 4, "win_length": 30, "hop_length": 9},
    ),
    Entry(
        "LFCC",
        core.LFCC,
        {"sr": 8000, "n_lfcc": 13, "n_bands": 20, **FRAMES},
        trained={"trainable_bands": True},
        small={"sr": 8000, "n_lfcc": 4, "n_bands": 6, **SMALL},
    ),
    Entry(
        "AmplitudeToDB",
        core.AmplitudeToDB,
        {"top_db": 60.0, "n_bins": 20},
        kind="magnitude",
        bins=20,
        time=40,
        engines=(),
        small={"n_bins": 5},
        small_time=7,
        small_bins=5,
    ),
    Entry(
        "Deltas",
        core.Deltas,
        {"width": 5, "order": 2, "n_bins": 20},
        kind="magnitude",
        bins=20,
        time=40,
        engines=(),
        small={"width": 5, "n_bins": 5},
        small_time=7,
        small_bins=5,
    ),
    Entry(
        "PCEN",
        core.PCEN,
        {"n_bins": 20},
        kind="magnitude",
        bins=20,
        time=150,  # more than two blocks of frames
        engines=(),
        trained={"trainable": True},
        small={"n_bins": 5},
        small_time=7,
        small_bins=5,
    ),
    Entry(
        "InverseMel",
        core.InverseMel,
        {"sr": 8000, "n_mels": 20, **FRAMES, "n_steps": 2, "n_iter": 0},
        kind="magnitude",
        bins=20,
        time=40,
        small={"sr": 8000, "n_mels": 6, "n_fft": 16, "hop_length": 4, "n_steps": 3, "n_iter": 1},
        engine_bound=tolerances.INVERSE_MEL_ENGINES,
        small_time=7,
        small_bins=6,
    ),
    Entry(
        "Chroma",
        core.Chroma,
        {"sr": 8000, **FRAMES},
        trained={"trainable_chroma": True, "trainable_STFT": True},
        small={"sr": 8000, "n_chroma": 4, **SMALL},
    ),
    Entry(
        "ChromaCQT",
        core.ChromaCQT,
        {"sr": 8000, "hop_length": 64, "fmin": 450.0, "n_octaves": 2, "bins_per_octave": 12},
        trained={"trainable": True},
        small={
            "sr": 8000,
            "hop_length": 16,
            "fmin": 900.0,
            "n_octaves": 1,
            "bins_per_octave": 4,
            "n_chroma": 2,
        },
        engine_bound=tolerances.BANK_DEFAULT,
    ),
    Entry(
        "HCQT",
        core.HCQT,
        {**SMALL_PITCHES, "n_bins": 8, "harmonics": [0.5, 1.0, 1.5, 2.0]},  # above sr / 2 at the top of 2
        trained={"trainable": True},
        small={**SMALL_PITCHES, "harmonics": [1.0, 2.0]},
        engine_bound=tolerances.BANK_DEFAULT,
    ),
    Entry(
        "StackedCQT",
        core.StackedCQT,
        {
            **PITCHES,
            "bins_per_octave": 12,
            "n_bins": 18,
            "cqt_bins": 20,
            "harmonics": [0.5, 1.0, 1.5],  # beyond the transform at both ends
            "floor": 1.0,  # the least cell scales all others: a lower floor would show its round-off only
        },
        trained={"trainable": True},
        small={**SMALL_PITCHES, "n_bins": 4, "bins_per_octave": 12, "cqt_bins": 4, "harmonics": [1.0, 1.06]},
        engines=(),
        batch_bound=tolerances.BATCH_STACKED_CQT,
    ),
    Entry(
        "GriffinLim",
        core.GriffinLim,
        {**FRAMES, "n_iter": 4},
        kind="magnitude",
        bins=65,
        time=40,
        small={"n_fft": 16, "hop_length": 4, "n_iter": 2},
        # Steps feed round-off back, through phases that are loose where the magnitude is small.
        engine_bound=1e-3,
        float32_bound=1e-3,
        small_time=7,
        small_bins=9,
    ),
    Entry(
        "GriffinLim, long frames",
        core.GriffinLim,
        {**LONG_FRAMES, "n_iter": 2},
        kind="magnitude",
        bins=257,
        time=12,
        small={"n_fft": 16, "hop_length": 4, "n_iter": 2},
        engine_bound=1e-3,
        float32_bound=1e-3,
        small_time=7,
        small_bins=9,
    ),
    Entry(
        "CFP",
        core.CFP,
        PERIODS,
        # Roots magnify the round-off of values near zero, as in both engines' float32 against float64.
        engine_bound=tolerances.CFP_GOLDEN_FLOAT32,
        small={**PERIODS, "fr": 40, "window_size": 65, "fc": 200},
    ),
    Entry(
        "CombinedFrequencyPeriodicity",
        core.CombinedFrequencyPeriodicity,
        PERIODS,
        engine_bound=tolerances.CFP_GOLDEN_FLOAT32,
        small={**PERIODS, "fr": 40, "window_size": 65, "fc": 200},
        small_time=250,
    ),
    *(
        Entry(
            f"{name} {output_format}".rstrip(),
            getattr(core, name),
            {**PITCHES, **arguments},
            trained=dict.fromkeys(trained, True),
            small={**SMALL_PITCHES, **arguments},
            engines=engines,
            engine_bound=tolerances.BANK_DEFAULT,
            batch_bound=tolerances.BATCH_CQT2010 if name == "CQT2010" else tolerances.BATCH,
        )
        for name, output_format, trained, engines in (
            ("CQT", "", ["trainable"], ("fft", "real")),
            ("CQT1992v2", "Complex", ["trainable"], ("fft", "real")),
            ("CQT1992", "Complex", ["trainable_CQT"], ("fft", "real")),
            ("VQT", "Complex", ["trainable"], ("fft", "real")),
            ("CQT2010", "Complex", ["trainable_CQT", "trainable_STFT"], ()),
            ("CQT2010v2", "Complex", ["trainable"], ()),
        )
        for arguments in ({"output_format": output_format} if output_format else {},)
    ),
    Entry(
        "VQT frequencies",
        core.VQT,
        {
            "sr": 8000,
            "hop_length": 64,
            "frequencies": [300.0, 337.5, 360.0, 400.0, 450.0, 600.0, 900.0, 1000.0],
            "gamma": None,
            "tuning": 0.2,
            "output_format": "Complex",
        },
        trained={"trainable": True},
        small={
            "sr": 8000,
            "hop_length": 16,
            "frequencies": [900.0, 1100.0, 1300.0, 1800.0],
            "gamma": None,
            "output_format": "Complex",
        },
        engine_bound=tolerances.BANK_DEFAULT,
    ),
    Entry(
        "VQT octaves",
        core.VQT,
        {**PITCHES, "gamma": 10.0, "algorithm": "octaves"},
        trained={"trainable": True},
        small={**SMALL_PITCHES, "gamma": 10.0, "algorithm": "octaves"},
        engines=(),
    ),
    *(
        Entry(
            f"{name} {solver}",
            make,
            {**PITCHES, "solver": solver, "n_iter": n_iter},
            kind="spectrogram",
            bins=20,
            time=40,
            call={"length": None},
            small={**SMALL_PITCHES, "solver": solver, "n_iter": 2},
            small_time=8,
            small_bins=4,
            engine_bound=tolerances.INVERSE_ENGINES,
            # Round-off of the coefficients, magnified by at most 2 / sqrt(damping).
            float32_bound=tolerances.INVERSE_FLOAT32,
            batch_bound=tolerances.BATCH_CORRECTED if (solver, n_iter) == ("direct", 2) else tolerances.BATCH,
        )
        for name, make, solver, n_iter in (
            ("iCQT", core.iCQT, "direct", 0),
            ("iCQT", core.iCQT, "cg", 3),
            ("iCQT", core.iCQT, "landweber", 3),
            ("iVQT", core.iVQT, "direct", 2),
        )
    ),
    *(
        Entry(
            f"GriffinLimCQT{name}",
            core.GriffinLimCQT,
            {**PITCHES, "n_iter": 3, **arguments},
            kind="magnitude",
            bins=20,
            time=40,
            small={**SMALL_PITCHES, "n_iter": 2, **arguments},
            # As for GriffinLim: steps feed round-off back.
            engine_bound=1e-3,
            float32_bound=1e-3,
            batch_bound=tolerances.BATCH_CORRECTED,
            small_time=8,
            small_bins=4,
        )
        for name, arguments in (("", {}), (" gamma", {"gamma": 10.0, "pad_mode": "constant"}))
    ),
    Entry(
        "Inverse of STFT log",
        core.Inverse,
        {"transform": core.STFT(**FRAMES, freq_scale="log", freq_bins=60, sr=8000, fmax=3000)},
        kind="spectrogram",
        bins=60,
        time=40,
        call={"length": None},
        small={"transform": core.STFT(**SMALL, freq_scale="log", freq_bins=6), "n_iter": 2},
        small_time=8,
        small_bins=6,
        engine_bound=tolerances.INVERSE_ENGINES,
        float32_bound=tolerances.INVERSE_FLOAT32,
    ),
    *(
        Entry(
            f"NSGT {name}",
            core.NSGT,
            {**GABOR, **arguments},
            small={**SMALL_GABOR, **arguments, **small},
            engines=engines,
        )
        for name, arguments, small, engines in (
            ("octaves", {}, {}, ("fft",)),
            ("matrix", {"layout": "matrix"}, {}, ("fft",)),
            ("ragged Hann", {"layout": "ragged", "window": "hann"}, {}, ("fft",)),
            ("slices", {"slice_length": 960}, {"slice_length": 80}, ("fft", "real")),
            (
                "slices matrix",
                {"layout": "matrix", "slice_length": 960},
                {"slice_length": 80},
                ("fft", "real"),
            ),
            ("slices ragged", {"layout": "ragged", "slice_length": 960}, {"slice_length": 80}, ("fft",)),
        )
    ),
]
