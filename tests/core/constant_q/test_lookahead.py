"""Kernels with a capped look-ahead: what they see, their band, their delay, streams and inverse."""

import itertools

import numpy as np
import pytest
import torch
from scipy import signal
from tests import tolerances
from tests.contracts.streams import streamed

from nnaudio2_core import CQT, VQT, Stream
from nnaudio2_core.constant_q.design_lookahead import skewed_window

PITCHES = {"sr": 8000, "hop_length": 64, "fmin": 200.0, "n_bins": 30, "pad_mode": "constant", "tolerance": 0}


@pytest.mark.parametrize("lookahead", [0, 64, 200])
@pytest.mark.parametrize("make", [CQT, VQT])
def test_no_frame_sees_further_ahead(make, lookahead):
    cqt = make(**PITCHES, lookahead=lookahead, output_format="Complex")
    x = torch.randn(4000, dtype=torch.float64)
    changed = x.clone()
    frame = 30
    changed[frame * 64 + lookahead + 1 :] += 1.0
    difference = (cqt(changed) - cqt(x)).abs()
    assert difference[:, : frame + 1].max() <= tolerances.ANALYTIC_FLOAT64
    assert difference[:, frame + 1].max() > 1e-3


@pytest.mark.parametrize("lookahead", [0, 100])
def test_coefficients_are_the_direct_sum(lookahead):
    cqt = CQT(**PITCHES, lookahead=lookahead, output_format="Complex", return_complex=True)
    x = torch.randn(4000, dtype=torch.float64)
    X = cqt(x)
    basis = cqt.basis()
    for k in (0, 15, 29):
        kernel, first = basis.kernels[k], 30 * 64 + basis.offsets[k]
        expected = np.sqrt(basis.lengths[k]) * x.numpy()[first : first + kernel.size] @ kernel.conj()
        assert abs(X[k, 30].item() - expected) <= tolerances.ANALYTIC_FLOAT64 * np.abs(kernel).sum() * 100


def test_short_kernels_stay_as_they_are():
    whole, capped = CQT(**PITCHES).basis(), CQT(**PITCHES, lookahead=100).basis()
    for old, new, offset in zip(whole.kernels, capped.kernels, capped.offsets, strict=True):
        assert new.size == old.size
        assert offset + new.size - 1 <= 100
        assert np.isclose(np.abs(new).sum(), np.abs(old).sum(), rtol=1e-12)
        if old.size <= 200:
            assert np.array_equal(old, new)


def test_a_tone_keeps_its_bin_magnitude_and_phase():
    cqt = CQT(**PITCHES, lookahead=0, output_format="Complex", return_complex=True)
    time = torch.arange(8000, dtype=torch.float64) / 8000
    x = torch.cos(2 * torch.pi * cqt.frequencies[12] * time)
    X = cqt(x, None, "wrap")[:, 70]
    assert int(X.abs().argmax()) == 12
    assert abs(X[12].abs() - 1) < 1e-3
    expected = torch.exp(2j * torch.pi * cqt.frequencies[12] * 70 * 64 / 8000)
    assert (X[12] / X[12].abs() - expected).abs() < 1e-3


@pytest.mark.parametrize(
    ("lookahead", "most_band", "most_delay"), [(0.0, 1.25, 0.34), (0.1, 1.25, 0.24), (0.25, 1.25, 0.09)]
)
def test_band_side_lobes_and_delay_of_the_window(lookahead, most_band, most_delay):
    size = 1000
    window = signal.get_window("hann", size)
    skewed = skewed_window(window, 1 - lookahead - 1 / size)

    def decibels(values):
        spectrum = np.abs(np.fft.rfft(values, 64 * size))
        return 20 * np.log10(spectrum / spectrum[0] + 1e-12)

    band = [int((decibels(values) < -3).argmax()) for values in (window, skewed)]
    assert 1 < band[1] / band[0] <= most_band
    assert decibels(skewed)[64 * 30 : 64 * 31].max() < -85  # -99 dB with the symmetric window
    centre = (np.arange(size) * skewed).sum() / skewed.sum()
    assert 0 <= (1 - lookahead) - centre / size <= most_delay


def test_streams_have_that_latency_and_equal_the_whole_clip():
    cqt = CQT(**PITCHES, lookahead=64)
    stream = Stream(cqt)
    assert stream.latency == 64
    x = torch.randn(1, 4000, dtype=torch.float64)
    whole = cqt(x)
    for size in (1, 100, 4000):
        result = streamed(stream, x, itertools.repeat(size), 2)
        assert (result - whole).abs().max() <= tolerances.STREAM_FLOAT64 * whole.abs().max()
    assert Stream(cqt, block=64).delay == 1


def test_errors():
    with pytest.raises(ValueError, match="lookahead must be >= 0, got -1"):
        CQT(**PITCHES, lookahead=-1)
    with pytest.raises(ValueError, match="lookahead must be None with trainable=True, got 5"):
        CQT(**PITCHES, lookahead=5, trainable=True)
    with pytest.raises(ValueError, match="lookahead must be None with algorithm='octaves', got 5"):
        VQT(sr=22050, algorithm="octaves", lookahead=5)


def test_the_config_rebuilds_it_and_it_scripts():
    cqt = CQT(**PITCHES, lookahead=64)
    x = torch.randn(2, 4000)
    assert torch.equal(CQT(**cqt.config)(x), cqt(x))
    assert (torch.jit.script(cqt)(x) - cqt(x)).abs().max() <= tolerances.SAME_CODE * cqt(x).abs().max()
