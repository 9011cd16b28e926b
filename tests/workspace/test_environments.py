"""Environments of continuous integration: each has every package that its tests import."""

import ast
import re
import sys
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
OURS = {"tests", "nnaudio2_core", "nnaudio2_deploy", "nnAudio"}


def name_of(requirement: str) -> str:
    """The name of a requirement, as PyPI normalises it."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


DISTRIBUTIONS = packages_distributions()
INSTALLED = {name_of(each) for names in DISTRIBUTIONS.values() for each in names}


def with_their_own(requirements: "list[str]") -> "set[str]":
    """Names of packages, and of those that they require themselves."""
    names = {name_of(each) for each in requirements}
    for name in names & INSTALLED:
        names |= {name_of(each) for each in requires(name) or [] if "extra ==" not in each}
    return names


def imported(path: Path) -> "set[str]":
    """Top-level names of the packages that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(str(node.module).partition(".")[0])
    return found - OURS - sys.stdlib_module_names


@pytest.mark.parametrize("name", ["oldest", "newest"])
def test_an_environment_has_what_its_tests_import(name):
    environment = tomllib.loads((ROOT / "hatch.toml").read_text(encoding="utf-8"))["envs"][name]
    needed = list(environment["dependencies"])
    for member in environment["workspace"]["members"]:
        project = tomllib.loads((ROOT / member / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        needed += project["dependencies"]
    has = with_their_own(needed)
    folders = re.search(r"args:([^}]*)", environment["scripts"]["all"])[1].split()
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    # Oracles, but not the programs that made the goldens.
    files += [path for path in (ROOT / "tests/oracles").glob("*.py") if not path.name.startswith("make_")]
    lacking = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in files
        for module in imported(path)
        if not {name_of(each) for each in DISTRIBUTIONS.get(module, [module])} & has
    ]
    assert len(files) > 50
    assert not lacking
