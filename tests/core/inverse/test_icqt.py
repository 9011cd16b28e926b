"""Inverse constant-Q transform: the promised figures, and the properties of the module."""

import re
from functools import lru_cache

import numpy as np
import pytest
import torch
from scipy import signal
from tests.oracles.dense_inverse import floor_outside, snr
from tests.tolerances import (
    DOT_PRODUCT_FLOAT32,
    DOT_PRODUCT_FLOAT64,
    INVERSE_BATCH_FLOAT64,
    INVERSE_ENGINE_FLOAT64,
)

from nnaudio2_core import VQT, CQT1992v2
from nnaudio2_core.inverse.icqt import iCQT, iVQT

SMALL = {"sr": 4000, "hop_length": 32, "fmin": 125.0, "n_bins": 36}
SOLVERS = ("direct", "cg", "landweber")


def tone():
    return np.sin(2 * np.pi * 440 * np.arange(44100) / 44100)


def chirp(high):
    return signal.chirp(np.arange(44100) / 22050, 100, 2, high)


@lru_cache(maxsize=8)
def shared(make, *arguments):
    """A module that several tests use; large ones take a second to build."""
    return make(**dict(arguments))


def round_trip(x, sr, hop_length, n_bins=84, noise=0.0, **arguments):
    both = {"sr": sr, "hop_length": hop_length, "n_bins": n_bins}
    pads = {name: arguments[name] for name in ("center", "pad_mode") if name in arguments}
    cqt = shared(CQT1992v2, *both.items(), *pads.items(), ("output_format", "Complex"), ("tolerance", 1e-6))
    X = cqt(torch.from_numpy(x).float())
    if noise:
        white = torch.randn_like(X)
        X = X + white * (noise * X.norm() / white.norm())
    return shared(iCQT, *both.items(), *arguments.items())(X, length=x.size).double().numpy()


# Signal, rate, hop, margin, and signal over error in dB: whole clip and interior. The margin is half the
# frame of the transform: farther inside, no kernel reaches an end.
FIGURES = {
    "tone": (tone(), 44100, 512, 16384, 42, 60),
    "chirp to 800 Hz": (chirp(800), 22050, 512, 8192, 24, 40),
    "chirp to 3000 Hz": (chirp(3000), 22050, 64, 8192, 33, 50),
}


@pytest.mark.parametrize("name", FIGURES)
def test_round_trip_reaches_its_figures(name):
    x, sr, hop_length, margin, whole, interior = FIGURES[name]
    y = round_trip(x, sr, hop_length)
    assert snr(x, y) > whole
    assert snr(x, y, margin) > interior


@pytest.mark.parametrize("name", ["sir_duke_fast", "snare-accelerate"])
def test_recordings_come_back_up_to_what_lies_outside_the_bins(name, recording):
    waveform, sr = recording(name)
    x = signal.resample_poly(waveform.double().numpy(), 22050, sr)[: 6 * 22050]
    highest = 32.70 * 2 ** (95 / 12)
    assert snr(x, round_trip(x, 22050, 64, 96)) > floor_outside(x, 22050, 32.70, highest) - 0.5


# As good as with reflection; better without padding, where virtual frames are predicted.
@pytest.mark.parametrize(
    ("name", "arguments", "interior"),
    [
        ("tone", {"pad_mode": "constant"}, 60),
        ("tone", {"center": False}, 75),
        ("chirp to 800 Hz", {"pad_mode": "constant"}, 40),
        ("chirp to 800 Hz", {"center": False}, 40),
        ("chirp to 3000 Hz", {"pad_mode": "constant"}, 50),
        ("chirp to 3000 Hz", {"center": False}, 75),
    ],
)
def test_other_paddings_do_not_change_the_interior(name, arguments, interior):
    x, sr, hop_length, margin, _, _ = FIGURES[name]
    assert snr(x, round_trip(x, sr, hop_length, **arguments), margin) > interior


def test_damping_trades_exactness_for_noise():
    """White noise 40 dB below the coefficients: the legacy class reaches 38.0 dB on the tone."""
    x, sr, hop_length, _, _, _ = FIGURES["tone"]
    exact = snr(x, round_trip(x, sr, hop_length, noise=0.01))
    calm = snr(x, round_trip(x, sr, hop_length, noise=0.01, damping=3e-2))
    assert calm > 37
    assert exact < calm - 10


def test_paper_round_trip(device):
    x = torch.from_numpy(tone()).float().to(device)
    X = CQT1992v2(sr=44100, hop_length=512, output_format="Complex").to(device)(x)
    y = iCQT(sr=44100, hop_length=512, solver="landweber").to(device)(X, length=44100)
    assert snr(x.double().cpu().numpy(), y.double().cpu().numpy()) > 30


@pytest.mark.parametrize("solver", SOLVERS)
def test_paper_shape_and_gradients(solver, device):
    x = torch.randn(2, 4000, device=device)
    X = CQT1992v2(**SMALL, output_format="Complex").to(device)(x).detach().requires_grad_()
    y = iCQT(**SMALL, solver=solver).to(device)(X, length=4000)
    assert y.shape == (2, 4000)
    y.square().sum().backward()
    assert X.grad.abs().max() > 0
    assert torch.isfinite(X.grad).all()


@pytest.mark.parametrize("pad_mode", ["reflect", "constant", "replicate", "circular"])
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, DOT_PRODUCT_FLOAT32), (torch.float64, DOT_PRODUCT_FLOAT64)]
)
def test_adjoint_is_the_transpose(pad_mode, dtype, tolerance):
    icqt = iCQT(**SMALL, pad_mode=pad_mode, solver="cg")
    x = torch.randn(2, 3001, dtype=dtype)
    y = icqt.analysis(x)
    z = torch.randn_like(y)
    difference = (y * z).sum() - (x * icqt.adjoint(z, 3001)).sum()
    assert abs(difference) < tolerance * y.norm() * z.norm()


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("n_iter", [None, 2])
def test_batch_equals_items(solver, n_iter):
    icqt = iCQT(**SMALL, solver=solver, n_iter=n_iter)
    # Items of different size: one step length for the batch would suit only one of them.
    x = torch.randn(3, 2500, dtype=torch.float64)
    X = icqt.analysis(x * torch.tensor([[1.0], [1e-3], [50.0]])).reshape(3, 1, 36, -1, 2)
    batch = icqt(X, length=2500)
    assert batch.shape == (3, 1, 2500)
    for item, whole in zip(X, batch, strict=True):
        assert (icqt(item, length=2500) - whole).abs().max() < INVERSE_BATCH_FLOAT64 * whole.abs().max()


@pytest.mark.parametrize("solver", SOLVERS)
def test_scripted_equals_eager(solver):
    icqt = iCQT(**SMALL, solver=solver, n_iter=2)
    scripted = torch.jit.script(icqt)
    X = icqt.analysis(torch.randn(2, 2500))
    assert torch.equal(scripted(X, 2500), icqt(X, 2500))
    for mine, theirs in zip(icqt.solve(X), scripted.solve(X), strict=True):
        assert torch.equal(torch.as_tensor(mine), torch.as_tensor(theirs))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("pad_mode", ["reflect", "constant"])
def test_a_single_frame_works(solver, pad_mode):
    icqt = iCQT(**SMALL, pad_mode=pad_mode, solver=solver, n_iter=1)
    X = torch.randn(2, 36, 1, 2)
    assert icqt(X).shape == (2, 31)
    y = icqt(X, length=50)
    assert y.shape == (2, 50)
    assert torch.isfinite(y).all()
    assert y.abs().max() > 0


@pytest.mark.parametrize("solver", SOLVERS)
def test_length_is_exact(solver):
    icqt = iCQT(**SMALL, solver=solver, n_iter=1)
    X = icqt.analysis(torch.randn(1, 2500))
    assert icqt(X).shape == (1, (X.size(2) - 1) * 32)
    for length in (0, 1, 2496, 2500, 9000):
        assert icqt(X, length).shape == (1, length)
    assert icqt(X, 9000)[:, X.size(2) * 32 :].abs().max() == 0


def test_long_clips_go_through_blocks_unnoticed():
    """A clip of many blocks and a piece of it agree far from the ends of the piece."""
    icqt = iCQT(**SMALL)
    x = torch.randn(1, 40000, dtype=torch.float64)
    start = 37 * icqt.hop_length  # so that the piece's blocks begin elsewhere
    long = icqt(icqt.analysis(x), 40000)
    short = icqt(icqt.analysis(x[:, start : start + 20000]), 20000)
    error = snr(long[0, start : start + 20000].numpy(), short[0].numpy(), margin=4000)
    assert error > 50  # the error that the inverse kernels carry across the discarded edge of a block


@pytest.mark.parametrize("solver", SOLVERS)
def test_silence_gives_silence_and_finite_gradients(solver):
    icqt = iCQT(**SMALL, solver=solver, n_iter=2)
    X = torch.zeros(1, 36, 20, 2, requires_grad=True)
    y = icqt(X, 600)
    assert y.abs().max() == 0
    y.sum().backward()
    assert torch.isfinite(X.grad).all()
    _, residual, _ = icqt.solve(X.detach(), 600)
    assert residual == 0


def test_residual_falls_with_steps():
    X = iCQT(**SMALL, solver="cg").analysis(torch.randn(2, 2500))
    residuals = []
    for n_iter in (1, 8):
        _, residual, steps = iCQT(**SMALL, solver="cg", n_iter=n_iter).solve(X, 2500)
        assert steps == n_iter
        residuals.append(residual)
    assert (residuals[1] < 0.5 * residuals[0]).all()


def test_highest_frequency_is_where_filters_span_two_hops():
    icqt = iCQT(sr=22050, hop_length=512, solver="cg")
    bound = 22050 / (2 ** (1 / 12) - 1) / (2 * 512)
    assert bound / 2 ** (1 / 12) < icqt.highest_frequency <= bound * (1 + 1e-3)
    assert iCQT(sr=22050, hop_length=22050, solver="cg").highest_frequency == 0


def test_no_gamma_is_the_constant_q_inverse():
    X = torch.randn(1, 36, 40, 2)
    assert torch.equal(iVQT(**SMALL, gamma=0)(X), iCQT(**SMALL)(X))


def test_variable_q_comes_back():
    ivqt = iVQT(**SMALL, gamma=20)
    t = np.arange(8000) / 4000
    x = signal.chirp(t, 200, 2, 800)
    y = ivqt(ivqt.analysis(torch.from_numpy(x)[None]), 8000)[0].numpy()
    assert snr(x, y) > 28  # the ends lie within a period: no bin represents the kink that padding makes there
    assert snr(x, y, 1000) > 40


def test_checkpoint_is_empty_and_config_rebuilds():
    icqt = iCQT(**SMALL, n_iter=1)
    assert not icqt.state_dict()
    assert not list(icqt.parameters())
    X = torch.randn(1, 36, 30, 2)
    assert torch.equal(iCQT(**icqt.config)(X), icqt(X))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"solver": "fast"}, "solver must be one of 'direct', 'cg', 'landweber', got 'fast'"),
        ({"n_iter": -1}, "n_iter must be >= 0, got -1"),
        ({"damping": 0.0}, "damping must be > 0, got 0.0"),
        ({"hop_length": 0}, "hop_length must be >= 1, got 0"),
        ({"pad_mode": "symmetric"}, "pad_mode must be one of"),
        ({"n_bins": 500}, "n_bins must be <= 49"),
        (
            {"hop_length": 10**6},
            "n_bins must be <= 13 for the direct inverse with hop_length=1000000 and kernels of up to 540 ",
        ),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        iCQT(**{**SMALL, **arguments})


def test_wrong_coefficients():
    icqt = iCQT(**SMALL)
    with pytest.raises(ValueError, match="X must have 36 bins, got 35"):
        icqt(torch.randn(1, 35, 9, 2))
    with pytest.raises(ValueError, match="length must be >= 0, got -1"):
        icqt(torch.randn(1, 36, 9, 2), length=-1)
    with pytest.raises(ValueError, match="at least 1 frame"):
        icqt(torch.randn(1, 36, 0, 2))
    with pytest.raises(TypeError, match="float"):
        icqt(torch.zeros(1, 36, 9, 2, dtype=torch.int16))


@pytest.mark.parametrize("window", ["hann", "hamming", ("kaiser", 4.0)])
def test_windows_that_do_not_fall_to_zero(window):
    """Their inverse rings longer; cut off too early it gave more noise than signal at low frequencies."""
    arguments = {"sr": 22050, "hop_length": 256, "fmin": 55.0, "n_bins": 48, "window": window}
    time = torch.arange(33075) / 22050
    for frequency in (67.0, 427.0):
        x = torch.cos(2 * torch.pi * frequency * time)
        y = iCQT(**arguments)(CQT1992v2(**arguments)(x, "Complex"), length=len(x))
        middle = slice(12000, -12000)
        noise = (y - x)[middle].square().sum() / x[middle].square().sum()
        assert noise <= 1e-4  # 40 dB, what conjugate gradients reach


OF_BOTH = [
    {"sr": 3900},
    {"hop_length": 40},
    {"fmin": 131.0},
    {"fmax": 700.0},
    {"n_bins": 30},
    {"bins_per_octave": 11},
    {"filter_scale": 0.8},
    {"window": "blackman"},
    {"center": False},
    {"pad_mode": "constant"},
    {"filter_lengths": "fractional"},
]


@pytest.mark.parametrize(
    ("inverse", "transform", "changed"),
    [
        *((iCQT, CQT1992v2, changed) for changed in [*OF_BOTH, {"norm": 2}]),
        *((iVQT, VQT, changed) for changed in [*OF_BOTH, {"basis_norm": 2}, {"gamma": 20.0}]),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else value.__name__,
)
def test_every_argument_of_the_transform_reaches_the_analysis(inverse, transform, changed):
    x = torch.randn(1, 3000, dtype=torch.float64)
    default, expected = (
        transform(**{**SMALL, **given}, tolerance=0.0)(x, "Complex") for given in ({}, changed)
    )
    got = inverse(**{**SMALL, **changed}, solver="cg").analysis(x)
    assert got.shape == expected.shape
    assert (got - expected).norm() < INVERSE_ENGINE_FLOAT64 * expected.norm()
    # Not the analysis with the default, which is far away.
    assert got.shape != default.shape or (got - default).norm() > 1e-2 * default.norm()


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("length", [None, 2490, 2511])
def test_residual_is_that_of_the_transform_of_the_waveform(solver, length):
    """For coefficients that no waveform has, items of different size, and a last frame that is cut off."""
    icqt = iCQT(**SMALL, solver=solver, n_iter=2)
    cqt = CQT1992v2(**SMALL, tolerance=0.0)
    X = cqt(torch.randn(2, 3, 2500, dtype=torch.float64), "Complex")
    X = (X + X.std() * torch.randn_like(X)) * torch.tensor([1.0, 1e-3, 50.0])[:, None, None, None]
    waveform, residual, steps = icqt.solve(X, length)
    assert torch.equal(waveform, icqt(X, length))
    assert steps == 2
    # A waveform that ends before the last frame's own sample goes on as zeros, up to that sample.
    clip = torch.nn.functional.pad(waveform, [0, max(0, 2496 - waveform.shape[-1])])
    rest = X - cqt(clip, "Complex")
    expected = (rest.square().sum((-3, -2, -1)) / X.square().sum((-3, -2, -1))).sqrt()
    assert residual.shape == (2, 3)
    assert expected.min() > 0.1
    assert (residual - expected).abs().max() < INVERSE_ENGINE_FLOAT64


@pytest.mark.parametrize(
    ("arguments", "steps"),
    [
        ({}, ["direct_solution"]),
        ({"n_iter": 2}, ["direct_solution", "_corrected"]),
        ({"n_iter": 40}, ["direct_solution", "_corrected", "_conjugate_gradients"]),
        ({"solver": "cg"}, ["direct_solution", "_conjugate_gradients"]),
        ({"solver": "landweber"}, ["_landweber"]),
    ],
)
def test_a_script_has_only_the_steps_that_it_takes(arguments, steps):
    """The first two calls optimise every branch; with those of all solvers they took 5 s."""
    scripted = torch.jit.script(iCQT(**SMALL, **arguments))
    calls = re.findall(r'CallMethod\[name="(\w+)"\]', str(scripted._c._get_method("solution").graph))
    assert calls == ["clip_samples", *steps]
    assert str(scripted._c._get_method("forward").graph).count('name="solution"') == 1
