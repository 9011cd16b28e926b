"""Test cases for the legacy package and nnaudio-compat: arguments, inputs, edits. Imports neither."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

SR = 8000


@dataclass(frozen=True)
class Case:
    """A class with arguments, called once."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    call: dict[str, Any] = field(default_factory=dict)
    method: str = "forward"
    time: int = 700
    shape: tuple[int, ...] = ()
    """Shape of the input, if it is not a waveform."""
    silent: bool = True
    """True if the class takes ``verbose``."""

    @property
    def id(self) -> str:
        given = {**self.arguments, **self.call, "time": self.time}
        return "-".join([self.name, *(f"{key}={value}" for key, value in given.items())])

    def build(self, package: Any, **changes: Any) -> Any:
        quiet = {"verbose": False} if self.silent else {}
        return getattr(package, self.name)(**{**self.arguments, **quiet, **changes})

    def input(self) -> torch.Tensor:
        shape = self.shape or (1, self.time)
        values = np.random.default_rng(len(self.id)).standard_normal(shape)
        if self.name == "Griffin_Lim":
            values = np.abs(values)
        return torch.from_numpy(values.astype(np.float32))

    def run(self, module: Any) -> Any:
        return getattr(module, self.method)(self.input(), **self.call)


FRAMES: dict[str, Any] = {"n_fft": 64, "hop_length": 16, "sr": SR}
BANDS: dict[str, Any] = {"n_fft": 128, "hop_length": 32, "sr": SR}
PITCHES: dict[str, Any] = {"sr": SR, "hop_length": 64, "fmin": 300.0, "n_bins": 30}
PERIODS: dict[str, Any] = {"fr": 16, "fs": 4000, "hop_length": 100, "window_size": 129, "NumPerOct": 12}


def grid(name: str, base: dict[str, Any], *changes: dict[str, Any], **common: Any) -> list[Case]:
    """The base and each change of it."""
    return [Case(name, {**base, **change}, **common) for change in ({}, *changes)]


WINDOWS = [{"window": "hamming"}, {"window": ("kaiser", 4.0)}, {"window": "ones"}]
PLACED = [{"center": False}, {"pad_mode": "constant"}, {"center": False, "pad_mode": None}]
SCALES = [
    {"freq_scale": scale, "fmin": 100, "fmax": 3000, "freq_bins": 20} for scale in ("linear", "log", "log2")
]

STFT = [
    *grid("STFT", {}, time=2000),
    *grid("STFT", FRAMES, *WINDOWS, *PLACED, *SCALES),
    *grid(
        "STFT",
        FRAMES,
        {"win_length": 40},
        {"win_length": 41},
        {"win_length": 40.0},
        {"n_fft": 63},
        {"freq_bins": 20},
        {"freq_bins": 60},
        {"freq_bins": 100},
        {"hop_length": None},
        {"trainable": True},
        {"sr": 8000.5, "freq_scale": "log", "fmin": 90, "fmax": 2500},
        {"fmin": None, "fmax": None},
        {"output_format": "Magnitude"},
        {"output_format": "Magnitude", "trainable": True},
        {"output_format": "Phase"},
    )[1:],
    *(Case("STFT", FRAMES, {"output_format": wanted}) for wanted in ("Complex", "Magnitude", "Phase")),
]
BOTH = {**FRAMES, "iSTFT": True}
INVERSES = [
    *(
        Case("STFT", {**BOTH, **change}, call, "inverse", shape=(1, 33, 20, 2))
        for change, call in [
            ({}, {}),
            ({}, {"length": 200}),
            ({}, {"length": 1000, "refresh_win": False}),
            ({"win_length": 40}, {}),
            ({"center": False}, {"length": 300}),
            ({"window": "hamming"}, {}),
            ({"hop_length": 70}, {}),
            ({"trainable": True}, {"onesided": True}),
        ]
    ),
    *(
        Case("iSTFT", {**FRAMES, **change}, {"onesided": True, **call}, shape=(1, 33, 20, 2))
        for change, call in [
            ({}, {}),
            ({}, {"length": 200}),
            ({"center": False}, {"refresh_win": True}),
            ({"window": "hamming"}, {}),
            ({"hop_length": 70, "refresh_win": False}, {}),
            ({"freq_bins": 33, "win_length": 64, "fmin": 20, "fmax": 3000}, {}),
            ({"trainable_kernels": True, "trainable_window": True}, {}),
        ]
    ),
    Case("iSTFT", FRAMES, shape=(1, 64, 20, 2)),
    Case("iSTFT", {}, {"onesided": True}, shape=(1, 1025, 3, 2)),
]
MEL_CHANGES = [
    {"win_length": 90},
    {"win_length": 90.0},
    {"n_mels": 10.0},
    {"n_fft": 127},
    {"hop_length": None},
    {"power": 1.0},
    {"power": 0.5},
    {"power": 3},
    {"htk": True},
    {"fmin": 200, "fmax": 3500},
    {"norm": None},
    {"trainable_mel": True},
    {"trainable_STFT": True},
    {"sr": 8000.5},
    {"iSTFT": True},
]
MFCC_CHANGES = [
    {"norm": None},
    {"ref": 2.0},
    {"amin": 1e-2},
    {"top_db": 20.0},
    {"top_db": None},
    {"n_mfcc": 30},
    {"trainable_mel": True, "trainable_STFT": True},
    {"power": 1.0, "htk": True, "center": False},
]
GAMMATONE_CHANGES = [
    {"win_length": 90},
    {"n_fft": 127},
    {"power": 1.0},
    {"htk": True, "norm": None},
    {"fmin": 200, "fmax": 3500},
    {"trainable_bins": True},
    {"trainable_STFT": True},
]
FILTERBANKS = [
    *grid("MelSpectrogram", {}, time=2000),
    *grid("MelSpectrogram", {**BANDS, "n_mels": 12}, *WINDOWS, *PLACED, *MEL_CHANGES),
    *grid("MFCC", {}, time=2000),
    *grid("MFCC", {**BANDS, "n_mels": 12, "n_mfcc": 5}, *MFCC_CHANGES),
    *grid("Gammatonegram", {}, time=2000),
    *grid("Gammatonegram", {**BANDS, "n_bins": 12}, *WINDOWS, *PLACED, *GAMMATONE_CHANGES),
]
TRAINED_PAIR = {"trainable_STFT": True, "trainable_CQT": True}
CQT_CHANGES = [
    {"bins_per_octave": 24.5},
    {"bins_per_octave": 7, "n_bins": 20},
    {"filter_scale": 0.5},
    {"filter_scale": 1.5},
    {"sr": 8000.5},
    {"output_format": "Complex"},
    {"output_format": "Phase"},
    {"hop_length": 37},
]
DIRECT_CHANGES = [
    *CQT_CHANGES,
    *PLACED,
    {"fmax": 2000},
    {"fmax": 2000, "n_bins": None},
    {"norm": 2},
    {"norm": None},
    {"norm": float("inf")},
    {"window": "hamming"},
    {"window": ("gaussian", 40)},
]
OCTAVE_CHANGES = [
    *CQT_CHANGES[:-1],
    {"hop_length": 52},
    {"pad_mode": "constant"},
    {"fmax": 2000},
    {"norm": False},
    {"basis_norm": 2},
    {"basis_norm": None},
    {"window": "hamming"},
    {"earlydownsample": False},
    {"fmin": 110.0, "n_bins": 14},
    {"n_bins": 5},
]
# Octaves with different numbers of frames.
ODD_HOPS = [{"hop_length": 37}, {"hop_length": 50, "fmin": 110.0, "n_bins": 14}, {"hop_length": 30}]
NORMALISED = [
    {"output_format": wanted, "normalization_type": kind}
    for wanted, kind in (
        ("Complex", "convolutional"),
        ("Complex", "wrap"),
        ("Phase", "librosa"),
        ("Magnitude", "wrap"),
    )
]
CONSTANT_Q = [
    *grid("CQT1992v2", PITCHES, *DIRECT_CHANGES, {"trainable": True}),
    *(Case("CQT1992v2", PITCHES, call) for call in NORMALISED),
    *grid("CQT", PITCHES),
    Case("CQT", {}, time=9000),
    *grid("CQT1992", PITCHES, *DIRECT_CHANGES, TRAINED_PAIR, silent=False),
    *(Case("CQT1992", PITCHES, call, silent=False) for call in NORMALISED),
    Case("CQT1992", {"n_bins": 60}, time=4000, silent=False),
    *grid("CQT2010", PITCHES, *OCTAVE_CHANGES, TRAINED_PAIR, time=3000),
    *(Case("CQT2010", PITCHES, call) for call in NORMALISED),
    *grid("CQT2010v2", PITCHES, *OCTAVE_CHANGES, {"trainable": True}, time=3000),
    *(Case("CQT2010v2", PITCHES, call) for call in NORMALISED),
    Case("CQT2010v2", PITCHES, time=100),
    *grid("VQT", {**PITCHES, "gamma": 8.0}, *OCTAVE_CHANGES, {"trainable": True}, {"gamma": 30}, time=3000),
    *grid("VQT", {**PITCHES, "gamma": 8.0}, *ODD_HOPS, time=3000)[1:],
    *(Case("VQT", {**PITCHES, "gamma": 8.0}, call) for call in NORMALISED),
    *(Case(name, {}, time=9000) for name in ("CQT2010", "CQT2010v2")),
]
CFP_CHANGES = [
    {"fr": 10},
    {"fs": 4001},
    {"window_size": 200},
    {"fc": 100},
    {"tc": 1 / 700},
    {"g": [0.3, 0.7]},
    {"g": [0.24, 0, 1]},
    {"NumPerOct": 24},
    {"hop_length": 64},
]
SALIENCES = [
    *grid("CFP", PERIODS, *CFP_CHANGES, silent=False),
    *grid("Combined_Frequency_Periodicity", PERIODS, *CFP_CHANGES, silent=False),
    Case("CFP", {}, time=1500, silent=False),
]
CASES = [*STFT, *INVERSES, *FILTERBANKS, *CONSTANT_Q, *SALIENCES]

# One small module of each class, and its kernels; a name with a dot belongs to a module inside.
SMALL = {**FRAMES, "n_fft": 32}
SMALL_PITCHES = {"sr": SR, "hop_length": 64, "fmin": 1000.0, "n_bins": 11, "bins_per_octave": 6}
LOW_PITCHES = {**SMALL_PITCHES, "fmin": 110.0, "n_bins": 14}
FILTERED = {**SMALL, "n_mels": 6}
EDITABLE: list[tuple[Case, list[str]]] = [
    (Case("STFT", SMALL), ["wsin", "wcos"]),
    (
        Case("STFT", {**SMALL, "iSTFT": True}, method="inverse", shape=(1, 17, 20, 2)),
        ["kernel_sin_inv", "kernel_cos_inv", "window_mask"],
    ),
    (
        Case("iSTFT", SMALL, {"onesided": True}, shape=(1, 17, 20, 2)),
        ["kernel_sin", "kernel_cos", "window_mask"],
    ),
    (Case("MelSpectrogram", FILTERED), ["mel_basis", "stft.wsin", "stft.wcos"]),
    (
        Case("MFCC", {**FILTERED, "n_mfcc": 5, "amin": 0.02}),
        ["amin", "ref", "melspec_layer.mel_basis", "melspec_layer.stft.wsin", "melspec_layer.stft.wcos"],
    ),
    (Case("Gammatonegram", {**SMALL, "n_bins": 6}), ["gammatone_basis", "stft.wsin", "stft.wcos"]),
    (
        Case("CQT1992", SMALL_PITCHES, silent=False),
        ["lenghts", "wsin", "wcos", "cqt_kernels_real", "cqt_kernels_imag"],
    ),
    (Case("CQT1992v2", SMALL_PITCHES), ["lenghts", "cqt_kernels_real", "cqt_kernels_imag"]),
    (Case("CQT", SMALL_PITCHES), ["lenghts", "cqt_kernels_real", "cqt_kernels_imag"]),
    (
        Case("CQT2010", LOW_PITCHES, time=3000),
        [
            "lowpass_filter",
            "early_downsample_filter",
            "lenghts",
            "wsin",
            "wcos",
            "cqt_kernels_real",
            "cqt_kernels_imag",
        ],
    ),
    (
        Case("CQT2010v2", LOW_PITCHES, time=3000),
        ["lowpass_filter", "early_downsample_filter", "lenghts", "cqt_kernels_real", "cqt_kernels_imag"],
    ),
    *(
        (
            Case("VQT", {**LOW_PITCHES, "gamma": gamma}, time=3000),
            ["lowpass_filter", "early_downsample_filter", "lenghts"]
            + [f"cqt_kernels_{part}_{octave}" for octave in range(3) for part in ("real", "imag")],
        )
        for gamma in (0, 8.0)
    ),
    (Case("CFP", PERIODS, silent=False), ["h", "freq2logfreq_matrix", "quef2logfreq_matrix"]),
    (
        Case("Combined_Frequency_Periodicity", PERIODS, silent=False),
        ["h", "freq2logfreq_matrix", "quef2logfreq_matrix"],
    ),
]
EDITS = [(case, name) for case, names in EDITABLE for name in names]


def edited(kernel: torch.Tensor) -> torch.Tensor:
    """Different values of the same shape, type, device and signs."""
    values = kernel.detach().cpu().double().numpy()
    noise = np.random.default_rng(values.size).uniform(0.5, 1.5, values.shape)
    return torch.from_numpy(values * noise).to(kernel)


TRAINED: dict[str, dict[str, Any]] = {
    "STFT": {"trainable": True},
    "iSTFT": {"trainable_kernels": True, "trainable_window": True},
    "MelSpectrogram": {"trainable_mel": True, "trainable_STFT": True},
    "MFCC": {"trainable_mel": True, "trainable_STFT": True},
    "Gammatonegram": {"trainable_bins": True, "trainable_STFT": True},
    "CQT1992": TRAINED_PAIR,
    "CQT2010": TRAINED_PAIR,
    "CQT1992v2": {"trainable": True},
    "CQT": {"trainable": True},
    "CQT2010v2": {"trainable": True},
    "VQT": {"trainable": True},
}


def states() -> list[tuple[str, Case, dict[str, Any]]]:
    """Name, case and further arguments of every checkpoint."""
    found = []
    for case, _ in EDITABLE:
        for kind, changes in (("frozen", {}), ("trained", TRAINED.get(case.name, {}))):
            if kind == "frozen" or changes:
                found.append((f"{case.id}/{kind}", case, changes))
    return found
