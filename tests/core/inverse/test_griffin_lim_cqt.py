"""Waveforms from constant-Q magnitudes: librosa, the algorithm by a dense matrix, the first phases."""

import warnings

import librosa
import numpy as np
import pytest
import torch
from tests import tolerances
from tests.oracles.dense_inverse import constant_q_rows, dense_analysis

from nnaudio2_core import CQT, VQT, GriffinLimCQT, iCQT
from nnaudio2_core.fourier.design_phase_slopes import phase_slopes
from nnaudio2_core.fourier.phases import PhaseSlopes, gradient_angles, random_angles

SMALL = {"sr": 8000, "hop_length": 64, "fmin": 300.0, "n_bins": 20}
NOTES = {"sr": 22050, "hop_length": 256, "fmin": float(librosa.note_to_hz("C1")), "n_bins": 84}
# Librosa's kernels, so that both have the same magnitudes to explain.
LIBROSA = {"filter_lengths": "fractional", "pad_mode": "constant"}


def decibels(distance, size):
    return 20 * np.log10(np.linalg.norm(distance) / np.linalg.norm(size))


def at_22050(recording, name, seconds):
    x, sr = recording(name)
    return librosa.resample(x[: seconds * sr].numpy(), orig_sr=sr, target_sr=22050)


# Spectral convergence after 32 steps, dB: the bound is 3 dB above -34.0 and -41.2 on four seconds.
@pytest.mark.parametrize(("name", "bound"), [("sir_duke_fast", -30), ("snare-accelerate", -36)])
def test_nearer_than_librosa_after_as_many_steps(name, bound, recording):
    x = at_22050(recording, name, 2)
    S = np.abs(librosa.cqt(x, **NOTES))

    def convergence(y):
        return decibels(np.abs(librosa.cqt(y, **NOTES)) - S, S)

    ours = convergence(GriffinLimCQT(**NOTES, **LIBROSA)(torch.from_numpy(S), len(x)).numpy())
    bins = {name: value for name, value in NOTES.items() if name != "n_bins"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = convergence(librosa.griffinlim_cqt(S, **bins, n_iter=32, length=len(x), random_state=0))
    assert ours <= bound
    assert ours <= theirs - 15


def by_matrix(S, start, steps, length, momentum, matrix, icqt):
    """The fast Griffin-Lim algorithm in float64: Perraudin et al. (2013), algorithm 2.

    ``t = c + momentum * (c - previous c)`` gives the next phases. The analysis is a dense matrix; the
    synthesis is ``iCQT``, which has oracles of its own.
    """

    def synthesis(X):
        pairs = torch.view_as_real(torch.from_numpy(X)[None])
        return icqt(pairs, length)[0].numpy()

    X, before = S * np.exp(1j * start), np.zeros(S.shape)
    for _ in range(steps):
        consistent = (matrix @ synthesis(X)).reshape(S.shape)
        X = S * np.exp(1j * np.angle(consistent + momentum * (consistent - before)))
        before = consistent
    return synthesis(X)


@pytest.mark.parametrize(("momentum", "engine"), [(0.0, "fft"), (0.9, "fft"), (0.9, "real")])
@pytest.mark.parametrize(
    ("length", "arguments"),
    [
        (640, {"pad_mode": "circular"}),  # a whole number of hops
        (645, {"pad_mode": "reflect"}),
        (645, {"pad_mode": "constant"}),
        (645, {"pad_mode": "replicate"}),
        (645, {"center": False}),
    ],
    ids=str,
)
def test_steps_equal_those_with_a_dense_matrix(length, arguments, momentum, engine):
    shared = {"sr": 2000, "hop_length": 8, "fmin": 120.0, "n_bins": 24, "engine": engine, "damping": 1e-3}
    center, pad_mode = arguments.get("center", True), arguments.get("pad_mode", "constant")
    matrix = dense_analysis(constant_q_rows(2000, 120.0, 24, 12), 8, length, center, pad_mode)
    S = np.abs(matrix @ np.random.default_rng(0).normal(size=length)).reshape(24, -1)
    start = random_angles(S.shape[1], 24, 3, torch.zeros(1, dtype=torch.float64)).numpy().T
    icqt = iCQT(**shared, **arguments)
    expected = [by_matrix(S, start, n, length, momentum, matrix, icqt) for n in range(4)]
    for n in range(3):
        lim = GriffinLimCQT(**shared, **arguments, n_iter=n, momentum=momentum, init="random", seed=3)
        y = lim(torch.from_numpy(S), length).numpy()
        size = np.linalg.norm(expected[n])
        assert np.linalg.norm(y - expected[n]) <= tolerances.GRIFFIN_LIM_CQT * size
        assert np.linalg.norm(y - expected[n + 1]) > 1e-2 * size


def gaussian_slopes(centres, spreads, hop):
    rows = phase_slopes(centres, spreads, 10 * np.sqrt(spreads), hop)
    return PhaseSlopes(*torch.from_numpy(rows))


def turned(angles, expected):
    """Distance of two angles, radians."""
    return torch.polar(torch.ones_like(angles), angles - expected).angle().abs()


def test_first_phases_of_a_tone():
    """Gaussian windows: a steady tone advances by its own frequency in every bin, not by the bin's."""
    centres, hop, tone = np.linspace(0.05, 0.2, 31), 64, 0.1012
    spreads = np.full(31, 30.0**2)
    magnitudes = np.exp(-((2 * np.pi * (tone - centres)) ** 2) * spreads)
    S = torch.from_numpy(np.tile(magnitudes, (1, 20, 1)))
    angles = gradient_angles(S, gaussian_slopes(centres, spreads, hop))
    heard = np.flatnonzero(magnitudes > 1e-4)  # quieter neighbours come near the floor of 1e-10
    assert len(heard) >= 5
    steps = angles[0, 1:, heard] - angles[0, :-1, heard]
    assert turned(steps, torch.tensor(2 * np.pi * tone * hop, dtype=torch.float64)).max() < 1e-9


def test_first_phases_of_a_click():
    """Gaussian windows: bins with the centre frequency f see a click at t with the phase -2 pi f t."""
    centres, hop, click = np.linspace(0.05, 0.2, 31), 32, 6 * 32 + 11
    spreads = np.full(31, 40.0**2)
    time = np.arange(20)[:, None] * hop
    magnitudes = np.exp(-((click - time) ** 2) / (4 * spreads))
    angles = gradient_angles(torch.from_numpy(magnitudes)[None], gaussian_slopes(centres, spreads, hop))[0]
    # The latest onset: after it the energy of a frame is at most twice that of the one before.
    energy = (magnitudes**2).sum(1)
    onset = int(np.flatnonzero(energy[1:] > 2 * energy[:-1]).max()) + 1
    difference = angles[onset] - torch.from_numpy(2 * np.pi * centres * (time[onset] - click))
    assert turned(difference, difference[:1]).max() < 1e-9


# Spectral convergence without steps, of four seconds at two hops: -13.6 and -17.7 dB, with random phases -6.9
# and -3.5. The bounds leave 0.4 dB: a slope that is a third too large costs more in one of the two.
@pytest.mark.parametrize(("name", "bound"), [("sir_duke_fast", -13.1), ("snare-accelerate", -17.3)])
def test_first_phases_of_recordings_are_near(name, bound, recording):
    x = torch.from_numpy(at_22050(recording, name, 4))
    cqt = CQT(**NOTES)
    S = cqt(x)

    def convergence(init):
        y = GriffinLimCQT(**NOTES, n_iter=0, init=init)(S, len(x))
        return decibels(cqt(y) - S, S)

    assert convergence("gradient") < bound
    assert convergence("random") > bound + 5


def test_variable_q_and_powers():
    x = torch.randn(6000)
    vqt = VQT(**SMALL, gamma=15.0, center=False)
    S = vqt(x)
    for power in (1.0, 2.0, 0.5):
        y = GriffinLimCQT(**SMALL, gamma=15.0, center=False, power=power)(S**power, len(x))
        assert decibels(vqt(y) - S, S) < -15


def test_steps_improve_and_momentum_pays():
    x = torch.randn(6000)
    cqt = CQT(**SMALL)
    S = cqt(x)

    def convergence(n_iter, **arguments):
        return decibels(cqt(GriffinLimCQT(**SMALL, n_iter=n_iter, **arguments)(S, len(x))) - S, S)

    errors = [convergence(n) for n in (0, 4, 32)]
    assert errors == sorted(errors, reverse=True)
    assert errors[2] < convergence(32, momentum=0.0)


def test_seeds():
    S = torch.rand(20, 30)
    first = GriffinLimCQT(**SMALL, n_iter=2, seed=1)(S)
    torch.manual_seed(123)
    assert torch.equal(first, GriffinLimCQT(**SMALL, n_iter=2, seed=1)(S))
    assert not torch.equal(first, GriffinLimCQT(**SMALL, n_iter=2, seed=2)(S))


@pytest.mark.parametrize("length", [None, 0, 1000, 1856, 1870, 3000])
def test_length(length):
    y = GriffinLimCQT(**SMALL, n_iter=2)(CQT(**SMALL)(torch.randn(1870)), length)
    assert y.shape == (1856 if length is None else length,)
    assert y.isfinite().all()


def test_one_frame():
    y = GriffinLimCQT(**SMALL, n_iter=2)(torch.rand(20, 1))
    assert y.shape == (63,)  # the longest clip of one frame
    assert y.isfinite().all()


@pytest.mark.parametrize("level", [1e-30, 1e-20, 1e20, 1e30])
def test_the_waveform_scales_with_the_magnitudes(level):
    lim = GriffinLimCQT(**SMALL, n_iter=4)
    S = CQT(**SMALL)(torch.randn(3000))
    y = lim(S)
    # Quotients by the loudest cell round off anew, and steps feed that back.
    assert (lim(level * S) / level - y).norm() <= 1e-4 * y.norm()


def test_silence_and_gradients_are_finite():
    S = torch.zeros(2, 20, 30, requires_grad=True)
    y = GriffinLimCQT(**SMALL, n_iter=2)(S)
    assert (y == 0).all()
    y.sum().backward()
    assert S.grad.isfinite().all()
    S = torch.rand(20, 30, requires_grad=True)
    GriffinLimCQT(**SMALL, n_iter=2)(S).square().sum().backward()
    assert S.grad.isfinite().all()
    assert S.grad.abs().max() > 0


def test_errors():
    with pytest.raises(ValueError, match="momentum must be >= 0, got -1"):
        GriffinLimCQT(momentum=-1)
    with pytest.raises(ValueError, match="norm must be >= 0, got -1"):
        GriffinLimCQT(norm=-1)
    with pytest.raises(ValueError, match=r"n_bins must be <= 13 for the direct inverse .* got 20"):
        GriffinLimCQT(**{**SMALL, "hop_length": 10**6})
    lim = GriffinLimCQT(**SMALL)
    with pytest.raises(ValueError, match=r"S must have the shape \(..., 20, frames\)"):
        lim(torch.rand(21, 30))
    with pytest.raises(ValueError, match="at least 1 frames, got 0"):
        lim(torch.rand(20, 0))
    with pytest.raises(TypeError, match="S must be a real float tensor"):
        lim(torch.rand(20, 30, dtype=torch.complex64))
