"""CFP beside nnaudio2 2.0.3: python -m benchmarks.bench_cfp

Both run in turn in one process; times are medians, errors are the largest difference from the legacy class in
float64 as a share of the maximum. The legacy class has no gradient: its backward pass raises.
"""

import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import nnAudio2.features
import torch

from nnaudio2_core import CFP, CombinedFrequencyPeriodicity

Row = dict[str, Any]


def alternate(calls: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of each call, one after the other in each round, after a round to warm up."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(repeats + 1):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if turn > 0:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def first(y: Any) -> torch.Tensor:
    return y if isinstance(y, torch.Tensor) else y[0]


def error(y: Any, reference: Any) -> float:
    return float((first(y).double() - first(reference)).abs().max() / first(reference).abs().max())


def forward_row(
    case: str, ours: Any, legacy: Any, arguments: Row, shape: tuple[int, int], repeats: int
) -> Row:
    mine, theirs = ours(**arguments), legacy(**arguments)
    x = torch.randn(shape)
    medians = alternate({"nnaudio2_core": lambda: mine(x), "nnaudio2": lambda: theirs(x)}, repeats)
    reference = legacy(**arguments).double()(x[:1].double())
    return {
        "transform": ours.__name__,
        "case": case,
        "milliseconds": 1e3 * medians["nnaudio2_core"],
        "error": error(mine(x[:1]), reference),
        "peer": "nnaudio2 2.0.3",
        "peer milliseconds": 1e3 * medians["nnaudio2"],
        "peer error": error(theirs(x[:1]), reference),
        "ratio": medians["nnaudio2_core"] / medians["nnaudio2"],
    }


def alone_row(case: str, call: Callable[[], object], repeats: int) -> Row:
    """A row without a peer."""
    return {"transform": "CFP", "case": case, "milliseconds": 1e3 * alternate({"": call}, repeats)[""]}


def forward_and_backward(transform: Any, x: torch.Tensor) -> torch.Tensor:
    x = x.clone().requires_grad_()
    return torch.autograd.grad(transform(x).sum(), x)[0]


def rows(repeats: int = 7) -> list[Row]:
    """Every row of the CFP in the bench."""
    legacy, legacy_four = nnAudio2.features.CFP, nnAudio2.features.Combined_Frequency_Periodicity
    eight = (8, 160_000)
    x = torch.randn(eight)
    transform = CFP()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the legacy classes: division by zero, torch.stft
        return [
            forward_row("8 clips of 10 s, 16 kHz", CFP, legacy, {}, eight, repeats),
            forward_row(
                "8 clips of 10 s, 16 kHz", CombinedFrequencyPeriodicity, legacy_four, {}, eight, repeats
            ),
            forward_row("1 clip of 1 s, 16 kHz", CFP, legacy, {}, (1, 16_000), repeats),
            forward_row("2 clips of 10 s, 44.1 kHz", CFP, legacy, {"fs": 44100}, (2, 441_000), repeats),
            forward_row("4 clips of 10 s, up to 8 kHz", CFP, legacy, {"tc": 1 / 8000}, (4, 160_000), repeats),
            alone_row(
                "8 clips of 10 s, forward and backward", lambda: forward_and_backward(transform, x), repeats
            ),
            alone_row("construction", CFP, repeats),
        ]


if __name__ == "__main__":
    print(f"{torch.get_num_threads()} threads, torch {torch.__version__}")
    for row in rows():
        print(", ".join(f"{k}: {v:.3g}" if isinstance(v, float) else f"{k}: {v}" for k, v in row.items()))
