"""The shortest input of a model, and how much memory is planned for, whatever feeds its transforms."""

import contextlib

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nnaudio2_core import STFT, GriffinLim, MelSpectrogram, iSTFT
from nnaudio2_deploy import ArtifactError, load, save, verify
from nnaudio2_deploy.artifacts.interface import interface_of
from nnaudio2_deploy.artifacts.seeded_signals import signals
from nnaudio2_deploy.artifacts.shortest_input import running_interface

FRAMES = {"n_fft": 256, "hop_length": 64}


class Vocoder(nn.Module):
    """Frames of 20 features to a waveform, by an inverse STFT."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.net, self.istft = nn.Conv1d(20, 258, 3, padding=1), iSTFT(**FRAMES)

    def forward(self, features):
        return self.istft(self.net(features).unflatten(1, [129, 2]).transpose(2, 3), onesided=True)


class Phases(nn.Module):
    """A magnitude to a waveform, by Griffin-Lim."""

    def __init__(self):
        super().__init__()
        self.griffin_lim = GriffinLim(**FRAMES, n_iter=2)

    def forward(self, magnitude):
        return self.griffin_lim(magnitude)


class Padded(nn.Module):
    """A layer before the mel spectrogram pads, so that shorter clips run."""

    def __init__(self):
        super().__init__()
        self.mel = MelSpectrogram(8000, **FRAMES, n_mels=20, center=False)

    def forward(self, x):
        return self.mel(F.pad(x, [96, 96]))


class Cut(nn.Module):
    """Returns nothing of clips of up to 700 samples."""

    def __init__(self):
        super().__init__()
        self.stft = STFT(**FRAMES, output_format="Magnitude")

    def forward(self, x):
        return self.stft(x)[:, :, 11:]


class Nothing(nn.Module):
    def forward(self, x):
        return x[:, :0]


def shortest(module, example=None):
    return running_interface(module, interface_of(module, example=example))


@pytest.mark.parametrize(
    ("module", "example", "fewest", "step"),
    [
        (Vocoder(), torch.zeros(1, 20, 50), 2, 64),
        (Phases(), torch.zeros(1, 129, 50), 4, 64),
        (Padded(), None, 64, 1),
        (Cut(), None, 704, 1),
        (nn.Conv1d(3, 4, 9), torch.zeros(1, 3, 50), 9, 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else None,
)
def test_the_shortest_input_is_the_shortest_that_runs(module, example, fewest, step):
    module.eval()
    interface = shortest(module, example)
    assert (interface.shortest, interface.step) == (fewest, step)
    with torch.no_grad():
        assert module(interface.noise(1, fewest)).numel() > 0
        with contextlib.suppress(RuntimeError, ValueError):
            assert module(interface.noise(1, fewest - 1)).numel() == 0
    assert max(x.size(-1) for x in signals(interface).values()) * step < 20_000


@pytest.mark.parametrize("format", ["torchscript", "export", "onnx"])
def test_a_vocoder_takes_few_frames(format, tmp_path):
    module = Vocoder()
    description = save(module, tmp_path / "vocoder", format, example=torch.zeros(1, 20, 50), sr=8000)
    assert description.min_samples == 2
    assert verify(tmp_path / "vocoder", trust=True).passed
    x = torch.randn(2, 20, 2)
    assert torch.allclose(load(tmp_path / "vocoder", trust=True)(x), module(x), rtol=0, atol=1e-5)


@pytest.mark.executorch
def test_a_vocoder_plans_memory_for_ten_seconds_of_frames(tmp_path):
    description = save(
        Vocoder(), tmp_path / "vocoder.pte", "executorch", example=torch.zeros(1, 20, 50), sr=8000
    )
    assert description.max_time == 10 * 8000 // 64


@pytest.mark.executorch
def test_memory_is_planned_for_the_example_of_what_is_no_waveform(tmp_path):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv1d(20, 4, 3), nn.ReLU())
    assert save(net, tmp_path / "a.pte", "executorch", example=torch.zeros(1, 20, 500)).max_time == 500
    assert (
        save(net, tmp_path / "b.pte", "executorch", example=torch.zeros(1, 20, 5), max_time=90).max_time == 90
    )


def test_what_returns_nothing_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match="module returns nothing of 1048576 samples"):
        save(Nothing(), tmp_path / "nothing.pt", "torchscript", sr=8000)
    assert save(Cut(), tmp_path / "cut.pt", "torchscript", sr=8000).min_samples == 704
