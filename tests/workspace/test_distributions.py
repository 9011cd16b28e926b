"""Wheels and sdists: all three build without a network, hold what they must, and core runs from its wheel."""

import email
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from email.message import Message
from pathlib import Path

import pytest

from nnaudio2_core.__about__ import __version__

PACKAGES = Path(__file__).resolve().parents[2] / "packages"
IMPORT_NAMES = {
    "nnaudio2-core": "nnaudio2_core",
    "nnaudio-compat": "nnAudio",
    "nnaudio2-deploy": "nnaudio2_deploy",
}

everywhere = pytest.mark.parametrize("distribution", IMPORT_NAMES)


def run(*command: object, cwd: Path) -> str:
    """Output of a command that must succeed."""
    result = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False, timeout=300
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def build(project: Path, target: str, folder: Path) -> Path:
    """Build a ``wheel`` or ``sdist`` with the hatchling of this environment; nothing is downloaded."""
    run(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", folder, cwd=project)
    (built,) = folder.glob({"wheel": "*.whl", "sdist": "*.tar.gz"}[target])
    return built


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: build(PACKAGES / name, "wheel", tmp_path_factory.mktemp(name)) for name in IMPORT_NAMES}


@pytest.fixture(scope="module")
def sdists(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: build(PACKAGES / name, "sdist", tmp_path_factory.mktemp(name)) for name in IMPORT_NAMES}


def shipped_files(distribution: str) -> set[str]:
    """Files of the source tree that belong in the wheel, as paths in the wheel."""
    source = PACKAGES / distribution / "src"
    found = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    return {name for name in found if "__pycache__" not in name}


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return email.message_from_string(archive.read(name).decode())


@everywhere
def test_wheel_holds_every_source_file_and_the_licence(wheels, distribution):
    names = set(zipfile.ZipFile(wheels[distribution]).namelist())
    held = {name for name in names if ".dist-info/" not in name}
    assert held == shipped_files(distribution)
    assert f"{IMPORT_NAMES[distribution]}/py.typed" in held
    assert f"{IMPORT_NAMES[distribution]}/__init__.py" in held
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


@everywhere
def test_wheel_metadata(wheels, distribution):
    found = metadata(wheels[distribution])
    assert found["Name"] == distribution
    assert found["Version"] == __version__
    assert found["Requires-Python"] == ">=3.10"
    assert len(found.get_payload().strip().splitlines()) >= 10, "the README is the page on PyPI"
    assert found["Author"] == "The nnaudio2 developers"
    assert found["Keywords"]
    assert "Programming Language :: Python :: 3.13" in found.get_all("Classifier")
    if distribution != "nnaudio2-core":
        assert f"nnaudio2-core=={__version__}" in found.get_all("Requires-Dist")


def test_recordings_travel_with_their_attribution(wheels):
    with zipfile.ZipFile(wheels["nnaudio2-deploy"]) as archive:
        names = archive.namelist()
    for name in ("sir_duke_fast.ogg", "snare-accelerate.ogg", "LICENSE.md"):
        assert f"nnaudio2_deploy/audio/{name}" in names
    assert any(name.endswith(".dist-info/licenses/src/nnaudio2_deploy/audio/LICENSE.md") for name in names)
    assert metadata(wheels["nnaudio2-deploy"])["License-Expression"] == "MIT AND CC-BY-4.0"


@everywhere
def test_sdist_builds_the_same_wheel_away_from_the_tree(wheels, sdists, distribution, tmp_path):
    # The siblings read the version from core's folder, which no sdist holds: PKG-INFO must do.
    with tarfile.open(sdists[distribution]) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    wheel = build(unpacked, "wheel", tmp_path / "dist")
    assert wheel.name == wheels[distribution].name
    names = [set(zipfile.ZipFile(path).namelist()) for path in (wheel, wheels[distribution])]
    assert names[0] == names[1]


# -S and -I keep the editable installs out: no .pth file is read, no PYTHONPATH, no current folder.
FRESH_IMPORT = """
import importlib, pkgutil, sys
folder, *site_packages = sys.argv[1:]
sys.path[:0] = [folder]
sys.path += site_packages
import nnaudio2_core
from nnaudio2_core.__about__ import __version__
for module in pkgutil.walk_packages(nnaudio2_core.__path__, "nnaudio2_core."):
    importlib.import_module(module.name)
for name, module in sorted(sys.modules.items()):
    if name.split(".")[0] == "nnaudio2_core":
        print(__version__, name, module.__file__)
try:
    import nnaudio2_deploy
except ModuleNotFoundError:
    print("no editable install in sight")
"""


def test_core_wheel_runs_from_a_fresh_folder(wheels, tmp_path):
    folder = tmp_path / "installed"
    install = ["install", "--no-deps", "--no-index", "--no-compile", "--target", folder]
    run(sys.executable, "-m", "pip", *install, wheels["nnaudio2-core"], cwd=tmp_path)

    site_packages = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    *lines, last = run(
        sys.executable, "-I", "-S", "-c", FRESH_IMPORT, folder, *sorted(site_packages), cwd=tmp_path
    ).splitlines()
    assert last == "no editable install in sight"
    modules = {}
    for line in lines:
        version, name, file = line.split(" ", 2)
        assert version == __version__
        assert Path(file).is_relative_to(folder), file
        modules[name] = file
    sources = {name for name in shipped_files("nnaudio2-core") if name.endswith(".py")}
    assert {Path(file).relative_to(folder).as_posix() for file in modules.values()} == sources
