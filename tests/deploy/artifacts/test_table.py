"""The table on the page about deploying: which models go where."""

import math
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from nnaudio2_core import STFT, MelSpectrogram, iSTFT
from nnaudio2_deploy import ArtifactError, load, save

FRAMES = {"n_fft": 256, "hop_length": 64}
PAGE = Path(__file__).parents[3] / "docs" / "deploying.md"
HEAD = "| model | torchscript | export | onnx | executorch |"


class Model(nn.Module):
    """A log-mel spectrogram, and a function or layer after it."""

    def __init__(self, after, hop_length=64):
        super().__init__()
        torch.manual_seed(0)
        self.mel, self.after = MelSpectrogram(8000, 256, hop_length=hop_length, n_mels=20), after

    def forward(self, x):
        return self.after((self.mel(x) + 1e-4).log())


class Recurrent(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer(20, 4, batch_first=True)

    def forward(self, x):
        return self.layer(x.transpose(1, 2))[0]


class Loud(nn.Module):
    def forward(self, x):
        return x.mean(1) > 1.0


class Mask(nn.Module):
    def __init__(self):
        super().__init__()
        self.stft = STFT(**FRAMES, sr=8000)

    def forward(self, x):
        X = self.stft(x)
        return self.stft.inverse(X * X.square().sum(-1, keepdim=True).sigmoid(), length=x.shape[-1])


class Vocoder(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.net, self.istft = nn.Conv1d(20, 258, 3, padding=1), iSTFT(**FRAMES)

    def forward(self, features):
        return self.istft(self.net(features).unflatten(1, [129, 2]).transpose(2, 3), onesided=True)


class Integers(nn.Module):
    def __init__(self):
        super().__init__()
        self.mel = MelSpectrogram(8000, **FRAMES, n_mels=20)

    def forward(self, x):
        return self.mel(x.float() / 32768)


class Padded(nn.Module):
    """Padded by the number of hops."""

    def __init__(self, way: str):
        super().__init__()
        self.mel, self.way = MelSpectrogram(8000, **FRAMES, n_mels=20), way

    def forward(self, x):
        time = x.shape[-1]
        if self.way == "ceil":
            hops = math.ceil(time / 64)
        elif self.way == "negative":
            hops = -(-time // 64)
        else:
            hops = (time + 63) // 64
        return nn.functional.pad(self.mel(x), [0, hops])


MODELS = {
    "convolutions over frames": lambda: Model(nn.Conv1d(20, 4, 3)),
    "weight or spectral norm (`parametrizations`)": lambda: Model(
        parametrizations.weight_norm(nn.Conv1d(20, 4, 3))
    ),
    "a mask between an STFT and its `inverse`": Mask,
    # While they decompose it, exporters run one step for each frame of the example: few frames.
    "an `nn.LSTM` over frames": lambda: Model(Recurrent(nn.LSTM), hop_length=256),
    "an `nn.GRU` over frames": lambda: Model(Recurrent(nn.GRU), hop_length=256),
    "a vocoder of features `(batch, features, frames)`, with `example`": Vocoder,
    "audio in `int16`, with `example`": Integers,
    "a result of type bool": lambda: Model(Loud()),
    "a complex result": lambda: STFT(**FRAMES, sr=8000, return_complex=True),
    "a size `(T + hop - 1) // hop`": lambda: Padded("whole"),
    "a size `math.ceil(T / hop)`": lambda: Padded("ceil"),
    "a size `-(-T // hop)`": lambda: Padded("negative"),
}
EXAMPLES = {Vocoder: torch.zeros(1, 20, 50), Integers: torch.zeros(1, 8000, dtype=torch.int16)}


def rows():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    table = lines[lines.index(HEAD) + 2 :]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table if line.startswith("|")]
    return {name: entries for name, *entries in cells if name in MODELS}


def test_every_model_has_a_row():
    assert rows().keys() == MODELS.keys()


@pytest.mark.parametrize("format", HEAD.strip("| ").split(" | ")[1:])
@pytest.mark.parametrize("name", MODELS)
def test_a_model_goes_where_the_table_says(name, format, tmp_path):
    module = MODELS[name]().eval()
    says = dict(zip(HEAD.strip("| ").split(" | ")[1:], rows()[name], strict=True))[format]
    example = EXAMPLES.get(type(module))
    if says == "no":
        with pytest.raises(ArtifactError):
            save(module, tmp_path / "model", format, sr=8000, example=example)
        return
    assert says == "yes"
    save(module, tmp_path / "model", format, sr=8000, example=example)
    artifact = load(tmp_path / "model", trust=True)
    x = torch.randn(1, 20, 33) if isinstance(module, Vocoder) else torch.randn(1, 5000)
    if isinstance(module, Integers):
        x = (x * 3000).to(torch.int16)
    result, expected = artifact(x), module(x)
    assert (result.shape, result.dtype) == (expected.shape, expected.dtype)
    if expected.dtype == torch.bool:
        assert expected.any()
        assert not expected.all()
        assert torch.equal(result, expected)
    else:
        assert (result - expected).abs().max() <= 1e-4 * expected.abs().max()
