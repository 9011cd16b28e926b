"""Deltas against polynomials through frames, torchaudio and librosa."""

import librosa
import numpy as np
import pytest
import torch
import torchaudio
from tests import tolerances
from tests.oracles.spectrogram_features import derivative

from nnaudio2_core import Deltas
from nnaudio2_core.bands.design_deltas import delta_weights

# Our name of a padding, NumPy's and SciPy's.
PADS = [
    ("interp", None, "interp"),
    ("replicate", "edge", "nearest"),
    ("reflect", "reflect", "mirror"),
    ("constant", "constant", "constant"),
    ("circular", "wrap", "wrap"),
]


@pytest.mark.parametrize(("width", "order"), [(3, 1), (9, 1), (5, 2), (9, 3)])
@pytest.mark.parametrize(("pad_mode", "pad", "scipy_mode"), PADS, ids=lambda value: str(value))
def test_the_derivative_of_a_polynomial_through_frames(width, order, pad_mode, pad, scipy_mode):
    S = torch.randn(2, 4, 23, dtype=torch.float64)
    result = Deltas(width, order=order, pad_mode=pad_mode)(S)
    theirs = librosa.feature.delta(S.numpy(), width=width, order=order, mode=scipy_mode)
    assert np.abs(result.numpy() - theirs).max() <= tolerances.DELTAS_FLOAT64
    expected = derivative(S[1].numpy(), width, order, pad)
    assert np.abs(result[1].numpy() - expected).max() <= tolerances.DELTAS_FLOAT64
    single = Deltas(width, order=order, pad_mode=pad_mode)(S.float())
    assert (single - result).abs().max() <= tolerances.FLOAT32_ROUND_OFF


@pytest.mark.parametrize("width", [3, 5, 9])
def test_torchaudio(width):
    S = torch.randn(2, 4, 23)
    theirs = torchaudio.transforms.ComputeDeltas(width)(S)
    assert (Deltas(width, pad_mode="replicate")(S) - theirs).abs().max() <= tolerances.FLOAT32_ROUND_OFF


def test_powers_of_time():
    time = torch.arange(30, dtype=torch.float64)
    for order, factorial in ((1, 1), (2, 2), (3, 6)):
        y = Deltas(9, order=order)(time[None] ** order)
        assert (y - factorial).abs().max() <= tolerances.DELTAS_FLOAT64
        assert not Deltas(9, order=order, pad_mode="replicate")(torch.full((3, 20), 0.1)).any()


@pytest.mark.parametrize(("width", "order"), [(3, 2), (9, 1), (101, 2), (4095, 8)])
def test_weights_over_differences_are_an_average(width, order):
    weights = delta_weights(width, order)
    assert len(weights) == width - order
    assert abs(weights.sum() - 1) <= tolerances.DELTAS_FLOAT64
    assert (weights > -tolerances.DELTAS_FLOAT64).all()


def test_arguments_and_short_clips():
    with pytest.raises(ValueError, match="width must be odd, got 4"):
        Deltas(4)
    with pytest.raises(ValueError, match="order must be < width = 3, got 3"):
        Deltas(3, order=3)
    assert [Deltas(9, pad_mode=mode).min_frames for mode, _, _ in PADS] == [9, 1, 5, 1, 4]
    with pytest.raises(ValueError, match="S must have at least 9 frames, got 8"):
        Deltas()(torch.rand(3, 8))
