"""CQT1992v2, CQT and CQT1992 against direct sums, the legacy package and librosa."""

import math

import librosa
import nnAudio2.features
import numpy as np
import pytest
import torch
from tests.oracles.strided_correlation import constant_q, worst_bin_error
from tests.tolerances import (
    ADJOINT_FLOAT32,
    ADJOINT_FLOAT64,
    BANK_DEFAULT,
    BANK_EXACT_FLOAT64,
    FLOAT32_ROUND_OFF,
    HALF_SPECTRUM,
    LEGACY_CQT,
    LEGACY_PHASE,
    LIBROSA_CQT_INTERIOR_RMS,
    LIBROSA_CQT_RMS,
    LIBROSA_VQT_INTERIOR_RMS,
)

from nnaudio2_core.constant_q.cqt import CQT, CQT1992, CQT1992v2

NORMALIZATIONS = ("librosa", "convolutional", "wrap")
FORMATS = ("Magnitude", "Complex", "Phase")


def relative_difference(actual, expected):
    return float((actual - expected).abs().max() / expected.abs().max())


def relative_rms(actual, expected):
    return np.sqrt((np.abs(actual - expected) ** 2).mean() / (np.abs(expected) ** 2).mean())


@pytest.fixture(scope="module")
def legacy():
    return nnAudio2.features.CQT1992v2(verbose=False)


@pytest.fixture(scope="module")
def short():
    """Few and short kernels: 5 octaves from 220 Hz at 12 per octave."""
    return CQT1992v2(fmin=220.0, n_bins=60, hop_length=256)


def test_against_direct_sums():
    x = torch.randn(2, 30000, dtype=torch.float64)
    frames = [0, 1, 7, 30, 58]
    expected = constant_q(x.numpy(), 22050, 512, 32.7, 84, 12, frames)
    exact = torch.view_as_complex(CQT1992v2(tolerance=0.0)(x, "Complex")).numpy()[:, :, frames]
    assert worst_bin_error(exact, expected) < BANK_EXACT_FLOAT64
    fast = torch.view_as_complex(CQT1992v2()(x.float(), "Complex")).numpy()[:, :, frames]
    assert worst_bin_error(fast, expected) < BANK_DEFAULT


@pytest.mark.parametrize("name", ["sir_duke_fast", "snare-accelerate"])
def test_faint_bins_of_recordings(recording, name):
    """Each bin against its own level, also where the bins around it are a thousand times louder."""
    waveform, sr = recording(name)
    x = waveform[None, : 5 * sr]
    exact = torch.view_as_complex(CQT1992v2(sr=sr, tolerance=0.0)(x.double(), "Complex")).numpy()
    fast = torch.view_as_complex(CQT1992v2(sr=sr)(x, "Complex")).numpy()
    assert worst_bin_error(fast[None, 0], exact[None, 0]) < BANK_DEFAULT


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("output_format", ["Magnitude", "Complex"])
def test_against_legacy(legacy, recording, output_format, normalization):
    waveform, sr = recording("sir_duke_fast")
    x = torch.stack([waveform[: 3 * sr], torch.randn(3 * sr)])
    ours = CQT1992v2()(x, output_format, normalization)
    assert relative_difference(ours, legacy(x, output_format, normalization)) < LEGACY_CQT


def test_phase_is_the_legacy_pair(legacy):
    x = torch.randn(2, 30000)
    ours, theirs = CQT1992v2()(x, "Phase"), legacy(x, "Phase")
    loud = CQT1992v2()(x) > 0.1 * CQT1992v2()(x).mean()
    assert ours.shape == theirs.shape
    assert (ours - theirs)[loud].abs().max() < LEGACY_PHASE
    assert (ours.square().sum(-1) - 1).abs().max() < FLOAT32_ROUND_OFF


@pytest.mark.parametrize(
    "arguments",
    [
        {"pad_mode": "constant"},
        {"hop_length": 441, "norm": 2, "window": "hamming"},
        {"bins_per_octave": 24, "n_bins": 120, "fmin": 100.0, "filter_scale": 0.8},
        {"fmin": 55.0, "fmax": 3000.0, "hop_length": 333},
        {"center": False, "fmin": 110.0, "n_bins": 40},
        {"norm": 0, "fmin": 110.0, "n_bins": 40},
        {"sr": 44100, "fmin": 65.4},
    ],
)
@pytest.mark.filterwarnings("ignore:If fmax is given:SyntaxWarning")
def test_arguments_mean_the_same_as_in_the_legacy_class(arguments):
    x = torch.randn(2, 40000)
    theirs = nnAudio2.features.CQT1992v2(verbose=False, **arguments)(x, "Complex")
    ours = CQT1992v2(**arguments)(x, "Complex")
    assert ours.shape == theirs.shape
    assert relative_difference(ours, theirs) < LEGACY_CQT


def test_cqt1992_is_cqt1992v2():
    x = torch.randn(2, 30000)
    one, other = CQT1992(fmin=220.0, n_bins=60), CQT1992v2(fmin=220.0, n_bins=60)
    torch.testing.assert_close(one(x), other(x), rtol=0, atol=0)
    trained = CQT1992(fmin=220.0, n_bins=60, trainable_STFT=True, trainable_CQT=True)
    assert relative_difference(trained(x, "Complex").detach(), other(x, "Complex")) < HALF_SPECTRUM
    shapes = {name: tuple(p.shape) for name, p in trained.named_parameters()}
    assert shapes == {
        "wsin": (1025, 1, 2048),
        "wcos": (1025, 1, 2048),
        "cqt_kernels_real": (60, 1025),
        "cqt_kernels_imag": (60, 1025),
    }
    assert [n for n, _ in CQT1992(trainable_CQT=True).named_parameters()] == [
        "cqt_kernels_real",
        "cqt_kernels_imag",
    ]


@pytest.mark.parametrize("normalization", ["librosa", "wrap"])
def test_cqt1992_against_legacy(capsys, normalization):
    x = torch.randn(2, 30000)
    legacy = nnAudio2.features.CQT1992(fmin=220.0, n_bins=60)
    capsys.readouterr()
    theirs = legacy(x, "Complex", normalization)
    ours = CQT1992(fmin=220.0, n_bins=60)(x, "Complex", normalization)
    assert relative_difference(ours, theirs) < HALF_SPECTRUM


def test_plain_name():
    x = torch.randn(1, 20000)
    torch.testing.assert_close(CQT()(x), CQT1992v2()(x), rtol=0, atol=0)


@pytest.mark.parametrize("signal", ["recording", "noise"])
def test_against_librosa(recording, signal):
    waveform, sr = recording("sir_duke_fast")
    x = waveform[: 5 * sr] if signal == "recording" else torch.randn(5 * sr)
    cqt = CQT1992v2(sr=sr, pad_mode="constant", filter_lengths="fractional")
    ours = torch.view_as_complex(cqt(x, "Complex")).numpy()
    theirs = librosa.cqt(x.numpy(), sr=sr, fmin=32.7, sparsity=0, pad_mode="constant")
    assert relative_rms(ours, theirs) < LIBROSA_CQT_RMS
    assert relative_rms(ours[:, 40:-40], theirs[:, 40:-40]) < LIBROSA_CQT_INTERIOR_RMS


@pytest.mark.parametrize(
    "arguments",
    [
        {"filter_scale": 0.6},
        {"filter_scale": 1.5, "fmin": 65.4, "n_bins": 72},
        {"window": "blackman"},
        {"hop_length": 96},
        {"hop_length": 100},  # has two factors of two: from the third octave on the rate stays
        {"hop_length": 96, "filter_scale": 0.6, "window": "blackman"},
        {"bins_per_octave": 24, "n_bins": 120},
    ],
    ids=str,
)
def test_fractional_lengths_are_librosas_with_other_arguments(recording, arguments):
    waveform, sr = recording("sir_duke_fast")
    x = waveform[: 2 * sr]
    cqt = CQT1992v2(sr=sr, pad_mode="constant", filter_lengths="fractional", **arguments)
    ours = torch.view_as_complex(cqt(x, "Complex")).numpy()
    theirs = librosa.cqt(x.numpy(), sr=sr, **{"fmin": 32.7, **arguments}, sparsity=0, pad_mode="constant")
    assert relative_rms(ours, theirs) < LIBROSA_CQT_RMS
    inside = slice(20480 // cqt.hop_length, -20480 // cqt.hop_length)
    # Shorter filters are wider: low bins pass more of the negative frequencies, which librosa leaves out.
    bound = LIBROSA_VQT_INTERIOR_RMS if cqt.filter_scale < 1 else LIBROSA_CQT_INTERIOR_RMS
    assert relative_rms(ours[:, inside], theirs[:, inside]) < bound


def test_sine_peaks_in_its_bin_with_its_amplitude():
    cqt = CQT1992v2()
    t = torch.arange(22050) / 22050
    for k in (12, 40, 83):
        f = 32.7 * 2 ** (k / 12)
        X = cqt(0.5 * torch.sin(2 * torch.pi * f * t), "Magnitude", "wrap")[:, 22]
        assert int(X.argmax()) == k
        assert float(X[k]) == pytest.approx(0.5, rel=1e-3)  # the image of the sine at -f leaks in


def test_phase_turns_with_the_frame():
    cqt = CQT1992v2(hop_length=100)
    f = float(cqt.frequencies[48])
    X = torch.view_as_complex(
        cqt(torch.cos(2 * torch.pi * f * torch.arange(22050) / 22050).double(), "Complex")
    )
    turn = X[48, 101:120] / X[48, 100:119]
    expected = np.exp(2j * np.pi * f * 100 / 22050)
    assert (turn - expected).abs().max() < 1e-3  # as above


@pytest.mark.parametrize("shape", [(9000,), (1, 9000), (2, 3, 9000)])
def test_shapes(short, shape):
    x = torch.randn(shape)
    assert short(x).shape == (*shape[:-1], 60, 36)
    assert short(x, "Complex").shape == (*shape[:-1], 60, 36, 2)
    assert short(x, "Phase").shape == (*shape[:-1], 60, 36, 2)
    assert short.n_frames(9000) == 36


@pytest.mark.parametrize("engine", ["fft", "real"])
@pytest.mark.parametrize("center", [True, False])
def test_engines_agree(engine, center):
    x = torch.randn(2, 20000)
    exact = CQT1992v2(tolerance=0.0, center=center, fmin=65.4, n_bins=72)
    other = CQT1992v2(engine=engine, center=center, fmin=65.4, n_bins=72)
    assert relative_difference(other(x, "Complex"), exact(x, "Complex")) < BANK_DEFAULT


def test_trainable():
    x = torch.randn(2, 20000)
    frozen, trained = CQT1992v2(tolerance=0.0), CQT1992v2(trainable=True)
    assert not list(frozen.parameters())
    assert not frozen.state_dict()
    assert {n: tuple(p.shape) for n, p in trained.named_parameters()} == {
        "cqt_kernels_real": (84, 1, 16384),
        "cqt_kernels_imag": (84, 1, 16384),
    }
    y = trained(x)
    assert relative_difference(y.detach(), frozen(x)) < FLOAT32_ROUND_OFF
    y.sum().backward()
    assert all(p.grad.abs().max() > 0 for p in trained.parameters())
    with torch.no_grad():
        trained.cqt_kernels_real.mul_(0)
        trained.cqt_kernels_imag.mul_(0)
    assert trained(x).abs().max() == 0  # every call reads the kernels as they are


@pytest.mark.parametrize("pad_mode", ["reflect", "constant", "replicate", "circular"])
@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, ADJOINT_FLOAT32), (torch.float64, ADJOINT_FLOAT64)]
)
def test_adjoint_with_padding(pad_mode, center, dtype, tolerance):
    cqt = CQT1992v2(fmin=110.0, n_bins=70, pad_mode=pad_mode, center=center)
    x = torch.randn(2, 7777, dtype=dtype)
    y = cqt.analysis(x)
    z = torch.randn_like(y)
    difference = (y.double() * z).sum() - (cqt.adjoint(z, 7777).double() * x).sum()
    assert abs(difference) < tolerance * y.double().norm() * z.double().norm()


def test_gradcheck(short):
    x = torch.randn(1, short.min_samples + 300, dtype=torch.float64, requires_grad=True)
    for output_format in FORMATS:
        assert torch.autograd.gradcheck(lambda x, f=output_format: short(x, f)[:, ::20], x, fast_mode=True)


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize("trainable", [False, True])
def test_silence_has_finite_gradients(output_format, trainable):
    cqt = CQT1992v2(fmin=440.0, n_bins=40, trainable=trainable)
    x = torch.zeros(1, 5000, requires_grad=True)
    y = cqt(x, output_format)
    y.sum().backward()
    assert torch.isfinite(x.grad).all()
    assert all(torch.isfinite(p.grad).all() for p in cqt.parameters())


def test_half_precision_and_autocast(short):
    x = torch.randn(2, 9000)
    for dtype in (torch.float16, torch.bfloat16):
        y = short(x.to(dtype))
        assert y.dtype == dtype
        torch.testing.assert_close(y, short(x.to(dtype).float()).to(dtype), rtol=0, atol=0)
    for module in (short, CQT1992v2(fmin=220.0, n_bins=60, engine="real")):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            inside = module(x)
        torch.testing.assert_close(inside, module(x), rtol=0, atol=FLOAT32_ROUND_OFF)


@pytest.mark.parametrize(
    "arguments", [{}, {"engine": "real"}, {"trainable": True}, {"tolerance": 0.0, "hop_length": 127}]
)
def test_scripted(arguments):
    cqt = CQT1992v2(fmin=110.0, n_bins=70, **arguments)
    scripted = torch.jit.script(cqt)
    for time in (4000, 9000, 300_000):
        x = torch.randn(2, time)
        for output_format in FORMATS:
            ours, theirs = scripted(x, output_format, "wrap"), cqt(x, output_format, "wrap")
            torch.testing.assert_close(ours, theirs, rtol=0, atol=FLOAT32_ROUND_OFF)
    assert scripted.n_frames(9000) == cqt.n_frames(9000)


def test_scripted_cqt1992():
    x = torch.randn(1, 9000)
    for trainable in (False, True):
        cqt = CQT1992(fmin=440.0, n_bins=40, trainable_CQT=trainable)
        torch.testing.assert_close(torch.jit.script(cqt)(x), cqt(x), rtol=0, atol=FLOAT32_ROUND_OFF)


@pytest.mark.parametrize("arguments", [{}, {"engine": "real"}, {"hop_length": 127}])
def test_exported_with_any_batch_and_time(arguments):
    cqt = CQT1992v2(fmin=110.0, n_bins=70, **arguments)
    dynamic = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    program = torch.export.export(cqt, (torch.randn(2, 30000),), dynamic_shapes={"x": dynamic})
    for shape in ((1, 4000), (3, 30001), (5, 200_000)):
        x = torch.randn(shape)
        torch.testing.assert_close(program.module()(x), cqt(x), rtol=0, atol=FLOAT32_ROUND_OFF)


def test_compiled_whole():
    cqt = CQT1992v2(fmin=110.0, n_bins=70)
    compiled = torch.compile(cqt, fullgraph=True, dynamic=True, backend="aot_eager")
    for shape in ((2, 4000), (3, 100_000)):
        x = torch.randn(shape, requires_grad=True)
        y = compiled(x, "Complex")
        torch.testing.assert_close(y, cqt(x, "Complex"), rtol=0, atol=FLOAT32_ROUND_OFF)
        (gradient,) = torch.autograd.grad(y.square().sum(), x)
        (expected,) = torch.autograd.grad(cqt(x, "Complex").square().sum(), x)
        assert relative_difference(gradient, expected) < FLOAT32_ROUND_OFF


def test_config_rebuilds():
    cqt = CQT1992v2(16000, 200, fmin=100.0, n_bins=30, window="blackman", tolerance=1e-4)
    x = torch.randn(1, 9000)
    torch.testing.assert_close(CQT1992v2(**cqt.config)(x), cqt(x), rtol=0, atol=0)


def test_bank_keeps_its_precision(short):
    x = torch.randn(1, 9000, dtype=torch.float64)
    expected = short(x)
    converted = CQT1992v2(**short.config).half().double()
    torch.testing.assert_close(converted(x), expected, rtol=0, atol=0)


def test_short_clips():
    cqt = CQT1992v2()
    assert cqt.min_samples == 5672  # half the longest kernel, and the sample it is reflected at
    assert cqt(torch.randn(5672)).shape == (84, 12)
    with pytest.raises(ValueError, match="at least min_samples = 5672 samples, got 5671"):
        cqt(torch.randn(5671))
    zeros = CQT1992v2(pad_mode="constant")
    assert zeros.min_samples == 1
    assert zeros(torch.randn(1)).shape == (84, 1)
    frames = CQT1992v2(center=False)
    assert frames.min_samples == 16384
    assert frames(torch.randn(16384)).shape == (84, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_bins": 102}, "n_bins must be <= 101, or the top bin exceeds sr / 2 = 11025 Hz, got 102"),
        ({"fmax": 20000.0}, "n_bins must be <= 101"),
        ({"fmin": 12000.0}, "fmin must be <= sr / 2 = 11025, got 12000"),
        ({"fmin": 0.0}, "fmin must be > 0, got 0"),
        ({"fmax": 20.0}, "fmax must be > 32.7, got 20"),
        ({"hop_length": 0}, "hop_length must be >= 1, got 0"),
        ({"n_bins": 0}, "n_bins must be >= 1, got 0"),
        ({"bins_per_octave": 0}, "bins_per_octave must be > 0, got 0"),
        ({"filter_scale": -1}, "filter_scale must be > 0, got -1"),
        ({"tolerance": -1}, "tolerance must be >= 0, got -1"),
        ({"pad_mode": "mirror"}, "pad_mode must be one of .* got 'mirror'"),
        ({"output_format": "dB"}, "output_format must be one of .* got 'dB'"),
        ({"filter_lengths": "odd"}, "filter_lengths must be one of .* got 'odd'"),
        ({"engine": "fft", "trainable": True}, "engine must be"),
        (
            {"window": "none"},
            "window must be one that scipy.signal.get_window takes, or its samples, got 'none'",
        ),
    ],
)
def test_errors_of_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        CQT1992v2(**arguments)


def test_largest_number_of_bins_is_the_largest():
    cqt = CQT1992v2(n_bins=101)
    assert float(cqt.frequencies[-1]) <= 11025 < float(cqt.frequencies[-1]) * 2 ** (1 / 12)
    assert math.isclose(float(cqt.frequencies[0]), 32.7)


def test_errors_of_calls(short):
    with pytest.raises(ValueError, match="output_format must be one of 'Magnitude', 'Complex', 'Phase', got"):
        short(torch.randn(9000), "dB")
    with pytest.raises(ValueError, match="normalization_type must be one of 'librosa', 'convolutional'"):
        short(torch.randn(9000), None, "none")
    with pytest.raises(TypeError, match="convert integer audio"):
        short(torch.zeros(9000, dtype=torch.int16))
    with pytest.raises(RuntimeError, match="trainable must be False"):
        CQT1992v2(trainable=True, fmin=440.0, n_bins=12).adjoint(torch.zeros(1, 12, 10, 2), 5000)


@pytest.mark.parametrize(("engine", "frames"), [("fft", {74, 148}), ("real", {22})])
def test_a_nan_reaches_the_frames_that_the_page_says(engine, frames):
    """Two overlapping blocks, or one where they do not overlap; without blocks the kernels that see it."""
    cqt = CQT1992v2(engine=engine)
    x = torch.randn(1, 8 * 22050)
    found = set()
    for place in (70_000, 80_000, 90_000, 100_000):
        spoilt = x.clone()
        spoilt[0, place] = torch.nan
        found.add(int(cqt(spoilt).isnan().any(1).sum()))
    assert found == frames
