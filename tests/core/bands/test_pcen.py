"""PCEN against its recursion, one frame after the other, and against librosa."""

import librosa
import numpy as np
import pytest
import torch
from tests import tolerances
from tests.oracles.spectrogram_features import pcen

from nnaudio2_core import PCEN

CURVE = {"smoothing": 0.04, "gain": 0.9, "bias": 1.5, "power": 0.4, "eps": 1e-4}


@pytest.mark.parametrize("frames", [1, 2, 63, 64, 65, 129, 4097])
@pytest.mark.parametrize("initial", [None, 3.0])
def test_the_recursion(frames, initial):
    S = 100 * torch.rand(2, 3, frames, dtype=torch.float64) ** 4
    result = PCEN(**CURVE, initial=initial)(S)
    for item, given in zip(result, S, strict=True):
        expected = pcen(given.numpy(), **CURVE, initial=initial)
        assert np.abs(item.numpy() - expected).max() <= tolerances.PCEN_FLOAT64
    assert (PCEN(**CURVE, initial=initial)(S.float()) - result).abs().max() <= tolerances.FLOAT32_ROUND_OFF
    trained = PCEN(3, **CURVE, initial=initial, trainable=True)(S)
    assert (trained - result).abs().max() <= tolerances.FLOAT32_ROUND_OFF  # of the parameters


def test_librosa():
    S = 1e6 * torch.rand(2, 40, 300, dtype=torch.float64)
    frames = 0.4 * 22050 / 512
    ours = PCEN(smoothing=2 / (1 + (1 + 4 * frames**2) ** 0.5), initial=1.0)(S)
    assert np.abs(ours.numpy() - librosa.pcen(S.numpy())).max() <= tolerances.PCEN_FLOAT64


@pytest.mark.parametrize("smoothing", [1e-6, 0.025, 0.5, 1.0])
def test_blocks_of_any_length_equal_the_whole(smoothing):
    S = torch.rand(2, 5, 200, dtype=torch.float64)
    module = PCEN(5, smoothing=smoothing)
    for step in (module.step, torch.jit.script(module).step):
        state, pieces = None, []
        for block in S.split([1, 2, 70, 64, 63], -1):
            y, state = step(block, state)
            pieces.append(y)
        assert state.shape == (2, 5)
        assert (torch.cat(pieces, -1) - module(S)).abs().max() <= tolerances.PCEN_FLOAT64


def test_graphs_take_clips_longer_than_a_block_of_blocks():
    module = PCEN(3, **CURVE)
    example, dynamic = torch.rand(2, 3, 132), torch.export.Dim.DYNAMIC
    graph = torch.export.export(module, (example,), dynamic_shapes=({0: dynamic, 2: dynamic},)).module()
    for frames in (3, 4097, 9000):
        S = torch.rand(2, 3, frames)
        assert (graph(S) - module(S)).abs().max() <= tolerances.FLOAT32_ROUND_OFF


def test_every_band_has_a_curve_of_its_own():
    S = torch.rand(3, 100, dtype=torch.float64)
    module = PCEN(3, trainable=True).double()
    with torch.no_grad():
        module.logit_smoothing += torch.tensor([-1.0, 0.0, 2.0])
        module.log_gain -= torch.tensor([0.0, 0.5, 1.0])
    for band in range(3):
        curve = {
            "smoothing": module.logit_smoothing[band].sigmoid().item(),
            "gain": module.log_gain[band].exp().item(),
            "bias": module.log_bias[band].exp().item(),
            "power": module.log_power[band].exp().item(),
        }
        expected = pcen(S[band : band + 1].numpy(), **curve, eps=1e-6, initial=None)
        assert np.abs(module(S)[band].detach().numpy() - expected[0]).max() <= tolerances.PCEN_FLOAT64


def test_states_and_arguments_that_do_not_fit():
    with pytest.raises(ValueError, match="n_bins must be given with trainable=True, got None"):
        PCEN(trainable=True)
    for state in (torch.zeros(5), torch.zeros(2, 4)):
        with pytest.raises(ValueError, match=r"^state must have the shape \[2, 5\] of S without frames"):
            PCEN().step(torch.rand(2, 5, 7), state)
    with pytest.raises(TypeError, match=r"^state must be a torch.Tensor"):
        PCEN().step(torch.rand(2, 5, 7), 0.0)
    y, state = PCEN().step(torch.rand(0, 5, 7), torch.zeros(0, 5))
    assert y.shape == (0, 5, 7)
    assert state.shape == (0, 5)
    assert PCEN().step(torch.rand(2, 5, 7).half())[1].dtype == torch.float32
