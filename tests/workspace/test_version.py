"""One version in one file, sibling pins equal to it, and the script that changes all of them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from nnaudio2_core.__about__ import __version__

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
SIBLINGS = {"nnaudio2-core", "nnaudio2-deploy", "nnaudio-compat"}
ABOUT = "packages/nnaudio2-core/src/nnaudio2_core/__about__.py"
OTHERS = ("scripts/bump.py", "CITATION.cff")


def declared_version(root: Path) -> str:
    return re.findall(r'__version__ = "(.*)"', (root / ABOUT).read_text(encoding="utf-8"))[0]


def sibling_pins(root: Path) -> dict[str, list[str]]:
    """For each distribution, the version specifiers of siblings in all its requirements."""
    pins = {}
    for path in sorted(root.glob("packages/*/pyproject.toml")):
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        lines = list(project.get("dependencies", []))
        for extra in project.get("optional-dependencies", {}).values():
            lines += extra
        found = [Requirement(line) for line in lines]
        pins[project["name"]] = [str(entry.specifier) for entry in found if entry.name in SIBLINGS]
    return pins


def test_sibling_pins_are_the_version():
    pins = sibling_pins(ROOT)
    exact = f"=={declared_version(ROOT)}"
    assert pins.keys() == SIBLINGS
    assert pins["nnaudio2-core"] == []
    for name in ("nnaudio-compat", "nnaudio2-deploy"):
        assert pins[name], f"{name} must pin nnaudio2-core"
        assert set(pins[name]) == {exact}, name


def test_every_distribution_reads_the_same_version_file():
    for path in ROOT.glob("packages/*/pyproject.toml"):
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
        source = path.parent / settings["tool"]["hatch"]["version"]["path"]
        assert source.resolve() == (ROOT / ABOUT).resolve()
        assert settings["project"]["dynamic"] == ["version"]


def test_the_citation_is_of_the_version():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"(?m)^version: (.*)$", text) == [declared_version(ROOT)]


def test_the_version_is_normal():
    assert str(Version(__version__)) == __version__ == declared_version(ROOT)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copies of the script and of the files that a release changes, with a changelog of one line."""
    for path in [*ROOT.glob("packages/*/pyproject.toml"), ROOT / ABOUT, *(ROOT / name for name in OTHERS)]:
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n- A line.\n", encoding="utf-8")
    return tmp_path


def bump(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, root / "scripts/bump.py", *arguments], capture_output=True, text=True, check=False
    )


def contents(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("version", ["98.0.0rc1", "98.76.54"])
def test_bump_changes_version_pins_and_changelog(copy, version):
    files = contents(copy).keys()
    result = bump(copy, version)
    assert (result.returncode, result.stderr) == (0, "")
    assert declared_version(copy) == version
    pins = sibling_pins(copy)
    assert {pin for found in pins.values() for pin in found} == {f"=={version}"}
    changelog = (copy / "CHANGELOG.md").read_text(encoding="utf-8")
    released = rf"## \[Unreleased\]\n\n## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d"
    assert re.fullmatch(rf"# Changelog\n\n{released}\n\n- A line.\n", changelog)
    assert re.search(
        rf"(?m)^version: {re.escape(version)}$", (copy / "CITATION.cff").read_text(encoding="utf-8")
    )
    assert contents(copy).keys() == files, "a temporary file was left"


def test_bump_changes_only_what_it_names(copy):
    before = contents(copy)
    assert bump(copy, "98.0.0").returncode == 0
    changed = {
        path.relative_to(copy).as_posix() for path, text in contents(copy).items() if text != before[path]
    }
    assert changed == {
        ABOUT,
        "CHANGELOG.md",
        "CITATION.cff",
        "packages/nnaudio-compat/pyproject.toml",
        "packages/nnaudio2-deploy/pyproject.toml",
    }


def test_releases_come_in_order(copy):
    for version in ("98.0.0a1", "98.0.0b1", "98.0.0b10", "98.0.0rc1", "98.0.0", "98.0.1a0"):
        assert bump(copy, version).returncode == 0, version
    assert bump(copy, "98.0.1a0").returncode != 0
    assert bump(copy, "98.0.0").returncode != 0


@pytest.mark.parametrize(
    "version",
    ["", "1", "98.0", "98.0.0.0", "v98.0.0", "098.0.0", "98.0.0-rc1", "98.0.0.dev1", "98.0.0\n", "٩٨.0.0"],
)
def test_bump_rejects_other_versions_and_writes_nothing(copy, version):
    before = contents(copy)
    result = bump(copy, version)
    assert result.returncode != 0
    assert "version must be X.Y.Z" in result.stderr
    assert contents(copy) == before


@pytest.mark.parametrize(
    ("path", "found", "message"),
    [
        ("CHANGELOG.md", "## [Unreleased]", "Unreleased"),
        ("CITATION.cff", "date-released", "date-released"),
        ("packages/nnaudio-compat/pyproject.toml", "==", "compat"),
    ],
)
def test_bump_writes_nothing_if_a_pattern_is_missing(copy, path, found, message):
    text = (copy / path).read_text(encoding="utf-8")
    assert found in text
    (copy / path).write_text(text.replace(found, ">="), encoding="utf-8")
    before = contents(copy)
    result = bump(copy, "98.0.0")
    assert result.returncode != 0
    assert message in result.stderr
    assert contents(copy) == before


def test_bump_without_a_version_shows_the_usage(copy):
    result = bump(copy)
    assert result.returncode != 0
    assert "usage: hatch run release:bump X.Y.Z" in result.stderr
