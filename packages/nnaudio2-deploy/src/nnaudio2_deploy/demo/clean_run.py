"""TorchScript: script a module, save it, and run it in a process that has none of our code."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..artifacts.formats.torchscript import script_module, without_deprecation

TIMEOUT_SECONDS = 600
"""A clean process that has not answered by then is taken for hung."""


def save_scripted(module: nn.Module, path: Path) -> None:
    """Script a module and save it; ``torch.jit.load`` reads the file in Python and in C++."""
    scripted = script_module(module)
    with without_deprecation():
        scripted.save(str(path))


@dataclass(frozen=True)
class Call:
    """A call to make in the clean process: ``module.method(*inputs)``."""

    module: nn.Module
    inputs: tuple[Any, ...]
    method: str = "forward"


@dataclass(frozen=True)
class CleanRun:
    """What came back from the clean process.

    ``refused`` holds, for each of our packages, the error that importing it there gave.
    """

    results: list[Tensor]
    refused: dict[str, str]
    python: str
    torch: str


def run_in_clean_process(calls: Sequence[Call]) -> CleanRun:
    """Script and save modules, then load and call them in one fresh Python process.

    That process is started in isolated mode and refuses to import ``nnaudio2_core``, ``nnaudio2_deploy``
    and ``nnAudio``: what runs there is the saved files and torch alone. A module named in several calls
    is saved once. Inputs may be tensors, numbers, strings, booleans and None.

    Args:
        calls: what to call, in order.

    Raises:
        RuntimeError: if the process fails; the message holds what it wrote to stderr.

    Example:
        >>> import torch
        >>> from nnaudio2_core import MelSpectrogram
        >>> mel, x = MelSpectrogram(), torch.randn(1, 22050)
        >>> run = run_in_clean_process([Call(mel, (x,))])
        >>> torch.allclose(run.results[0], mel(x))
        True
        >>> run.refused["nnaudio2_core"]
        "No module named 'nnaudio2_core' (blocked)"
    """
    with tempfile.TemporaryDirectory(prefix="nnaudio2-") as name:
        folder = Path(name)
        _write_orders(folder, calls)
        program = Path(__file__).with_name("clean_process.py")
        done = subprocess.run(
            [sys.executable, "-I", str(program), str(folder)],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(
                f"the clean process failed with code {done.returncode}:\n{done.stderr.strip()}"
            )
        proof = json.loads((folder / "proof.json").read_text())
        if proof["ours_loaded"]:
            raise RuntimeError(f"the clean process loaded {proof['ours_loaded']}: its results prove nothing")
        results = torch.load(folder / "results.pt", weights_only=True)
    return CleanRun(results=results, refused=proof["refused"], python=proof["python"], torch=proof["torch"])


def _write_orders(folder: Path, calls: Sequence[Call]) -> None:
    files: dict[int, str] = {}
    orders = []
    for number, call in enumerate(calls):
        if id(call.module) not in files:
            files[id(call.module)] = f"module{number}.pt"
            save_scripted(call.module, folder / files[id(call.module)])
        inputs = f"inputs{number}.pt"
        torch.save(call.inputs, folder / inputs)
        orders.append({"module": files[id(call.module)], "method": call.method, "inputs": inputs})
    (folder / "orders.json").write_text(json.dumps(orders))
