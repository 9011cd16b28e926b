"""Adapters of librosa: STFT, mel, MFCC, Griffin-Lim, decibels, CQT and VQT."""

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from inspect import signature
from operator import attrgetter
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from nnaudio2_core.constant_q.librosa_arguments import kernels_of_librosa

from ..extras import extra
from .peer import NoCounterpart, Peer, PeerMissing, Translation
from .torch_peers import UNHEARD, WHOLE_SPECTRUM

Build = Callable[[dict[str, Any]], Callable[..., Tensor]]

PADDINGS = {("pad_mode", "replicate"): {"pad_mode": "edge"}}
CIRCULAR = frozenset({("pad_mode", "circular")})


def library() -> ModuleType:
    """librosa itself.

    Raises:
        PeerMissing: if it cannot be imported.
    """
    with extra("crosscheck", "a comparison with librosa", PeerMissing):
        return import_module("librosa")


def kernels() -> str:
    """The ``filter_lengths`` of the constant-Q transforms that follow the installed version."""
    try:
        return kernels_of_librosa(version("librosa"))
    except PackageNotFoundError:
        return kernels_of_librosa("1.0")


def _of_waveform(function: str) -> Build:
    """A function of a waveform whose result is real."""

    def build(theirs: dict[str, Any]) -> Callable[..., Tensor]:
        call = attrgetter(function)(library())
        return lambda x: torch.from_numpy(call(y=x.numpy(), **theirs))

    return build


def _complex(function: str) -> Build:
    """A function of a waveform whose result is complex."""

    def build(theirs: dict[str, Any]) -> Callable[..., Tensor]:
        call = attrgetter(function)(library())
        return lambda x: torch.view_as_real(torch.from_numpy(call(x.numpy(), **theirs)))

    return build


def _istft(theirs: dict[str, Any]) -> Callable[..., Tensor]:
    inverse = library().istft

    def call(X: Tensor, onesided: bool, length: int) -> Tensor:
        if not onesided:
            raise NoCounterpart("no onesided=False")
        spectrum = torch.view_as_complex(X.contiguous()).numpy()
        return torch.from_numpy(inverse(spectrum, **theirs, length=length))

    return call


def _griffin_lim(theirs: dict[str, Any]) -> Callable[..., Tensor]:
    function = library().griffinlim
    if "rng" in signature(function).parameters:  # its name since librosa 1.0
        theirs = {"rng" if name == "random_state" else name: value for name, value in theirs.items()}
    return lambda S, length: torch.from_numpy(function(S.numpy(), **theirs, length=length))


def _decibels(theirs: dict[str, Any]) -> Callable[..., Tensor]:
    function = library().power_to_db if theirs["stype"] == "power" else library().amplitude_to_db
    return lambda S: torch.from_numpy(function(S.numpy(), amin=1e-10, top_db=theirs["top_db"]))


CONSTANT_Q = frozenset({"engine", "trainable", "tolerance", "return_complex"})
EXACT = {
    "fmax": None,
    "center": True,
    "output_format": "Complex",
    "filter_lengths": kernels(),
    "frequencies": None,
    "lookahead": None,
}
DECIBELS = {"ref": 1.0, "amin": 1e-10, "top_db": 80.0}

PEERS = {
    "STFT": Peer(
        "librosa",
        "librosa.stft",
        Translation(
            values=PADDINGS,
            lacking=CIRCULAR,
            fixed={**WHOLE_SPECTRUM, "output_format": "Complex"},
            unheard=UNHEARD | {"sr", "fmin", "fmax"},
        ),
        _complex("stft"),
    ),
    "iSTFT": Peer("librosa", "librosa.istft", Translation(fixed=WHOLE_SPECTRUM, unheard=UNHEARD), _istft),
    "MelSpectrogram": Peer(
        "librosa",
        "librosa.feature.melspectrogram",
        Translation(values={("norm", 1): {"norm": "slaney"}, **PADDINGS}, lacking=CIRCULAR, unheard=UNHEARD),
        _of_waveform("feature.melspectrogram"),
    ),
    "MFCC": Peer(
        "librosa",
        "librosa.feature.mfcc",
        Translation(
            values={("mel_norm", 1): {"mel_norm": "slaney"}, **PADDINGS},
            lacking=CIRCULAR,
            fixed=DECIBELS,
            unheard=UNHEARD,
        ),
        _of_waveform("feature.mfcc"),
    ),
    "GriffinLim": Peer(
        "librosa",
        "librosa.griffinlim",
        Translation(
            names={"seed": "random_state"},
            values={("init", "gradient"): {"init": "random"}, **PADDINGS},
            lacking=CIRCULAR,
            fixed={"power": 1.0},
            unheard=frozenset({"engine"}),
        ),
        _griffin_lim,
    ),
    "decibels": Peer("librosa", "librosa.power_to_db, amplitude_to_db", Translation(), _decibels),
    "CQT": Peer(
        "librosa",
        "librosa.cqt",
        Translation(
            values=PADDINGS,
            lacking=CIRCULAR,
            fixed=EXACT,
            always={"sparsity": 0},
            unheard=CONSTANT_Q,
        ),
        _complex("cqt"),
    ),
    "VQT": Peer(
        "librosa",
        "librosa.vqt",
        Translation(
            names={"basis_norm": "norm"},
            values=PADDINGS,
            lacking=CIRCULAR,
            fixed=EXACT,
            always={"sparsity": 0},
            unheard=CONSTANT_Q | {"algorithm", "earlydownsample"},
        ),
        _complex("vqt"),
    ),
}
