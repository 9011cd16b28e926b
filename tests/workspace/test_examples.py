"""Examples that need no other language: each has a README whose commands run; the notebook is executed."""

import ast
import json
import re
import runpy
import shlex
import sys

import matplotlib
import pytest
from tests.hosts import EXAMPLES, ROOT, commands_in

from nnaudio2_deploy.commands.cli import app

FOLDERS = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir() and list(path.glob("*.*")))


def commands(folder: str) -> list[str]:
    """The commands in the README of an example."""
    return commands_in((EXAMPLES / folder / "README.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_example_has_a_readme_that_names_its_files(folder):
    text = (EXAMPLES / folder / "README.md").read_text(encoding="utf-8")
    started = [path.name for path in (EXAMPLES / folder).iterdir() if path.suffix in (".py", ".ipynb")]
    assert started
    assert [name for name in started if name not in text] == []
    assert f"({folder})" in (EXAMPLES / "README.md").read_text(encoding="utf-8")


def test_readmes_have_the_commands_of_the_page():
    page = "".join(
        (ROOT / "docs" / name).read_text(encoding="utf-8")
        for name in ("examples.md", "gabor.md", "streaming.md")
    )
    for folder in ("cpp", "edit", "features", "train", "web"):
        assert [line for line in commands(folder) if line not in page] == [], folder


def test_features_are_computed_and_trained_on(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for line in commands("features"):
        name, *rest = shlex.split(line)
        if name == "nnaudio2":
            app([*rest, "--workers", "1"], standalone_mode=False)
            continue
        program, *arguments = rest
        monkeypatch.setattr(sys, "argv", [program, *arguments])
        runpy.run_path(str(ROOT / program), run_name="__main__")
    said = capsys.readouterr().out
    assert "labels: snare, trumpet\n" in said
    trained, held_out = map(int, re.findall(r"right in (\d+)%", said))
    assert trained >= 95
    assert held_out >= 90


def test_the_notebook_runs_and_keeps_no_outputs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    matplotlib.use("Agg")
    notebook = json.loads((EXAMPLES / "notebook" / "first_steps.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] for cell in cells)
    names: dict = {"__name__": "__main__"}
    shown = []
    for cell in cells:
        *body, last = ast.parse("".join(cell["source"])).body
        if not isinstance(last, ast.Expr):
            body.append(last)
        exec(compile(ast.Module(body, []), "<cell>", "exec"), names)
        if isinstance(last, ast.Expr):
            shown.append(eval(compile(ast.Expression(last.value), "<cell>", "eval"), names))
    (error,) = [float(text.rpartition(" ")[2]) for text in shown if "of the inverse" in str(text)]
    assert error < 0.2
    (gradient,) = [value for value in shown if hasattr(value, "item")]
    assert gradient > 0
    names["plt"].close("all")
