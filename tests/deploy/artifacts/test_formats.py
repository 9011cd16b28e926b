"""Promises of each format, in its own runtime and without our loader."""

import json
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from math import pi
from unittest.mock import Mock

import onnx
import onnxruntime
import pytest
import torch
from tests import tolerances
from torch import nn
from typer.testing import CliRunner

from nnaudio2_core import CFP, LFCC, CQT2010v2, Fbank, FrontEnd, GriffinLim, MelSpectrogram, iCQT, iSTFT
from nnaudio2_core import STFT as CoreSTFT
from nnaudio2_deploy import ArtifactError, inspect, load, save, verify
from nnaudio2_deploy.artifacts.carriers import ZIP
from nnaudio2_deploy.artifacts.description import _digest
from nnaudio2_deploy.artifacts.formats.exported_reshapes import RESHAPES, with_single_reshapes
from nnaudio2_deploy.artifacts.formats.wrapped import exported
from nnaudio2_deploy.artifacts.interface import interface_of
from nnaudio2_deploy.artifacts.loading import read
from nnaudio2_deploy.commands.cli import app
from nnaudio2_deploy.measures import relative_error

if find_spec("executorch") is not None:
    # Here, not in the tests, since it mutes warnings of executorch's own.
    from nnaudio2_deploy.artifacts.formats.executorch import Executorch, Runtime


def stft(**changes):
    return CoreSTFT(256, hop_length=64, sr=8000, **changes)


@pytest.mark.parametrize("format", ["torchscript", "export"])
def test_torch_reads_the_file_as_it_is(format, tmp_path):
    path = tmp_path / "stft.pt2"
    save(stft(), path, format)
    module = torch.jit.load(path) if format == "torchscript" else torch.export.load(path).module()
    x = torch.randn(3, 5000)
    assert relative_error(module(x), stft()(x)) <= tolerances.SAME_CODE


@pytest.mark.parametrize("format", ["torchscript", "export", "aoti", "onnx", "executorch"])
@pytest.mark.parametrize("n_fft", [256, 600])
def test_phases_of_real_bins_are_those_of_eager_mode(n_fft, format, tmp_path):
    """Zero or pi, never -pi, at 0 Hz and at Nyquist; on the circle -pi would be next to pi."""
    module = CoreSTFT(n_fft, hop_length=100, output_format="Phase", sr=8000)
    description = save(module, tmp_path / "phase", format)
    assert max(description.allowed.values()) <= 1e-4
    x = torch.randn(1, 9000)
    expected = module(x)
    assert {float(angle) for angle in expected[:, [0, -1]].unique()} == {0.0, float(torch.tensor(pi))}
    phases = load(tmp_path / "phase", trust=True)(x)
    assert torch.equal(phases[:, [0, -1]], expected[:, [0, -1]])


def test_angles_in_onnx_are_torchs(tmp_path):
    """torch.onnx's own arctangent is -pi for zeros over negative numbers."""

    class Angle(nn.Module):
        def forward(self, x):
            return torch.atan2(x, x.roll(1, -1)) + torch.atan2(x.relu(), -x.abs() - 1)

    save(Angle(), tmp_path / "angle.onnx", "onnx", sr=8000)
    x = torch.tensor([[0.0, 1.0, -1.0, 0.0, 0.0, 3.0, 1e-30, -2.0, -5.0]])
    assert torch.allclose(load(tmp_path / "angle.onnx")(x), Angle()(x), rtol=0, atol=1e-6)


ELSEWHERE = """
import sys, torch
for name in ("nnaudio2_core", "nnaudio2_deploy", "nnAudio"):
    sys.modules[name] = None  # importing it fails
torch.manual_seed(0)
stft = torch.jit.load(sys.argv[1])
for shape in ((1000,), (4, 777), (2, 3, 2048)):
    x = torch.randn(shape)
    y = stft.inverse(stft(x), length=x.size(-1))
    print(float((y - x).abs().max() / x.abs().max()))
"""


def test_torchscript_runs_forward_and_inverse_without_our_packages(tmp_path):
    path = tmp_path / "stft.pt"
    save(stft(), path, "torchscript")
    assert {"tone, inverse", "shortest, inverse"} <= verify(path, trust=True).errors.keys()
    done = subprocess.run(
        [sys.executable, "-I", "-W", "ignore", "-c", ELSEWHERE, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    errors = [float(line) for line in done.stdout.split()]
    assert len(errors) == 3
    assert max(errors) <= tolerances.ROUND_TRIP_FLOAT32


def test_who_asks_for_torchscript_hears_nothing_of_its_end(tmp_path):
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.simplefilter("error")
        save(stft(), tmp_path / "stft.pt", "torchscript")
        load(tmp_path / "stft.pt")(torch.randn(1, 2000))


@pytest.mark.parametrize("module", [stft(), iSTFT(256), CQT2010v2(8000, hop_length=128, fmin=200, n_bins=24)])
def test_exported_programs_take_any_batch_and_length(module, tmp_path):
    path = tmp_path / "module.pt2"
    description = save(module, path, "export")
    exported = load(path)
    for batch, longer in ((1, 0), (2, 37), (5, 1280)):
        if description.min_samples:
            x = torch.randn(batch, description.min_samples + longer)
            expected = module(x)
        else:
            x = torch.randn(batch, 129, description.min_frames + longer, 2)
            expected = module(x, onesided=True)
        assert relative_error(exported(x), expected) <= tolerances.ENGINES


def test_an_exported_program_says_how_short_its_clips_may_be(tmp_path):
    path, stft = tmp_path / "stft.pt2", CoreSTFT(256, hop_length=256)
    description = save(stft, path, "export")
    assert description.min_samples == stft.min_samples == 129
    x = torch.randn(1, 129)
    assert relative_error(load(path)(x), stft(x)) <= tolerances.ENGINES
    with pytest.raises(ValueError, match="x must have time >= 129, got 128"):
        load(path)(x[:, 1:])


def test_a_reshape_to_nothing_keeps_the_shape_it_has():
    """A constant 0 in the shape of a Reshape is the size of the source."""
    import onnx_ir as ir

    from nnaudio2_deploy.artifacts.formats.onnx_reshapes import _constant_shape

    source = ir.Value(name="x", shape=ir.Shape(["batch", 3]))
    assert _constant_shape(ir.Value(name="y", shape=ir.Shape(["batch", 1, 3])), source) == (0, 1, 3)
    assert _constant_shape(ir.Value(name="y", shape=ir.Shape([3, 0])), source) is None


def test_aoti_gets_graphs_without_reshapes_of_reshapes():
    fbank = Fbank(8000, 10, win_length=100, hop_length=40)
    program = with_single_reshapes(exported(fbank, interface_of(fbank)))
    after = [node for node in program.graph.nodes if node.target in RESHAPES]
    assert after
    assert not any(node.args[0].target in RESHAPES for node in after)
    for batch, time in ((1, 140), (3, 1234)):
        x = torch.randn(batch, time)
        assert torch.equal(program.module()(x), fbank(x))


class Overwriting(nn.Module):
    def forward(self, x):
        rows = x.reshape(-1, 1).reshape(x.shape)
        return x + rows.add_(1.0)


def test_a_graph_that_overwrites_keeps_its_reshapes():
    program = torch.export.export(Overwriting(), (torch.zeros(2, 3),))
    assert torch.equal(with_single_reshapes(program).module()(torch.zeros(2, 3)), torch.full((2, 3), 2.0))


def test_onnx_by_the_book(tmp_path):
    path = tmp_path / "mel.onnx"
    mel = MelSpectrogram(8000, 256, hop_length=64, n_mels=20)
    description = save(mel, path, "onnx")
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert [(entry.domain, entry.version) for entry in model.opset_import if not entry.domain] == [("", 20)]
    assert description.opset == 20
    assert not {"STFT", "DFT"} & {node.op_type for node in model.graph.node}
    session = onnxruntime.InferenceSession(path)
    assert session.get_inputs()[0].shape == ["batch", "time"]
    for shape in ((1, 500), (3, 4321)):
        x = torch.randn(shape)
        (result,) = session.run(None, {"x": x.numpy()})
        assert relative_error(torch.from_numpy(result), mel(x)) <= tolerances.ENGINES
    # The description is one of the model's own properties.
    text = session.get_modelmeta().custom_metadata_map["nnaudio2"]
    assert json.loads(text)["description"]["sha256"] == description.sha256


@pytest.mark.parametrize(
    "module",
    [
        iSTFT(256),
        GriffinLim(256, 2),
        iCQT(sr=8000, hop_length=64, fmin=300, n_bins=24),
    ],
    ids=lambda module: type(module).__name__,
)
def test_inverses_in_onnx(module, tmp_path):
    path = tmp_path / "inverse.onnx"
    save(module, path, "onnx")
    assert verify(path, trust=True).passed
    assert not {"STFT", "DFT"} & {node.op_type for node in onnx.load(path).graph.node}


@pytest.mark.executorch
def test_executorch_runs_within_its_bounds(tmp_path):
    path = tmp_path / "mel.pte"
    mel = MelSpectrogram(8000, 256, hop_length=64, n_mels=20)
    description = save(mel, path, "executorch", max_time=6000)
    assert (description.max_time, description.delegate, description.engine) == (6000, "XNNPACK", "real")
    method = Runtime.get().load_program(path).load_method("forward")
    for time in (description.min_samples, 1001, 6000):
        x = torch.randn(1, time)
        (result,) = method.execute([x])
        assert relative_error(result, mel(x)) <= tolerances.ENGINES
    with pytest.raises(ValueError, match="x must have time <= 6000, got 6001"):
        load(path)(torch.randn(1, 6001))
    # One clip at a time is what the runtime gets of a batch.
    x = torch.randn(3, 4000)
    assert relative_error(load(path)(x), mel(x)) <= tolerances.ENGINES


@pytest.mark.executorch
@pytest.mark.parametrize(
    "module",
    [
        LFCC(8000, 8, n_bands=16, n_fft=128, hop_length=64),
        FrontEnd(8000, 128, hop_length=64, n_bands=16, pad_left=90, pad_right=90, pad_mode="mirror"),
    ],
)
def test_executorch_pads_clips_of_any_length(module, tmp_path):
    """Its remainder of a negative number is negative, and so is no place of a sample."""
    path = tmp_path / "bands.pte"
    description = save(module, path, "executorch")
    artifact = load(path)
    for time in (description.min_samples, 40, 80000):
        x = torch.randn(1, time)
        assert relative_error(artifact(x), module(x)) <= tolerances.ENGINES


@pytest.mark.executorch
def test_what_xnnpack_cannot_lower_as_a_whole_goes_to_it_operator_by_operator(tmp_path):
    path = tmp_path / "cqt.pte"
    description = save(CQT2010v2(8000, hop_length=128, fmin=200, n_bins=24), path, "executorch")
    assert description.delegate == "XNNPACK"
    assert verify(path, trust=True).passed


class TwoProducts(torch.nn.Module):
    """Products with parts of one constant, which share its memory."""

    def __init__(self):
        super().__init__()
        self.register_buffer("matrices", torch.randn(2, 100, 51, generator=torch.Generator().manual_seed(0)))

    def forward(self, x):
        rows = x.unsqueeze(-1).expand(-1, -1, 100)
        return rows @ self.matrices[0] - 2 * (rows @ self.matrices[1])


@pytest.mark.executorch
def test_parts_of_a_constant_keep_their_places_in_executorch(tmp_path):
    path = tmp_path / "products.pte"
    module = TwoProducts()
    assert save(module, path, "executorch", example=torch.randn(2, 500)).delegate == "XNNPACK"
    x = torch.randn(1, 500)
    assert relative_error(load(path)(x), module(x)) <= tolerances.ENGINES


@pytest.mark.executorch
def test_executorch_takes_calls_from_several_threads(tmp_path):
    """One program has one memory: calls at the same time would write over each other, or end the process."""
    path = tmp_path / "stft.pte"
    save(stft(), path, "executorch")
    artifact = load(path)
    clips = [torch.randn(1, 8000) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda number: artifact(clips[number % 4]), range(80)))
    for number, result in enumerate(results):
        assert torch.equal(result, artifact(clips[number % 4]))


@pytest.mark.executorch
def test_what_is_not_a_number_stays_so_in_executorch(tmp_path):
    """ExecuTorch's exp makes 0 of it."""
    path, cfp = tmp_path / "cfp.pte", CFP(fr=20, fs=8000, hop_length=61, window_size=201, fc=100)
    save(cfp, path, "executorch")
    artifact, x = load(path), torch.randn(1, 4000)
    for value in (float("nan"), float("inf")):
        x[0, 2000] = value
        assert torch.equal(artifact(x).isnan(), cfp(x).isnan())
        assert cfp(x).isnan().any()


@pytest.mark.parametrize("format", ["torchscript", "export", "onnx"])
def test_autocast_leaves_files_alone(format, tmp_path):
    path, mel = tmp_path / "mel", MelSpectrogram(8000, 256, hop_length=64, n_mels=20)
    save(mel, path, format)
    x = torch.randn(1, 4000)
    with torch.autocast("cpu", torch.bfloat16):
        result = load(path)(x)
    # TorchScript multiplies in float64 there, which is round-off from float32; bfloat16 would be 1e-2.
    assert relative_error(result, load(path)(x)) <= 1e-6


@pytest.mark.executorch
def test_what_xnnpack_cannot_run_is_left_to_portable_kernels(tmp_path, monkeypatch):
    monkeypatch.setattr(Executorch, "_try", Mock(side_effect=RuntimeError("no kernel")))
    path = tmp_path / "mel.pte"
    assert save(MelSpectrogram(8000, 256, n_mels=20), path, "executorch").delegate is None
    assert verify(path, trust=True).passed


@pytest.fixture(scope="module")
def machine_code(tmp_path_factory):
    """Compiling takes seconds: one package for all that look at it."""
    path = tmp_path_factory.mktemp("aoti") / "stft.pt2"
    save(stft(), path, "aoti")
    return path


def test_the_command_runs_machine_code_where_it_is_trusted(machine_code):
    refused = CliRunner().invoke(app, ["verify", str(machine_code)])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"nnaudio2 verify: {machine_code} is machine code (aoti)")
    assert refused.stderr.count("\n") == 1
    trusted = CliRunner().invoke(app, ["verify", str(machine_code), "--trust"])
    assert (trusted.exit_code, trusted.stderr) == (0, "")
    assert "against eager mode" in trusted.stdout
    assert "shortest" in trusted.stdout


def test_the_command_says_where_trusted_machine_code_does_not_agree(machine_code, monkeypatch):
    monkeypatch.setattr("nnaudio2_deploy.artifacts.verification.rebuild", lambda *_: stft(window="hamming"))
    result = CliRunner().invoke(app, ["verify", str(machine_code), "--trust"])
    assert (result.exit_code, "does not agree" in result.stderr) == (1, True)


def test_aoti_compiles_and_wants_trust(machine_code):
    path = machine_code
    assert inspect(path).format == "aoti"
    for opened in (load, verify):
        with pytest.raises(ArtifactError, match="trust=True"):
            opened(path)
    report = verify(path, trust=True)
    assert report.passed
    x = torch.randn(3001, 4).t()  # not contiguous, which compiled code takes no notice of
    assert relative_error(load(path, trust=True)(x), stft()(x)) <= tolerances.ENGINES


@pytest.mark.parametrize(("format", "package"), [("onnx", "onnx"), ("executorch", "executorch.runtime")])
def test_a_description_is_read_without_the_runtime(format, package, monkeypatch, tmp_path):
    path = tmp_path / "stft"
    description = save(stft(), path, format)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, f"nnaudio2_deploy.artifacts.formats.{format}")
    assert inspect(path) == description
    with pytest.raises(ArtifactError, match=rf"needs {format}: pip install 'nnaudio2-deploy\[{format}\]'"):
        load(path)


def test_a_missing_package_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.delitem(sys.modules, "nnaudio2_deploy.artifacts.formats.onnx", raising=False)
    with pytest.raises(ArtifactError, match=r"needs onnxruntime: pip install 'nnaudio2-deploy\[onnx\]'"):
        save(stft(), tmp_path / "stft.onnx", "onnx")


@pytest.mark.parametrize("format", ["torchscript", "onnx", "executorch"])
def test_what_an_artifact_does_not_take_is_told_before_it_runs(format, tmp_path):
    path = tmp_path / "inverse"
    save(iSTFT(256), path, format)
    load(path)(X := torch.zeros(1, 129, 5, 2))
    for x, error, match in [
        (X.numpy(), TypeError, r"X must be a torch\.Tensor, got ndarray"),
        (
            X.double(),
            TypeError,
            r"X must have the dtype torch\.float32, got torch\.float64: convert .*X\.to\(",
        ),
        (X.to("meta"), ValueError, r"X must be on the CPU, got meta"),
        (X[0], ValueError, r"X must have the shape \(batch, bins=129, frames, parts=2\), got \(129, 5, 2\)"),
        (X[:, 1:], ValueError, r"X must have the shape .*, got \(1, 128, 5, 2\)"),
        (X[:, :, :1], ValueError, r"X must have frames >= 2, got 1"),
        (X[:0], ValueError, r"X must have batch >= 1, got 0"),
    ]:
        with pytest.raises(error, match=match):
            load(path)(x)


def test_a_description_without_a_dtype_means_float32(tmp_path):
    path = tmp_path / "stft.pt"
    description = save(stft(), path, "torchscript")
    text = description.to_text()
    document = json.loads(text)
    del document["description"]["dtype"]
    document["sha256 of the description"] = _digest(document["description"])
    path.write_bytes(ZIP.attach(read(path)[1], json.dumps(document).encode()))
    assert inspect(path) == description
