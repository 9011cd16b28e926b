"""Adapters of torchaudio: mel spectrogram, MFCC, Griffin-Lim and decibels.

torchaudio is imported at its first use; without it everything else still works.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from importlib import import_module
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import first_line
from ..extras import extra
from .peer import Peer, PeerMissing, Translation, Values
from .torch_peers import UNHEARD

WINDOWS: Values = {
    ("window", "hann"): {"window_fn": torch.hann_window},
    ("window", "hamming"): {"window_fn": torch.hamming_window},
}


def transforms() -> ModuleType:
    """``torchaudio.transforms``.

    Raises:
        PeerMissing: if it cannot be imported.
    """
    try:
        with extra("crosscheck", "a comparison with torchaudio", PeerMissing):
            return import_module("torchaudio.transforms")
    except OSError as error:
        raise PeerMissing(
            f"torchaudio does not fit the installed torch ({first_line(error)}): "
            "install the torchaudio that belongs to your torch"
        ) from error


class _OfEachClip(nn.Module):
    """A transform for which each clip is a batch: torchaudio counts top_db from the maximum of a batch."""

    def __init__(self, transform: nn.Module) -> None:
        super().__init__()
        self.transform = transform

    def forward(self, x: Tensor) -> Tensor:
        """Shape: ``(..., time)`` to ``(..., rows, frames)``."""
        result: Tensor = self.transform(x.unsqueeze(-2)).squeeze(-3)
        return result


def _mel(theirs: dict[str, Any]) -> Callable[..., Tensor]:
    module: nn.Module = transforms().MelSpectrogram(**theirs)
    return module


def _mfcc(theirs: dict[str, Any]) -> Callable[..., Tensor]:
    inner = {name.removeprefix(INNER): theirs[name] for name in theirs if name.startswith(INNER)}
    outer = {name: theirs[name] for name in theirs if not name.startswith(INNER)}
    return _OfEachClip(transforms().MFCC(**outer, melkwargs=inner))


def _griffin_lim(theirs: dict[str, Any]) -> Callable[..., Tensor]:
    seed, make = theirs.pop("seed"), lru_cache(partial(transforms().GriffinLim, **theirs))

    def call(S: Tensor, length: int) -> Tensor:
        module = make(length=length)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            result: Tensor = module(S)
        return result

    return call


def _decibels(theirs: dict[str, Any]) -> Callable[..., Tensor]:
    module: nn.Module = transforms().AmplitudeToDB(**theirs)
    return module


SCALES: Values = {("htk", True): {"mel_scale": "htk"}, ("htk", False): {"mel_scale": "slaney"}}
NORM: Values = {("norm", 1): {"norm": "slaney"}}

MelSpectrogram = Peer(
    "torchaudio",
    "torchaudio.transforms.MelSpectrogram",
    Translation(
        names={"sr": "sample_rate", "fmin": "f_min", "fmax": "f_max"},
        values={**SCALES, **NORM, **WINDOWS},
        unheard=UNHEARD,
    ),
    _mel,
)

INNER = "melkwargs."
_OUTER = {"sr": "sample_rate", "n_mfcc": "n_mfcc", "norm": "norm"}
_TO_MEL = {"fmin": "f_min", "fmax": "f_max", "mel_norm": "norm"}
_ALIKE = ("n_fft", "win_length", "hop_length", "n_mels", "center", "pad_mode", "power")
_MEL_VALUES: Values = {**SCALES, **WINDOWS, ("mel_norm", 1): {"norm": "slaney"}}

MFCC = Peer(
    "torchaudio",
    "torchaudio.transforms.MFCC",
    Translation(
        names={**_OUTER, **{ours: INNER + _TO_MEL.get(ours, ours) for ours in (*_TO_MEL, *_ALIKE)}},
        values={
            pair: {INNER + name: value for name, value in theirs.items()}
            for pair, theirs in _MEL_VALUES.items()
        },
        fixed={"ref": 1.0, "amin": 1e-10, "top_db": 80.0},
        unheard=UNHEARD,
    ),
    _mfcc,
)

# Its random phases are not ours, so the waveforms differ; the misfits of their magnitudes can be compared.
GriffinLim = Peer(
    "torchaudio",
    "torchaudio.transforms.GriffinLim",
    Translation(
        values={
            ("init", "random"): {"rand_init": True},
            ("init", "gradient"): {"rand_init": True},
            **WINDOWS,
        },
        fixed={"center": True, "pad_mode": "reflect"},
        unheard=frozenset({"engine"}),
    ),
    _griffin_lim,
)

Decibels = Peer("torchaudio", "torchaudio.transforms.AmplitudeToDB", Translation(), _decibels)

PEERS = {"MelSpectrogram": MelSpectrogram, "MFCC": MFCC, "GriffinLim": GriffinLim, "decibels": Decibels}
