"""Edits of the coefficients of an NSGT with ``layout="matrix"``: one band, what lasts, another pitch."""

import torch
import torch.nn.functional as F
from torch import Tensor

from nnaudio2_core import NSGT


def only_band(nsgt: NSGT, C: Tensor, low: float, high: float) -> Tensor:
    """The channels centred from ``low`` to ``high`` Hz; the others are zero.

    Shape:
        C: ``(..., bins, frames, 2)``
        returns: the same
    """
    kept = (nsgt.frequencies >= low) & (nsgt.frequencies <= high)
    return C * kept.to(C)[:, None, None]


def only_what_lasts(nsgt: NSGT, C: Tensor, seconds: float = 0.2, octaves: float = 1.0) -> Tensor:
    """Tones without attacks and noise: a mask of the energy along time over that along frequency as well.

    A tone has more energy in its channel over ``seconds`` than in the ``octaves`` around it, an attack less.

    Shape:
        C: ``(bins, frames, 2)``
        returns: the same

    Source: the idea is that of Fitzgerald (2010), "Harmonic/percussive separation using median filtering".
    """
    energy = C.square().sum(-1)
    along_time = mean_around(energy, seconds * nsgt.sr / nsgt.hop_length)
    along_frequency = mean_around(energy.T, octaves * nsgt.config["bins_per_octave"]).T
    mask = along_time.square() / (along_time.square() + along_frequency.square() + 1e-30)
    return C * mask[..., None]


def mean_around(values: Tensor, width: float) -> Tensor:
    """Mean of the values around each one, zeros beyond the ends.

    Shape:
        values: ``(rows, columns)``, averaged over columns
        returns: the same
    """
    reach = max(1, round(width / 2))
    sums: Tensor = F.avg_pool1d(values[:, None], 2 * reach + 1, stride=1, padding=reach)
    return sums[:, 0]


def other_pitch(nsgt: NSGT, C: Tensor, bins: int) -> Tensor:
    """Each partial ``bins`` channels higher, or lower if negative; the time stays.

    The phase of a partial must advance by the new frequency. So each coefficient is turned by what its
    partial, the nearest peak uphill in its frame, gains: (ratio - 1) times the frequency of the peak, from
    the turn of the frame before at the place of that peak. What is shifted beyond the scale is lost.

    Shape:
        C: ``(bins, frames, 2)``
        returns: the same

    Source: Laroche & Dolson (1999), "New phase-vocoder techniques for pitch-shifting, harmonizing and other
    exotic effects", for the phases; Schoerkhuber, Klapuri & Sontacchi (2013) for constant-Q channels.
    """
    X = torch.view_as_complex(C)[1:-1]  # without the channels around 0 Hz and at Nyquist
    peaks = uphill(X.abs())
    gained = (2 ** (bins / nsgt.config["bins_per_octave"]) - 1) * advances(nsgt, X)
    gained = gained.gather(0, peaks)  # turns of each coefficient from frame to frame
    turns = torch.zeros_like(gained)
    for n in range(1, turns.size(1)):
        turns[:, n] = torch.remainder(turns[peaks[:, n], n - 1] + gained[:, n], 1.0)
    Y = X * torch.polar(torch.ones_like(turns), 2 * torch.pi * turns)
    shifted = Y[: max(0, len(Y) - bins)] if bins >= 0 else Y[-bins:]
    below = min(len(Y), max(0, bins))
    above = len(Y) - below - len(shifted)
    return F.pad(torch.view_as_real(shifted), [0, 0, 0, 0, 1 + below, 1 + above])


def advances(nsgt: NSGT, X: Tensor) -> Tensor:
    """Frequency of each coefficient from the phases of two frames, turns a frame.

    Shape:
        X: complex ``(n_bins, frames)``
        returns: ``(n_bins, frames)``
    """
    centres = (nsgt.frequencies[1:-1] * (nsgt.hop_length / nsgt.sr)).to(X.real)[:, None]
    turned = (X[:, 1:] * X[:, :-1].conj()).angle() / (2 * torch.pi)
    # Phases give the frequency up to whole turns: the one nearest to the centre of the channel.
    found = turned + (centres - turned).round()
    return torch.cat([centres, found], 1)


def uphill(magnitude: Tensor) -> Tensor:
    """Bin of the peak that is uphill of each coefficient in its frame.

    Shape:
        magnitude: ``(n_bins, frames)``
        returns: ``(n_bins, frames)``, int64
    """
    beside = F.pad(magnitude, [0, 0, 1, 1], value=-1.0).unfold(0, 3, 1)
    bins = torch.arange(len(magnitude))[:, None]
    higher = (bins + beside.argmax(-1) - 1).clamp(0, len(magnitude) - 1)
    for _ in range(len(magnitude).bit_length()):  # each round doubles the steps
        higher = higher.gather(0, higher)
    return higher
