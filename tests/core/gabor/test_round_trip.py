"""Inverse of forward: the clip, to round-off, for every signal, length, scale, window and layout."""

import numpy as np
import pytest
import torch
from tests import tolerances

import nnaudio2_core as core

BOUNDS = {
    torch.float32: tolerances.GABOR_ROUND_TRIP_FLOAT32,
    torch.float64: tolerances.GABOR_ROUND_TRIP_FLOAT64,
}
WAYS = {
    "whole": {},
    "sliced": {"slice_length": 4096},
    "sliced, real": {"slice_length": 4096, "engine": "real"},
}
LAYOUTS = ["octaves", "matrix", "ragged"]
by_dtype = pytest.mark.parametrize("dtype", BOUNDS, ids=str)
by_way = pytest.mark.parametrize("way", WAYS)


def signals():
    time = torch.arange(50021, dtype=torch.float64) / 22050
    noise = torch.randn(50021, dtype=torch.float64)
    impulse = torch.zeros(50021, dtype=torch.float64)
    impulse[30011] = 1.0
    return {
        "noise": noise,
        "sweep": torch.sin(2 * torch.pi * 20 * (2**time - 1) * 40),
        "impulse": impulse,
        "first sample": torch.eye(1, 50021, dtype=torch.float64)[0],
        "last sample": torch.eye(1, 50021, dtype=torch.float64)[0].flip(0),
        "constant": torch.ones(50021, dtype=torch.float64),
        "Nyquist": torch.cos(torch.pi * torch.arange(50021, dtype=torch.float64)),
        "decaying tones": torch.exp(-3 * time)
        * sum(torch.sin(2 * torch.pi * 220 * k * time) for k in range(1, 9)),
    }


def assert_comes_back(module, x):
    y = module.inverse(module(x), length=x.size(-1))
    assert y.shape == x.shape
    assert y.dtype == x.dtype
    bound = BOUNDS[x.dtype]
    if module.engine == "real" and x.size(-1) < 10 and x.dtype == torch.float32:
        bound = tolerances.GABOR_ROUND_TRIP_REAL_FLOAT32
    assert float((y - x).norm()) <= bound * float(x.norm())


@by_dtype
@by_way
def test_signals_come_back(way, dtype):
    module = core.NSGT(22050, **WAYS[way])
    for x in signals().values():
        assert_comes_back(module, x.to(dtype))


@by_dtype
@by_way
def test_lengths_come_back(way, dtype):
    module = core.NSGT(22050, **WAYS[way])
    for time in (1, 2, 3, 7, 97, 1009, 4095, 4096, 4097, 65537):
        assert_comes_back(module, torch.randn(2, time, dtype=dtype))


@by_way
def test_recordings_come_back(way, recording):
    for name in ("sir_duke_fast", "snare-accelerate"):
        x, sr = recording(name)
        for dtype in BOUNDS:
            assert_comes_back(core.NSGT(sr, **WAYS[way]), x.to(dtype))


SCALES = [
    {"bins_per_octave": 24},
    {"bins_per_octave": 12, "gamma": 20.0},
    {"bins_per_octave": 1},
    {"bins_per_octave": 7.5, "fmin": 100.0, "fmax": 3000.0},
    {"scale": "mel"},
    {"scale": "erb", "n_bins": 40, "fmax": 9000.0},
    {"scale": [100.0, 110.0, 400.0, 5000.0]},
    {"scale": [1000.0]},
]
WINDOWS = ["sine", "hann", "blackmanharris", "gaussian"]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("scale", SCALES, ids=str)
def test_scales_come_back(scale, window):
    """Layouts and ways go round, so that each scale and each window meets all of them."""
    i, j = SCALES.index(scale), WINDOWS.index(window)
    layout, way = LAYOUTS[(i + j) % 3], list(WAYS)[(i + 2 * j) % 3]
    module = core.NSGT(22050, layout=layout, window=window, **WAYS[way], **scale)
    for dtype in BOUNDS:
        assert_comes_back(module, torch.randn(2, 9973, dtype=dtype))


@by_way
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_adjoint_of_a_tight_frame_is_its_inverse(layout, way):
    module = core.NSGT(22050, layout=layout, **WAYS[way])
    x = torch.randn(9973, dtype=torch.float64, requires_grad=True)
    C = module(x)
    others = [torch.randn_like(part) for part in ([C] if layout == "matrix" else C)]
    given = others[0] if layout == "matrix" else others
    product = sum((a * b).sum() for a, b in zip([C] if layout == "matrix" else C, others, strict=True))
    (adjoint,) = torch.autograd.grad(product, x)
    y = module.inverse(given, length=9973)
    assert float((adjoint - y).norm()) <= 1e-14 * float(y.norm())


@by_way
@pytest.mark.parametrize(("scale", "layout"), [("octave", "octaves"), ("mel", "matrix"), ("erb", "ragged")])
def test_a_tight_frame_keeps_the_energy(scale, layout, way):
    module = core.NSGT(22050, scale=scale, layout=layout, **WAYS[way])
    for dtype, bound in (
        (torch.float64, tolerances.GABOR_ENERGY_FLOAT64),
        (torch.float32, tolerances.GABOR_ROUND_TRIP_FLOAT32),
    ):
        x = torch.randn(9973, dtype=dtype)
        C = module(x)
        energy = sum(float(part.double().square().sum()) for part in ([C] if layout == "matrix" else C))
        assert abs(energy / float(x.double().square().sum()) - 1) <= bound


@by_way
def test_other_lengths(way):
    """Zeros after the clip; samples cut off; all that the coefficients cover."""
    module = core.NSGT(22050, **WAYS[way])
    x = torch.randn(5000)
    C = module(x)
    everything = module.inverse(C)
    assert everything.size(0) >= 5000
    assert torch.equal(module.inverse(C, length=31), everything[:31])
    assert module.inverse(C, length=0).shape == (0,)
    longer = module.inverse(C, length=300000)
    assert longer.shape == (300000,)
    assert float(longer[5000:].abs().max()) <= 3e-6
    assert torch.equal(module.inverse(C, length=np.int16(31)), everything[:31])


@by_way
@pytest.mark.parametrize("layout", ["octaves", "matrix"])
def test_complex_coefficients(layout, way):
    module = core.NSGT(22050, layout=layout, **WAYS[way])
    x = torch.randn(2, 3, 5000)
    C = module(x)
    pairs = [C] if layout == "matrix" else C
    numbers = [torch.view_as_complex(part) for part in pairs]
    y = module.inverse(numbers[0] if layout == "matrix" else tuple(numbers), length=5000)
    assert torch.equal(y, module.inverse(C, length=5000))


def test_edits_do_not_click_at_the_seams_of_slices():
    """A gain of its own for each slice: what four low tones leave above 4 kHz is no louder at the seams."""
    length, steps = 4096, torch.arange(4 * 22050, dtype=torch.float64) / 22050
    x = torch.stack([torch.sin(2 * torch.pi * f * steps) for f in (220.0, 330.7, 451.0, 913.0)]).sum(0)
    nsgt = core.NSGT(22050, layout="matrix", slice_length=length)
    C = nsgt(x)
    gains = 0.3 + torch.rand(C.shape[0], 1, 1, 1, dtype=C.dtype)
    y = nsgt.inverse(C * gains, length=len(x))
    Y = torch.fft.rfft(y)
    Y[torch.fft.rfftfreq(len(y), 1 / 22050) < 4000] = 0
    high = torch.fft.irfft(Y, n=len(y))[2 * length : -2 * length]
    assert high.square().mean().sqrt() < 2e-5 * y.square().mean().sqrt()  # 5e-6 measured
    half = length // 2
    places = high[: len(high) // half * half].view(-1, half).square().mean(0).sqrt()
    assert places.max() < 2 * places.median()  # 1.2 measured; a click stands in one place only
