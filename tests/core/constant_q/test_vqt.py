"""VQT, CQT2010 and CQT2010v2 against the legacy package's goldens, direct sums, librosa and the CQT."""

import json
from pathlib import Path

import librosa
import numpy as np
import pytest
import torch
from tests.oracles.octave_by_octave import octave_by_octave
from tests.oracles.strided_correlation import constant_q, worst_bin_error
from tests.tolerances import (
    ANALYTIC_FLOAT64,
    BANK_DEFAULT,
    BANK_EXACT_FLOAT64,
    FLOAT32_ROUND_OFF,
    LEGACY_CQT,
    LIBROSA_CQT_RMS,
    LIBROSA_VQT_INTERIOR_RMS,
    OCTAVES_RMS,
    VQT_LIMIT,
)

from nnaudio2_core import CQT, CQT2010, VQT, CQT1992v2, CQT2010v2

GOLDENS = sorted((Path(__file__).parents[2] / "oracles" / "goldens").glob("cqt_*.npz"))
CLASSES = {"cqt2010": CQT2010, "cqt2010v2": CQT2010v2, "vqt": VQT}


def relative_difference(actual, expected):
    return float((actual - expected).abs().max() / expected.abs().max())


def relative_rms(actual, expected):
    return np.sqrt((np.abs(actual - expected) ** 2).mean() / (np.abs(expected) ** 2).mean())


def load(path):
    golden = np.load(path)
    x = np.random.default_rng(int(golden["seed"])).standard_normal((1, int(golden["samples"])))
    name = path.stem.split("_")[1]
    arguments = json.loads(str(golden["arguments"]))
    if name == "vqt":
        arguments["algorithm"] = "octaves"
    return golden, torch.from_numpy(x.astype(np.float32)), CLASSES[name], arguments


def test_goldens_are_there():
    names = [path.stem.split("_")[1] for path in GOLDENS]
    assert {name: names.count(name) for name in CLASSES} == {"cqt2010": 3, "cqt2010v2": 4, "vqt": 3}


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.stem)
@pytest.mark.parametrize("normalization", ["librosa", "convolutional", "wrap"])
def test_numbers_of_the_legacy_classes(path, normalization):
    golden, x, transform, arguments = load(path)
    y = transform(**arguments)(x, "Complex", normalization)
    assert y.shape[2] == int(golden["frames"])
    assert relative_difference(y[:, :, ::3], torch.from_numpy(golden[normalization])) < LEGACY_CQT


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.stem)
def test_scripted_trained_and_exported(path):
    _, x, transform, arguments = load(path)
    frozen = transform(**arguments)
    expected = frozen(x)
    switches = ["trainable_STFT", "trainable_CQT"] if transform is CQT2010 else ["trainable"]
    trained = transform(**arguments, **dict.fromkeys(switches, True))
    y = trained(x)
    assert relative_difference(y.detach(), expected) < FLOAT32_ROUND_OFF
    y.sum().backward()
    assert len(list(trained.parameters())) >= 2
    assert all(p.grad.abs().max() > 0 for p in trained.parameters())
    assert not frozen.state_dict()
    for module in (frozen, trained):
        torch.testing.assert_close(torch.jit.script(module)(x), module(x), rtol=0, atol=FLOAT32_ROUND_OFF)
    dynamic = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    program = torch.export.export(frozen, (x.expand(2, -1),), dynamic_shapes={"x": dynamic})
    longer = torch.randn(3, 40001)
    torch.testing.assert_close(program.module()(longer), frozen(longer), rtol=0, atol=FLOAT32_ROUND_OFF)
    torch.testing.assert_close(transform(**frozen.config)(x), expected, rtol=0, atol=0)


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.stem)
def test_shortest_clip(path):
    _, _, transform, arguments = load(path)
    module = transform(**arguments)
    shortest = module.min_samples
    for time in (shortest, shortest + 1, shortest + 777):
        assert module(torch.randn(time)).shape == (module.n_bins, module.n_frames(time))
    if shortest > 1:
        with pytest.raises(ValueError, match=f"min_samples = {shortest} samples, got {shortest - 1}"):
            module(torch.randn(shortest - 1))


@pytest.mark.parametrize("trainable", [False, True])
def test_gamma_zero_is_the_cqt(trainable):
    arguments = {"sr": 22050, "hop_length": 300, "fmin": 55.0, "n_bins": 60, "trainable": trainable}
    x = torch.randn(2, 20000)
    vqt = VQT(gamma=0, basis_norm=2, **arguments)
    cqt = CQT1992v2(norm=2, **arguments)
    for output_format in ("Complex", "Magnitude", "Phase"):
        for normalization in ("librosa", "convolutional", "wrap"):
            ours, theirs = vqt(x, output_format, normalization), cqt(x, output_format, normalization)
            torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


def test_gamma_to_zero_converges_to_the_cqt():
    x = torch.randn(2, 30000, dtype=torch.float64)
    cqt = CQT1992v2(filter_lengths="fractional", hop_length=441)(x, "Complex")
    differences = []
    for gamma in (1e-1, 1e-3, 1e-5, 1e-7, 1e-9):
        vqt = VQT(filter_lengths="fractional", hop_length=441, gamma=gamma)(x, "Complex")
        differences.append(relative_difference(vqt, cqt))
    assert differences[-1] < VQT_LIMIT
    assert differences == sorted(differences, reverse=True)
    # Whole lengths change in steps of a sample; below the smallest step they are those of the CQT.
    assert relative_difference(VQT(gamma=1e-9)(x, "Complex"), CQT1992v2()(x, "Complex")) < VQT_LIMIT


@pytest.mark.parametrize("gamma", [3.0, 40.0])
def test_against_direct_sums(gamma):
    x = torch.randn(2, 30000, dtype=torch.float64)
    frames = [0, 1, 7, 30, 58]
    expected = constant_q(x.numpy(), 22050, 512, 32.7, 84, 12, frames, gamma)
    exact = torch.view_as_complex(VQT(gamma=gamma, tolerance=0.0)(x, "Complex")).numpy()[:, :, frames]
    assert worst_bin_error(exact, expected) < BANK_EXACT_FLOAT64
    fast = torch.view_as_complex(VQT(gamma=gamma)(x.float(), "Complex")).numpy()[:, :, frames]
    assert worst_bin_error(fast, expected) < BANK_DEFAULT


@pytest.mark.parametrize("gamma", [0.0, 5.0, 20.0])
def test_against_librosa(recording, gamma):
    waveform, sr = recording("sir_duke_fast")
    x = waveform[: 5 * sr]
    vqt = VQT(sr=sr, gamma=gamma, pad_mode="constant", filter_lengths="fractional")
    ours = torch.view_as_complex(vqt(x, "Complex")).numpy()
    theirs = librosa.vqt(x.numpy(), sr=sr, fmin=32.7, gamma=gamma, sparsity=0, pad_mode="constant")
    assert relative_rms(ours, theirs) < LIBROSA_CQT_RMS
    assert relative_rms(ours[:, 40:-40], theirs[:, 40:-40]) < LIBROSA_VQT_INTERIOR_RMS


@pytest.mark.parametrize(
    "arguments",
    [
        {"filter_scale": 0.6},
        {"window": "blackman"},
        {"hop_length": 96, "filter_scale": 1.5},
    ],
    ids=str,
)
def test_fractional_lengths_are_librosas_with_other_arguments(recording, arguments):
    waveform, sr = recording("sir_duke_fast")
    x, arguments = waveform[: 2 * sr], {"fmin": 32.7, "gamma": 5.0, **arguments}
    vqt = VQT(sr=sr, pad_mode="constant", filter_lengths="fractional", **arguments)
    ours = torch.view_as_complex(vqt(x, "Complex")).numpy()
    theirs = librosa.vqt(x.numpy(), sr=sr, **arguments, sparsity=0, pad_mode="constant")
    assert relative_rms(ours, theirs) < LIBROSA_CQT_RMS
    inside = slice(20480 // vqt.hop_length, -20480 // vqt.hop_length)
    assert relative_rms(ours[:, inside], theirs[:, inside]) < LIBROSA_VQT_INTERIOR_RMS


@pytest.mark.parametrize(
    "arguments",
    [{}, {"window": "blackman"}, {"filter_scale": 0.6}, {"hop_length": 96}, {"gamma": 3.0}, {"gamma": 5.0}],
    ids=str,
)
def test_fractional_lengths_follow_librosas_early_halvings(recording, arguments):
    """Three octaves so low that librosa halves the rate before the first.

    Their upper end is so near to a power of two below the rate that window, filter scale and gamma each
    change the number of halvings; with one halving more or less the interior differs by 1e-2. The ends are
    not compared: librosa's resampler rings longer at lower rates.
    """
    waveform, sr = recording("sir_duke_fast")
    x, arguments = waveform[: 2 * sr], {"fmin": 87.2, "n_bins": 36, "gamma": 0.0, **arguments}
    vqt = VQT(sr=sr, pad_mode="constant", filter_lengths="fractional", **arguments)
    ours = torch.view_as_complex(vqt(x, "Complex")).numpy()
    theirs = librosa.vqt(x.numpy(), sr=sr, **arguments, sparsity=0, pad_mode="constant")
    inside = slice(20480 // vqt.hop_length, -20480 // vqt.hop_length)
    assert relative_rms(ours[:, inside], theirs[:, inside]) < LIBROSA_VQT_INTERIOR_RMS


def test_octaves_are_near_the_exact_kernels():
    """In magnitude: filters of even length shift every octave by half a sample more."""
    x = torch.randn(1, 200_000)
    exact = CQT1992v2(pad_mode="constant")(x)
    octaves = CQT2010v2(pad_mode="constant")(x)
    assert relative_rms(octaves.numpy(), exact.numpy()) < OCTAVES_RMS
    exact = VQT(pad_mode="constant", gamma=10.0)(x)
    octaves = VQT(pad_mode="constant", gamma=10.0, algorithm="octaves")(x)
    assert relative_rms(octaves.numpy(), exact.numpy()) < OCTAVES_RMS


@pytest.mark.parametrize("transform", [CQT2010v2, CQT2010, VQT])
def test_silence_has_finite_gradients(transform):
    arguments = {"fmin": 220.0, "n_bins": 36}
    if transform is VQT:
        arguments |= {"gamma": 5.0, "algorithm": "octaves"}
    x = torch.zeros(1, 9000, requires_grad=True)
    for output_format in ("Magnitude", "Complex", "Phase"):
        (gradient,) = torch.autograd.grad(transform(**arguments)(x, output_format).sum(), x)
        assert torch.isfinite(gradient).all()


@pytest.mark.parametrize(
    ("transform", "arguments", "message"),
    [
        (CQT2010v2, {"hop_length": 500}, "hop_length must be a multiple of 64, .* got 500"),
        (CQT2010, {"n_bins": 120}, "n_bins must be <= 101, .* got 120"),
        (CQT2010v2, {"bins_per_octave": 9.5, "n_bins": 40}, "bins_per_octave must be whole .* got 9.5"),
        (VQT, {"gamma": -1.0}, "gamma must be >= 0, got -1"),
        (VQT, {"algorithm": "fast"}, "algorithm must be one of 'direct', 'octaves', got 'fast'"),
        (
            VQT,
            {"gamma": 1.0, "algorithm": "octaves", "hop_length": 500},
            "hop_length must be a multiple of",
        ),
        (VQT, {"n_bins": 120}, "n_bins must be <= 101"),
    ],
)
def test_errors_of_arguments(transform, arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        transform(**arguments)


def test_the_width_of_octaves_is_that_of_the_widest_kernels():
    """The kernels of any octave count at the rate of that octave."""
    vqt = VQT(gamma=3.0, algorithm="octaves", n_bins=36)
    assert vqt.kernel_width == max(kernels.weights.shape[-1] for kernels in vqt.octaves.kernels)


def test_octaves_have_no_adjoint():
    vqt = VQT(gamma=3.0, algorithm="octaves", n_bins=36)
    with pytest.raises(RuntimeError, match="algorithm must be 'direct'"):
        vqt.adjoint(torch.zeros(1, 36, 10, 2), 5000)


@pytest.mark.parametrize(
    ("name", "value"),
    [("center", False), ("filter_lengths", "fractional"), ("engine", "fft"), ("tolerance", 0.0)],
)
def test_octaves_refuse_arguments_that_they_cannot_honour(name, value):
    with pytest.raises(ValueError, match=f"{name} must be .* with algorithm='octaves', got {value!r}"):
        VQT(gamma=10.0, algorithm="octaves", **{name: value})


@pytest.mark.parametrize("transform", [CQT2010, CQT2010v2, VQT])
@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"window": "blackman"},
        {"window": "hamming", "basis_norm": 2},
        {"basis_norm": 2},
        {"basis_norm": None},
        {"filter_scale": 0.7},
    ],
    ids=str,
)
def test_octaves_equal_direct_sums(transform, changed):
    """The goldens cannot test the window, which nnAudio ignores octave by octave."""
    x = np.random.default_rng(0).standard_normal(6000)
    frames = [0, 1, 20, 60, 93]
    more = {"gamma": 8.0} if transform is VQT else {}
    oracle = {"norm" if name == "basis_norm" else name: value for name, value in changed.items()}
    onesided = transform is CQT2010
    expected = octave_by_octave(x, 8000, 64, 220.0, 3, frames, onesided=onesided, **oracle, **more)
    expected = expected.conj() if onesided else expected
    more |= {"algorithm": "octaves"} if transform is VQT else {}
    place = {"pad_mode": "constant", "earlydownsample": False}
    module = transform(8000, 64, fmin=220.0, n_bins=36, **place, **changed, **more)
    actual = torch.view_as_complex(module(torch.from_numpy(x)[None], "Complex"))[:, :, frames].numpy()
    assert worst_bin_error(actual, expected[None]) < ANALYTIC_FLOAT64


@pytest.mark.parametrize("earlydownsample", [True, False])
def test_octaves_tell_where_their_bins_lie(earlydownsample):
    """With nnAudio's early down-sampling a bin lies an octave lower than asked for."""
    vqt = VQT(sr=22050, fmin=55.0, n_bins=60, gamma=5, algorithm="octaves", earlydownsample=earlydownsample)
    x = torch.sin(2 * torch.pi * 440 * torch.arange(22050) / 22050)
    assert vqt.frequencies[vqt(x)[:, 22].argmax()] == pytest.approx(440.0)


@pytest.mark.parametrize(("earlydownsample", "gain"), [(True, 2.0), (False, 1.0)])
def test_scale_of_early_downsampling(earlydownsample, gain):
    """A unit sine is ``d`` under "wrap", and ``sqrt(d)`` times its CQT under "librosa"."""
    bins = {"sr": 22050, "fmin": 55.0, "n_bins": 60}
    octaves = CQT2010v2(**bins, earlydownsample=earlydownsample)
    x = torch.sin(2 * torch.pi * 440 * torch.arange(22050) / 22050)
    assert octaves(x, normalization_type="wrap")[36, 22] == pytest.approx(gain, rel=5e-3)
    assert octaves(x)[36, 22] / CQT(**bins)(x)[36, 22] == pytest.approx(gain**0.5, rel=5e-3)
