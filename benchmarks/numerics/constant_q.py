"""The constant-Q family: exact kernels, librosa's lengths, and the octave-by-octave classes."""

import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import torch
from tests import tolerances as bound
from tests.oracles.strided_correlation import constant_q

from nnaudio2_core import CQT, CQT1992, CQT2010, VQT, CQT1992v2, CQT2010v2

from ..clips import SR
from ..peers import FMIN, LIBROSA, roy
from ..references import HOP
from .comparison import Array, Comparison, Reference, Signals, as_array, compare, difference
from .spectral import LEGACY

GAMMA = 10.0
GOLDENS = Path(__file__).parents[2] / "tests" / "oracles" / "goldens"
LENGTHS = (
    "other filter lengths: librosa's are fractional and its bandwidths half the distance of two neighbours"
)
SILENCE = 64  # hops before and after the clip: longer than any filter and its resamplers' ringing


def comparisons(signals: Signals) -> Iterator[Comparison]:
    """Every line of the constant-Q family."""
    yield from exact(signals)
    yield from legacy(signals)
    yield from against_librosa(signals)
    yield from octaves(signals)
    yield from goldens()


def complex_cqt(transform: Any = CQT, **arguments: Any) -> Any:
    return transform(sr=SR, hop_length=HOP, fmin=FMIN, output_format="Complex", **arguments)


def direct(x: Array, gamma: float = 0.0) -> Array:
    frames = range(1 + len(x) // HOP)
    return constant_q(x[None], SR, HOP, FMIN, 84, 12, frames, gamma)[0]


def exact(signals: Signals) -> Iterator[Comparison]:
    default = {"float64": bound.BANK_DEFAULT, "float32": bound.BANK_DEFAULT}
    whole = {"float64": bound.BANK_EXACT_FLOAT64, "float32": bound.BANK_EXACT_FLOAT32}
    dropped = "the default tolerance, 2e-7, drops the tails of the kernels' spectra"
    for gamma, transform, arguments in ((0.0, CQT, {}), (GAMMA, VQT, {"gamma": GAMMA})):
        setting = f"gamma {gamma:g}" if gamma else ""
        compute = partial(direct, gamma=gamma)
        reference = Reference("direct sum", compute, default, "worst_bin", dropped)
        yield from compare(
            transform.__name__, setting, complex_cqt(transform, **arguments), [reference], signals
        )
        ours = complex_cqt(transform, tolerance=0.0, **arguments)
        setting = f"{setting}, tolerance 0".removeprefix(", ")
        reference = Reference("direct sum", compute, whole, "rms")
        yield from compare(transform.__name__, setting, ours, [reference], signals)


def legacy(signals: Signals) -> Iterator[Comparison]:
    high: dict[str, Any] = {
        "fmin": 220.0,
        "n_bins": 60,
    }  # the legacy CQT1992 is slow to build for long filters
    for transform, arguments, quiet, limit, why in (
        (CQT1992v2, {"fmin": FMIN}, {"verbose": False}, bound.LEGACY_CQT, "its float32 sums over 16384 taps"),
        (CQT1992, high, {}, bound.HALF_SPECTRUM, "it leaves out the negative frequencies of its kernels"),
    ):
        shared = {"sr": SR, "hop_length": HOP, **arguments}
        with redirect_stdout(StringIO()):  # it prints, asked or not
            old = getattr(roy(), transform.__name__)(**shared, **quiet)
        reference = Reference(LEGACY, partial(complex_of, old), {"float32": limit}, why=why)
        setting = f"{arguments['n_bins']} bins from 220 Hz" if "n_bins" in arguments else ""
        ours = transform(**shared, output_format="Complex")
        yield from compare(transform.__name__, setting, ours, [reference], signals)


def complex_of(old: Any, x: Array) -> Array:
    """A legacy class in its float32 on one waveform."""
    return as_array(old(torch.from_numpy(x).float()[None], "Complex")[0])


def by_librosa(x: Array, gamma: float, silence: int = 0) -> Array:
    """librosa's complex coefficients, in float64; ``silence`` hops of zeros before and after the clip."""
    padded = np.pad(x, silence * HOP)
    X = librosa.vqt(
        padded,
        sr=SR,
        hop_length=HOP,
        fmin=FMIN,
        gamma=gamma,
        sparsity=0,
        pad_mode="constant",
        dtype=np.complex128,
    )
    return X[:, silence : silence + 1 + len(x) // HOP]


def against_librosa(signals: Signals) -> Iterator[Comparison]:
    for gamma, transform, arguments, limit in (
        (0.0, CQT, {}, bound.LIBROSA_CQT_INTERIOR_RMS),
        (GAMMA, VQT, {"gamma": GAMMA}, bound.LIBROSA_VQT_RMS),
    ):
        compute = partial(by_librosa, gamma=gamma)
        setting = f"gamma {gamma:g}, " if gamma else ""
        ours = complex_cqt(transform, pad_mode="constant", **arguments)
        whole = Reference("librosa", compute, {"float32": bound.LIBROSA_OTHER_LENGTHS_RMS}, "rms", LENGTHS)
        yield from compare(transform.__name__, f"{setting}integer lengths", ours, [whole], signals)
        ours = complex_cqt(transform, **LIBROSA, **arguments)
        references = [
            Reference(
                "librosa",
                compute,
                {"float32": bound.LIBROSA_ENDS_RMS},
                "rms",
                "librosa's resampler at the ends",
            ),
            Reference(
                "librosa, given silence around the clip",
                partial(compute, silence=SILENCE),
                {"float32": limit},
                "rms",
                "the negative frequencies that librosa leaves out",
            ),
        ]
        yield from compare(transform.__name__, f"{setting}fractional lengths", ours, references, signals)


def octaves(signals: Signals) -> Iterator[Comparison]:
    """Error of the octave-by-octave algorithm against exact kernels: magnitudes, zeros beyond the ends."""
    magnitude = CQT(SR, HOP, fmin=FMIN, pad_mode="constant", tolerance=0.0)
    reference = Reference(
        "exact kernels, magnitudes",
        lambda x: as_array(magnitude(torch.from_numpy(x))),
        {"float32": bound.OCTAVES_RMS},
        "rms",
        "the half-band filter's transition, whole lengths at every rate",
    )
    noise = {"noise": signals["noise"]}
    ours = CQT2010v2(SR, HOP, fmin=FMIN, pad_mode="constant")
    yield from compare("CQT2010v2", "", ours, [reference], noise)


def goldens() -> Iterator[Comparison]:
    """The octave-by-octave classes of nnAudio 0.3.4, run in an environment of its own."""
    classes = {"cqt2010": CQT2010, "cqt2010v2": CQT2010v2, "vqt": VQT}
    for key, transform in classes.items():
        extra = {"algorithm": "octaves"} if key == "vqt" else {}
        worst = None
        paths = sorted(GOLDENS.glob(f"cqt_{key}_*.npz"))
        for path in paths:
            golden = np.load(path)
            generator = np.random.default_rng(int(golden["seed"]))
            x = torch.from_numpy(generator.standard_normal(int(golden["samples"])).astype(np.float32))
            module = transform(**json.loads(str(golden["arguments"])), **extra)
            for normalization in ("librosa", "convolutional", "wrap"):
                y = as_array(module(x, "Complex", normalization))[:, ::3]
                found = difference(y, np.squeeze(as_array(torch.from_numpy(golden[normalization])[0])))
                worst = found if worst is None else worst.worse(found)
        yield Comparison(
            transform.__name__,
            "octaves" if extra else "",
            f"nnAudio 0.3.4, {len(paths)} goldens of noise",
            "float32",
            worst,
            bound.LEGACY_CQT,
            why="both are float32",
        )
