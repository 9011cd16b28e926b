"""CFP compared with direct sums and the goldens of the legacy classes."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from tests import tolerances as bound
from tests.oracles import cfp as oracle

from nnaudio2_core import CFP, CombinedFrequencyPeriodicity

from ..peers import ROY
from .comparison import Comparison, Difference, Reference, Signals, as_array, compare, difference

GOLDENS = Path(__file__).parents[2] / "tests" / "oracles" / "goldens" / "cfp.npz"
# Small, since the direct sums are matrices of n_fft by n_fft.
SMALL = {"fr": 20, "fs": 8000, "hop_length": 61, "window_size": 201, "fc": 100, "NumPerOct": 24}
SETTING = "n_fft 400"
OUTPUTS = ("Z", "tfrL0", "tfrLF", "tfrLQ")
FLOAT32 = "a root magnifies round-off in values near zero"


def comparisons(signals: Signals) -> Iterator[Comparison]:
    """Every line of CFP."""
    bounds = {"float64": bound.CFP_DIRECT_FLOAT64, "float32": bound.CFP_GOLDEN_FLOAT32}
    short = {"noise": signals["noise"][:3000]}
    arguments = {**SMALL, "tc": 0.001, "g": [0.24, 0.6, 1]}
    reference = Reference("direct sum", lambda x: oracle.cfp(x, **arguments)[0], bounds, why=FLOAT32)
    yield from compare("CFP", SETTING, CFP(**arguments), [reference], short)
    four = CombinedFrequencyPeriodicity(**arguments)
    for number, output in enumerate(OUTPUTS):
        reference = Reference(
            "direct sum",
            lambda x, number=number: oracle.cfp(x, **arguments)[number][:, 1:-1],
            bounds,
            why=FLOAT32,
        )
        yield from compare(
            "CombinedFrequencyPeriodicity",
            f"{SETTING}, {output}",
            lambda x, number=number: four(x)[number],
            [reference],
            short,
        )
    yield from goldens()


def goldens() -> Iterator[Comparison]:
    """The legacy classes in float64, where they are not themselves off by more in float32."""
    kept = np.load(GOLDENS)
    cases = sorted({key.split("/")[0] for key in kept})
    worst = {"CFP": Difference(0, 0, 0), "CombinedFrequencyPeriodicity": Difference(0, 0, 0)}
    counted = dict.fromkeys(worst, 0)
    for case in cases:
        config = json.loads(str(kept[f"{case}/config"]))
        x = torch.from_numpy(kept[f"{case}/x"])
        for transform, outputs in ((CFP, ("CFP",)), (CombinedFrequencyPeriodicity, OUTPUTS)):
            result = transform(**config)(x)
            for key, y in zip(outputs, [result] if transform is CFP else result, strict=True):
                if kept[f"{case}/{key}/float32_error"] > bound.CFP_GOLDEN_FLOAT32 / 2:
                    continue  # logarithms of numbers near zero, say: float32 cannot hold them
                name = transform.__name__
                worst[name] = worst[name].worse(difference(as_array(y), kept[f"{case}/{key}"]))
                counted[name] += 1
    for name, found in worst.items():
        against = f"{ROY} in float64, {counted[name]} goldens"
        yield Comparison(name, "", against, "float32", found, bound.CFP_GOLDEN_FLOAT32, why=FLOAT32)
