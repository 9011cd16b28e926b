"""Runs of ``nnaudio2 features`` in this process, and the noise that they are given."""

import numpy as np
import numpy.typing as npt
from click.testing import Result
from typer.testing import CliRunner

from nnaudio2_deploy.commands.cli import app


def run(*arguments: object, workers: int = 1, code: int = 0, given: str | None = None) -> Result:
    """The result of a run that must end with ``code``; ``given`` is what it reads from its input."""
    command = ["features", *map(str, arguments), f"--workers={workers}"]
    result = CliRunner().invoke(app, command, input=given)
    assert result.exit_code == code, result.output
    return result


def noise(samples: int, channels: int = 1) -> npt.NDArray[np.float32]:
    """White noise, ``(samples, channels)``, another one for each number of samples."""
    return np.random.default_rng(samples).uniform(-0.5, 0.5, (samples, channels)).astype(np.float32)
