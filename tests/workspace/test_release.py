"""Needs of a release: workflows that name what exists, a citation, and distributions that PyPI accepts."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
HATCH = tomllib.loads((ROOT / "hatch.toml").read_text(encoding="utf-8"))["envs"]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
YAML = [
    *ROOT.glob(".github/**/*.yml"),
    ROOT / "CITATION.cff",
    ROOT / ".pre-commit-config.yaml",
]


def steps(workflow: Path) -> "list[str]":
    """Every command of a workflow."""
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"].values()
    return [step["run"] for job in jobs for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_a_settings_file_can_be_read(path):
    assert yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_runs_commands_that_exist(workflow):
    found = [command for step in steps(workflow) for command in re.findall(r"hatch run (\S+)", step)]
    for command in found:
        environment, _, script = command.rpartition(":")
        scripts = HATCH["default"]["scripts"] | HATCH[environment or "default"].get("scripts", {})
        assert script in scripts, command
    for step in steps(workflow):
        for name in re.findall(r"scripts/\w+\.py", step):
            assert (ROOT / name).is_file(), name


def test_dependabot_looks_where_something_is():
    settings = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text(encoding="utf-8"))
    held = {"npm": "package.json", "pip": "pyproject.toml", "github-actions": ".github/workflows"}
    for update in settings["updates"]:
        for folder in update.get("directories", [update.get("directory")]):
            assert (ROOT / folder.strip("/") / held[update["package-ecosystem"]]).exists(), folder


def test_each_distribution_can_be_used():
    """The script that a release runs on its wheels, here on the sources."""
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "scripts/try_wheels.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert shlex.split(result.stdout)[-1] == "work"
