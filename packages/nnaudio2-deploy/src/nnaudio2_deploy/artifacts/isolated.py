"""Work on a stranger's file in a process of its own, which may crash, hang, or want too much memory."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from ..errors import ArtifactError

MOST_SECONDS = 300.0
MOST_MEMORY = 2**32
"""Bytes."""

_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from nnaudio2_deploy.artifacts.isolated import main; main()"
)


def in_child(work: str, *arguments: str) -> Any:
    """The answer of ``"verify"`` or ``"run_program"`` with these arguments.

    Raises:
        ArtifactError: if the work raises one, or ends its process, or does not end.
    """
    command = [sys.executable, "-I", "-c", _PROGRAM, json.dumps(sys.path), work, str(MOST_MEMORY), *arguments]
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=MOST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ArtifactError(f"running it did not end within {MOST_SECONDS:g} s") from None
    except OSError as error:
        raise ArtifactError(f"no process to try it in can be started ({error.strerror})") from error
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise ArtifactError(f"running it ended its process ({_cause(done.returncode)})") from None
    if "error" in answer:
        raise ArtifactError(answer["error"])
    return answer


def _cause(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"exit code {code}"


def main() -> None:
    """Do the work that the command line names, and print the answer."""
    _, _, work, memory, *arguments = sys.argv
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # runtimes print, too
    _limit_memory(int(memory))
    try:
        answer = _verify(*arguments) if work == "verify" else _run_program(*arguments)
    except MemoryError:
        answer = {"error": "running it wants more memory than it may have"}
    except Exception as error:
        answer = {"error": str(error).removeprefix(f"{arguments[0]}: ") or type(error).__name__}
    answers.write(json.dumps(answer))
    answers.flush()
    os._exit(0)  # a runtime that crashes as it is taken down has given its answer


def _limit_memory(most: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most if hard < 0 else min(most, hard), hard))


def _verify(path: str) -> dict[str, Any]:
    from .loading import load_here
    from .verification import errors_of

    errors, compared_with = errors_of(load_here(Path(path)), None)
    return {"errors": errors, "compared_with": compared_with}


def _run_program(path: str, inputs: str) -> dict[str, Any]:
    import torch

    from .formats.executorch_program import run

    shapes = json.loads(inputs)
    run(
        Path(path).read_bytes(),
        tuple(torch.full(shape, value, dtype=getattr(torch, kind)) for shape, kind, value in shapes),
    )
    return {}
