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


class Attention(nn.Module):
    """Attention over features."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.project = nn.Linear(20, 60)

    def forward(self, features):
        q, k, v = self.project(features).chunk(3, -1)
        return features + (q @ k.transpose(1, 2) / 20**0.5).softmax(-1) @ v


class Filter(nn.Module):
    """A waveform without a batch."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv1d(1, 1, 9, padding=4)

    def forward(self, x):
        return self.conv(x[None, None])[0, 0]


class Scores(nn.Module):
    """Of clips of 200 samples."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.out = nn.Linear(200, 4)

    def forward(self, x):
        return self.out(x)


class Frames(nn.Module):
    """A GRU over features."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.gru = nn.GRU(20, 4, batch_first=True)

    def forward(self, features):
        return self.gru(features)[0]


class Gain(nn.Module):
    """A clip by the mean power of another one."""

    def forward(self, x, other):
        return x * other.square().mean(1, keepdim=True)


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
    "features `(batch, frames, features)`, with `dynamic_axes`": Attention,
    "a waveform `(time,)` without a batch, with `dynamic_axes`": Filter,
    "a clip of fixed length, with `dynamic_axes`": Scores,
    "an `nn.GRU` over such features": Frames,
    "two clips of different lengths, with `dynamic_axes`": Gain,
    "a result of type bool": lambda: Model(Loud()),
    "a complex result": lambda: STFT(**FRAMES, sr=8000, return_complex=True),
    "a size `(T + hop - 1) // hop`": lambda: Padded("whole"),
    "a size `math.ceil(T / hop)`": lambda: Padded("ceil"),
    "a size `-(-T // hop)`": lambda: Padded("negative"),
}
EXAMPLES = {
    Vocoder: {"example": torch.zeros(1, 20, 50)},
    Integers: {"example": torch.zeros(1, 8000, dtype=torch.int16)},
    Attention: {
        "example": torch.zeros(2, 50, 20),
        "dynamic_axes": {"features": {0: "batch", 1: "frames"}},
    },
    Filter: {"example": torch.zeros(300), "dynamic_axes": {"x": {0: "time"}}},
    Scores: {"example": torch.zeros(1, 200), "dynamic_axes": {"x": {0: "batch"}}},
    Frames: {
        "example": torch.zeros(2, 9, 20),
        "dynamic_axes": {"features": {0: "batch", 1: "frames"}},
    },
    Gain: {
        "example": torch.zeros(2, 300),
        "inputs": {"other": torch.zeros(2, 200)},
        "dynamic_axes": {"x": {0: "batch", 1: "time"}, "other": {0: "batch", 1: "other_time"}},
    },
}


def inputs_of(module):
    """Inputs of other sizes than the examples, where they may vary."""
    shapes = {
        Vocoder: [(1, 20, 33)],
        Attention: [(3, 33, 20)],
        Filter: [(250,)],
        Scores: [(3, 200)],
        Frames: [(3, 33, 20)],
        Gain: [(3, 290), (3, 150)],
    }
    inputs = [torch.randn(shape) for shape in shapes.get(type(module), [(1, 5000)])]
    return [(x * 3000).to(torch.int16) for x in inputs] if isinstance(module, Integers) else inputs


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
    options = {"sr": 8000, **EXAMPLES.get(type(module), {})}
    if says == "no":
        with pytest.raises(ArtifactError):
            save(module, tmp_path / "model", format, **options)
        return
    assert says == "yes"
    save(module, tmp_path / "model", format, **options)
    artifact = load(tmp_path / "model", trust=True)
    inputs = inputs_of(module)
    result, expected = artifact(*inputs), module(*inputs)
    assert (result.shape, result.dtype) == (expected.shape, expected.dtype)
    if format == "onnx":
        (declared,) = artifact.runtime.get_outputs()
        sizes = [n if type(d) is int else d for d, n in zip(declared.shape, result.shape, strict=True)]
        assert sizes == declared.shape
    if expected.dtype == torch.bool:
        assert expected.any()
        assert not expected.all()
        assert torch.equal(result, expected)
    else:
        assert (result - expected).abs().max() <= 1e-4 * expected.abs().max()
