"""Models whose inputs have other axes than ``(batch, ..., time)``, or fixed ones."""

import json
from dataclasses import asdict
from functools import lru_cache
from itertools import product

import onnxruntime
import pytest
import torch
from tests import tolerances
from tests.contracts.cases import assert_close
from torch import nn

from nnaudio2_core import STFT, MelSpectrogram, Stream
from nnaudio2_deploy import ArtifactError, inspect, load, save, verify
from nnaudio2_deploy.artifacts.carriers import ZIP
from nnaudio2_deploy.artifacts.description import _digest, find_description
from nnaudio2_deploy.artifacts.named_axes import placed

MEL = {"sr": 8000, "n_fft": 128, "hop_length": 64, "n_mels": 10}


class Encoder(nn.Module):
    """Attention over features ``(batch, frames, 6)`` where a mask is true, then half as many frames."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)
        self.conv = nn.Conv1d(6, 6, 5, stride=2, padding=2)

    def forward(self, features, seen):
        y = features + self.attention(features, features, features, key_padding_mask=~seen)[0]
        return self.conv(y.transpose(1, 2)).transpose(1, 2)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(6, 4, batch_first=True)

    def forward(self, features):
        return self.gru(features)[0]


class Plugin(nn.Module):
    """A waveform ``(time,)`` through an STFT and back."""

    def __init__(self):
        super().__init__()
        self.stft = STFT(128, hop_length=32)

    def forward(self, x):
        X = self.stft(x[None])
        return self.stft.inverse(X * X.square().sum(-1, keepdim=True).sigmoid(), length=x.shape[-1])[0]


class Classifier(nn.Module):
    """Scores of clips of exactly 800 samples."""

    def __init__(self):
        super().__init__()
        self.mel, self.out = MelSpectrogram(**MEL), nn.Linear(10 * 13, 3)

    def forward(self, x):
        return self.out(self.mel(x.float()).flatten(1))


class Extractor(nn.Module):
    """Mel bands weighted by those of another clip, of another length, as far as the clip goes."""

    def __init__(self):
        super().__init__()
        self.mel = MelSpectrogram(**MEL)

    def forward(self, x, target, target_lengths):
        mel = self.mel(target)
        seen = torch.arange(mel.shape[2]) * 64 < target_lengths[:, None]
        return self.mel(x) * (mel * seen[:, None]).sum(2, keepdim=True) / seen.sum(1)[:, None, None]


class Scaled(nn.Module):
    """Features ``(frames, batch, 6)`` by a weight of each frame, in the same order for every item."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(6, 2)

    def forward(self, features, weights):
        return self.linear(features) * weights[:, None, None]


FEATURES = {0: "batch", 1: "frames"}
CASES = {
    "features and a mask": (
        Encoder,
        {"features": FEATURES, "seen": FEATURES},
        {"features": torch.randn(2, 40, 6), "seen": torch.ones(2, 40).bool()},
        {"features": torch.randn(3, 57, 6), "seen": torch.rand(3, 57) < 0.8},
    ),
    "features": (
        Recurrent,
        {"features": {0: "batch", 1: "steps"}},
        {"features": torch.randn(2, 40, 6)},
        {"features": torch.randn(3, 57, 6)},
    ),
    "no batch": (Plugin, {"x": {0: "time"}}, {"x": torch.randn(1000)}, {"x": torch.randn(1717)}),
    "fixed length": (Classifier, {"x": {0: "batch"}}, {"x": torch.randn(1, 800)}, {"x": torch.randn(3, 800)}),
    "fixed shape of int16": (
        Classifier,
        {"x": {}},
        {"x": torch.zeros(2, 800, dtype=torch.int16)},
        {"x": torch.randint(-9000, 9000, (2, 800), dtype=torch.int16)},
    ),
    "two lengths": (
        Extractor,
        {
            "x": {0: "batch", 1: "time"},
            "target": {0: "batch", 1: "target_time"},
            "target_lengths": {0: "batch"},
        },
        {
            "x": torch.randn(2, 1000),
            "target": torch.randn(2, 700),
            "target_lengths": torch.tensor([600, 700]),
        },
        {
            "x": torch.randn(3, 1234),
            "target": torch.randn(3, 2345),
            "target_lengths": torch.tensor([2345, 1000, 1]),
        },
    ),
    "time first": (
        Scaled,
        {"features": {0: "frames", 1: "batch"}, "weights": {0: "frames"}},
        {"features": torch.randn(40, 2, 6), "weights": torch.randn(40)},
        {"features": torch.randn(57, 3, 6), "weights": torch.randn(57)},
    ),
}


def saved(name, path, format="torchscript", **arguments):
    """The module of a case, and its description after saving it."""
    torch.manual_seed(0)
    made, axes, examples, _ = CASES[name]
    module = made().eval()
    first, *further = examples
    inputs = {other: examples[other] for other in further}
    options = {"example": examples[first], "inputs": inputs, "dynamic_axes": axes, "sr": 8000}
    return module, save(module, path, format, **{**options, **arguments})


@pytest.mark.parametrize("name", CASES)
@torch.no_grad()
def test_inputs_of_other_sizes(name, tmp_path):
    module, _ = saved(name, tmp_path / "a")
    given = CASES[name][3]
    assert_close(load(tmp_path / "a")(*given.values()), module(**given), tolerances.SAME_CODE)
    assert verify(tmp_path / "a", module=module).passed


def test_what_a_file_says_of_its_axes(tmp_path):
    saved("two lengths", tmp_path / "a", "torchscript")
    description = inspect(tmp_path / "a")
    assert description.input == {
        "x": {"batch": None, "time": None},
        "target": {"batch": None, "target_time": None},
        "target_lengths": {"batch": None},
    }
    assert description.further == {
        "target": {"dtype": "float32", "range": None},
        "target_lengths": {"dtype": "int64", "range": None, "along": "target_time"},
    }
    assert description.output == [{"batch": None, "axis1": 10, "frames": None}]
    assert (description.min_samples, description.lengths) == (65, {"target_time": [65, None]})
    saved("fixed length", tmp_path / "b", "onnx")
    description = inspect(tmp_path / "b")
    assert description.input == {"x": {"batch": None, "axis1": 800}}
    assert (description.min_samples, description.min_frames, description.lengths) == (None, None, {})
    assert description.parity.keys() == {"tone", "noise", "impulse", "silence", "batch"}
    session = onnxruntime.InferenceSession(tmp_path / "b", providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].shape == ["batch", 800]
    _, description = saved("features", tmp_path / "c")
    assert description.lengths == {"steps": [1, None]}
    assert description.output == [{"batch": None, "steps": None, "axis2": 4}]
    _, description = saved("no batch", tmp_path / "d")
    assert "batch" not in description.parity
    assert description.output == [{"time": None}]


def test_features_are_told_apart(tmp_path):
    """Signals differ from feature to feature, and results that a file keeps with them."""
    saved("features", tmp_path / "a")
    assert verify(tmp_path / "a").passed
    torch.manual_seed(0)
    other = Recurrent().eval()
    other.gru.weight_ih_l0.data = other.gru.weight_ih_l0.data[:, [1, 0, 2, 3, 4, 5]]
    assert not verify(tmp_path / "a", module=other).passed


@pytest.mark.parametrize(
    ("axes", "shape", "long"),
    [
        ({"batch": None, "frames": None, "axis2": 3}, (2, 50, 3), 1),
        ({"frames": None, "batch": None, "axis2": 3}, (50, 2, 3), 0),
        ({"batch": None, "axis1": 3, "frames": None}, (2, 3, 50), 2),
        ({"batch": None, "axis1": 3, "steps": None, "axis3": 2}, (2, 3, 50, 2), 2),
        ({"axis0": 3, "time": None}, (3, 50), 1),
        ({"time": None}, (50,), 0),
        ({"axis0": 2, "axis1": 20}, (2, 20), 1),
        ({"axis0": 3, "axis1": 20, "batch": None}, (3, 20, 2), 1),
    ],
)
def test_waveforms_in_the_place_of_features(axes, shape, long):
    """Copies along the other axes, each a sample later than the one before."""
    waveform = torch.arange(100.0).reshape(2, 50)
    x = placed(axes, waveform)
    assert x.shape == shape
    assert x.is_contiguous()
    names = list(axes)
    others = [place for place, name in enumerate(names) if place != long and name != "batch"]
    for place in product(*map(range, shape)):
        delay = 0
        for other in others:
            delay = delay * shape[other] + place[other]
        item = place[names.index("batch")] if "batch" in names else 0
        assert x[place] == waveform[item, (place[long] - delay) % shape[long]]


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A loaded file of a case, made once."""
    folder = tmp_path_factory.mktemp("opened")

    @lru_cache
    def artifact(name):
        saved(name, folder / "a")
        return load(folder / "a")

    return artifact


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        (
            "fixed length",
            (torch.zeros(1, 799),),
            r"x must have the shape \(batch, axis1=800\), got \(1, 799\)",
        ),
        ("no batch", (torch.zeros(1, 900),), r"x must have the shape \(time\), got \(1, 900\)"),
        ("no batch", (torch.zeros(64),), "x must have time >= 65, got 64"),
        ("features", (torch.zeros(1, 0, 6),), "features must have steps >= 1, got 0"),
        (
            "two lengths",
            (torch.zeros(1, 900), torch.zeros(2, 900), torch.ones(1).long()),
            r"target must have the shape \(batch=1, target_time\) beside the inputs before it, got",
        ),
        (
            "two lengths",
            (torch.zeros(1, 900), torch.zeros(1, 64), torch.ones(1).long()),
            "target must have target_time >= 65, got 64",
        ),
        (
            "time first",
            (torch.zeros(9, 1, 6), torch.zeros(8)),
            r"weights must have the shape \(frames=9\) beside the inputs before it, got \(8,\)",
        ),
    ],
)
def test_sizes_that_a_file_does_not_take(name, given, message, opened):
    with pytest.raises(ValueError, match=message):
        opened(name)(*given)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("features", {"dynamic_axes": ["batch"]}, "dynamic_axes must be like"),
        ("features", {"dynamic_axes": {"x": {}}}, "must name every input, features, got x"),
        (
            "two lengths",
            {"dynamic_axes": {"x": {1: "time"}}},
            "must name every input, x, target, target_lengths, got x",
        ),
        ("features", {"example": None}, "dynamic_axes needs an example of the first input"),
        ("no batch", {"example": torch.tensor(1.0)}, "an example of x with axes, got"),
        ("features", {"dynamic_axes": {"features": {3: "time"}}}, "for features axes from 0 to 2, got 3"),
        ("features", {"dynamic_axes": {"features": {1: "axis1"}}}, "names of letters.* got 'axis1'"),
        ("features", {"dynamic_axes": {"features": {1: "a b"}}}, "names of letters.* got 'a b'"),
        (
            "features",
            {"dynamic_axes": {"features": {0: "time", 1: "time"}}},
            "each axis of features differently, got time, time",
        ),
        (
            "features",
            {"dynamic_axes": {"features": {0: "batch", 1: "time", 2: "bands"}}},
            "one axis besides batch, got time, bands",
        ),
        (
            "two lengths",
            {"dynamic_axes": {"x": {1: "time"}, "target": {1: "time"}, "target_lengths": {}}},
            "gives time one size everywhere, and it has 1000 and, in the example of target, 700",
        ),
        (
            "two lengths",
            {"dynamic_axes": {"x": {1: "time"}, "target": {0: "batch"}, "target_lengths": {}}},
            "must have batch in x",
        ),
        ("no batch", {"dynamic_axes": {"x": {0: "batch"}}}, "must leave x, the first input, an axis besides"),
        (
            "two lengths",
            {"dynamic_axes": {"x": {}, "target": {1: "time"}, "target_lengths": {}}},
            "an axis besides batch in x",
        ),
        (
            "fixed length",
            {"example": torch.zeros(1, 700)},
            "must take an input .batch, 700., and does not run",
        ),
        pytest.param(
            "fixed length",
            {"format": "executorch", "max_time": 900},
            "max_time must be None for an input of fixed",
            marks=pytest.mark.executorch,
        ),
        (
            "two lengths",
            {
                "format": "executorch",
                "inputs": {"target": torch.zeros(2, 65), "target_lengths": torch.tensor([65, 60])},
            },
            "inputs must have an example with target_time > 65 for executorch",
        ),
        ("features", {"format": "export"}, "takes the length of an input for a constant where nn.GRU runs"),
        pytest.param(
            "time first",
            {"format": "executorch"},
            "must have batch as the first axis of features",
            marks=pytest.mark.executorch,
        ),
    ],
)
def test_axes_that_save_does_not_take(name, arguments, message, tmp_path):
    with pytest.raises(ArtifactError, match=message):
        saved(name, tmp_path / "a", **arguments)


def test_modules_that_know_their_axes(tmp_path):
    mel = MelSpectrogram(**MEL)
    with pytest.raises(ArtifactError, match="dynamic_axes is for models; MelSpectrogram knows its input"):
        save(mel, tmp_path / "a", "torchscript", dynamic_axes={"x": {}})
    with pytest.raises(ArtifactError, match="dynamic_axes must be None for a module with steps"):
        save(Stream(mel, block=64), tmp_path / "a", "torchscript", dynamic_axes={"x": {}})


INPUT = {
    "x": {"batch": None, "time": None},
    "target": {"batch": None, "target_time": None},
    "target_lengths": {"batch": None},
}
FURTHER = {"target": {"dtype": "float32", "range": None}}


@pytest.fixture(scope="module")
def two_lengths(tmp_path_factory):
    """The module of two lengths, and its file."""
    path = tmp_path_factory.mktemp("two_lengths") / "a"
    return saved("two lengths", path)[0], path


def forged(path, forgery, **changes):
    """A file with other entries in its description, signed again."""
    file = path.read_bytes()
    description, start = find_description(file)
    entries = asdict(description) | changes
    document = {"description": entries, "sha256 of the description": _digest(entries)}
    text = b'{"nnaudio2 artifact": 1, ' + json.dumps(document)[1:].encode()
    forgery.write_bytes(ZIP.attach(ZIP.detach(file, start), text))
    return forgery


@pytest.mark.parametrize(
    "changes",
    [
        {"lengths": {}},
        {"lengths": {"target_time": [65, None], "other": [1, None]}},
        {"lengths": {"target_time": [0, None]}},
        {"lengths": {"target_time": [2, 1]}},
        {"lengths": {"target_time": [None, None]}},
        {"lengths": {"target_time": [65]}},
        {"lengths": {"target_time": 65}},
        {"input": {**INPUT, "target": {"batch": None, "\x1b[2J": None}}},
        {"further": {**FURTHER, "target_lengths": {"dtype": "int64", "range": None, "along": "time"}}},
        {"further": {**FURTHER, "target_lengths": {"dtype": "int64", "range": None, "along": 3}}},
        {"further": {**FURTHER, "target_lengths": {"dtype": "int64", "range": None, "along": []}}},
    ],
)
def test_a_forged_description_of_axes(changes, two_lengths, tmp_path):
    with pytest.raises(ArtifactError, match="description has"):
        load(forged(two_lengths[1], tmp_path / "a", **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"lengths": {"target_time": [2**40, None]}},
        {"lengths": {"target_time": [10**4000, None]}},
        {"input": {**INPUT, "target": {"batch": 2**30, "target_time": None}}},
    ],
)
def test_forged_sizes_fill_no_memory(changes, two_lengths, tmp_path):
    module, path = two_lengths
    with pytest.raises(ArtifactError, match="signals for target would fill the memory"):
        verify(forged(path, tmp_path / "a", **changes), module=module)
