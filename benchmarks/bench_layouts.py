"""Transforms on inputs as people have them, compared with the same transform on contiguous inputs.

Waveforms: a channel of ``(time, channels)`` audio, and a cut of a longer clip. Spectra: in the memory order
of torch.stft, and real and imaginary parts that a network returns as channels. Features: into a convolution
as they are, and copied first. The aim: none takes more than a quarter longer. Errors are differences from the
contiguous result.
"""

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor

from nnaudio2_core import CQT, MFCC, STFT, Gammatonegram, GriffinLim, MelSpectrogram, iCQT, iSTFT

from .clips import SR, clips
from .peers import FMIN, FRAMES, MEL
from .references import HOP, N_FFT, N_GAMMATONE, N_MFCC
from .row import Row
from .timing import Call, Peer, compare, relative_error

MOST = 1.25
Transform = Callable[[Tensor], Tensor]


def rows(quick: bool = False) -> Iterator[Row]:
    """Every row; ``quick`` runs on tiny problems."""
    x = clips(2, 1.0) if quick else clips(8, 10.0)
    case = f"{len(x)} clips of {x.size(-1) / SR:g} s"
    for name, as_they_have_it, contiguous in comparisons(x):
        exact = relative_error(contiguous())
        other = [Peer("ours, contiguous", lambda call=contiguous: call, target=MOST)]
        yield from compare(name, case, as_they_have_it, other, exact, quick=quick)


def comparisons(x: Tensor) -> "Iterator[tuple[str, Call, Call]]":
    """What is measured, and the two calls."""
    for name, transform in of_waveforms().items():
        for layout, given in waveforms(x).items():
            yield f"{name}, {layout}", partial(transform, given), partial(transform, x)
    for name, (transform, spectra) in of_spectra(x).items():
        for layout, given in pairs(spectra).items():
            yield f"{name}, {layout}", partial(transform, given), partial(transform, spectra)
    S = STFT(**FRAMES, output_format="Magnitude")(x)
    griffin_lim = GriffinLim(N_FFT, 4, hop_length=HOP)
    frames_first = S.transpose(-2, -1).contiguous().transpose(-2, -1)
    yield (
        "Griffin-Lim, frames first",
        partial(griffin_lim, frames_first),
        partial(griffin_lim, S.contiguous()),
    )
    for name, transform in of_waveforms().items():
        as_it_is, copied = into_a_convolution(transform, x)
        yield f"{name}, into a convolution", as_it_is, copied


def of_waveforms() -> "dict[str, Transform]":
    return {
        "STFT": STFT(**FRAMES, output_format="Magnitude"),
        "mel": MelSpectrogram(SR, **MEL),
        "MFCC": MFCC(SR, N_MFCC, **MEL),
        "gammatonegram": Gammatonegram(SR, **FRAMES, n_bins=N_GAMMATONE),
        "CQT": CQT(SR, HOP, fmin=FMIN),
    }


def waveforms(x: Tensor) -> "dict[str, Tensor]":
    """The same clips, as they lie in files and in longer tensors."""
    channels = torch.stack([x, x.flip(-1)], -1)
    longer = torch.nn.functional.pad(x, (1001, 2003))
    return {"(time, channels)": channels[..., 0], "cut of a longer clip": longer[:, 1001 : 1001 + x.size(-1)]}


def of_spectra(x: Tensor) -> "dict[str, tuple[Transform, Tensor]]":
    """Inverses, each with contiguous pairs of numbers."""
    stft, cqt = STFT(**FRAMES, output_format="Complex"), CQT(SR, HOP, fmin=FMIN, output_format="Complex")
    istft = partial(iSTFT(**FRAMES), onesided=True, length=x.size(-1))
    icqt = partial(iCQT(SR, HOP, fmin=FMIN), length=x.size(-1))
    return {"inverse STFT": (istft, stft(x).contiguous()), "iCQT": (icqt, cqt(x).contiguous())}


def pairs(spectra: Tensor) -> "dict[str, Tensor]":
    """The same spectra ``(clips, bins, frames, 2)`` in other memory orders."""
    return {
        "frames first": spectra.transpose(1, 2).contiguous().transpose(1, 2),
        "pairs as channels": spectra.permute(0, 3, 1, 2).contiguous().permute(0, 2, 3, 1),
    }


def into_a_convolution(transform: Transform, x: Tensor) -> "tuple[Call, Call]":
    """Features through the first layer of a network, as they are and copied."""
    layer = torch.nn.Conv2d(1, 4, 3)
    return lambda: layer(transform(x)[:, None]), lambda: layer(transform(x).contiguous()[:, None])
