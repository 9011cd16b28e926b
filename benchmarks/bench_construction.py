"""Construction time and memory of each transform, compared with the peers."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Callable

from nnaudio2_core import CFP, CQT, MFCC, STFT, VQT, Gammatonegram, GriffinLim, MelSpectrogram, iCQT, iSTFT

from . import peers
from .bench_cqt import GAMMA
from .clips import SR
from .references import HOP, N_FFT, N_GAMMATONE, N_MELS, N_MFCC
from .row import Row
from .timing import alternate, failure

FRAMES = {"n_fft": N_FFT, "hop_length": HOP}
PITCHES = {"sr": SR, "hop_length": HOP, "fmin": peers.FMIN}
BUILDERS: "list[tuple[str, Callable[[], Any], dict[str, Callable[[], Any]]]]" = [
    ("STFT", partial(STFT, **FRAMES), {peers.ROY: peers.roy_stft}),
    ("iSTFT", partial(iSTFT, **FRAMES), {}),
    ("GriffinLim", partial(GriffinLim, N_FFT, hop_length=HOP), {}),
    (
        "MelSpectrogram",
        partial(MelSpectrogram, SR, **FRAMES, n_mels=N_MELS),
        {"torchaudio": peers.torchaudio_mel, peers.ROY: peers.roy_mel},
    ),
    ("MFCC", partial(MFCC, SR, N_MFCC, **FRAMES, n_mels=N_MELS), {peers.ROY: peers.roy_mfcc}),
    (
        "Gammatonegram",
        partial(Gammatonegram, SR, **FRAMES, n_bins=N_GAMMATONE),
        {peers.ROY: peers.roy_gammatone},
    ),
    ("CQT", partial(CQT, **PITCHES), {peers.ROY: peers.roy_cqt}),
    ("VQT", partial(VQT, **PITCHES, gamma=GAMMA), {}),
    ("iCQT", partial(iCQT, **PITCHES), {}),
    ("CFP", CFP, {}),
]
QUICK = ("STFT", "MelSpectrogram", "CQT")


def rows(quick: bool = False) -> Iterator[Row]:
    """Two rows for each transform and peer: milliseconds, and megabytes of buffers and parameters."""
    for name, ours, others in BUILDERS:
        if quick and name not in QUICK:
            continue
        calls = {"": ours, **others}
        try:
            seconds = alternate(calls, quick)
        except ImportError as problem:
            yield Row(name, "construction", None, note=failure(problem))
            continue
        held = {peer: megabytes(build()) for peer, build in calls.items()}
        for peer in others or {"": None}:
            theirs = seconds.get(peer) if peer else None
            yield Row(name, "construction", 1e3 * seconds[""], peer, None if theirs is None else 1e3 * theirs)
            yield Row(name, "held by the module", held[""], peer, held[peer] if peer else None, unit="MB")


def megabytes(module: Any) -> float:
    """Size of parameters and buffers, including the buffers that are not saved."""
    tensors = [*module.parameters(), *module.buffers()]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors) / 1e6
