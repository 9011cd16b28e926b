"""The peers' transforms with the arguments that make them the same as ours.

Each function imports its package, builds the transform and returns it, to be called with one tensor. Those of
torch, torchaudio and librosa are the adapters of nnaudio2-deploy, which translate the config of a transform.
"""

from importlib import import_module
from typing import Any, Callable

import torch

from nnaudio2_core import CQT, MFCC, STFT, VQT, GriffinLim, MelSpectrogram, iSTFT
from nnaudio2_deploy.crosschecks import librosa_peers, torch_peers, torchaudio_peers

from .clips import SR
from .references import HOP, N_FFT, N_GAMMATONE, N_MELS, N_MFCC, TOP_DB

Transform = Callable[..., Any]

ROY = "nnAudio 2.0.3 (Roy et al.)"
"""The package nnaudio2 on PyPI, whose import name is nnAudio2."""

SPECUX = "specux"
"""Native kernels, forward and backward; the successor of auvux-dsp by the same author."""

FMIN = 32.7
FRAMES = {"n_fft": N_FFT, "hop_length": HOP}
MEL = {**FRAMES, "n_mels": N_MELS}
PITCHES: dict[str, Any] = {"sr": SR, "hop_length": HOP, "fmin": FMIN}
LIBROSA: dict[str, Any] = {"filter_lengths": librosa_peers.kernels(), "pad_mode": "constant"}
"""Arguments of our CQT and VQT that give the kernels of the installed librosa."""

QUIET = {"verbose": False}  # Roy et al.'s constructors print


def torch_stft(n_fft: int = N_FFT) -> Transform:
    return torch_peers.STFT.built(STFT(n_fft, hop_length=HOP).config)


def torch_istft(length: int) -> Transform:
    istft = torch_peers.iSTFT.built(iSTFT(**FRAMES).config)
    return lambda X: istft(X, True, length)


def torchaudio_mel(n_mels: int = N_MELS) -> Any:
    return torchaudio_peers.MelSpectrogram.built(MelSpectrogram(SR, **FRAMES, n_mels=n_mels).config)


def torchaudio_mfcc() -> Any:
    return torchaudio_peers.MFCC.built(MFCC(SR, N_MFCC, **MEL).config)


def torchaudio_griffin_lim(steps: int) -> Transform:
    griffin_lim = torchaudio_peers.GriffinLim.built(GriffinLim(N_FFT, steps, hop_length=HOP).config)
    return lambda S: griffin_lim(S, HOP * (S.size(-1) - 1))


def librosa_cqt() -> Transform:
    return magnitude(
        librosa_peers.PEERS["CQT"].built(CQT(**PITCHES, **LIBROSA, output_format="Complex").config)
    )


def librosa_vqt(gamma: float) -> Transform:
    vqt = VQT(**PITCHES, **LIBROSA, gamma=gamma, output_format="Complex")
    return magnitude(librosa_peers.PEERS["VQT"].built(vqt.config))


def magnitude(transform: Transform) -> Transform:
    return lambda x: torch.view_as_complex(transform(x)).abs()


def roy() -> Any:
    return import_module("nnAudio2.features")


def roy_stft() -> Transform:
    return roy().STFT(**FRAMES, **QUIET)


def roy_istft(length: int) -> Transform:
    istft = roy().iSTFT(**FRAMES, **QUIET)
    return lambda X: istft(X, onesided=True, length=length)


def roy_mel() -> Transform:
    return roy().MelSpectrogram(SR, **MEL, **QUIET)


def roy_mfcc() -> Transform:
    return roy().MFCC(SR, N_MFCC, top_db=TOP_DB, **MEL, **QUIET)


def roy_gammatone() -> Transform:
    return roy().Gammatonegram(SR, n_bins=N_GAMMATONE, **FRAMES, **QUIET)


def roy_griffin_lim(steps: int) -> Transform:
    return roy().Griffin_Lim(N_FFT, steps, hop_length=HOP)


def roy_cqt(n_bins: int = 84) -> Transform:
    return roy().CQT1992v2(**PITCHES, n_bins=n_bins, **QUIET)


def specux() -> Any:
    """The package, with as many threads as torch."""
    package = import_module("specux")
    package.set_num_threads(torch.get_num_threads())
    return package


def specux_stft() -> Transform:
    return specux().STFT(**FRAMES)


def specux_istft(length: int) -> Transform:
    istft = specux().ISTFT(**FRAMES)
    return lambda X: istft(X, length=length)


def specux_mel() -> Transform:
    return specux().MelSpectrogram(sr=SR, **MEL)


def specux_mfcc() -> Transform:
    return specux().MFCC(sr=SR, n_mfcc=N_MFCC, top_db=TOP_DB, **MEL)


def specux_cqt() -> Transform:
    return _times(specux().CQT(**PITCHES), CQT(**PITCHES, **LIBROSA).lengths)


def specux_vqt(gamma: float) -> Transform:
    return _times(specux().VQT(**PITCHES, gamma=gamma), VQT(**PITCHES, **LIBROSA, gamma=gamma).lengths)


def _times(transform: Transform, lengths: Any) -> Transform:
    """specux divides each bin by the length of its kernel once more than librosa does."""
    scale = torch.as_tensor(lengths, dtype=torch.float32)[:, None]
    return lambda x: transform(x) * scale
