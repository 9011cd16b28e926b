"""Artifacts: saved, described, loaded, verified; transforms, models, and what was trained."""

import json
import zipfile
from copy import deepcopy
from math import isnan

import pytest
import torch
from torch import nn

import nnaudio2_deploy.artifacts.saving as saving
from nnaudio2_core import CQT, STFT, MelSpectrogram, iSTFT
from nnaudio2_deploy import ArtifactError, inspect, load, save, verify
from nnaudio2_deploy.artifacts.parity import sampled_errors_on, samples_of
from nnaudio2_deploy.artifacts.rebuilding import without_complex_numbers

SIGNALS = {"tone", "noise", "impulse", "silence", "shortest", "long", "batch"}


class Classifier(nn.Module):
    """A front end that learns, and what is behind it."""

    def __init__(self):
        super().__init__()
        self.mel = MelSpectrogram(sr=16000, n_fft=512, n_mels=20, trainable_mel=True)
        self.head = nn.Sequential(nn.BatchNorm1d(20), nn.Dropout(0.5), nn.Conv1d(20, 3, 1))

    def forward(self, x):
        return self.head(self.mel(x)).mean(-1)


@pytest.fixture
def classifier():
    model = Classifier()
    with torch.no_grad():
        model.mel.mel_basis.mul_(0.7)
    return model


@pytest.mark.parametrize("format", ["torchscript", "onnx"])
def test_save_load_verify_and_inspect(format, tmp_path):
    mel = MelSpectrogram(sr=16000, n_fft=512, n_mels=40)
    path = tmp_path / "mel"
    description = save(mel, path, format)
    assert inspect(path) == description
    x = torch.randn(2, 7000)
    assert torch.allclose(load(path)(x), mel(x), rtol=1e-4, atol=1e-3)
    report = verify(path, trust=True)
    assert set(report.errors) == SIGNALS
    assert report.passed
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
    assert (description.format, description.engine) == ("torchscript", "fft")
    assert description.torch == torch.__version__
    assert set(description.parity) == SIGNALS


@pytest.mark.parametrize(
    ("center", "latency"),
    # Frame t ends at sample t * hop + n_fft // 2 - 1, or t * hop + n_fft - 1.
    [(True, 255), (False, 511)],
)
def test_latency_counts_the_samples_after_a_frames_own(center, latency, tmp_path):
    description = save(STFT(512, center=center), tmp_path / "stft.pt", "torchscript")
    assert description.latency == latency


def test_a_model_keeps_its_trained_front_end(classifier, tmp_path):
    path = tmp_path / "model.onnx"
    description = save(classifier, path, "onnx")
    assert description.config is None
    assert description.transforms["mel"]["class"] == "MelSpectrogram"
    assert (description.engine, description.output) == ("real", [{"batch": None, "axis1": 3}])
    x = torch.randn(2, 8000)
    with torch.no_grad():
        assert torch.allclose(load(path)(x), classifier.eval()(x), rtol=0, atol=1e-5)
    report = verify(path, trust=True)
    assert (report.passed, report.compared_with) == (True, "results kept in the file")
    # Kept results tell an untrained front end from a trained one.
    assert verify(path, module=classifier.eval()).passed
    assert not verify(path, module=Classifier().eval()).passed


@pytest.mark.parametrize(
    "change", [torch.zeros_like, lambda y: y + torch.tensor([0, torch.nan, 0]), lambda y: 1.1 * y]
)
def test_kept_results_notice_another_payload(change, classifier, tmp_path, monkeypatch):
    path = tmp_path / "model.pt"
    save(classifier, path, "torchscript")
    monkeypatch.setattr(torch.jit.ScriptModule, "__call__", lambda self, x: change(self.forward(x)))
    report = verify(path, trust=True)
    assert not report.passed
    assert not any(isnan(error) for error in report.errors.values())


@pytest.mark.parametrize(
    ("place", "value"), [(0, 9.0), (0, torch.nan), (0, torch.inf), (1, torch.nan), (1, -torch.inf)]
)
def test_kept_results_notice_what_lies_between_their_places(place, value):
    x = torch.linspace(-1, 1, 100_000)
    kept = samples_of(lambda x: x, lambda x: x, {"one": x}, {"one": 0.0})
    assert sampled_errors_on(lambda x: x, kept, {"one": x}) == {"one": 0.0}
    changed = x.clone()
    changed[place] = value
    assert sampled_errors_on(lambda x: changed, kept, {"one": x})["one"] > 1


@pytest.mark.parametrize("logarithm", [True, False])
@pytest.mark.parametrize("format", ["torchscript", "onnx"])
def test_results_that_are_not_finite_are_the_same_elsewhere(logarithm, format, tmp_path):
    class After(nn.Module):
        """Minus infinity, or NaN, of silence."""

        def __init__(self):
            super().__init__()
            self.logarithm = logarithm
            self.front = nn.Conv1d(1, 2, 1, bias=False)  # exact, or a logarithm would magnify

        def forward(self, x):
            y = self.front(x.unsqueeze(1)).square()
            return torch.log(y) if self.logarithm else (y - y.mean()) / y.std()

    save(After(), tmp_path / "model", format)
    assert verify(tmp_path / "model", trust=True).passed


def test_saving_and_verifying_leave_the_module_as_it_is(classifier, tmp_path):
    classifier.train()
    before = deepcopy(classifier.state_dict())
    save(classifier, tmp_path / "model.pt", "torchscript")
    assert verify(tmp_path / "model.pt", module=classifier).passed
    assert classifier.training
    assert classifier.mel.engine == "fft"
    assert all(torch.equal(value, before[name]) for name, value in classifier.state_dict().items())


class Louder(MelSpectrogram):
    """Has a config that core knows under no such name."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 2 * super().forward(x)


class Sums(STFT):
    """Says of itself that it returns angles, and does not."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x, "Complex").sum(-1)


@pytest.mark.parametrize("name", ["Louder", "MelSpectrogram"])
def test_a_subclass_is_compared_with_itself(name, tmp_path):
    model = type(name, (Louder,), {})(sr=16000, n_fft=512, n_mels=20)
    for format in ("export", "onnx"):
        description = save(model, tmp_path / "model", format)
        assert (description.config, description.transforms[""]["class"]) == (None, name)
        report = verify(tmp_path / "model", trust=True)
        assert (report.passed, report.compared_with) == (True, "results kept in the file")
        assert not verify(tmp_path / "model", module=MelSpectrogram(sr=16000, n_fft=512, n_mels=20)).passed


def test_a_subclass_is_a_model(tmp_path):
    save(Sums(256, output_format="Phase"), tmp_path / "model", "export")
    assert verify(tmp_path / "model", trust=True).passed
    with pytest.raises(ArtifactError, match=r"module must be an inverse of nnaudio2_core itself"):
        save(type("Mine", (iSTFT,), {})(256), tmp_path / "model", "export")
    narrow = type(
        "Narrow", (MelSpectrogram,), {"__init__": lambda self: MelSpectrogram.__init__(self, 16000)}
    )
    with pytest.raises(ArtifactError, match=r"Narrow must take the arguments in its config"):
        save(narrow(), tmp_path / "model", "onnx")


class Shared(nn.Module):
    """One front end in two places, and in another module."""

    def __init__(self):
        super().__init__()
        self.a = MelSpectrogram(sr=16000, n_fft=512, n_mels=20, trainable_mel=True)
        self.b = self.a
        self.c = nn.Sequential(self.a)

    def forward(self, x):
        return self.a(x) + self.b(x) + self.c(x)


def test_a_front_end_in_several_places_stays_one(tmp_path):
    lowered = without_complex_numbers(Shared())
    assert lowered.a is lowered.b is lowered.c[0]
    assert lowered.a.engine == "real"
    description = save(Shared(), tmp_path / "model.onnx", "onnx")
    assert description.transforms.keys() == {"a", "b", "c.0"}
    assert description.hop_length == Shared().a.hop_length
    assert verify(tmp_path / "model.onnx", trust=True).passed


def test_a_model_with_channels_takes_an_example(tmp_path):
    model = nn.Sequential(STFT(256, output_format="Magnitude"), nn.ReLU())
    path = tmp_path / "model.pt"
    description = save(model, path, "torchscript", example=torch.zeros(1, 2, 4000))
    assert description.input == {"input": {"batch": None, "axis1": 2, "time": None}}
    assert verify(path, trust=True).passed
    with pytest.raises(ArtifactError, match="example is for models"):
        save(STFT(256), path, "torchscript", example=torch.zeros(1, 4000))


def test_arguments_of_the_call_are_fixed(tmp_path):
    path = tmp_path / "istft.pt"
    description = save(iSTFT(256), path, "torchscript")
    assert (description.call, description.min_frames) == ({}, 2)
    two_sided = save(iSTFT(256), path, "torchscript", call={"onesided": False})
    assert two_sided.input["X"]["bins"] == 256
    assert verify(path, trust=True).passed


def test_max_time_is_for_runtimes_that_plan_memory(tmp_path):
    with pytest.raises(ArtifactError, match="max_time must be None for onnx"):
        save(STFT(256), tmp_path / "stft.onnx", "onnx", max_time=8000)


def test_an_unknown_format_is_refused_by_name(tmp_path):
    with pytest.raises(ArtifactError, match=r"format must be one of 'torchscript'.* got 'coreml'"):
        save(STFT(256), tmp_path / "x", "coreml")


def test_a_module_that_is_not_the_same_elsewhere_is_not_saved(tmp_path):
    class Odd(nn.Module):
        """Differs once it is scripted."""

        def forward(self, x):
            if torch.jit.is_scripting():
                return 2.0 * x
            return x

    path = tmp_path / "odd.pt"
    path.write_bytes(b"before")
    with pytest.raises(ArtifactError, match=r"Odd cannot be saved as torchscript: it differs"):
        save(Odd(), path, "torchscript")
    assert path.read_bytes() == b"before"


@pytest.mark.parametrize("format", ["torchscript", "export"])
def test_a_payload_says_nothing_of_this_machine(format, tmp_path):
    path = tmp_path / "stft.pt2"
    save(STFT(256), path, format)
    with zipfile.ZipFile(path) as archive:
        json.loads(archive.comment)
        text = b"".join(archive.read(name) for name in archive.namelist() if name.endswith((".json", ".py")))
    assert b"site-packages" not in text
    assert b"/home/" not in text


def test_phases_are_compared_as_angles(tmp_path):
    # An impulse has bins at half a turn, where one engine may say plus and another minus.
    path = tmp_path / "phase.onnx"
    description = save(STFT(256, output_format="Phase"), path, "onnx")
    assert description.parity["impulse"] <= 1e-4
    assert verify(path, trust=True).passed


def test_the_shortest_clip_of_a_model_is_found(tmp_path):
    model = nn.Sequential(STFT(256, output_format="Magnitude"), nn.Conv1d(129, 4, 7))
    description = save(model, tmp_path / "model.pt", "torchscript")
    # Seven frames, 64 samples apart, the first and the last of them centred at the ends.
    assert description.min_samples == 6 * 64
    with pytest.raises(ArtifactError, match="does not run on"):
        save(nn.Conv1d(3, 4, 5), tmp_path / "model.pt", "torchscript")


class Model(nn.Module):
    """A front end and a function of its result."""

    def __init__(self, after):
        super().__init__()
        self.front = STFT(256, output_format="Magnitude")
        self.after = after

    def forward(self, x):
        return self.after(self.front(x))


class Gain(nn.Module):
    """Takes more than its input."""

    def forward(self, x, gain, offset=0.0):
        return gain * x + offset


def trained_weight_norm():
    with pytest.warns(FutureWarning, match="weight_norm"):
        model = nn.Sequential(
            STFT(256, output_format="Magnitude"), nn.utils.weight_norm(nn.Conv1d(129, 4, 1))
        )
    model(torch.randn(1, 4000)).sum().backward()
    return model


@pytest.mark.parametrize(
    ("made", "arguments", "message"),
    [
        (lambda: 3, {}, r"module must be a torch\.nn\.Module, got 3"),
        (
            trained_weight_norm,
            {},
            r"copy\.deepcopy copies, and Sequential is not: .*remove_weight_norm takes it away",
        ),
        (
            lambda: Model(nn.Sequential(nn.Flatten(), nn.Linear(129 * 101, 3))),
            {},
            r"must take .*of any length",
        ),
        (lambda: Model(lambda y: {"y": y}), {}, r"module must return a tensor, .*got dict"),
        (lambda: Model(lambda y: (y, {"y": y})), {}, r"got tuple with dict in it"),
        (lambda: Model(lambda y: [y] * 193), {}, r"1 to 192, got 193 tensors"),
        (
            lambda: STFT(256),
            {"call": {"output_fromat": "Phase"}},
            r"call names output_fromat.*output_format\?",
        ),
        (lambda: Model(torch.log), {"call": {"foo": 1}}, r"call names foo.*takes only its input"),
        (type("None", (nn.Module,), {"forward": lambda self: 0}), {}, r"its forward takes none"),
        (Gain, {"call": {"gain": torch.ones(1)}}, r"call must hold plain values.*Tensor"),
        (Gain, {}, r"call must have a value for gain"),
        (
            Gain,
            {"example": torch.zeros(1, 9, dtype=torch.int8)},
            r"example must have a dtype of .*int8",
        ),
        (lambda: STFT(256), {"call": {"output_format": "Fase"}}, r"output_format must be .*Fase"),
        (lambda: STFT(256), {"batch_size": 2}, r"batch_size must be 1 for a module without steps"),
    ],
)
def test_what_cannot_be_saved_is_told_before_it_is_exported(made, arguments, message, tmp_path, monkeypatch):
    monkeypatch.setattr(saving, "_built", None)
    module = made()
    arguments = {"call": {"gain": 2.0}, **arguments} if "example" in arguments else arguments
    with pytest.raises(ArtifactError, match=message):
        save(module, tmp_path / "model", "torchscript", **arguments)


@pytest.mark.parametrize("example", [None, torch.zeros(1, 9, dtype=torch.float64)])
@pytest.mark.parametrize("format", ["torchscript", "export"])  # onnxruntime has no such convolution
def test_a_model_in_double_precision(format, example, tmp_path):
    model = Model(nn.Conv1d(129, 4, 1)).double()
    assert save(model, tmp_path / "model", format, example=example).dtype == "float64"
    assert verify(tmp_path / "model", trust=True).passed
    assert verify(tmp_path / "model", module=model).passed
    assert load(tmp_path / "model")(torch.zeros(1, 4000, dtype=torch.float64)).dtype == torch.float64


def test_many_results_keep_fewer_numbers_of_each(tmp_path):
    save(Model(lambda y: tuple(i * y for i in range(1, 25))), tmp_path / "model", "export")
    assert verify(tmp_path / "model", trust=True).passed
    assert load(tmp_path / "model").description.samples["tone"][23]["values"][7:]
