"""The table of transforms and formats, and the commands around artifacts."""

import inspect
import json
import re
from dataclasses import replace
from importlib import metadata

import pytest
from tests.hosts import page_commands
from tests.hosts import run as run_command
from typer.testing import CliRunner

import nnaudio2_core as core
from nnaudio2_deploy import ArtifactError, save
from nnaudio2_deploy.artifacts.carriers import ZIP
from nnaudio2_deploy.artifacts.formats import FORMATS, format_named
from nnaudio2_deploy.artifacts.loading import read
from nnaudio2_deploy.artifacts.matrix import SIZES, Cell, measure
from nnaudio2_deploy.artifacts.matrix_table import as_markdown
from nnaudio2_deploy.commands.cli import app
from nnaudio2_deploy.one_of_each import ONE_OF_EACH, one
from nnaudio2_deploy.transforms import find_transform, public_transforms


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_every_public_transform_has_a_row():
    public = {
        value
        for value in vars(core).values()
        if inspect.isclass(value) and issubclass(value, core.Transform) and value is not core.Transform
    }
    assert {type(one(name, SIZES)) for name in ONE_OF_EACH} == public


# Logarithms of cells that a tone leaves empty, which are round-off: Fbank has no floor but float32's, and the
# least cell of a clip scales all others of StackedCQT.
QUIET = {"Fbank": 2e-4, "StackedCQT": 1e-2}


# Graphs unroll the steps: more of them take longer and show nothing more.
STEPS = {"GriffinLim": {"n_iter": 2}, "InverseMel": {"n_steps": 2}}


@pytest.mark.parametrize("format", ["torchscript", "onnx"])
@pytest.mark.parametrize("subject", ONE_OF_EACH)
def test_every_transform_in_the_formats_that_hosts_load(subject, format, tmp_path):
    if (subject, format) == ("GriffinLimCQT", "onnx"):
        with pytest.raises(ArtifactError, match="GriffinLimCQT is for formats with complex numbers, not"):
            save(one(subject, SIZES), tmp_path / "artifact", format)
        return
    module = one(subject, SIZES, **STEPS.get(subject, {}))
    description = save(module, tmp_path / "artifact", format)
    bound = format_named(format).bound
    assert bound == {"torchscript": 1e-5, "onnx": 1e-4}[format]
    if format == "onnx":
        bound = QUIET.get(subject, bound)
    for signal, error in description.parity.items():
        assert error <= bound, signal


class Unscriptable(core.STFT):
    """TorchScript has no keyword arguments of any name."""

    def forward(self, x, **anything):
        return super().forward(x)


def test_a_cell_that_cannot_be_says_why(monkeypatch):
    monkeypatch.setitem(ONE_OF_EACH, "odd", (Unscriptable, lambda sizes: {"n_fft": 128}))
    made, cannot = measure(["torchscript"], ["STFT", "odd"])
    assert made.error <= 1e-5
    assert made.speed > 0
    assert cannot.error is None
    assert cannot.reason.startswith("NotSupportedError: Compiled functions can't take variable number of arg")
    page = as_markdown([made, cannot])
    assert "| STFT | 0e+00, " in page
    assert "| odd | no [1] |" in page
    assert f"1. {cannot.reason}" in page


def test_what_float32_leaves_open_is_listed():
    cells = [
        Cell("CFP", "onnx", 4e-6, {"tone": 6e-4, "impulse": 1.0}, 0.1),
        Cell("STFT", "onnx", 1e-6, speed=1.0),
    ]
    page = as_markdown(cells)
    assert "| CFP | 4e-06*, 0.1× |" in page
    assert "- CFP, onnx: tone 6e-04, impulse 1e+00\n" in page
    assert "| STFT | 1e-06, 1× |" in page
    assert "\\*" not in as_markdown(cells[1:])


def test_matrix_command(tmp_path):
    out = tmp_path / "matrix.md"
    result = run("matrix", "--format", "torchscript", "--transform", "STFT", "--out", out)
    assert result.exit_code == 0, result.output
    assert "| STFT | 0e+00, " in out.read_text()
    for option, value in (("--format", "torchscrpt"), ("--transform", "STFTT")):
        result = run("matrix", option, value)
        assert result.exit_code == 2
        assert "did you mean" in result.stderr


def test_the_place_of_the_matrix_is_checked_before_it_is_measured(tmp_path, monkeypatch):
    monkeypatch.setattr("nnaudio2_deploy.artifacts.matrix.measure", lambda *_: pytest.fail("it was measured"))
    for out in (tmp_path, tmp_path / "none" / "matrix.md"):
        result = run("matrix", "--out", out)
        assert (result.exit_code, f"--out {out} cannot be written" in result.stderr) == (2, True)

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("nnaudio2_deploy.artifacts.atomic._unfinished", denied)
    assert "(Permission denied): choose" in run("matrix", "--out", tmp_path / "matrix.md").stderr


def test_a_missing_extra_does_not_cost_the_page(monkeypatch):
    def version(name):
        if name == "executorch":
            raise metadata.PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(metadata, "version", version)
    assert "onnxruntime 1.0, executorch missing." in as_markdown([Cell("STFT", "onnx", reason="no")])


@pytest.mark.parametrize("name", ["mel[final].pt", "q[]b[\\.pt", "[red]q.pt"])
def test_brackets_in_a_name_are_no_markup(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(core.STFT(128), name, "torchscript")
    result = run("verify", name)
    assert result.exit_code == 0, result.output
    assert name in result.stdout


def test_what_the_help_of_export_names_is_known():
    (name,) = re.findall(r"Which transform, e\.g\. (\w+)", " ".join(run("export", "--help").stdout.split()))
    assert find_transform(name, public_transforms()) is core.MelSpectrogram


def test_export_verify_inspect(tmp_path):
    file = tmp_path / "mel.pt"
    settings = ("--set", "sr=16000", "--set", "n_fft=512", "--set", "window=('kaiser', 8.0)")
    result = run("export", "melspectrogram", file, "--format", "torchscript", *settings)
    assert result.exit_code == 0, result.output
    assert "MelSpectrogram as torchscript" in result.stdout
    described = json.loads(run("inspect", file).stdout)
    assert (described["name"], described["config"]["window"]) == ("MelSpectrogram", ["kaiser", 8.0])
    result = run("verify", file)
    assert result.exit_code == 0, result.output
    assert all(signal in result.stdout for signal in ("tone", "shortest", "batch"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("export", "melspectogram", "x.pt", "--format", "torchscript"), "did you mean MelSpectrogram"),
        (("export", "CQT", "x.pt", "--format", "torchscript", "--set", "bins=3"), "did you mean n_bins"),
        (("export", "CQT", "x.pt", "--format", "torchscript", "--set", "n_bins=0"), "n_bins must be >= 1"),
        (("export", "STFT", "x.pt", "--format", "onnx", "--max-time", "9000"), "max_time must be None"),
        (("verify", "missing.pt"), "No such file"),
        (("inspect", "pyproject.toml"), "not made by save"),
    ],
)
def test_what_the_user_can_put_right_ends_with_2(arguments, message):
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_verify_ends_with_1_where_a_file_does_not_agree(tmp_path):
    file = tmp_path / "stft.pt"
    save(core.STFT(128), file, "torchscript")
    description, payload = read(file)
    described = replace(description, config={**description.config, "window": "hamming"})
    file.write_bytes(ZIP.attach(payload, described.to_text()))
    result = run("verify", file)
    assert result.exit_code == 1
    assert "does not agree" in result.stderr


def test_formats_named_in_the_help_are_those_there_are():
    result = run("export", "--help")
    assert all(name in result.stdout for name in FORMATS)


def test_the_commands_of_the_page(tmp_path):
    for line in page_commands("From the command line"):
        run_command(line, tmp_path)
