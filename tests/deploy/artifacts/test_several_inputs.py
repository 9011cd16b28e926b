"""Models with inputs after the first: lengths, a mask, a second signal."""

from dataclasses import replace

import onnxruntime
import pytest
import torch
from tests import tolerances
from tests.contracts.cases import assert_close
from torch import nn

from nnaudio2_core import MelSpectrogram
from nnaudio2_deploy import inspect, load, save, verify
from nnaudio2_deploy.artifacts.carriers import ZIP
from nnaudio2_deploy.artifacts.description import find_description
from nnaudio2_deploy.errors import ArtifactError

MEL = {"sr": 8000, "n_fft": 128, "hop_length": 64, "n_mels": 10}


class Pooled(nn.Module):
    """Mean of the mel bands over the frames that begin within each clip."""

    def __init__(self):
        super().__init__()
        self.mel, self.out = MelSpectrogram(**MEL), nn.Linear(10, 3)

    def forward(self, x, lengths):
        mel = self.mel(x)
        seen = torch.arange(mel.shape[2]) * 64 < lengths[:, None]
        return self.out((mel * seen[:, None]).sum(2) / seen.sum(1)[:, None])


class Cleaned(nn.Module):
    """Difference of two signals where a mask is true, scaled for each clip."""

    def __init__(self):
        super().__init__()
        self.mel, self.weight = MelSpectrogram(**MEL), nn.Parameter(torch.tensor(0.5))

    def forward(self, x, echo, mask, gains):
        return self.mel((x - self.weight * echo) * mask) * gains.sum(1)[:, None, None]


class Voiced(nn.Module):
    """Mel bands shifted by the vector of a speaker."""

    def __init__(self):
        super().__init__()
        self.mel, self.speakers = MelSpectrogram(**MEL), nn.Embedding(5, 10)

    def forward(self, x, speaker):
        return self.mel(x) + self.speakers(speaker)[:, :, None]


X = torch.randn(2, 3000, generator=torch.Generator().manual_seed(0))
MODELS = {
    "lengths": (Pooled, {"lengths": torch.tensor([3000, 2000])}),
    "echo, mask and gains": (
        Cleaned,
        {"echo": torch.randn(2, 3000), "mask": torch.ones(2, 3000).bool(), "gains": torch.ones(2, 4)},
    ),
    "speaker": (Voiced, {"speaker": torch.tensor([0, 4])}),
}


def made(name):
    torch.manual_seed(0)
    module, inputs = MODELS[name]
    return module().eval(), inputs


@pytest.mark.parametrize(
    ("name", "format"),
    [
        *((name, "torchscript") for name in MODELS),
        ("echo, mask and gains", "export"),
        *((name, "onnx") for name in MODELS),
        ("lengths", "executorch"),
    ],
)
@torch.no_grad()
def test_inputs_of_other_lengths(name, format, tmp_path):
    module, inputs = made(name)
    description = save(module, tmp_path / "a", format, example=X, inputs=inputs)
    assert list(description.input) == ["x", *inputs]
    artifact = load(tmp_path / "a")
    for batch, time in ((1, 1500), (3, 4321)):
        x = torch.randn(batch, time)
        others = {
            "lengths": torch.tensor([time, time - 500, time // 2])[:batch],
            "echo": torch.randn(batch, time),
            "mask": torch.rand(batch, time) < 0.5,
            "gains": torch.rand(batch, 4),
            "speaker": torch.tensor([3, 0, 1])[:batch],
        }
        given = {name: others[name] for name in inputs}
        expected = module(x, **given)
        bound = tolerances.SAME_CODE if format in ("torchscript", "export") else tolerances.HOST_ONNX
        assert_close(artifact(x, **given), expected, bound)
        assert torch.equal(artifact(x, *given.values()), artifact(x, **given))
    assert verify(tmp_path / "a", module=module).passed
    if name == "lengths":  # with the results that the file keeps, in a process of its own
        assert verify(tmp_path / "a").passed


def test_what_a_file_says_of_its_inputs(tmp_path):
    module, inputs = made("echo, mask and gains")
    save(module, tmp_path / "a.onnx", "onnx", example=X, inputs=inputs)
    description = inspect(tmp_path / "a.onnx")
    assert description.input == {
        "x": {"batch": None, "time": None},
        "echo": {"batch": None, "time": None},
        "mask": {"batch": None, "time": None},
        "gains": {"batch": None, "axis1": 4},
    }
    assert {name: kind["dtype"] for name, kind in description.further.items()} == {
        "echo": "float32",
        "mask": "bool",
        "gains": "float32",
    }
    session = onnxruntime.InferenceSession(tmp_path / "a.onnx", providers=["CPUExecutionProvider"])
    shapes = {each.name: each.shape for each in session.get_inputs()}
    assert shapes == {
        "x": ["batch", "time"],
        "echo": ["batch", "time"],
        "mask": ["batch", "time"],
        "gains": ["batch", 4],
    }


def test_verify_tells_other_weights(tmp_path):
    module, inputs = made("lengths")
    save(module, tmp_path / "a", "torchscript", example=X, inputs=inputs)
    other = made("lengths")[0]
    nn.init.ones_(other.out.weight)
    assert not verify(tmp_path / "a", module=other).passed


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"lengths": None}, TypeError, "must be called with x, lengths"),
        ({"lengths": torch.ones(2)}, TypeError, "lengths must have the dtype torch.int64, got torch.float32"),
        ({"lengths": torch.ones(3).long()}, ValueError, r"lengths must have the shape \(batch=2\)"),
        ({"lengths": [1, 2]}, TypeError, "lengths must be a torch.Tensor, got list"),
        ({"length": torch.ones(2).long()}, TypeError, "each of them once"),
    ],
)
def test_inputs_that_a_file_does_not_take(change, error, message, tmp_path):
    module, inputs = made("lengths")
    save(module, tmp_path / "a", "torchscript", example=X, inputs=inputs)
    given = {name: value for name, value in {**inputs, **change}.items() if value is not None}
    with pytest.raises(error, match=message):
        load(tmp_path / "a")(X, **given)


@pytest.mark.parametrize(
    ("example", "inputs", "message"),
    [
        (None, {"lengths": torch.ones(2).long()}, "inputs need an example of the first input"),
        (
            X,
            {"length": torch.ones(2).long()},
            "inputs must name the arguments after the first in their order",
        ),
        (X, {"lengths": torch.ones(3).long()}, "a batch of 2, as example has, got the shape"),
        (X, {"lengths": [1, 2]}, "inputs must have for lengths a tensor of"),
        (X, None, "call must have a value for lengths"),
    ],
)
def test_inputs_that_save_does_not_take(example, inputs, message, tmp_path):
    with pytest.raises(ArtifactError, match=message):
        save(made("lengths")[0], tmp_path / "a", "torchscript", example=example, inputs=inputs)


@pytest.mark.parametrize(
    "change",
    [
        {"further": {}},
        {"further": {"lengths": {"dtype": "complex64", "range": None}}},
        {"further": {"lengths": {"dtype": "int64", "range": [0, 2**40]}}},
        {"further": {"lengths": {"dtype": "int64"}}},
    ],
)
def test_a_forged_description_of_inputs(change, tmp_path, monkeypatch):
    module, inputs = made("lengths")
    path = tmp_path / "a"
    description = save(module, path, "torchscript", example=X, inputs=inputs)
    file = path.read_bytes()
    payload = ZIP.detach(file, find_description(file)[1])
    with monkeypatch.context() as patch:
        patch.setattr("nnaudio2_deploy.artifacts.description.find_description", lambda text: None)
        forged = replace(description, **change).to_text()
    path.write_bytes(ZIP.attach(payload, forged))
    with pytest.raises(ArtifactError, match="description has"):
        load(path)
