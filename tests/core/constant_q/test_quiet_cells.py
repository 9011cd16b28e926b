"""Logarithms of constant-Q magnitudes: quiet cells beside loud ones, against direct sums in float64."""

import numpy as np
import pytest
import torch
from scipy.signal import chirp
from tests.oracles.strided_correlation import correlate

from nnaudio2_core import CQT1992v2

SR, HOP = 44100, 512
BINS = {"sr": SR, "hop_length": HOP, "fmin": 55.0, "n_bins": 207, "bins_per_octave": 24}
FLOOR = 1e-5


def _bursts(wave):
    x = np.zeros(2 * SR)
    x[SR : SR + 8820] = wave
    return x


def _signals():
    time = np.arange(SR) / SR
    return {
        "linear sweep": chirp(time, 55.0, 1.0, SR / 2),
        "logarithmic sweep": chirp(time, 55.0, 1.0, SR / 2, method="logarithmic"),
        "noise burst": _bursts(np.random.default_rng(0).uniform(-1.0, 1.0, 8820)),
        "tone burst": _bursts(np.sin(2 * np.pi * 440.0 * time[:8820])),
    }


@pytest.fixture(scope="module")
def cqt():
    return CQT1992v2(**BINS)


@pytest.fixture(scope="module", params=list(_signals()))
def case(request, cqt):
    """A signal and its magnitudes by direct sums in float64, every third frame."""
    x = _signals()[request.param]
    basis = cqt.basis()
    kernels = [k * n**0.5 for k, n in zip(basis.kernels, basis.lengths, strict=True)]
    padded = np.pad(x, cqt.pad, mode="reflect")[None]
    starts = [cqt.frame_width // 2 + offset for offset in basis.offsets]
    frames = list(range(0, 1 + len(x) // HOP, 3))
    return torch.from_numpy(x)[None], np.abs(correlate(padded, kernels, starts, HOP, frames))[0], frames


def _log_error(y, exact):
    error = np.abs(np.log(y + FLOOR) - np.log(exact + FLOOR))
    return error.max(), error[exact >= 1e-5 * exact.max()].max()


def test_float32_keeps_logarithms(cqt, case):
    x, exact, frames = case
    largest, audible = _log_error(cqt(x.float())[0, :, frames].double().numpy(), exact)
    # A tenth of a neper in cells that the floor hides, a hundredth down to 100 dB below the loudest.
    assert largest < 0.1
    assert audible < 0.01


def test_float64_keeps_every_logarithm(cqt, case):
    x, exact, frames = case
    y = cqt(x)[0, :, frames].numpy()
    assert _log_error(y, exact)[0] < 0.01
    assert np.abs(y - exact).max() < 1e-8 * exact.max()


def test_a_nan_reaches_the_frames_of_its_blocks_only():
    x = torch.randn(1, 30 * 22050)
    x[0, 15 * 22050] = float("nan")
    fft, real = CQT1992v2(22050), CQT1992v2(22050, engine="real")
    assert real(x).isnan().any(1).sum() <= 23  # the longest kernel spans 22 hops
    assert fft(x).isnan().any(1).sum() <= 2 * fft.bank.plan.groups[0].valid
