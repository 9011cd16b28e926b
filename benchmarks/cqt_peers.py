"""Each peer's constant-Q transforms: 84 bins from 32.7 Hz, hop 512. Each function imports its package."""

from typing import Any, Callable

from torch import Tensor

from .signals import SR
from .spectral_peers import auvux

Transform = Callable[[Tensor], Any]

FMIN, HOP = 32.7, 512


def nnaudio2_cqt() -> Transform:
    from nnAudio2.features import CQT1992v2

    return CQT1992v2(sr=SR, hop_length=HOP, fmin=FMIN, verbose=False)


def librosa_cqt() -> Transform:
    import librosa

    return lambda x: abs(librosa.cqt(x.numpy(), sr=SR, hop_length=HOP, fmin=FMIN, sparsity=0))


def librosa_vqt(gamma: float) -> Transform:
    import librosa

    return lambda x: abs(librosa.vqt(x.numpy(), sr=SR, hop_length=HOP, fmin=FMIN, gamma=gamma, sparsity=0))


def auvux_cqt() -> Transform:
    return auvux().CQT(sr=SR, hop_length=HOP, fmin=FMIN)


def auvux_vqt(gamma: float) -> Transform:
    return auvux().VQT(sr=SR, hop_length=HOP, fmin=FMIN, gamma=gamma)
