"""Artifacts: saved, described, loaded, verified."""

import pytest
import torch

from nnaudio2_core import CQT, MelSpectrogram
from nnaudio2_deploy import inspect, load, save, verify


@pytest.mark.parametrize("format", ["torchscript", "onnx"])
def test_save_load_verify_and_inspect(format, tmp_path):
    mel = MelSpectrogram(sr=16000, n_fft=512, n_mels=40)
    path = tmp_path / "mel"
    description = save(mel, path, format)
    assert inspect(path) == description
    x = torch.randn(2, 7000)
    assert torch.allclose(load(path)(x), mel(x), rtol=1e-4, atol=1e-3)
    assert verify(path).passed
    # Another module than the one that was saved does not pass.
    assert not verify(path, module=MelSpectrogram(sr=16000, n_fft=512, n_mels=40, power=1.0)).passed


def test_a_description_says_what_a_host_needs(tmp_path):
    cqt = CQT(sr=16000, hop_length=256, fmin=100, n_bins=24)
    description = save(cqt, tmp_path / "cqt.pt", "torchscript")
    assert (description.name, description.config) == ("CQT", cqt.config)
    assert description.input == {"x": {"batch": None, "time": None}}
    assert description.output == [{"batch": None, "bins": 24, "frames": None}]
    assert (description.sr, description.hop_length) == (16000, 256)
    assert description.min_samples == cqt.min_samples
