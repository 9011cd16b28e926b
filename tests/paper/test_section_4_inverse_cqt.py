"""Section 4, "Inverted CQT": claims about the operator, its adjoint and Landweber iteration."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tests import tolerances
from tests.oracles.strided_correlation import constant_q
from tests.paper.signals import chirp, snr, tone

from nnaudio2_core import CQT1992v2, iCQT

SMALL = {"sr": 8000, "hop_length": 64, "fmin": 200.0, "n_bins": 24}


def paper_inverse(**changes):
    return iCQT(**{**SMALL, "solver": "landweber", **changes})


def test_analysis_is_strided_correlation_scaled_by_the_root_of_the_length():
    """Section 4: strided cross-correlation with complex kernels, each scaled by sqrt(N_k)."""
    x = torch.randn(2, 3000, dtype=torch.float64)
    X = CQT1992v2(**SMALL, output_format="Complex", tolerance=0)(x)
    frames = range(0, X.shape[2], 5)
    expected = constant_q(x.numpy(), 8000, 64, 200.0, 24, 12, frames)
    actual = torch.view_as_complex(X)[:, :, list(frames)].numpy()
    assert np.abs(actual - expected).max() <= 1e-11 * np.abs(expected).max()


def test_the_frame_is_not_tight():
    """Section 4: the kernels overlap, so A* A is not a multiple of the identity."""
    cqt = CQT1992v2(**SMALL, output_format="Complex")
    x = torch.randn(1, 3000)
    y = cqt.adjoint(cqt.analysis(x), 3000)
    nearest = (x * y).sum() / x.square().sum()
    assert (y - nearest * x).norm() > 0.5 * y.norm()


def test_power_iteration_finds_the_upper_frame_bound():
    """Section 4: B from 20 steps of power iteration at construction; the step is 1.8 / B."""
    icqt = paper_inverse(pad_mode="constant")
    time = 4 * icqt.frame_width
    unit = torch.eye(time, dtype=torch.float64)
    matrix = icqt.analysis(unit).flatten(1)
    largest = torch.linalg.eigvalsh(matrix @ matrix.T)[-1].item()
    bound = 1.8 / icqt.step
    assert 0.9 * largest < bound < largest * (1 + 1e-6)


def test_landweber_converges_below_two_over_the_bound_and_not_above():
    """Section 4: the iteration converges for any step below 2 / B; the default is 32 iterations."""
    assert paper_inverse().n_iter == 32
    X = CQT1992v2(**SMALL, output_format="Complex")(torch.randn(1, 3000))
    residuals = [float(paper_inverse(n_iter=n).solve(X, 3000)[1]) for n in (0, 1, 2, 4, 8, 16, 32)]
    assert residuals == sorted(residuals, reverse=True)
    icqt = paper_inverse()
    for factor, diverges in ((1.9, False), (2.3, True)):
        x = torch.zeros(1, 3000)
        for _ in range(200):
            x = x + factor / 1.8 * icqt.step * icqt.adjoint(X - icqt.analysis(x), 3000)
        assert ((X - icqt.analysis(x)).norm() > X.norm()) == diverges


@pytest.mark.parametrize("pad_mode", ["reflect", "constant"])
def test_adjoint_includes_the_padding(pad_mode):
    """Section 4: the adjoint applies the transpose of the padding, folding the boundary columns back."""
    icqt = paper_inverse(pad_mode=pad_mode)
    x = torch.randn(1, 3000, dtype=torch.float64)
    X = icqt.analysis(x)
    Y = torch.randn_like(X)
    gap = (X * Y).sum() - (x * icqt.adjoint(Y, 3000)).sum()
    assert gap.abs() <= tolerances.DOT_PRODUCT_FLOAT64 * X.norm() * Y.norm()


def test_discarding_the_boundary_is_not_an_adjoint():
    """Section 4: an adjoint without the padding fails the dot-product test."""
    reflected, zeros = paper_inverse(pad_mode="reflect"), paper_inverse(pad_mode="constant")
    x = torch.randn(1, 3000, dtype=torch.float64)
    X = reflected.analysis(x)
    # Only the first frames, which see the padding, are nonzero.
    Y = F.pad(torch.randn_like(X[:, :, :2]), [0, 0, 0, X.shape[2] - 2])
    gap = (X * Y).sum() - (x * zeros.adjoint(Y, 3000)).sum()
    assert gap.abs() > 1e-2 * X[:, :, :2].norm() * Y.norm()


COMPLETE = {"sr": 44100, "hop_length": 512}
END = 11025  # half the longest kernel: samples at each end of a clip where frames are missing


def inverted(x, **solver):
    X = CQT1992v2(**COMPLETE, output_format="Complex")(torch.from_numpy(x).float())
    return iCQT(**COMPLETE, **solver)(X, length=len(x)).double().numpy()


@pytest.mark.parametrize(
    "solver",
    [{}, {"solver": "cg"}, {"solver": "landweber", "n_iter": 128}],
    ids=["direct", "cg", "landweber, 128 steps"],
)
@pytest.mark.parametrize("frequency", [82.4, 110.0, 220.0, 440.0, 659.3])
def test_snr_exceeds_30_db_below_the_bound(frequency, solver):
    """Section 4: above 30 dB if frames are dense enough, here up to Q sr / (2 hop) = 698 Hz."""
    assert frequency < iCQT(**COMPLETE, solver="cg").highest_frequency
    x = tone(frequency, 44100)
    y = inverted(x, **solver)
    assert snr(x[END:-END], y[END:-END]) > 40
    assert snr(x, y) > 27  # the longest kernels extend beyond the ends, where low tones have larger errors


def test_32_landweber_steps_are_not_enough_near_the_bound():
    """Section 4 claims 30 dB: 440 Hz reaches it, 659.3 Hz has only 25 dB; the other solvers have 45 dB."""
    assert snr(tone(440.0, 44100), inverted(tone(440.0, 44100), solver="landweber")) > 30
    x = tone(659.3, 44100)
    assert 20 < snr(x, inverted(x, solver="landweber")) < 30
    assert snr(x, inverted(x)) > 45
    assert snr(x, inverted(x, solver="cg")) > 45


def test_above_the_bound_no_solver_recovers_the_signal():
    """Section 4: there the transform is undercomplete and perfect reconstruction is impossible."""
    direct, steps = iCQT(**COMPLETE), iCQT(**COMPLETE, solver="cg", n_iter=100)
    x = chirp(4 * direct.highest_frequency, 5 * direct.highest_frequency, 44100)
    X = CQT1992v2(**COMPLETE, output_format="Complex")(torch.from_numpy(x).float())
    for icqt in (direct, steps):
        waveform, residual, _ = icqt.solve(X, length=44100)
        assert snr(x, waveform.double().numpy()) < 10
    assert residual < 0.05  # another waveform has nearly the same coefficients


@pytest.mark.parametrize("solver", ["direct", "cg", "landweber"])
def test_gradients_reach_the_layers_before(solver):
    """Section 4: the module is differentiable; gradients flow through it into upstream layers."""
    layer = torch.nn.Conv2d(2, 2, 1)
    X = CQT1992v2(**SMALL, output_format="Complex")(torch.randn(1, 2000)).movedim(-1, 1)
    iCQT(**SMALL, solver=solver)(layer(X).movedim(1, -1)).square().sum().backward()
    assert layer.weight.grad.isfinite().all()
    assert (layer.weight.grad != 0).all()
