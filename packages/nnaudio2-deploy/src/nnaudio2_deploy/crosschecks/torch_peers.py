"""``torch.stft`` and ``torch.istft`` as our ``STFT`` and ``iSTFT``."""

from typing import Any

import torch
from torch import Tensor

from .peer import Peer, Translation, Values

WINDOWS: Values = {
    ("window", "hann"): {"window": torch.hann_window},
    ("window", "hamming"): {"window": torch.hamming_window},
}
"""Periodic windows, as ours are; torch has a function for each."""

UNHEARD = frozenset({"engine", "trainable", "trainable_kernels", "trainable_window", "iSTFT"})
"""Arguments that choose how a transform is computed or trained, not what it computes."""

WHOLE_SPECTRUM = {"freq_scale": "no", "freq_bins": None}


def _window(theirs: dict[str, Any], like: Tensor) -> Tensor:
    length = theirs["win_length"] or theirs["n_fft"]
    window: Tensor = theirs["window"](length, dtype=like.dtype)
    return window


def _stft(theirs: dict[str, Any], x: Tensor) -> Tensor:
    spectrum = torch.stft(x, **{**theirs, "window": _window(theirs, x)}, return_complex=True)
    return torch.view_as_real(spectrum)


def _istft(theirs: dict[str, Any], X: Tensor, onesided: bool, length: int) -> Tensor:
    arguments = {**theirs, "window": _window(theirs, X)}
    return torch.istft(torch.view_as_complex(X.contiguous()), **arguments, onesided=onesided, length=length)


def stft(x: Tensor, n_fft: int, hop_length: int) -> Tensor:
    """``torch.stft`` with a periodic Hann window and reflected ends.

    Shape:
        x: ``(time,)``
        returns: ``(n_fft // 2 + 1, frames, 2)``
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
