"""Adapters of torch: ``torch.stft`` and ``torch.istft``."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from .peer import Peer, Translation, Values

WINDOWS: Values = {
    ("window", "hann"): {"window": torch.hann_window},
    ("window", "hamming"): {"window": torch.hamming_window},
}
"""Periodic windows, as ours are; torch has a function for each."""

UNHEARD = frozenset(
    {
        "engine",
        "iSTFT",
        "return_complex",
        "trainable",
        "trainable_STFT",
        "trainable_kernels",
        "trainable_mel",
        "trainable_window",
    }
)
"""Arguments that choose how a transform is computed, trained or returned, not what it computes."""

WHOLE_SPECTRUM = {"freq_scale": "no", "freq_bins": None}


def _window(theirs: dict[str, Any]) -> Callable[[torch.dtype, torch.device], Tensor]:
    """The window, taken out of torch's arguments, for a type and a device; built once for each."""
    make, length = theirs.pop("window"), theirs["win_length"] or theirs["n_fft"]
    return lru_cache(lambda dtype, device: make(length, dtype=dtype, device=device))


def _stft(theirs: dict[str, Any]) -> Callable[..., Tensor]:
    window = _window(theirs)

    def call(x: Tensor) -> Tensor:
        frame = window(x.dtype, x.device)
        return torch.view_as_real(torch.stft(x, **theirs, window=frame, return_complex=True))

    return call


def _istft(theirs: dict[str, Any]) -> Callable[..., Tensor]:
    window = _window(theirs)

    def call(X: Tensor, onesided: bool, length: int) -> Tensor:
        pairs = X if X.stride(-1) == 1 else X.contiguous()
        spectrum, frame = torch.view_as_complex(pairs), window(X.dtype, X.device)
        return torch.istft(spectrum, **theirs, window=frame, onesided=onesided, length=length)

    return call


def stft(x: Tensor, n_fft: int, hop_length: int) -> Tensor:
    """``torch.stft`` with a periodic Hann window and reflected ends.

    Shape:
        x: ``(..., time)``
        returns: ``(..., n_fft // 2 + 1, frames, 2)``
    """
    frames = {"n_fft": n_fft, "hop_length": hop_length, "win_length": None, "pad_mode": "reflect"}
    return STFT({**frames, "window": "hann"}, x)


STFT = Peer(
    "torch",
    "torch.stft",
    Translation(
        values=WINDOWS,
        fixed={**WHOLE_SPECTRUM, "output_format": "Complex"},
        unheard=UNHEARD | {"sr", "fmin", "fmax"},
    ),
    _stft,
)

iSTFT = Peer(
    "torch", "torch.istft", Translation(values=WINDOWS, fixed=WHOLE_SPECTRUM, unheard=UNHEARD), _istft
)

PEERS = {"STFT": STFT, "iSTFT": iSTFT}
