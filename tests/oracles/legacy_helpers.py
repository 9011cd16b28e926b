"""Calls of the helper functions of the legacy package, for it and for nnaudio-compat."""

import functools
import importlib
from typing import Any, Callable

import numpy as np
import torch


def tensor(*shape: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float32))


CQT: dict[str, Any] = {"Q": 7, "fs": 8000, "fmin": 900, "n_bins": 6}
FOURIER: dict[str, Any] = {"n_fft": 32, "verbose": False}
SIGNS = np.array([[1.0, -2.0, 0.0], [3.0, 0.0, 0.0]])
REFLECT = torch.nn.ReflectionPad1d(32)

UTILS: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = {
    "create_cqt_kernels": [
        ((), {**CQT, **change})
        for change in [
            {},
            {"norm": 2, "pad_fft": False},
            {"norm": 0, "gamma": 3},
            {"n_bins": None, "fmax": 2000},
            {"fmax": 2000},
            {"n_bins": 40, "topbin_check": False},
            {"window": ("gaussian", 30), "bins_per_octave": 24.5, "Q": 7.3},
            {"window": "hamming", "norm": np.inf},
        ]
    ],
    "create_fourier_kernels": [
        ((), {**FOURIER, **change})
        for change in [
            {},
            {"freq_scale": "no"},
            {"freq_scale": "no", "n_fft": 33, "win_length": 20, "freq_bins": 40},
            {"freq_scale": "log", "sr": 8000, "fmax": 3000},
            {"freq_scale": "log2"},
            {"freq_scale": "linear", "win_length": 16, "freq_bins": 10, "window": "ones"},
        ]
    ],
    "create_lowpass_filter": [((), {}), ((0.25, 128, 0.1), {}), ((), {"kernelLength": 255})],
    "downsampling_by_2": [((tensor(2, 1, 100), tensor(1, 1, 16)), {})],
    "downsampling_by_n": [((tensor(2, 1, 100), tensor(1, 1, 17), 4), {})],
    "early_downsample": [((22050, 512, 7, 11025.0, 4000.0), {}), ((44100, 512, 2, 22050.0, 400.0), {})],
    "early_downsample_count": [((11025.0, 1000.0, 512, 7), {}), ((11025.0, 10.0, 64, 3), {})],
    "get_early_downsample_params": [
        ((22050, 512, 4000.0, 17, 7, False), {}),
        ((22050, 512, 500.0, 17, 2, False), {}),
        ((44101, 512, 300.0, 17, 2, False), {}),
    ],
    "extend_fbins": [((tensor(2, 9, 5, 2),), {})],
    "get_window_dispatch": [(("hann", 16), {}), ((("gaussian", 30), 17), {"fftbins": False})],
    "nextpow2": [((5,), {}), ((4.0,), {}), ((0.3,), {})],
    "prepow2": [((5,), {}), ((4.0,), {}), ((0.3,), {})],
    "overlap_add": [((tensor(2, 64, 5), 16), {}), ((tensor(2, 64, 5), 20), {}), ((tensor(2, 64, 5), 70), {})],
    "rfft_fn": [((tensor(2, 16),), {}), ((tensor(2, 16),), {"n": 8, "onesided": True})],
    "torch_window_sumsquare": [
        ((torch.hann_window(16), 5, 4, 16), {}),
        ((torch.hann_window(16), 5, 4, 16), {"power": 1}),
    ],
    "broadcast_dim": [((tensor(5),), {}), ((tensor(2, 5),), {}), ((tensor(2, 3, 5),), {})],
    "broadcast_dim_conv2d": [((tensor(2, 3, 5),), {})],
    "complex_mul": [(((tensor(3, 5), tensor(3, 6)[:, 1:]), (tensor(2, 5, 7), tensor(3, 5, 7)[1:])), {})],
    "get_cqt_complex": [
        ((tensor(2, 1, time), tensor(3, 1, 64), tensor(4, 1, 64)[1:], 16, REFLECT), {}) for time in (200, 20)
    ],
    "get_cqt_complex2": [
        (
            (tensor(2, 1, time), tensor(3, 33), tensor(4, 33)[1:], 16, REFLECT),
            {"wcos": tensor(33, 1, 64), "wsin": tensor(34, 1, 64)[1:]},
        )
        for time in (200, 32)
    ]
    + [((tensor(2, 1, 200), tensor(3, 1, 64), tensor(4, 1, 64)[1:], 16, REFLECT), {})],
}
LIBROSA: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = {
    "chroma": [
        ((22050, 256), {}),
        ((22050, 256, 24, 0.1, 5.0, None, 2, False), {}),
        ((16000, 256), {"norm": None, "dtype": np.float64, "n_chroma": 10}),
    ],
    "fft2gammatonemx": [((16000, 128, 10, 0.5, 50, 8000, 40), {}), ((16000, 128, 10, 2, 50, 8000, 80), {})],
    "fft_frequencies": [((16000, 64), {}), ((16000, 63), {})],
    "get_gammatone": [
        ((22050, 128), {"n_bins": 10}),
        ((22050, 127, 10, 30.0, 8000.0), {"dtype": np.float64}),
    ],
    "get_mel": [
        ((22050, 256), {"n_mels": 20}),
        ((22050, 256, 10), {"dtype": np.float64, "htk": True, "norm": None}),
        ((22050, 257, 10, 100, 5000), {"norm": np.inf}),
    ],
    "hz_to_mel": [((440,), {}), (([440, 2000], True), {}), ((np.array([0.0, 1000.0, 3000.0]),), {})],
    "mel_to_hz": [((3,), {}), (([3, 20], True), {}), ((np.array([0.0, 15.0, 20.0]),), {})],
    "hz_to_octs": [((440.0,), {}), (([440.0, 1000], 0.2, 24), {})],
    "mel_frequencies": [((20,), {}), ((10, 0, 8000, True), {})],
    "normalize": [
        ((SIGNS,), change)
        for change in [
            {},
            {"norm": 1},
            {"norm": 1.5},
            {"norm": -np.inf},
            {"norm": 0},
            {"norm": None},
            {"axis": None},
            {"threshold": 2.5},
            {"fill": True},
            {"fill": False, "norm": 2},
            {"fill": True, "norm": 2, "axis": 1},
        ]
    ],
    "pad_center": [((np.arange(3.0), 6), {}), ((np.ones((2, 3)), 6), {"axis": 0, "mode": "edge"})],
    "tiny": [((np.float32(1),), {}), ((np.ones(3),), {}), ((3,), {})],
}
# Random results have no golden; their test checks shape and range.
RANDOM = {"uniform_distribution"}
HELPERS = {"utils": UTILS, "librosa_functions": LIBROSA}


def helper_calls(package: str) -> list[Callable[[], Any]]:
    """Every call, in a fixed order, as a function without arguments."""
    calls = []
    for module, functions in HELPERS.items():
        found = importlib.import_module(f"{package}.{module}")
        for name, given in functions.items():
            calls += [functools.partial(getattr(found, name), *args, **kwargs) for args, kwargs in given]
    return calls
