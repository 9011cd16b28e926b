"""TorchScript files in a fresh process that has none of our code."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

TIMEOUT_SECONDS = 600
"""Time after which a clean process is considered hung."""


@dataclass(frozen=True)
class Call:
    """A call to make in the clean process: ``torch.jit.load(file).method(*inputs)``."""

    file: Path
    inputs: tuple[Any, ...]
    method: str = "forward"


@dataclass(frozen=True)
class CleanRun:
    """Results of the clean process.

    ``refused`` holds, for each of our packages, the error that importing it there gave.
    """

    results: list[Tensor]
    refused: dict[str, str]
    python: str
    torch: str


def run_in_clean_process(calls: Sequence[Call]) -> CleanRun:
    """Load saved TorchScript modules and call them in one fresh Python process.

    That process is started in isolated mode and refuses to import ``nnaudio2_core``, ``nnaudio2_deploy``
    and ``nnAudio``: only the files and torch run there. A file of several calls is loaded once. Inputs may
    be tensors, numbers, strings, booleans and None.

    Args:
        calls: what to call, in order.

    Raises:
        RuntimeError: if the process fails; the message holds what it wrote to stderr.

    Example:
        >>> import torch
        >>> from nnaudio2_core import MelSpectrogram
        >>> from nnaudio2_deploy import save
        >>> mel, x = MelSpectrogram(), torch.randn(1, 22050)
        >>> _ = save(mel, "mel.pt", "torchscript")
        >>> run = run_in_clean_process([Call(Path("mel.pt"), (x,))])
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
    orders = []
    for number, call in enumerate(calls):
        inputs = f"inputs{number}.pt"
        torch.save(call.inputs, folder / inputs)
        orders.append({"module": str(call.file.resolve()), "method": call.method, "inputs": inputs})
    (folder / "orders.json").write_text(json.dumps(orders))
