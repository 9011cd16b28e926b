"""The command line itself: help, version, and quick answers."""

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from typer.testing import CliRunner

import nnaudio2_deploy
from nnaudio2_core.__about__ import __version__
from nnaudio2_deploy.commands.cli import app
from nnaudio2_deploy.commands.corpus_commands import TRANSFORMS
from nnaudio2_deploy.transforms import find_transform, waveform_transforms


def test_help_names_the_command_and_its_options():
    help_of_all = CliRunner().invoke(app, ["--help"])
    assert help_of_all.exit_code == 0
    assert "demo" in help_of_all.stdout
    help_of_demo = CliRunner().invoke(app, ["demo", "--help"], env={"NO_COLOR": "1", "COLUMNS": "120"})
    assert help_of_demo.exit_code == 0
    assert "--audio" in help_of_demo.stdout
    assert "--out" in help_of_demo.stdout
    assert "sir_duke_fast" in help_of_demo.stdout


def test_help_documents_the_exit_codes():
    said = CliRunner().invoke(app, ["--help"]).stdout
    assert re.findall(r"• (\d+):", said) == ["0", "1", "2", "130"]


@pytest.mark.parametrize("name", [command.callback.__name__ for command in app.registered_commands])
def test_every_command_has_help_with_an_example_in_a_panel(name):
    of_all = CliRunner().invoke(app, ["--help"]).stdout
    name = name.replace("_", "-")
    assert re.search(rf"│ {name} ", of_all)
    assert "─ Commands ─" not in of_all  # where a command without a panel would be
    help_of_it = CliRunner().invoke(app, [name, "--help"]).stdout
    assert f"Example: nnaudio2 {name}" in " ".join(help_of_it.split())


def test_an_unknown_command_gets_the_nearest_suggested():
    result = CliRunner().invoke(app, ["featuers"])
    assert result.exit_code == 2
    assert "Did you mean 'features'?" in " ".join(result.stderr.split())


def test_version():
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"nnaudio2 {__version__}\n")


def test_the_version_needs_no_torch():
    code = (
        "import sys; from typer.testing import CliRunner; from nnaudio2_deploy.commands.cli import app; "
        "CliRunner().invoke(app, ['--version']); print({'torch', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_the_help_of_features_lists_what_the_command_takes():
    named = TRANSFORMS.replace(" (or mel)", "").split(", ")
    assert named == list(waveform_transforms())


def test_short_names_of_transforms():
    assert find_transform("mel", waveform_transforms()).__name__ == "MelSpectrogram"
    assert find_transform("Gammatone", waveform_transforms()).__name__ == "Gammatonegram"


def test_a_suffix_of_another_format_is_warned_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = ["export", "STFT", "stft.onnx", "--format", "torchscript", "--set", "n_fft=64"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0
    assert result.stderr == "warning: stft.onnx is written as torchscript; its suffix says onnx\n"


def test_a_suffix_says_the_format(tmp_path):
    file = tmp_path / "stft.pt"
    result = CliRunner().invoke(app, ["export", "STFT", str(file), "--set", "n_fft=64"])
    assert result.exit_code == 0, result.output
    assert nnaudio2_deploy.inspect(file).format == "torchscript"


@pytest.mark.parametrize(
    ("file", "says"),
    [("x.pt2", "x.pt2 may be export or aoti"), ("x.bin", "x.bin may be any format; .pt, .onnx, .pte")],
)
def test_a_suffix_of_several_formats_or_none_is_refused(tmp_path, monkeypatch, file, says):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["export", "STFT", file])
    assert result.exit_code == 2
    assert f"--format must be given: {says}" in result.stderr
    assert not any(tmp_path.iterdir())


def test_a_link_that_leads_nowhere_is_called_that(tmp_path):
    link = tmp_path / "link.wav"
    link.symlink_to(tmp_path / "gone.wav")
    for command in (
        ["features", str(link), "--transform", "stft", "--out", str(tmp_path / "out")],
        ["demo", "--audio", str(link)],
    ):
        said = CliRunner().invoke(app, command).stderr
        assert "link.wav is a link to a place that does not exist: check the path" in said


def test_the_opset_of_onnx_can_be_chosen(tmp_path):
    file = tmp_path / "stft.onnx"
    words = ["export", "STFT", str(file), "--format", "onnx", "--set", "n_fft=64", "--opset", "18"]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert nnaudio2_deploy.inspect(file).opset == 18


def test_an_unknown_option_is_a_usage_error():
    result = CliRunner().invoke(app, ["demo", "--nonsense"])
    assert result.exit_code == 2
    assert "--nonsense" in result.stderr


def test_the_command_line_loads_nothing_heavy_until_there_is_work():
    program = (
        "import sys, nnaudio2_deploy.commands.cli; print({'matplotlib', 'torchaudio'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == "set()\n"


def test_help_and_completion_wait_for_no_torch():
    code = (
        "import sys, nnaudio2_deploy.commands.cli; "
        "assert not {'torch', 'numpy', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_name_of_the_package_is_there_and_known_to_type_checkers():
    tree = ast.parse(Path(nnaudio2_deploy.__file__).read_text(encoding="utf-8"))
    (checked,) = [node for node in tree.body if isinstance(node, ast.If)]
    declared = [(line.module, alias.name) for line in checked.body for alias in line.names]
    assert sorted(name for _, name in declared) == sorted(nnaudio2_deploy.__all__)
    for module, name in declared:
        assert getattr(nnaudio2_deploy, name) is getattr(import_module(f"nnaudio2_deploy.{module}"), name)
    assert set(nnaudio2_deploy.__all__) <= set(dir(nnaudio2_deploy))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        nnaudio2_deploy.nothing  # noqa: B018
