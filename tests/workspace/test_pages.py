"""Facts on the pages: Python runs, commands exist, links lead somewhere, figures are the measured ones."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import nnaudio2_core

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "packages/*/README.md", "docs/**/*.md")
    for path in ROOT.glob(pattern)
)


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def python_blocks(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


BLOCKS = [(page, number, block) for page in PAGES for number, block in enumerate(python_blocks(read(page)))]


@pytest.mark.parametrize("block", [pytest.param(b, id=f"{page}-{number}") for page, number, b in BLOCKS])
def test_python_on_a_page_runs(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "<page>", "exec"), {"__name__": "__main__"})


def test_the_pages_that_show_code_are_read():
    with_code = {page for page, _, _ in BLOCKS}
    assert {"README.md", "docs/index.md", "packages/nnaudio2-core/README.md"} <= with_code


def test_times_of_the_readme_are_measured():
    times = re.findall(r"[\d.]+ ms", read("README.md"))
    measured = read("docs/benchmarks.md")
    assert times
    assert [time for time in times if f"| {time} |" not in measured] == []


def test_reference_lists_every_public_name_once():
    listed = re.findall(r"^::: nnaudio2_core\.(\S+)$", read("docs/reference.md"), flags=re.MULTILINE)
    public = {
        name
        for name, value in vars(nnaudio2_core).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert set(listed) == public
    assert len(listed) == len(public)


def hatch_scripts(inherited: bool) -> set[str]:
    """Commands of hatch.toml as typed; ``inherited`` adds those of templates."""
    environments = tomllib.loads(read("hatch.toml"))["envs"]
    found = set()
    for name, settings in environments.items():
        scripts = set(settings.get("scripts", {}))
        if inherited and "template" in settings:
            scripts |= set(environments[settings["template"]].get("scripts", {}))
        found |= {script if name == "default" else f"{name}:{script}" for script in scripts}
    return found


def named_commands(text: str) -> set[str]:
    return set(re.findall(r"hatch run ([a-z]+(?::[a-z]+)?)", text))


@pytest.mark.parametrize("page", [*PAGES, ".ci/run", ".github/workflows/ci.yml", "scripts/bump.py"])
def test_named_commands_exist(page):
    assert named_commands(read(page)) <= hatch_scripts(inherited=True)


def test_contributing_describes_every_command():
    assert hatch_scripts(inherited=False) <= named_commands(read("CONTRIBUTING.md"))


def test_ci_runs_what_the_pages_promise():
    ordered = re.findall(r"^hatch run (\S+)$", read(".ci/run"), flags=re.MULTILINE)
    assert ordered == ["test:all", "lint", "types", "docs:build"]
    assert set(ordered) <= named_commands(read(".github/workflows/ci.yml"))
    assert {"demo", "test:all"} <= named_commands(read("README.md"))


def test_ci_skips_no_host():
    # tests/hosts.py reads the variable; the script must install the programs that the tests look for
    script = read(".ci/run")
    assert script.index("export NNAUDIO2_REQUIRE_HOSTS=1") < script.index("hatch run test:all")
    (installed,) = re.findall(r"apt-get install .* (g\+\+ .*)$", script, flags=re.MULTILINE)
    looked_for = set()
    searched = (
        ROOT / "tests" / "hosts.py",
        *ROOT.glob("tests/deploy/**/*.py"),
        *ROOT.glob("tests/browser/*.py"),
    )
    for path in searched:
        looked_for |= set(re.findall(r'\bprogram\("([^"]+)"', path.read_text(encoding="utf-8")))
    assert set(installed.split()) == looked_for


@pytest.mark.parametrize("page", PAGES)
def test_relative_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", read(page)):
        if not re.match(r"[a-z]+:", target):
            assert (ROOT / page).parent.joinpath(target).exists(), f"{page} links to {target}"
