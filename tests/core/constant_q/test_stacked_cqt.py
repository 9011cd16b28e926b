"""StackedCQT: Basic Pitch's own graph, and what follows from its definition."""

import pathlib

import numpy as np
import pytest
import torch
from tests import tolerances
from tests.oracles.basic_pitch_clip import STEP, clip

from nnaudio2_core import CQT2010v2, StackedCQT, Stream, front_end

GOLDEN = pathlib.Path(__file__).parents[2] / "oracles" / "goldens" / "basic_pitch.npz"
PITCHES = {"sr": 8000, "hop_length": 64, "fmin": 220.0, "n_bins": 24, "bins_per_octave": 12, "cqt_bins": 48}
HARMONICS = (0.5, 1, 1.5, 3)


def test_what_the_network_of_basic_pitch_sees():
    expected = np.load(GOLDEN)["frames"]
    result = front_end("basic-pitch")(torch.from_numpy(clip()))[::STEP].numpy()
    assert result.shape == expected.shape == (20, 264, 8)
    error = np.abs(result - expected)
    assert np.median(error) <= tolerances.BASIC_PITCH_MEDIAN
    assert error.max() <= tolerances.BASIC_PITCH


def test_each_copy_holds_the_decibels_of_the_transform():
    x = torch.randn(2, 6000, dtype=torch.float64)
    result = StackedCQT(**PITCHES, harmonics=HARMONICS)(x)
    assert result.shape == (2, 4, 24, 94)
    magnitude = CQT2010v2(8000, 64, fmin=220.0, n_bins=48)(x)
    decibels = 10 * torch.log10(magnitude**2 + 1e-10)
    for S, D in zip(result, decibels, strict=True):
        scaled = (D - D.min()) / (D.max() - D.min())
        for copy, move in zip(S, (-12, 0, 7, 19), strict=True):
            for row in range(24):
                inside = row + move >= 0
                expected = scaled[row + move] if inside else torch.zeros(94)
                assert torch.allclose(copy[row], expected.double(), rtol=0, atol=tolerances.ANALYTIC_FLOAT64)


def test_a_note_lies_at_one_bin_of_all_copies():
    time = torch.arange(16000) / 8000
    note = sum(torch.sin(2 * torch.pi * 440 * k * time) for k in (1, 2, 3))
    module = StackedCQT(**PITCHES, harmonics=(1, 2, 3))
    assert module(note)[:, 8:17, 120].argmax(1).tolist() == [4, 4, 4]
    assert float(module.frequencies[12]) == pytest.approx(440.0)


@pytest.mark.parametrize(
    ("frames_last", "harmonics_last", "axes"),
    [
        (True, False, (0, 1, 2, 3)),
        (False, False, (0, 3, 1, 2)),
        (True, True, (0, 2, 3, 1)),
        (False, True, (0, 3, 2, 1)),
    ],
)
def test_order_of_the_axes(frames_last, harmonics_last, axes):
    x = torch.randn(2, 6000)
    module = StackedCQT(**PITCHES, frames_last=frames_last, harmonics_last=harmonics_last)
    assert torch.equal(module(x), StackedCQT(**PITCHES)(x).permute(axes))


def test_mean_and_deviation_follow_the_scaling():
    x = torch.randn(6000)
    plain = StackedCQT(**PITCHES, harmonics=[1.0])(x)
    assert plain.min() == 0
    assert plain.max() == 1
    shifted = StackedCQT(**PITCHES, harmonics=[1.0], mean=0.25, deviation=0.5)(x)
    assert torch.allclose(shifted, (plain - 0.25) / 0.5, rtol=0, atol=tolerances.FLOAT32_ROUND_OFF)


def test_silence_and_an_offset_of_level():
    module = StackedCQT(**PITCHES, harmonics=HARMONICS)
    assert not module(torch.zeros(1, 6000)).any()
    x = torch.randn(1, 6000, dtype=torch.float64)
    # The level drops out where the floor, 1e-10, does not matter: power there is 1 at least.
    assert (module(1e4 * x) - module(1e3 * x)).abs().max() <= tolerances.BASIC_PITCH_LEVELS
    assert module(torch.full((1, 6000), 1e18)).isfinite().all()


def test_errors():
    with pytest.raises(ValueError, match="harmonics must have bins among cqt_bins = 48, got 64"):
        StackedCQT(**PITCHES, harmonics=(1, 64))
    with pytest.raises(ValueError, match="hop_length must be a multiple of 8"):
        StackedCQT(**{**PITCHES, "hop_length": 60})
    with pytest.raises(ValueError, match="scales by the least and greatest value of the whole clip"):
        Stream(StackedCQT(**PITCHES))
