"""Models that cannot be saved: the error names the line, the layer or the argument, and what to do."""

import math
import re
from inspect import getsourcelines

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, weight_norm

from nnaudio2_core import STFT, MelSpectrogram
from nnaudio2_deploy import ArtifactError, inspect, load, save, verify
from nnaudio2_deploy.artifacts import saving
from nnaudio2_deploy.artifacts.interface import interface_of
from nnaudio2_deploy.artifacts.matrix import Cell
from nnaudio2_deploy.errors import first_line

FRAMES = {"n_fft": 256, "hop_length": 64}


class NotPython(nn.Module):
    def forward(self, x):
        kept = [y for y in x if y.sum() > 0]
        return x * len(kept)


class NotTorch(nn.Module):
    def forward(self, x):
        y = x + 1
        return y.no_such_method(2)


class Recurrent(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.mel, self.layer = MelSpectrogram(8000, **FRAMES, n_mels=20), layer(20, 4, batch_first=True)

    def forward(self, x):
        return self.layer(self.mel(x).transpose(1, 2))[0]


@pytest.mark.parametrize(
    ("module", "message", "line"),
    [
        (NotPython(), "ifs are not supported yet", "kept = [y for y in x if y.sum() > 0]"),
        (NotTorch(), "has no attribute or method 'no_such_method'", "return y.no_such_method(2)"),
    ],
)
def test_an_error_of_torchscript_names_the_line(module, message, line, tmp_path, monkeypatch):
    monkeypatch.setattr(
        saving, "_taken", lambda form, module, interface, _: saving._Source(module, interface, [], None)
    )
    source, first = getsourcelines(type(module))
    number = first + [text.strip() for text in source].index(line)
    with pytest.raises(ArtifactError, match=message) as raised:
        save(module, tmp_path / "model.pt", "torchscript", sr=8000)
    assert str(raised.value).endswith(f": '{line}' in {__file__}, line {number}")


def test_an_error_of_the_interpreter_ends_with_its_reason():
    error = RuntimeError(
        "The following operation failed in the TorchScript interpreter.\\nTraceback of TorchScript\\n"
        "    return x + y\\n           ~~~~~ <--- HERE\\nRuntimeError: sizes differ\\n".replace("\\n", "\n")
    )
    assert first_line(error) == "RuntimeError: sizes differ"


@pytest.mark.parametrize("layer", [nn.LSTM, nn.GRU, nn.RNN])
def test_a_recurrent_layer_is_refused_for_executorch_at_once(layer, tmp_path, monkeypatch):
    from nnaudio2_deploy.artifacts.formats import executorch

    monkeypatch.setattr(executorch, "exported", None)  # nothing is exported before
    with pytest.raises(ArtifactError, match=rf"ExecuTorch has no operator for nn\.{layer.__name__} over any"):
        save(Recurrent(layer), tmp_path / "model.pte", "executorch")


@pytest.mark.parametrize("parametrization", [parametrizations.weight_norm, parametrizations.spectral_norm])
def test_parametrized_weights_are_saved_as_plain_ones(parametrization, tmp_path):
    torch.manual_seed(0)
    model = nn.Sequential(MelSpectrogram(8000, **FRAMES, n_mels=20), parametrization(nn.Conv1d(20, 3, 5)))
    model.eval()
    save(model, tmp_path / "model.pt", "torchscript")
    assert verify(tmp_path / "model.pt", module=model, trust=True).passed
    assert len(model[1].parametrizations.weight) == 1  # the model itself stays as it was


def test_the_advice_about_weight_norm_works(tmp_path):
    with pytest.warns(FutureWarning, match="weight_norm"):
        layer = weight_norm(nn.Conv1d(20, 3, 5))
    model = nn.Sequential(MelSpectrogram(8000, **FRAMES, n_mels=20), layer)
    model(torch.randn(1, 3000)).sum().backward()
    with pytest.raises(ArtifactError, match=r"torch\.nn\.utils\.remove_weight_norm takes it away"):
        save(model, tmp_path / "model.pt", "torchscript")
    torch.nn.utils.remove_weight_norm(layer)
    save(model, tmp_path / "model.pt", "torchscript")


@pytest.mark.parametrize("opset", [18, 20])
def test_the_opset_of_onnx_is_a_choice(opset, tmp_path):
    import onnx

    module, path = MelSpectrogram(8000, **FRAMES, n_mels=20), tmp_path / "mel.onnx"
    assert save(module, path, "onnx", opset=opset).opset == opset == inspect(path).opset
    assert [entry.version for entry in onnx.load(path).opset_import if entry.domain == ""] == [opset]
    x = torch.randn(2, 5000)
    assert torch.allclose(load(path)(x), module(x), rtol=1e-4, atol=1e-4)


def test_another_opset_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match="opset must be 18 or 20 for onnx, got 17"):
        save(STFT(**FRAMES), tmp_path / "a", "onnx", opset=17)
    with pytest.raises(ArtifactError, match="opset must be None for torchscript, got 20"):
        save(STFT(**FRAMES), tmp_path / "a", "torchscript", opset=20)
    assert save(STFT(**FRAMES), tmp_path / "a", "onnx").opset == 20  # another save's choice is not kept


def test_transforms_of_two_rates_need_a_rate():
    low, high = MelSpectrogram(8000, **FRAMES, n_mels=20), MelSpectrogram(16000, **FRAMES, n_mels=20)
    model = nn.ModuleList([low, high, STFT(**FRAMES, sr=44100)])
    model.forward = lambda x: low(x)
    with pytest.raises(ArtifactError, match="sr must be given: the transforms inside have 8000, 16000 Hz"):
        interface_of(model)
    assert interface_of(model, sr=16000).sr == 16000
    model = nn.Sequential(low, nn.Identity(), STFT(**FRAMES, sr=44100))  # whose rate changes nothing
    assert interface_of(model).sr == 8000


def test_a_cell_without_a_signal_within_the_bound_has_a_text():
    assert str(Cell("CFP", "onnx", None, {"tone": 0.5}, 1.5)) == "–*, 1.5×"


def test_executorch_says_what_xnnpack_does_not_take(tmp_path):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv1d(3, 4, 5), nn.ReLU(), nn.Softplus())
    description = save(net, tmp_path / "a.pte", "executorch", example=torch.zeros(1, 3, 100))
    assert description.delegate == "XNNPACK"
    assert not any("convolution" in name for name in description.portable)
    assert all(re.fullmatch(r"\w+\.\w+\.\w+", name) for name in description.portable)
    assert inspect(tmp_path / "a.pte").portable == description.portable


@pytest.mark.executorch
def test_why_xnnpack_takes_single_operators_is_kept(tmp_path, monkeypatch):
    from nnaudio2_deploy.artifacts.formats.executorch import Executorch

    tried = []

    def fail_once(self, *arguments):
        tried.append(arguments)
        if len(tried) == 1:
            raise RuntimeError("cannot reshape\nadvice")

    monkeypatch.setattr(Executorch, "_try", fail_once)
    net = nn.Sequential(nn.Conv1d(3, 4, 5), nn.ReLU())
    description = save(net, tmp_path / "a.pte", "executorch", example=torch.zeros(1, 3, 100))
    assert (description.delegate, description.fallback) == ("XNNPACK", "RuntimeError: cannot reshape")


class Hops(nn.Module):
    """Counts the hops of a clip in one of three ways."""

    def __init__(self, count):
        super().__init__()
        self.mel, self.count = MelSpectrogram(8000, **FRAMES, n_mels=20), count

    def forward(self, x):
        hops = self.count(x.shape[-1])
        return nn.functional.pad(self.mel(x), [0, hops])[..., :hops]


@pytest.mark.parametrize(
    ("count", "format", "named"),
    [
        (lambda time: math.ceil(time / 64), "export", "ceil"),
        (lambda time: -(-time // 64), "onnx", "-T // n"),
    ],
)
def test_a_size_that_a_format_cannot_compute_is_named(count, format, named, tmp_path):
    with pytest.raises(ArtifactError, match=rf"by {named}, which .* write \(T \+ hop - 1\) // hop"):
        save(Hops(count), tmp_path / "model", format)
    save(Hops(lambda time: (time + 63) // 64), tmp_path / "model", format)
