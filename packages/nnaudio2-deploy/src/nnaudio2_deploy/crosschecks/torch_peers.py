"""``torch.stft`` and ``torch.istft`` as our ``STFT`` and ``iSTFT``."""

from collections.abc import Callable
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


def _stft(theirs: dict[str, Any]) -> Callable[..., Tensor]:
    window = theirs.pop("window")
    length = theirs["win_length"] or theirs["n_fft"]

    def call(x: Tensor) -> Tensor:
        frame = window(length, dtype=x.dtype)
        return torch.view_as_real(torch.stft(x, **theirs, window=frame, return_complex=True))

    return call


def _istft(theirs: dict[str, Any]) -> Callable[..., Tensor]:
    window = theirs.pop("window")
    samples = theirs["win_length"] or theirs["n_fft"]

    def call(X: Tensor, onesided: bool, length: int) -> Tensor:
        spectrum, frame = torch.view_as_complex(X.contiguous()), window(samples, dtype=X.dtype)
        return torch.istft(spectrum, **theirs, window=frame, onesided=onesided, length=length)

    return call


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
