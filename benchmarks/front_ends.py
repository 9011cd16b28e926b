"""The page 'Front ends': every name with its shape, the original, the error and the speed.

Run it as ``hatch run frontends``; it writes ``docs/front_ends.md``.
"""

import platform
import re
import statistics
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from tests.oracles.front_ends import ORACLES

import nnaudio2_core as core

from .table import line

TEMPLATE = Path(__file__).with_name("front_ends.md")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "front_ends.md"
PACKAGES = ("transformers", "kaldi-native-fbank", "torchaudio", "torchlibrosa", "onnx-asr", "librosa")


def signals(sr: float, seconds: float) -> "list[np.ndarray]":
    rng, t = np.random.default_rng(0), np.arange(int(seconds * sr)) / sr
    tones = 0.3 * np.sin(2 * np.pi * 200 * t * (1 + 0.01 * t)) + 0.1 * np.sin(2 * np.pi * 1333 * t)
    noise = rng.standard_normal(len(t))
    return [(0.1 * noise).astype(np.float32), (tones + 0.01 * noise).astype(np.float32)]


def errors(name: str, module: torch.nn.Module) -> "tuple[float, float]":
    """Largest difference from the original, and of the original from float64."""
    ours, own = 0.0, 0.0
    for x in signals(module.sr, 2.0):
        expected = torch.from_numpy(np.asarray(ORACLES[name](x), dtype=np.float64).copy())
        ours = max(ours, float((module(torch.from_numpy(x)) - expected).abs().max()))
        own = max(own, float((module(torch.from_numpy(x).double()) - expected).abs().max()))
    return ours, own


def medians(*calls: Callable[[], object], rounds: int = 5) -> "list[float]":
    """Median times in ms, one call after the other in each round."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds + 1):
        for call, found in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            found.append(1e3 * (time.perf_counter() - start))
    return [statistics.median(found[1:]) for found in times]


def row(name: str) -> "list[str]":
    module, known = core.front_end(name), core.front_ends()[name]
    ours, own = errors(name, module)
    x = signals(module.sr, 10.0)[0]
    tensor = torch.from_numpy(x)
    shape = " x ".join(map(str, module(tensor).shape))
    with torch.no_grad():
        mine, theirs = medians(lambda: module(tensor), lambda: ORACLES[name](x))
    formula = known["oracle"].startswith("its formula")
    package = next((p for p in PACKAGES if known["oracle"].startswith(p)), "")
    oracle = known["oracle"].replace(package, f"{package} {version(package)}") if package else known["oracle"]
    speed = ["", ""] if formula else [f"{theirs:.1f} ms", f"{theirs / mine:.1f}"]
    cells = [f"`{name}`", f"{module.sr:g}", shape, oracle, f"{ours:.1e}", f"{own:.1e}", f"{mine:.1f} ms"]
    return [*cells, *speed, known["source"]]


def main() -> None:
    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = [row(name) for name in core.front_ends()]
    headings = [
        "name",
        "Hz",
        "10 s give",
        "original",
        "error",
        "original's own",
        "ours",
        "original's",
        "ratio",
    ]
    headings.append("source")
    table = "\n".join([line(headings), line(["---"] * len(headings)), *map(line, rows)])
    machine = f"Measured with torch {torch.__version__} on {platform.machine()}, one thread."
    parts = {"machine": machine, "table": table}
    text = re.sub(r"<!-- (\w+) -->", lambda match: parts[match[1]], TEMPLATE.read_text(encoding="utf-8"))
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
