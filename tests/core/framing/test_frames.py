"""Frames, also in graphs that are captured for clips of any length."""

import torch

from nnaudio2_core import STFT
from nnaudio2_core.fourier.phases import _latest


def test_a_graph_with_frames_side_by_side_takes_whole_frames_too():
    stft = STFT(n_fft=64, hop_length=64)
    dynamic = torch.export.Dim.DYNAMIC
    program = torch.export.export(
        stft, (torch.randn(2, 1000), "Complex"), dynamic_shapes=({0: dynamic, 1: dynamic}, None)
    ).module()
    for time in (640, 641, 703):
        x = torch.randn(3, time)
        assert torch.equal(program(x, "Complex"), stft(x, "Complex"))


def test_latest_is_the_running_maximum_of_marked_places():
    marked = torch.rand(4, 300) < 0.1
    marked[:, 0] = False
    expected = torch.where(marked, torch.arange(300), 0).cummax(1)[0]
    assert torch.equal(_latest(marked), expected)
