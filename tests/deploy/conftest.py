"""One run of the whole demo that many tests look at, and helpers to make recordings."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

import nnaudio2_deploy.demo.run as demo_module
from nnaudio2_deploy.commands.cli import app
from nnaudio2_deploy.demo.outcome import Outcome


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of ExecuTorch where it is not installed: it lags behind torch."""
    if find_spec("executorch") is not None:
        return
    for item in items:
        callspec = getattr(item, "callspec", None)
        # Only strings are compared: some values are arrays.
        names = [value for value in callspec.params.values() if isinstance(value, str)] if callspec else []
        if item.get_closest_marker("executorch") or "executorch" in names:
            item.add_marker(pytest.mark.skip(reason="executorch is not installed"))


@dataclass
class DemoRun:
    """Output and files of ``nnaudio2 demo``."""

    exit_code: int
    stdout: str
    page: str
    folder: Path
    outcomes: dict[str, Outcome]


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    """The demo on its default recording, through the command line."""
    folder = tmp_path_factory.mktemp("demo") / "new" / "folder"
    returned: list[Outcome] = []
    run = demo_module.run

    def remember(*arguments):
        returned.extend(run(*arguments))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo_module, "run", remember)
        result = CliRunner().invoke(app, ["demo", "--out", str(folder)], catch_exceptions=False)
    return DemoRun(
        exit_code=result.exit_code,
        stdout=result.stdout,
        page=(folder / "report.html").read_text(encoding="utf-8"),
        folder=folder,
        outcomes={outcome.name: outcome for outcome in returned},
    )


@pytest.fixture
def make_audio(tmp_path: Path) -> Callable[..., Path]:
    """Write samples, ``(time,)`` or ``(time, channels)``, to a file; float so that NaN survives."""

    def write(name: str, samples: np.ndarray, sr: int = 8000, subtype: str = "FLOAT") -> Path:
        path = tmp_path / name
        soundfile.write(path, samples, sr, subtype=subtype)
        return path

    return write
