"""The arrows of the architecture: compat -> core <- deploy, and the order of the folders inside core."""

import ast
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PACKAGES = Path(__file__).resolve().parents[2] / "packages"
IMPORT_NAMES = {
    "nnaudio2-core": "nnaudio2_core",
    "nnaudio-compat": "nnAudio",
    "nnaudio2-deploy": "nnaudio2_deploy",
}
CORE = PACKAGES / "nnaudio2-core/src/nnaudio2_core"

# The folders of core, each with those that it may import.
FOLDERS: dict[str, set[str]] = {
    "module": set(),
    "framing": {"module"},
    "block_sparse": {"module"},
    "fourier": {"module", "framing", "block_sparse"},
    "bank": {"module", "framing"},
    "bands": {"module", "framing", "block_sparse", "fourier"},
    "constant_q": {"module", "framing", "fourier", "bank"},
    "chroma": {"module", "framing", "fourier", "bank", "bands", "constant_q"},
    "cfp": {"module", "framing", "block_sparse", "fourier"},
    "gabor": {"module", "framing", "fourier", "bands"},
    "inverse": {"module", "framing", "fourier", "bank", "constant_q"},
    "front_ends": {"module", "framing", "block_sparse", "fourier", "bands", "constant_q", "chroma"},
    "streaming": {"module", "framing", "fourier", "bank", "constant_q", "inverse", "gabor", "front_ends"},
}


def imported_names(source: str, package: str) -> list[tuple[int, str]]:
    """Line and absolute name of each import, wherever it stands; ``package`` resolves relative ones."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = parents[: len(parents) - node.level + 1] if node.level else []
            base += node.module.split(".") if node.module else []
            found += [(node.lineno, ".".join([*base, alias.name])) for alias in node.names]
    return found


def violations(folder: Path, source_root: Path, allowed: set[str]) -> list[str]:
    """Every import in ``folder`` of something that is neither of the standard library nor allowed."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        package = ".".join(path.relative_to(source_root).parent.parts)
        for line, name in imported_names(path.read_text(encoding="utf-8"), package):
            inside = any(f"{name}.".startswith(f"{entry}.") for entry in allowed)
            if not inside and name.split(".")[0] not in sys.stdlib_module_names:
                found.append(f"{path.relative_to(source_root)}:{line} imports {name}")
    return found


def import_name(distribution: str) -> str:
    return IMPORT_NAMES.get(distribution, distribution.replace("-", "_"))


@pytest.mark.parametrize("distribution", IMPORT_NAMES)
def test_a_package_imports_only_what_it_declares(distribution):
    # The rule is read from the declared requirements, so the rule itself is checked too: core may need
    # three libraries and no sibling, the siblings may need core and not each other.
    settings = tomllib.loads((PACKAGES / distribution / "pyproject.toml").read_text(encoding="utf-8"))
    project = settings["project"]
    extras = project.get("optional-dependencies", {}).values()
    lines = chain(project["dependencies"], *extras)
    allowed = {import_name(Requirement(line).name) for line in lines} | {import_name(distribution)}
    if distribution == "nnaudio2-core":
        assert allowed == {"torch", "numpy", "scipy", "nnaudio2_core"}
    else:
        assert allowed & set(IMPORT_NAMES.values()) == {"nnaudio2_core", import_name(distribution)}
    source = PACKAGES / distribution / "src"
    assert violations(source, source, allowed) == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_of_core_imports_only_the_folders_below(folder):
    below = {f"nnaudio2_core.{name}" for name in FOLDERS[folder] | {folder}}
    assert list((CORE / folder).glob("*.py"))
    assert violations(CORE / folder, CORE.parent, {"torch", "numpy", "scipy"} | below) == []


def core_imports(path: Path) -> set[str]:
    package = ".".join(path.relative_to(CORE.parent).parent.parts)
    return {name for _, name in imported_names(path.read_text(encoding="utf-8"), package)}


def builds(name: str) -> bool:
    """True for an import of something that builds constants: NumPy, SciPy, or a design file."""
    parts = name.split(".")
    return parts[0] in ("numpy", "scipy") or any(part.startswith("design_") for part in parts)


def defines_a_module(path: Path) -> bool:
    """True if a file has a class that may be an ``nn.Module``, as files that hold what was built do."""
    tuples = {"NamedTuple", "Function"}
    classes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]
    return any(ast.unparse(base).split(".")[-1] not in tuples for node in classes for base in node.bases)


def needs_torch(path: Path) -> bool:
    """True if a file imports torch, itself or through other files of core."""
    imports = core_imports(path)
    if any(name.split(".")[0] == "torch" for name in imports):
        return True
    places = {"/".join(name.split(".")[1:3]) for name in imports if name.startswith("nnaudio2_core.")}
    files = [CORE / f"{place}.py" for place in places]
    assert all(file.is_file() for file in files)
    return any(needs_torch(file) for file in files)


FAMILY_FILES = sorted(path for path in CORE.glob("*/*.py") if path.parent.name != "module")


@pytest.mark.parametrize("path", FAMILY_FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_design_files_build_and_only_modules_hold_what_is_built(path):
    if path.name.startswith("design_"):
        assert not needs_torch(path)
    elif not defines_a_module(path):
        assert not any(builds(name) for name in core_imports(path))


def test_the_order_of_the_folders_has_no_circle():
    seen: set[str] = set()
    for folder, below in FOLDERS.items():
        assert below <= seen
        seen.add(folder)


def test_core_has_no_other_folder():
    folders = {path.name for path in CORE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(FOLDERS)


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("import torch.nn as nn", "torch.nn"),
        ("from torch import nn", "torch.nn"),
        ("from . import mfcc", "nnaudio2_core.bands.mfcc"),
        ("from .mfcc import f", "nnaudio2_core.bands.mfcc.f"),
        ("from .. import bank", "nnaudio2_core.bank"),
        ("from ..module.shapes import f", "nnaudio2_core.module.shapes.f"),
        ("def f():\n    import torch", "torch"),
    ],
)
def test_every_form_of_import_is_read(statement, name):
    assert [found for _, found in imported_names(statement, "nnaudio2_core.bands")] == [name]


def test_a_violation_is_found(tmp_path):
    folder = tmp_path / "nnaudio2_core" / "bands"
    folder.mkdir(parents=True)
    (folder / "bad.py").write_text(
        "import math\nimport numpy as np\nfrom ..constant_q import cqt\nimport torch\n"
    )
    found = violations(folder, tmp_path, {"numpy", "nnaudio2_core.bands"})
    assert [entry.split(" imports ")[1] for entry in found] == ["nnaudio2_core.constant_q.cqt", "torch"]


SILENT_IMPORT = """
import sys, warnings
import numpy, scipy, torch

def refuse(*args, **kwargs):
    raise AssertionError("core calls torch.jit at import")

for name in ("script", "trace", "trace_module", "script_if_tracing", "load", "save", "freeze"):
    setattr(torch.jit, name, refuse)
warnings.simplefilter("error")

import importlib, pkgutil
import nnaudio2_core
modules = [module.name for module in pkgutil.walk_packages(nnaudio2_core.__path__, "nnaudio2_core.")]
assert len(modules) >= 4, modules
for module in modules:
    importlib.import_module(module)
assert not {"nnAudio", "nnaudio2_deploy", "torchaudio", "librosa", "matplotlib"} & set(sys.modules)
"""


def test_core_is_silent_and_calls_no_torch_jit_at_import():
    result = subprocess.run(
        [sys.executable, "-c", SILENT_IMPORT], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
