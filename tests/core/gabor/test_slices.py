"""Slices step by step, with explicit state, are those of the whole clip."""

import pytest
import torch
from tests import tolerances

import nnaudio2_core as core
from nnaudio2_core.gabor.slices import cut, next_half, next_slice, slice_window
from nnaudio2_core.module.precision import constant


@pytest.mark.parametrize("engine", ["fft", "real"])
def test_steps_are_the_offline_transform_and_come_back(engine):
    module = core.NSGT(8000, fmin=300.0, slice_length=960, engine=engine)
    bank, hop = module.bank, 480
    fade = constant(bank.fade, torch.float64)
    x = torch.randn(2, 3000, dtype=torch.float64)
    offline = module(x)
    halves = torch.nn.functional.pad(x, [0, module.n_slices(3000) * hop - 3000]).split(hop, dim=1)
    previous = overlap = torch.zeros(2, hop, dtype=torch.float64)
    heard = []
    for i, half in enumerate(halves):
        piece, previous = next_slice(previous, half, fade)
        C = bank.slice_analysis(piece)
        for part, expected in zip(C, offline, strict=True):
            assert (part - expected[:, i]).norm() <= tolerances.GABOR_DIRECT_FLOAT64 * expected.norm()
        samples, overlap = next_half(overlap, bank.slice_synthesis(C), fade)
        heard.append(samples)
    y = torch.cat(heard[1:], 1)  # the first step gives the half slice before the clip
    assert (y[:, :3000] - x[:, : y.size(1)]).norm() <= tolerances.GABOR_ROUND_TRIP_FLOAT64 * x.norm()


def test_a_slice_of_a_step_is_that_of_a_cut():
    window = slice_window(8).float()
    x = torch.randn(1, 12)
    steps, previous = [], torch.zeros(1, 4)
    for half in torch.nn.functional.pad(x, [0, 4]).split(4, dim=1):
        piece, previous = next_slice(previous, half, window)
        steps.append(piece)
    assert torch.equal(torch.stack(steps, 1), cut(x, window))
