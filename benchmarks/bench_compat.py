"""Legacy code with nnaudio-compat compared with the same code with nnAudio 0.3.4, each in its own process.

Each class as it is built, with a kernel edited, and trained, forward and backward.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from .clips import clips
from .legacy import Legacy, build_call
from .row import Row
from .timing import Peer, compare, failure, relative_error

PEER = "nnAudio 0.3.4"


@dataclass(frozen=True)
class Legacies:
    """A legacy class, with the kernel to edit and the arguments that train it."""

    name: str
    kernel: str
    trained: dict[str, Any] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=lambda: {"verbose": False})
    target: float = 1.0


CLASSES = [
    Legacies("MelSpectrogram", "mel_basis", {"trainable_mel": True, "trainable_STFT": True}, target=1 / 5),
    Legacies("STFT", "wsin", {"trainable": True}, {"verbose": False, "hop_length": 512}, target=1 / 5),
    Legacies("CQT1992v2", "cqt_kernels_real", {"trainable": True}, target=1 / 4),
    Legacies("MFCC", "melspec_layer.stft.wcos", {"trainable_mel": True, "trainable_STFT": True}),
    Legacies("Gammatonegram", "stft.wsin", {"trainable_bins": True, "trainable_STFT": True}),
    Legacies("CQT1992", "wcos", {"trainable_STFT": True, "trainable_CQT": True}, {"n_bins": 60}),
    Legacies("CQT2010", "wcos", {"trainable_STFT": True, "trainable_CQT": True}),
    Legacies("CQT2010v2", "cqt_kernels_real", {"trainable": True}),
    Legacies("VQT", "cqt_kernels_real_0", {}, {"verbose": False, "gamma": 10.0}),
]
NO_SLOWER = 1.1


def rows(quick: bool = False) -> Iterator[Row]:
    """Every row; ``quick`` runs on tiny problems."""
    # The lowest bin's kernels are longer than half a second.
    x = clips(2, 1.0) if quick else clips(8, 10.0)
    for legacy in CLASSES[:1] if quick else CLASSES:  # each row starts a process
        yield from _rows_of(legacy, "as it is", x, quick, legacy.target)
        yield from _rows_of(legacy, "edited", x, quick, NO_SLOWER)
        if legacy.trained:
            trained = replace(legacy, arguments={**legacy.arguments, **legacy.trained})
            yield from _rows_of(trained, "trained, forward and backward", x, quick, NO_SLOWER)
    short = clips(1, 1.0)
    for legacy in [] if quick else CLASSES[:3]:
        yield from _rows_of(legacy, "as it is", short, quick, 1.0)
        yield from _rows_of(legacy, "edited", short, quick, NO_SLOWER)


def _rows_of(legacy: Legacies, kind: str, x: Tensor, quick: bool, target: float) -> Iterator[Row]:
    gradient = kind.startswith("trained")
    specification = {
        "name": legacy.name,
        "arguments": legacy.arguments,
        "edited": [legacy.kernel] if kind == "edited" else [],
        "gradient": gradient,
    }
    transform = f"legacy {legacy.name}, {kind}"
    case = f"compat installed, {x.size(0)} clip{'s' if x.size(0) > 1 else ''} of {x.size(1) / 22050:g} s"
    with torch.set_grad_enabled(gradient):
        ours = build_call(specification, x)
        peer, reference, note = _other_process(specification, x, ours)
    yield from compare(
        transform,
        case,
        ours,
        [Peer(PEER, lambda: peer, target)],
        relative_error(reference),
        quick=quick,
        gradient=gradient,
        note=note,
    )
    if isinstance(peer, Legacy):
        peer.close()


def _other_process(specification: Any, x: Tensor, ours: Any) -> "tuple[Any, Tensor, str]":
    """The peer, its output and a note on the error; without a peer a call that raises, and our own output."""
    try:
        peer = Legacy(specification, x)
        return peer, peer.output, f"error: difference from {PEER}"
    except Exception as problem:
        said = failure(problem)

        def missing() -> None:
            raise ImportError(said)

        return missing, ours(), ""
