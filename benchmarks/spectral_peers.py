"""Each peer's spectral transforms with the arguments that make them the same as ours.

Each function imports its package, builds the transform and returns it, to be called with one tensor.
"""

from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from .references import HOP, N_FFT, N_GAMMATONE, N_MELS, N_MFCC, TOP_DB
from .signals import SR

Transform = Any  # Callable[[Tensor], Any], but most peers have no types

FRAMES = {"n_fft": N_FFT, "hop_length": HOP}
MEL = {**FRAMES, "n_mels": N_MELS}
SLANEY = {"norm": "slaney", "mel_scale": "slaney"}  # torchaudio's defaults are HTK's scale and no norm
QUIET = {"verbose": False}  # nnaudio2's constructors print


def torch_stft() -> Transform:
    window = torch.hann_window(N_FFT)
    return lambda x: torch.stft(x, N_FFT, HOP, window=window, pad_mode="reflect", return_complex=True)


def torch_istft(length: int) -> Transform:
    window = torch.hann_window(N_FFT)
    return lambda X: torch.istft(X, N_FFT, HOP, window=window, length=length)


def torchaudio() -> Any:
    return import_module("torchaudio.transforms")


def torchaudio_mel() -> Transform:
    return torchaudio().MelSpectrogram(SR, **MEL, **SLANEY)


def torchaudio_mfcc() -> Transform:
    mfcc = torchaudio().MFCC(SR, N_MFCC, melkwargs={**MEL, **SLANEY})
    # An axis of channels, or it would count top_db from the maximum of the batch.
    return lambda x: mfcc(x.unsqueeze(1)).squeeze(1)


def torchaudio_griffin_lim(steps: int) -> Transform:
    griffin_lim = torchaudio().GriffinLim(N_FFT, steps, hop_length=HOP, power=1.0, momentum=0.99)

    def seeded(S: Tensor) -> Any:
        torch.manual_seed(0)  # it starts from torch's generator; ours has a seed of its own
        return griffin_lim(S)

    return seeded


def nnaudio2() -> Any:
    return import_module("nnAudio2.features")


def nnaudio2_stft() -> Transform:
    return nnaudio2().STFT(**FRAMES, **QUIET)


def nnaudio2_istft(length: int) -> Transform:
    istft = nnaudio2().iSTFT(**FRAMES, **QUIET)
    return lambda X: istft(X, onesided=True, length=length)


def nnaudio2_mel() -> Transform:
    return nnaudio2().MelSpectrogram(SR, **MEL, **QUIET)


def nnaudio2_mfcc() -> Transform:
    return nnaudio2().MFCC(SR, N_MFCC, top_db=TOP_DB, **MEL, **QUIET)


def nnaudio2_gammatone() -> Transform:
    return nnaudio2().Gammatonegram(SR, n_bins=N_GAMMATONE, **FRAMES, **QUIET)


def nnaudio2_griffin_lim(steps: int) -> Transform:
    return nnaudio2().Griffin_Lim(N_FFT, steps, hop_length=HOP)


def auvux() -> Any:
    """The package, with as many threads as torch."""
    dsp = import_module("auvux.dsp")
    dsp.set_num_threads(torch.get_num_threads())
    return dsp


def auvux_stft() -> Transform:
    return auvux().STFT(sr=SR, pad_mode="reflect", **FRAMES)


def auvux_istft(length: int) -> Transform:
    dsp = auvux()
    return lambda X: dsp.istft(X, sr=SR, length=length, **FRAMES)


def auvux_mel() -> Transform:
    return auvux().MelSpectrogram(sr=SR, pad_mode="reflect", **MEL)


def auvux_mfcc() -> Transform:
    return auvux().MFCC(sr=SR, n_mfcc=N_MFCC, top_db=TOP_DB, pad_mode="reflect", **MEL)
