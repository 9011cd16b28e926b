"""Subjects of the cross-check: a transform, a grid of its arguments, its peers and the bound."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Optional

from torch import Tensor, nn

import nnaudio2_core as core
from nnaudio2_core.bands.decibels import power_to_db

from ..measures import relative_error, relative_rms, spectral_convergence
from . import librosa_peers, torch_peers, torchaudio_peers
from .peer import Arguments, Peer

Inputs = tuple[Any, ...]


class Decibels(nn.Module):
    """The decibels inside our ``MFCC``, with the arguments of torchaudio's ``AmplitudeToDB``."""

    def __init__(self, stype: str, top_db: Optional[float]) -> None:
        super().__init__()
        self.stype, self.top_db = stype, top_db
        self.config = {"stype": stype, "top_db": top_db}

    def forward(self, S: Tensor) -> Tensor:
        """Shape: ``(bins, frames)`` to the same."""
        power, amin = (S, 1e-10) if self.stype == "power" else (S.square(), 1e-20)
        return power_to_db(power.unsqueeze(0), 1.0, amin, self.top_db).squeeze(0)


def _waveform(x: Tensor, config: Arguments) -> Inputs:
    return (x,)


def _complex(x: Tensor, config: Arguments) -> Inputs:
    frames = {name: config[name] for name in ("n_fft", "win_length", "hop_length", "window", "center")}
    X = torch_peers.STFT(frames, x)
    covered = config["hop_length"] * (X.size(-2) - 1)
    return X, True, covered


def _magnitude(x: Tensor, config: Arguments) -> Tensor:
    magnitude: Tensor = torch_peers.stft(x, config.get("n_fft", 512), config.get("hop_length", 128)).norm(
        dim=-1
    )
    return magnitude


def _largest(ours: Tensor, theirs: Tensor, config: Arguments, inputs: Inputs) -> float:
    return relative_error(ours, theirs)


def _inner_rms(ours: Tensor, theirs: Tensor, config: Arguments, inputs: Inputs) -> float:
    ends = ours.size(1) // 4
    return relative_rms(ours[:, ends:-ends], theirs[:, ends:-ends])


def excess_of_misfit(ours: Tensor, theirs: Tensor, config: Arguments, inputs: Inputs) -> float:
    """Misfit of the magnitudes of ours over that of theirs, minus 1; 0 where ours fit better."""
    misfit = [spectral_convergence(_magnitude(y, config), inputs[0]) for y in (ours, theirs)]
    return max(0.0, misfit[0] / misfit[1] - 1)


@dataclass(frozen=True)
class Subject:
    """A transform of ours and its peers.

    ``grid`` holds its arguments but for the sampling rate, which is given where it is ``rated``. ``feed``
    makes the inputs, which ours and the peers share, of a waveform and the config.
    """

    name: str
    build: Callable[..., Any]
    grid: Sequence[Arguments]
    bound: float
    rated: bool = True
    feed: Callable[[Tensor, Arguments], Inputs] = _waveform
    error: Callable[[Tensor, Tensor, Arguments, Inputs], float] = _largest
    measure: str = ""
    """Name of ``error``, where it is not the largest difference over the maximum."""

    @property
    def peers(self) -> list[Peer]:
        """Functions of other libraries that compute the same."""
        tables = (torch_peers.PEERS, torchaudio_peers.PEERS, librosa_peers.PEERS)
        return [table[self.name] for table in tables if self.name in table]


def grid(**choices: Sequence[Any]) -> list[Arguments]:
    """Every combination."""
    return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]


Choices = dict[str, Sequence[Any]]

FRAMES: Choices = {"n_fft": [512], "hop_length": [128]}
MEL: Choices = {**FRAMES, "n_mels": [40], "htk": [False, True]}
WINDOWED: Choices = {"n_fft": [512, 600], "hop_length": [128], "win_length": [None, 400]}
BINS: Choices = {"hop_length": [256], "fmin": [110.0], "n_bins": [60], "pad_mode": ["constant"]}
EXACT: Choices = {"filter_lengths": [librosa_peers.kernels()], "output_format": ["Complex"]}

SUBJECTS = (
    Subject(
        "STFT",
        core.STFT,
        [
            *grid(**WINDOWED, window=["hann", "hamming"], center=[True, False]),
            *grid(**FRAMES, pad_mode=["constant", "replicate", "circular"]),
        ],
        bound=2e-6,  # a dozen roundings of 6e-8 each
        rated=False,
    ),
    Subject(
        "iSTFT",
        core.iSTFT,
        [
            *grid(**WINDOWED, window=["hann", "hamming"]),
            # torch refuses a window that is 0 at its end, as Hann's is, where there is no padding to cut off
            *grid(**FRAMES, window=["hamming"], center=[False]),
        ],
        bound=2e-6,
        rated=False,
        feed=_complex,
    ),
    Subject(
        "MelSpectrogram",
        core.MelSpectrogram,
        [
            *grid(**MEL, norm=["slaney", None], power=[1.0, 2.0]),
            *grid(**MEL, fmin=[50.0], fmax=[7000.0]),
            *grid(**MEL, win_length=[400], window=["hamming"], center=[False]),
        ],
        bound=5e-6,  # sums of hundreds of squared bins, in another order
    ),
    Subject(
        "MFCC",
        core.MFCC,
        grid(n_mfcc=[13, 40], norm=["ortho", None], mel_norm=["slaney", None], **MEL),
        bound=2e-5,  # decibels magnify the round-off of quiet bands
    ),
    Subject(
        "GriffinLim",
        core.GriffinLim,
        grid(**FRAMES, n_iter=[32], init=["random", "gradient"]),
        bound=0.5,  # another seed changes it by a third
        rated=False,
        feed=lambda x, config: (_magnitude(x, config), x.size(-1)),
        error=excess_of_misfit,
        measure="misfit of the magnitudes, ours / theirs - 1, at least 0",
    ),
    Subject(
        "decibels",
        Decibels,
        grid(stype=["power", "magnitude"], top_db=[80.0, None]),
        bound=2e-6,
        rated=False,
        feed=lambda x, config: (_magnitude(x, {}),),
    ),
    Subject(
        "CQT",
        core.CQT,
        grid(**BINS, **EXACT),
        bound=5e-4,  # librosa leaves out the negative frequencies of its kernels, and resamples
        error=_inner_rms,
        measure="rms of the difference / rms, between the quarters at the ends of the clip",
    ),
    Subject(
        "VQT",
        core.VQT,
        grid(**BINS, **EXACT, gamma=[0.0, 10.0]),
        bound=5e-4,
        error=_inner_rms,
        measure="rms of the difference / rms, between the quarters at the ends of the clip",
    ),
)
