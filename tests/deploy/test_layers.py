"""Folders of nnaudio2-deploy import downwards: only top-level files and the folders before them."""

from pathlib import Path

import pytest
from tests.workspace.test_imports import imported_names

import nnaudio2_deploy

PACKAGE = Path(nnaudio2_deploy.__file__).parent
FOLDERS = ["artifacts", "corpus", "crosschecks", "demo", "commands"]
FILES = ["errors", "extras", "measures", "transforms", "one_of_each", "regular_files", "installed"]


def own_imports(path: Path) -> set[str]:
    """The folders and top-level files of the package that a file imports."""
    package = ".".join(path.relative_to(PACKAGE.parent).parent.parts)
    names = [name.split(".") for _, name in imported_names(path.read_text(encoding="utf-8"), package)]
    return {parts[1] for parts in names if parts[0] == PACKAGE.name}


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_imports_only_what_is_before_it(folder):
    allowed = {*FILES, *FOLDERS[: FOLDERS.index(folder) + 1]}
    paths = list((PACKAGE / folder).rglob("*.py"))
    assert paths
    for path in paths:
        assert own_imports(path) <= allowed, path


@pytest.mark.parametrize("name", FILES)
def test_a_file_at_the_top_imports_only_such_files(name):
    assert own_imports(PACKAGE / f"{name}.py") <= set(FILES)


def test_there_is_no_other_folder_or_file():
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} == set(FOLDERS)
    assert {path.stem for path in PACKAGE.glob("*.py")} == {*FILES, "__init__", "__main__"}
