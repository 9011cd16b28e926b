"""librosa's STFT, mel, MFCC, Griffin-Lim, decibels, CQT and VQT as ours, where librosa is installed."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from .peer import NoCounterpart, Peer, PeerMissing, Translation

PADDINGS = {("pad_mode", "replicate"): {"pad_mode": "edge"}}
CIRCULAR = frozenset({("pad_mode", "circular")})


def library() -> ModuleType:
    """librosa itself.

    Raises:
        PeerMissing: if it cannot be imported.
    """
    try:
        import librosa
    except ImportError as error:
        raise PeerMissing(
            "librosa is not installed, so it is not compared with: pip install nnaudio2-deploy[librosa]"
        ) from error
    module: ModuleType = librosa
    return module


def _pairs(spectrum: Any) -> Tensor:
    return torch.view_as_real(torch.from_numpy(spectrum))


def _stft(theirs: dict[str, Any], x: Tensor) -> Tensor:
    return _pairs(library().stft(x.numpy(), **theirs))


def _istft(theirs: dict[str, Any], X: Tensor, onesided: bool, length: int) -> Tensor:
    if not onesided:
        raise NoCounterpart("no onesided=False")
    spectrum = torch.view_as_complex(X.contiguous()).numpy()
    return torch.from_numpy(library().istft(spectrum, **theirs, length=length))


def _mel(theirs: dict[str, Any], x: Tensor) -> Tensor:
    return torch.from_numpy(library().feature.melspectrogram(y=x.numpy(), **theirs))


def _mfcc(theirs: dict[str, Any], x: Tensor) -> Tensor:
    return torch.from_numpy(library().feature.mfcc(y=x.numpy(), **theirs))


def _griffin_lim(theirs: dict[str, Any], S: Tensor, length: int) -> Tensor:
    return torch.from_numpy(library().griffinlim(S.numpy(), **theirs, length=length))


def _decibels(theirs: dict[str, Any], S: Tensor) -> Tensor:
    function = library().power_to_db if theirs["stype"] == "power" else library().amplitude_to_db
    return torch.from_numpy(function(S.numpy(), amin=1e-10, top_db=theirs["top_db"]))


def _constant_q(name: str) -> Callable[..., Tensor]:
    def call(theirs: dict[str, Any], x: Tensor) -> Tensor:
        return _pairs(getattr(library(), name)(x.numpy(), **theirs))

    return call


FRAMES = frozenset({"engine", "trainable", "trainable_kernels", "trainable_window", "iSTFT"})
MEL = frozenset({"engine", "trainable_mel", "trainable_STFT"})
WHOLE_SPECTRUM = {"freq_scale": "no", "freq_bins": None}
EXACT = {"fmax": None, "center": True, "output_format": "Complex", "filter_lengths": "fractional"}
DECIBELS = {"ref": 1.0, "amin": 1e-10, "top_db": 80.0}

PEERS = {
    "STFT": Peer(
        "librosa",
        "librosa.stft",
        Translation(
            values=PADDINGS,
            lacking=CIRCULAR,
            fixed={**WHOLE_SPECTRUM, "output_format": "Complex"},
            unheard=FRAMES | {"sr", "fmin", "fmax"},
        ),
        _stft,
    ),
    "iSTFT": Peer("librosa", "librosa.istft", Translation(fixed=WHOLE_SPECTRUM, unheard=FRAMES), _istft),
    "MelSpectrogram": Peer(
        "librosa",
        "librosa.feature.melspectrogram",
        Translation(values={("norm", 1): {"norm": "slaney"}, **PADDINGS}, lacking=CIRCULAR, unheard=MEL),
        _mel,
    ),
    "MFCC": Peer(
        "librosa",
        "librosa.feature.mfcc",
        Translation(
            values={("mel_norm", 1): {"mel_norm": "slaney"}, **PADDINGS},
            lacking=CIRCULAR,
            fixed=DECIBELS,
            unheard=MEL,
        ),
        _mfcc,
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
            unheard=frozenset({"engine", "trainable", "tolerance"}),
        ),
        _constant_q("cqt"),
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
            unheard=frozenset({"engine", "trainable", "tolerance", "algorithm", "earlydownsample"}),
        ),
        _constant_q("vqt"),
    ),
}
