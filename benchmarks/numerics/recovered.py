"""Signal-to-error ratios of the approximate inverses, in dB, compared with the peers."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import librosa
import numpy as np
import torch
from tests import tolerances as bound
from tests.oracles.dense_inverse import snr
from torch import Tensor

from nnaudio2_core import STFT, VQT, CQT1992v2, GriffinLim, Inverse, iCQT, iVQT

from .. import peers
from ..bench_icqt import chirp, peer_class, tone
from ..clips import clips
from ..references import HOP, N_FFT
from .comparison import as_array

STEPS = 32


@dataclass(frozen=True)
class Recovered:
    """One signal through a transform and back; decibels, more is better."""

    transform: str
    signal: str
    whole: float
    inside: float
    """Farther than half a frame from both ends."""
    floor: float
    """Bound of the tests for ``whole``."""
    peers: Mapping[str, float]


def recovered(quick: bool) -> Iterator[Recovered]:
    """Every line; ``quick`` leaves out the peers, which need seconds for a clip, and long signals."""
    yield from constant_q(quick)
    yield variable_q()
    yield logarithmic()
    yield griffin_lim(quick)


def constant_q(quick: bool) -> Iterator[Recovered]:
    cases = {
        "440 Hz, 1 s at 44.1 kHz, hop 512": (tone(), 44100, 512),
        "chirp 100 - 800 Hz, hop 512": (chirp(800), 22050, 512),
        "chirp 100 - 3000 Hz, hop 64": (chirp(3000), 22050, 64),
    }
    for name, (x, sr, hop) in list(cases.items())[: 1 if quick else None]:
        shared: dict[str, Any] = {"sr": sr, "hop_length": hop, "n_bins": 84}
        cqt = CQT1992v2(**shared, output_format="Complex", tolerance=1e-6)
        X = cqt(x)
        y = iCQT(**shared)(X, length=len(x))
        others = {}
        if not quick:
            with torch.no_grad():
                others[f"{peers.ROY}, 32 Landweber steps"] = decibels(
                    x, peer_class()(**shared, verbose=False)(X[None], len(x))[0]
                )
            others["librosa.icqt"] = decibels(x, through_librosa(x.numpy(), sr, hop))
        margin = 16384 * sr // 44100  # half the longest kernel, rounded up to a power of two
        yield Recovered(
            "iCQT", name, decibels(x, y), decibels(x, y, margin), bound.RECOVERED_DB[f"iCQT, {name}"], others
        )


def through_librosa(x: Any, sr: int, hop: int) -> Any:
    X = librosa.cqt(x, sr=sr, hop_length=hop, fmin=32.7)
    return librosa.icqt(X, sr=sr, hop_length=hop, fmin=32.7, length=len(x))


def variable_q() -> Recovered:
    shared: dict[str, Any] = {"sr": 22050, "hop_length": 64, "gamma": 10.0}
    x = chirp(3000)
    y = iVQT(**shared)(VQT(**shared, output_format="Complex", tolerance=1e-6)(x), length=len(x))
    name = "chirp 100 - 3000 Hz, hop 64, gamma 10"
    return Recovered(
        "iVQT", name, decibels(x, y), decibels(x, y, 8192), bound.RECOVERED_DB[f"iVQT, {name}"], {}
    )


def logarithmic() -> Recovered:
    stft = STFT(1024, hop_length=128, sr=22050, freq_scale="log", freq_bins=300, fmin=60, fmax=8000)
    x = chirp(3000)
    y = Inverse(stft)(stft(x), length=len(x))
    name = "chirp 100 - 3000 Hz, STFT on 300 logarithmic bins"
    return Recovered(
        "Inverse", name, decibels(x, y), decibels(x, y, 512), bound.RECOVERED_DB[f"Inverse, {name}"], {}
    )


def griffin_lim(quick: bool) -> Recovered:
    """Griffin-Lim, by the convergence of the magnitudes to the given ones."""
    x = clips(1, 2.0 if quick else 10.0)[0]
    stft = STFT(N_FFT, hop_length=HOP, output_format="Magnitude")
    S = stft(x)

    def convergence(y: Tensor, margin: int = 0) -> float:
        inside = slice(margin, S.size(-1) - margin)
        error = (stft(y) - S)[:, inside].norm() / S[:, inside].norm()
        return -20 * math.log10(float(error))

    y = GriffinLim(N_FFT, STEPS, hop_length=HOP)(S, length=len(x))
    others = {}
    if not quick:
        others["torchaudio"] = convergence(peers.torchaudio_griffin_lim(STEPS)(S))
        z = librosa.griffinlim(
            S.numpy(), n_iter=STEPS, hop_length=HOP, length=len(x), pad_mode="reflect", random_state=0
        )
        others["librosa"] = convergence(torch.from_numpy(z))
    name = f"trumpet, magnitudes after {STEPS} steps"
    return Recovered(
        "GriffinLim",
        name,
        convergence(y),
        convergence(y, 2),
        bound.RECOVERED_DB[f"GriffinLim, {name}"],
        others,
    )


def decibels(x: Tensor, y: Any, margin: int = 0) -> float:
    return snr(x.double().numpy(), np.asarray(as_array(y), dtype=np.float64), margin)
