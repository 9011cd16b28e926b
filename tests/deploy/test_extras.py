"""The package without its extras: what works, and the one line that names the extra for the rest."""

import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from nnaudio2_deploy.artifacts import formats

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = Path(__file__).resolve().parents[2] / "packages/nnaudio2-deploy/pyproject.toml"
EXTRAS = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["optional-dependencies"]
IMPORT_NAMES = {"onnx-ir": "onnx_ir"}

RUN_WITHOUT = """
import runpy, sys
blocked = sys.argv.pop(1)
for name in blocked.split(","):
    sys.modules[name] = None  # importing it fails
"""
COMMAND = f"{RUN_WITHOUT}\nrunpy.run_module('nnaudio2_deploy', run_name='__main__')"


def python(program: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_only_formats_with_an_extra_hint_at_one():
    assert set(formats.EXTRAS) == set(formats.FORMATS) & set(EXTRAS)


def packages() -> list[str]:
    """The names under which all that the extras bring is imported."""
    names = {Requirement(line).name for lines in EXTRAS.values() for line in lines}
    return sorted(IMPORT_NAMES.get(name, name) for name in names - {"nnaudio2-deploy"})


SAVE = """
import nnaudio2_deploy
from nnaudio2_core import MelSpectrogram
from nnaudio2_deploy import FeatureDataset, inspect, load, save, verify
for format in ("torchscript", "export"):
    save(MelSpectrogram(sr=16000, n_fft=512), "mel.pt", format)
    load("mel.pt")
    assert verify("mel.pt").passed
    print(inspect("mel.pt").format)
"""


def test_saving_loading_and_verifying_need_no_extra_and_no_terminal(tmp_path):
    blocked = ",".join([*packages(), "typer", "rich"])
    done = python(RUN_WITHOUT + SAVE, tmp_path, blocked)
    assert (done.returncode, done.stdout) == (0, "torchscript\nexport\n"), done.stderr


def test_the_extra_all_is_every_other_one():
    (line,) = EXTRAS["all"]
    assert Requirement(line).extras == EXTRAS.keys() - {"all"}


@pytest.mark.parametrize(
    ("blocked", "command", "said"),
    [
        ("matplotlib", "demo", "nnaudio2 demo needs matplotlib: pip install 'nnaudio2-deploy[demo]'"),
        ("soundfile", "demo", "nnaudio2 demo needs soundfile: pip install 'nnaudio2-deploy[demo]'"),
        (
            "soundfile",
            "crosscheck",
            "nnaudio2 crosscheck needs soundfile: pip install 'nnaudio2-deploy[crosscheck]'",
        ),
        (
            "soundfile",
            "features . --transform stft --out out",
            "nnaudio2 features needs soundfile: pip install 'nnaudio2-deploy[corpus]'",
        ),
        (
            "matplotlib",
            "features . --transform stft --out out --plot",
            "nnaudio2 features: --plot needs matplotlib: pip install 'nnaudio2-deploy[corpus]'",
        ),
        (
            "zarr",
            "features . --transform stft --out out --format zarr",
            "nnaudio2 features: --format zarr needs zarr: pip install 'nnaudio2-deploy[zarr]'",
        ),
        (
            "pyarrow",
            "features . --transform stft --out out --format parquet",
            "nnaudio2 features: --format parquet needs pyarrow: pip install 'nnaudio2-deploy[parquet]'",
        ),
        (
            "soxr",
            "features . --transform stft --out out --sr 16000",
            "nnaudio2 features: --sr needs soxr: pip install 'nnaudio2-deploy[corpus]'",
        ),
        (
            "ray",
            "features . --transform stft --out out --engine ray",
            "nnaudio2 features: --engine ray needs ray: pip install 'nnaudio2-deploy[ray]'",
        ),
        (
            "onnxruntime",
            "export STFT stft.onnx --format onnx",
            "nnaudio2 export: format 'onnx' needs onnxruntime: pip install 'nnaudio2-deploy[onnx]'",
        ),
        (
            "executorch",
            "export STFT stft.pte --format executorch",
            "nnaudio2 export: format 'executorch' needs executorch: "
            "pip install 'nnaudio2-deploy[executorch]'",
        ),
    ],
)
def test_a_command_names_the_extra_that_it_needs_in_one_line(tmp_path, blocked, command, said):
    done = python(COMMAND, tmp_path, blocked, *command.split())
    assert (done.returncode, done.stderr.splitlines()) == (2, [said])
    assert list(tmp_path.iterdir()) == []
