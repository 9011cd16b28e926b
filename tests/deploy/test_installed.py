"""Findings of nnaudio2 doctor in real environments: nnAudio beside nnaudio-compat, in both orders."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.workspace.test_distributions import PACKAGES, build
from typer.testing import CliRunner

from nnaudio2_core.__about__ import __version__
from nnaudio2_deploy import installed
from nnaudio2_deploy.commands.cli import app

ASK = "from nnaudio2_deploy.installed import problems; print(*problems(), sep='\\n')"
SOURCES = [str(PACKAGES / name / "src") for name in ("nnaudio2-core", "nnaudio2-deploy")]


def legacy_wheel(folder: Path) -> Path:
    """A distribution with nnAudio's name and files, as far as they collide with ours."""
    wheel = folder / "nnaudio-0.3.4-py3-none-any.whl"
    names = ["nnAudio/__init__.py", "nnAudio/utils.py", "nnAudio/features/__init__.py"]
    info = "nnaudio-0.3.4.dist-info"
    files = {
        **dict.fromkeys(names, "legacy = True\n"),
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: nnAudio\nVersion: 0.3.4\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return wheel


@pytest.fixture(scope="module")
def wheels(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("wheels")
    return {"compat": build(PACKAGES / "nnaudio-compat", "wheel", folder), "legacy": legacy_wheel(folder)}


class Environment:
    """A virtual environment; pip is that of the tests."""

    def __init__(self, folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        self.python = str(folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))

    def pip(self, *arguments: object) -> None:
        command = [sys.executable, "-m", "pip", "--python", self.python, "-q", *map(str, arguments)]
        subprocess.run(command, check=True, timeout=120)

    def install(self, wheel: Path) -> None:
        """Unpack a wheel of Python files, which is all that pip does with one, in a tenth of its time."""
        ask = [self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
        place = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(place)

    def problems(self) -> str:
        program = f"import sys; sys.path += {SOURCES}; {ASK}"
        done = subprocess.run([self.python, "-c", program], capture_output=True, text=True, check=True)
        return done.stdout.strip()


def test_both_orders_of_nnaudio_and_compat_are_found_and_one_recipe_repairs_them(wheels, tmp_path):
    said = {}
    for first, second in (("compat", "legacy"), ("legacy", "compat")):
        environment = Environment(tmp_path / first)
        environment.install(wheels[first])
        environment.install(wheels[second])
        said[first] = environment.problems()
        assert installed.REPAIR in said[first]
        environment.pip("uninstall", "-y", "nnAudio", "nnaudio-compat")
        environment.install(wheels["compat"])
        assert environment.problems() == ""
    assert said["compat"].startswith("nnAudio 0.3.4 has overwritten 3 of ")
    assert said["legacy"].startswith("nnAudio 0.3.4 and nnaudio-compat share the import name nnAudio: ")


def test_what_an_uninstall_of_nnaudio_leaves_is_found(wheels, tmp_path):
    environment = Environment(tmp_path / "environment")
    environment.install(wheels["compat"])
    environment.install(wheels["legacy"])
    environment.pip("uninstall", "-y", "nnAudio")
    assert "files of nnaudio-compat are missing or not its own: " in environment.problems()


def test_the_doctor_lists_versions_and_extras():
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 0, result.output
    assert f"nnaudio2-core {__version__}\n" in result.stdout
    assert "nnAudio (not installed)\n" in result.stdout
    assert result.stdout.endswith("nothing to repair\n")
    assert {"onnx", "corpus", "ray"} <= installed.missing_extras().keys()


def test_the_doctor_finds_unequal_versions_and_missing_packages(monkeypatch):
    version = installed.version_of
    changed = {"nnaudio2-deploy": "9.9", "zarr": None}
    monkeypatch.setattr(
        installed, "version_of", lambda name: changed[name] if name in changed else version(name)
    )
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "nnaudio2-deploy 9.9" in result.stderr
    assert "their versions must be the same" in result.stderr
    assert "extra zarr: missing zarr: pip install 'nnaudio2-deploy[zarr]'\n" in result.stdout


VERSION = """
import sys
from nnaudio2_deploy.installed import core_version
print(core_version(), "torch" in sys.modules)
"""


def test_the_version_of_core_is_read_without_importing_it():
    done = subprocess.run([sys.executable, "-c", VERSION], capture_output=True, text=True, check=True)
    assert done.stdout == f"{__version__} False\n"
