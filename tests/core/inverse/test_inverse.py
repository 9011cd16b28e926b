"""The general inverse against dense pseudo-inverses, and its derivatives."""

import itertools

import numpy as np
import pytest
import torch
from scipy import signal
from tests import tolerances
from tests.oracles.dense_inverse import (
    constant_q_rows,
    damped_inverse,
    dense_analysis,
    fourier_rows,
    pseudo_inverse,
    snr,
)
from tests.tolerances import FLOAT32_ROUND_OFF, INVERSE_ENGINE_FLOAT64, INVERSE_ENGINES

from nnaudio2_core import CQT, STFT, MelSpectrogram
from nnaudio2_core.inverse.icqt import iCQT
from nnaudio2_core.inverse.inverse import Inverse

PADS = [(True, "reflect"), (True, "constant"), (True, "replicate"), (True, "circular"), (False, "reflect")]
TIME = 121


def stft(center=True, pad_mode="reflect", **arguments):
    return STFT(32, hop_length=4, sr=32, center=center, pad_mode=pad_mode, **arguments)


def dense_stft(center=True, pad_mode="reflect"):
    return dense_analysis(fourier_rows(32, np.arange(17.0)), 4, TIME, center, pad_mode)


def pairs(Y, bins):
    return torch.view_as_real(torch.from_numpy(Y.reshape(1, bins, -1)))


@pytest.mark.parametrize(("center", "pad_mode"), PADS)
def test_analysis_is_the_dense_matrix(center, pad_mode):
    x = np.random.default_rng(0).normal(size=TIME)
    expected = dense_stft(center, pad_mode) @ x
    inverse = Inverse(stft(center, pad_mode), solver="cg")
    got = inverse.analysis(torch.from_numpy(x)[None])
    error = (got - pairs(expected, 17)).norm() / got.norm()
    assert error < INVERSE_ENGINE_FLOAT64


@pytest.mark.parametrize("pad_mode", ["reflect", "constant", "replicate", "circular"])
@pytest.mark.parametrize(("solver", "n_iter"), [("direct", 12), ("cg", 40)])
def test_complete_transforms_are_inverted_like_the_pseudo_inverse(pad_mode, solver, n_iter):
    """Coefficients with noise: no waveform has them, and the nearest is wanted, ends included."""
    matrix = dense_stft(pad_mode=pad_mode)
    rng = np.random.default_rng(0)
    Y = matrix @ rng.normal(size=TIME)
    Y = Y + 0.1 * np.abs(Y).mean() * (rng.normal(size=Y.size) + 1j * rng.normal(size=Y.size))
    expected = pseudo_inverse(matrix, Y)
    inverse = Inverse(stft(pad_mode=pad_mode), solver=solver, n_iter=n_iter)
    got = inverse(pairs(Y, 17), length=TIME)[0].numpy()
    assert snr(expected, got) > tolerances.INVERSE_MANY_STEPS_SNR


@pytest.mark.parametrize("pad_mode", ["reflect", "constant"])
def test_direct_solve_is_the_pseudo_inverse_inside(pad_mode):
    matrix = dense_stft(pad_mode=pad_mode)
    x = np.random.default_rng(0).normal(size=TIME)
    Y = matrix @ x
    got = Inverse(stft(pad_mode=pad_mode))(pairs(Y, 17), length=TIME)[0].numpy()
    expected = pseudo_inverse(matrix, Y)
    assert snr(x, expected) > 200
    assert snr(expected, got, 16) > tolerances.INVERSE_INSIDE_SNR
    assert snr(expected, got) > tolerances.INVERSE_ENDS_SNR


def test_constant_q_is_inverted_like_the_pseudo_inverse():
    """Complete where it matters: tones within the bins, even about both ends so that padding keeps them."""
    small = {"sr": 400, "hop_length": 4, "fmin": 50.0, "n_bins": 24, "bins_per_octave": 12}
    time = 400
    n = np.arange(time)
    x = np.cos(2 * np.pi * 180 * n / (2 * time - 2)) + np.cos(2 * np.pi * 260 * n / (2 * time - 2))
    matrix = dense_analysis(constant_q_rows(400, 50.0, 24, 12), 4, time, True, "reflect")
    Y = matrix @ x
    expected = pseudo_inverse(matrix, Y)
    assert snr(x, expected) > 100
    got = iCQT(**small)(pairs(Y, 24), length=time)[0].numpy()
    assert snr(expected, got, 64) > tolerances.INVERSE_INSIDE_SNR  # half the longest kernel inside
    got = iCQT(**small, n_iter=8)(pairs(Y, 24), length=time)[0].numpy()
    assert snr(expected, got) > tolerances.INVERSE_CONSTANT_Q_SNR


@pytest.mark.parametrize("engine", ["fft", "real"])
@pytest.mark.parametrize("time", [400, 402])
def test_periodic_clips_are_inverted_like_the_pseudo_inverse(time, engine):
    """Tones within the bins, with whole periods in a clip of whole hops, or of half a hop more."""
    n = np.arange(time)
    x = np.cos(2 * np.pi * 90 * n / time) + np.cos(2 * np.pi * 130 * n / time + 1)
    Y = dense_analysis(constant_q_rows(400, 50.0, 24, 12), 4, time, True, "circular") @ x
    inverse = iCQT(sr=400, hop_length=4, fmin=50.0, n_bins=24, pad_mode="circular", engine=engine)
    got = inverse(pairs(Y, 24), length=time)[0].numpy()
    assert snr(x, got) > tolerances.INVERSE_PERIODIC_SNR[time]


@pytest.mark.parametrize("time", [40, 121])
@pytest.mark.parametrize("pad_mode", ["reflect", "constant", "replicate", "circular"])
def test_corrected_ends_of_a_complete_transform_are_exact(pad_mode, time):
    """Ends of any signal, also of clips of a few frames, up to float32 round-off in eight steps."""
    x = np.random.default_rng(1).normal(size=time)
    matrix = dense_analysis(fourier_rows(32, np.arange(17.0)), 4, time, True, pad_mode)
    X = pairs(matrix @ x, 17)
    for n_iter, given, bound in (
        (0, X, tolerances.INVERSE_ENDS_SNR),
        (2, X, tolerances.INVERSE_TWO_STEPS_SNR),
        (8, X.float(), tolerances.INVERSE_FLOAT32_SNR),
    ):
        y = Inverse(stft(pad_mode=pad_mode), n_iter=n_iter)(given, time)[0]
        assert snr(x, y.double().numpy()) > bound, n_iter


def test_gradients_of_corrections_stay_finite_after_convergence():
    """A clip, silence and coefficients that no waveform has: most of 40 steps are round-off."""
    inverse = Inverse(stft(), n_iter=40)
    X = torch.stack([stft()(torch.randn(TIME)), torch.zeros(17, 31, 2), torch.randn(17, 31, 2)])
    X.requires_grad_()
    inverse(X, TIME).square().sum().backward()
    assert X.grad.isfinite().all()


# How far the direct solution, and the same after 32 steps, may lie below the dense damped solution, dB. With
# zeros or repeated samples beyond the ends, the clip ends in a jump or a kink, which the bins do not pass.
BELOW_DENSE = {"reflect": (1, 1), "circular": (1.5, 0.5), "replicate": (6, -3), "constant": (38, 15)}


@pytest.mark.parametrize("pad_mode", BELOW_DENSE)
def test_ends_of_constant_q_against_the_dense_solution(pad_mode):
    """Noise within the bins, in a clip of a few kernels: its ends are most of it."""
    rows, time = constant_q_rows(2000, 120.0, 24, 12), 640
    noise = np.random.default_rng(0).normal(size=3 * time)
    passed = signal.fftconvolve(noise, signal.firwin(513, [150, 380], fs=2000, pass_zero=False), "same")
    x = passed[time : 2 * time]
    matrix = dense_analysis(rows, 8, time, True, pad_mode)
    dense = snr(x, damped_inverse(rows, matrix, matrix @ x, 8, 1e-4))
    X = pairs(matrix @ x, 24)

    def reached(**arguments):
        icqt = iCQT(2000, 8, fmin=120.0, n_bins=24, pad_mode=pad_mode, **arguments)
        return snr(x, icqt(X, time)[0].numpy())

    direct, corrected = BELOW_DENSE[pad_mode]
    assert reached() > dense - direct
    assert reached(n_iter=32) > dense - corrected
    assert reached(n_iter=32) > reached(solver="cg", n_iter=32)


def test_engines_agree_on_short_periodic_clips():
    """The clip is shorter than the stretches of it that are solved for at its ends."""
    small = {"sr": 2000, "hop_length": 8, "fmin": 120, "n_bins": 24, "pad_mode": "circular"}
    X = CQT(**small, output_format="Complex")(torch.randn(1, 640, dtype=torch.float64))
    fft, real = (iCQT(**small, engine=engine)(X, 640) for engine in ("fft", "real"))
    assert (fft - real).norm() < INVERSE_ENGINES * fft.norm()


@pytest.mark.parametrize("pad_mode", ["replicate", "circular"])
def test_no_residual_of_the_direct_solver_is_above_that_of_silence(pad_mode):
    """Few frames that no waveform has, of a window that rings: the linear solution is up to 18 times off."""
    log = {"freq_scale": "log", "freq_bins": 60, "sr": 8000, "fmax": 3000}
    transform = STFT(128, hop_length=32, window="boxcar", pad_mode=pad_mode, **log)
    inverse = Inverse(transform)
    X = torch.randn(9, 60, 8, 2, dtype=torch.float64)
    X[0] = inverse.analysis(torch.randn(1, 230, dtype=torch.float64))[0]
    X[1] = 0.0
    X.requires_grad_()
    linear = inverse(X, 230)
    waveform, residual, _ = inverse.solve(X, 230)

    def distance(y):
        return ((X - inverse.analysis(y)).square().sum((1, 2, 3)) / X.square().sum((1, 2, 3))).sqrt()

    worse = distance(linear) > 1
    assert bool(worse.any())  # so that the rule has something to do
    # Others stay as they are, but for the round-off of a division by the largest coefficient.
    same = (waveform - linear)[~worse].norm()
    assert same < 1e-12 * linear.norm()
    assert bool((residual <= 1).all())
    assert bool(residual[1] == 0)
    expected = distance(waveform).nan_to_num(0.0)
    assert bool(((residual - expected).abs() < INVERSE_ENGINE_FLOAT64).all())
    # The best factor: a little more or less of the same waveform is farther away.
    for factor in (0.99, 1.01):
        assert bool((distance(factor * waveform)[worse] > expected[worse]).all())
    waveform.square().sum().backward()
    assert X.grad.isfinite().all()


@pytest.mark.parametrize("solver", ["direct", "cg", "landweber"])
def test_gradients_with_respect_to_the_coefficients(solver):
    cqt = CQT(sr=400, hop_length=16, fmin=50.0, n_bins=4, bins_per_octave=6)
    inverse = Inverse(cqt, solver=solver, n_iter=2)
    X = cqt.analysis(torch.randn(1, 80, dtype=torch.float64)).requires_grad_()
    assert torch.autograd.gradcheck(lambda X: inverse(X, 80), (X,))


@pytest.mark.parametrize("solver", ["direct", "cg"])
def test_transforms_of_functions(solver):
    cqt = CQT(sr=400, hop_length=16, fmin=50.0, n_bins=6, bins_per_octave=6)
    inverse = Inverse(cqt, solver=solver, n_iter=2)
    X = cqt.analysis(torch.randn(3, 120, dtype=torch.float64))
    whole = inverse(X, 120)
    mapped = torch.func.vmap(lambda item: inverse(item, 120))(X)
    assert torch.allclose(mapped, whole, rtol=0, atol=1e-12)  # float64 round-off of sums in another order
    gradient = torch.func.grad(lambda X: inverse(X, 120).square().sum())(X)
    assert torch.isfinite(gradient).all()


@pytest.mark.parametrize(
    ("arguments", "whole"),
    [
        ({"freq_scale": "no"}, tolerances.INVERSE_EVEN_SNR),
        ({"freq_scale": "linear", "freq_bins": 129, "fmin": 0, "fmax": 4000}, tolerances.INVERSE_EVEN_SNR),
        (
            {"freq_scale": "log", "freq_bins": 200, "fmin": 60, "fmax": 3900},
            tolerances.INVERSE_LOGARITHMIC_SNR,
        ),
        (
            {"freq_scale": "log2", "freq_bins": 200, "fmin": 60, "fmax": 3900},
            tolerances.INVERSE_LOGARITHMIC_SNR,
        ),
    ],
)
def test_stft_on_any_frequencies_comes_back(arguments, whole):
    """Frequencies that overlap-add refuses, for a signal between the lowest and the highest bin."""
    transform = STFT(256, hop_length=32, sr=8000, **arguments)
    t = torch.arange(4000, dtype=torch.float64) / 8000
    x = torch.sin(2 * torch.pi * 200 * t) + torch.sin(2 * torch.pi * (300 * t + 800 * t**2))
    X = transform(x)
    y = Inverse(transform)(X, length=4000)
    assert snr(x.numpy(), y.numpy()) > whole


def test_complex_coefficients_are_taken():
    transform = stft()
    inverse = Inverse(transform)
    X = transform(torch.randn(2, 3, TIME))
    assert torch.equal(inverse(torch.view_as_complex(X), TIME), inverse(X, TIME))
    assert inverse(X, TIME).shape == (2, 3, TIME)


def test_wrong_transforms():
    with pytest.raises(TypeError, match=r"transform must be a CQT, .* got MelSpectrogram"):
        Inverse(MelSpectrogram())
    with pytest.raises(ValueError, match="transform must have no trainable kernels"):
        Inverse(stft(trainable=True))


# Each case left a residual of more than 10 before items stopped by themselves.
HARD = [
    (STFT(64, hop_length=16), {"solver": "cg", "n_iter": 100}, 33),
    (STFT(64, hop_length=16), {"n_iter": 100}, 33),
]


@pytest.mark.parametrize(("transform", "arguments", "n_bins"), HARD)
def test_conjugate_gradients_stop_at_the_least_squares_solution(transform, arguments, n_bins):
    X = torch.randn(2, n_bins, 33, 2)
    inverse = Inverse(transform, **arguments)
    _, residual, _ = inverse.solve(X, 512)
    rows = inverse.analysis(torch.eye(512, dtype=torch.float64)).flatten(1)
    flat = X.double().flatten(1)
    # Projection on the range of the transform, by the eigenvectors of the smaller Gram matrix.
    values, vectors = torch.linalg.eigh(rows @ rows.T)
    seen = vectors[:, values > 1e-12 * values[-1]]
    basis = torch.linalg.qr((seen.T @ rows).T).Q
    least = (flat - flat @ basis @ basis.T).norm(dim=1) / flat.norm(dim=1)
    assert bool((residual <= 1.02 * least).all())  # 2 %: iterations end, and float32 has its round-off
    assert bool((residual >= least - 1e-4).all())


def test_landweber_never_leaves_more_than_silence_would():
    """Power iteration underestimates this bank's frame bound by a fifth: steps of 1.8 / B go too far."""
    arguments = {"fmin": 1000, "n_bins": 7, "filter_scale": 0.3, "window": ("kaiser", 4.0)}
    transform = CQT(sr=8000, hop_length=256, pad_mode="replicate", **arguments)
    X = torch.randn(2, 7, 30, 2)
    residuals = [Inverse(transform, solver="landweber", n_iter=n).solve(X)[1] for n in (0, 4, 16, 64, 256)]
    for before, after in itertools.pairwise(residuals):
        assert bool((after < before).all())


@pytest.mark.parametrize("solver", ["direct", "cg", "landweber"])
def test_the_level_of_the_coefficients_does_not_matter(solver):
    """float32 holds 1e-38 to 1e38, and squares of a tenth of the exponents."""
    transform = CQT(sr=8000, hop_length=128, fmin=200, n_bins=36, output_format="Complex")
    inverse = Inverse(transform, solver=solver)
    X = transform(torch.randn(1, 4000))
    y, residual, _ = inverse.solve(X, 4000)
    for level in (1e-30, 1e-20, 1e20, 1e30):
        scaled, same, _ = inverse.solve(X * level, 4000)
        # A power of ten rounds each coefficient; damping magnifies that by up to 2 / sqrt(1e-4).
        assert float((same - residual).abs()) < INVERSE_ENGINES
        assert ((scaled / level - y).abs().max() / y.abs().max()) < 200 * FLOAT32_ROUND_OFF
    zeros, nothing, _ = inverse.solve(torch.zeros_like(X), 4000)
    assert not zeros.any()
    assert float(nothing) == 0.0
