"""Networks with transforms inside, as people build them, in every format."""

import pytest
import torch
from torch import nn

from nnaudio2_core import STFT, MelSpectrogram, iSTFT
from nnaudio2_deploy import ArtifactError, load, save, verify

FRAMES = {"n_fft": 256, "hop_length": 64}


class Separator(nn.Module):
    """A mask over a spectrogram, and back to a clip of the length that came in."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.stft, self.istft = STFT(**FRAMES), iSTFT(**FRAMES)
        self.net = nn.Sequential(nn.Conv1d(129, 16, 3, padding=1), nn.ReLU(), nn.Conv1d(16, 129, 1))

    def forward(self, x):
        X = self.stft(x, "Complex")
        mask = self.net((X.square().sum(-1) + 1e-8).log()).sigmoid()
        return self.istft(X * mask.unsqueeze(-1), onesided=True, length=x.size(-1))


class Normalised(nn.Module):
    """A log-mel spectrogram with its mean and spread removed, which makes noise of silence."""

    def __init__(self):
        super().__init__()
        self.mel = MelSpectrogram(16000, **FRAMES, n_mels=32)

    def forward(self, x):
        y = torch.log(self.mel(x) + 1e-6)
        return (y - y.mean((1, 2), keepdim=True)) / (y.std((1, 2), keepdim=True) + 1e-5)


class Random(nn.Module):
    """Another result each time."""

    def __init__(self):
        super().__init__()
        self.mel = MelSpectrogram(16000, **FRAMES, n_mels=32)

    def forward(self, x):
        y = self.mel(x)
        return y * (1 + torch.rand_like(y))


@pytest.mark.parametrize("format", ["torchscript", "export", "aoti", "onnx", "executorch"])
def test_a_separator_keeps_the_length_that_comes_in(format, tmp_path):
    module = Separator()
    save(module, tmp_path / "separator", format)
    assert verify(tmp_path / "separator", module=module, trust=True).passed
    artifact = load(tmp_path / "separator", trust=True)
    for time in (1000, 1024, 5555):
        x = torch.randn(1, time)
        y = artifact(x)
        assert y.shape == (1, time)
        # Of noise, where no logarithm is of nearly zero, float32 leaves 1e-6.
        assert torch.allclose(y, module(x), rtol=0, atol=1e-5)


def test_small_numbers_are_added_in_onnx(tmp_path):
    """torch.onnx's own optimizer leaves an addition of 1e-8 out."""

    class Floor(nn.Module):
        def __init__(self):
            super().__init__()
            self.mel = MelSpectrogram(16000, **FRAMES, n_mels=32)

        def forward(self, x):
            return (self.mel(x) + 1e-8).log() * 1.000001

    save(Floor(), tmp_path / "floor.onnx", "onnx")
    floor = load(tmp_path / "floor.onnx")(torch.zeros(1, 1000))
    assert torch.allclose(floor, torch.full_like(floor, 1e-8).log() * 1.000001, rtol=1e-7, atol=0)


def test_a_model_may_scatter_as_far_as_float32_does(tmp_path):
    """The logarithm of the empty bins of a tone leaves fewer digits than that of noise."""
    description = save(Separator(), tmp_path / "model.onnx", "onnx", sr=16000)
    assert description.allowed["noise"] == 1e-4
    assert 1e-4 < description.allowed["tone"] < 1e-1
    assert description.parity["tone"] < description.allowed["tone"]
    assert verify(tmp_path / "model.onnx", trust=True).passed


def test_what_draws_numbers_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match="differs from eager mode"):
        save(Random(), tmp_path / "model.pt", "torchscript")


@pytest.mark.parametrize("tolerance", [0.0, -1.0, float("nan"), float("inf"), {"noise": 0.0}, "1e-3"])
def test_a_tolerance_is_a_positive_number(tolerance, tmp_path):
    with pytest.raises(ArtifactError, match="tolerance must be a number > 0, and finite, got"):
        save(Normalised(), tmp_path / "model.pt", "torchscript", tolerance=tolerance)
    assert not list(tmp_path.iterdir())


def test_a_tolerance_replaces_what_is_allowed(tmp_path):
    module = Normalised()
    with pytest.raises(ArtifactError, match="1e-12 is allowed; tolerance says how much may be"):
        save(module, tmp_path / "model.onnx", "onnx", tolerance=1e-12)
    # Silence less its mean is round-off, over 1e-5: no two runtimes agree on that.
    description = save(module, tmp_path / "model.onnx", "onnx", tolerance=1e4)
    assert set(description.allowed.values()) == {1e4}
    assert verify(tmp_path / "model.onnx", trust=True).passed


def test_a_tolerance_for_one_signal(tmp_path):
    module = Normalised()
    with pytest.raises(ArtifactError, match=r"tolerance must name a signal, one of tone, .*, got 'quiet'"):
        save(module, tmp_path / "model.onnx", "onnx", tolerance={"quiet": 1.0})
    description = save(module, tmp_path / "model.onnx", "onnx", tolerance={"silence": 1e4})
    assert description.allowed["silence"] == 1e4
    assert description.allowed["noise"] == 1e-4


def test_a_tolerance_is_that_of_the_inverse_too(tmp_path):
    description = save(STFT(**FRAMES), tmp_path / "stft.pt", "torchscript", tolerance={"tone": 0.25})
    assert description.allowed["tone, inverse"] == description.allowed["tone"] == 0.25
    assert description.allowed["noise, inverse"] == description.allowed["noise"] == 1e-5


def test_half_precision_is_held_to_the_bound(tmp_path):
    """Its own error is a hundred times that; thirty times as much would let anything pass."""

    class Half(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Conv1d(1, 2, 9).bfloat16()

        def forward(self, x):
            return self.net(x[:, None])

    description = save(Half(), tmp_path / "half.pt2", "export", sr=8000)
    assert description.dtype == "bfloat16"
    assert set(description.allowed.values()) == {1e-5}
