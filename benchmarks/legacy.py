"""nnAudio 0.3.4 in a process of its own, with a folder of its own: it has the import name of nnaudio-compat.

``python benchmarks/legacy.py SPECIFICATION`` builds a module and makes one call for each line that it reads.
:func:`build_call` is what both packages run.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import torch

VERSION = "0.3.4"
FOLDER = Path(sys.prefix) / f"nnAudio-{VERSION}"


def build_call(specification: "dict[str, Any]", x: torch.Tensor) -> "Callable[[], torch.Tensor]":
    """A call of a class of ``nnAudio.features``: as built, with an edited kernel, or with a gradient."""
    from nnAudio import features

    with contextlib.redirect_stdout(io.StringIO()):
        module = getattr(features, specification["name"])(**specification["arguments"])
    for kernel in specification["edited"]:
        owner, _, name = kernel.rpartition(".")
        getattr(module.get_submodule(owner), name).data.mul_(1.01)
    if not specification["gradient"]:
        return lambda: module(x)

    def both_ways() -> torch.Tensor:
        module.zero_grad()
        module(x).square().mean().backward()
        return next(module.parameters()).grad

    return both_ways


class Legacy:
    """A callable that runs in the other process."""

    def __init__(self, specification: "dict[str, Any]", x: torch.Tensor) -> None:
        if not FOLDER.exists():
            command = [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--target",
                str(FOLDER),
            ]
            subprocess.run([*command, f"nnAudio=={VERSION}"], check=True, capture_output=True, text=True)
        # Threads that spin while the other process is timed would slow it down.
        environment = {**os.environ, "PYTHONPATH": str(FOLDER), "OMP_WAIT_POLICY": "PASSIVE"}
        arguments = json.dumps({**specification, "threads": torch.get_num_threads()})
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", __file__, arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self._send(x)
        self.output = self._receive()

    def _send(self, tensor: torch.Tensor) -> None:
        write_tensor(self.process.stdin, tensor)

    def _receive(self) -> torch.Tensor:
        return read_tensor(self.process.stdout)

    def __call__(self) -> torch.Tensor:
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        if self.process.stdout.read(1) != b"\n":
            raise RuntimeError(f"nnAudio {VERSION} has ended")
        return self.output

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=60)


def write_tensor(stream: Any, tensor: torch.Tensor) -> None:
    held = io.BytesIO()
    torch.save(tensor.detach(), held)
    stream.write(len(held.getvalue()).to_bytes(8, "little") + held.getvalue())
    stream.flush()


def read_tensor(stream: Any) -> torch.Tensor:
    size = stream.read(8)
    if len(size) < 8:
        raise RuntimeError(f"nnAudio {VERSION} has ended")
    return torch.load(io.BytesIO(stream.read(int.from_bytes(size, "little"))))


def serve(specification: "dict[str, Any]") -> None:
    """The other process: one tensor in, one out, then a line back for each line."""
    answers = sys.stdout.buffer
    torch.set_num_threads(specification["threads"])
    import nnAudio

    if nnAudio.__version__ != VERSION or Path(nnAudio.__file__).parent.parent != FOLDER:
        raise ImportError(f"nnAudio {VERSION} must be in {FOLDER}, got {nnAudio.__file__}")
    call = build_call(specification, read_tensor(sys.stdin.buffer))
    with torch.set_grad_enabled(specification["gradient"]):
        write_tensor(answers, call())
        for _ in sys.stdin.buffer:
            call()
            answers.write(b"\n")
            answers.flush()


if __name__ == "__main__":
    serve(json.loads(sys.argv[1]))
