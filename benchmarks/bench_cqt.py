"""CQT and VQT compared with Roy et al., librosa and specux, and the growth of their cost.

84 bins from 32.7 Hz at hop 512. The comparison with Roy et al. has whole filter lengths and reflected ends,
those with librosa and specux have librosa's lengths and zeros. Errors are of the magnitude, against our
exact kernels in float64, which the tests hold to direct sums.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any, Callable

import torch
from torch import Tensor

from nnaudio2_core import CQT, VQT

from . import peers
from .clips import SR, clips
from .memory import memory_row
from .peers import FMIN, LIBROSA, SPECUX
from .references import HOP, energy_gradient
from .row import Row
from .timing import Peer, alternate, compare, relative_error

GAMMA = 10.0


def rows(quick: bool = False) -> Iterator[Row]:
    """Every row of the constant-Q family; ``quick`` runs on tiny problems."""
    x = clips(2, 1.0) if quick else clips(8, 10.0)
    case = f"{len(x)} clips of {x.size(-1) / SR:g} s"
    yield from against_roy(x, case, quick)
    yield from against_librosa(x, case, quick)
    yield from gradients(x, case, quick)
    yield from growth(quick)
    yield memory_row(
        "CQT",
        f"{10 if quick else 3600} s in one call",
        f"{__name__}:our_cqt",
        peers.ROY,
        f"{peers.__name__}:roy_cqt",
        (10 if quick else 3600) * SR,
        limit=500.0,
    )


def our_cqt(**arguments: Any) -> peers.Transform:
    return CQT(SR, HOP, fmin=FMIN, **arguments)


def our_vqt(**arguments: Any) -> peers.Transform:
    return VQT(SR, HOP, fmin=FMIN, gamma=GAMMA, **LIBROSA, **arguments)


def exact(transform: Callable[..., peers.Transform], x: Tensor, **arguments: Any) -> Tensor:
    return transform(tolerance=0.0, **arguments)(x.double())


def against_roy(x: Tensor, case: str, quick: bool) -> Iterator[Row]:
    others = [Peer(peers.ROY, lambda: partial(peers.roy_cqt(), x), target=1 / 8)]
    return compare("CQT", case, partial(our_cqt(), x), others, relative_error(exact(our_cqt, x)), quick=quick)


def against_librosa(x: Tensor, case: str, quick: bool) -> Iterator[Row]:
    others = [
        Peer("librosa", lambda: partial(peers.librosa_cqt(), x), target=1 / 4),
        Peer(SPECUX, lambda: partial(peers.specux_cqt(), x), target=1.0),
    ]
    error = relative_error(exact(our_cqt, x, **LIBROSA))
    yield from compare("CQT, librosa's", case, partial(our_cqt(**LIBROSA), x), others, error, quick=quick)
    others = [
        Peer("librosa", lambda: partial(peers.librosa_vqt(GAMMA), x), target=1 / 3),
        Peer(SPECUX, lambda: partial(peers.specux_vqt(GAMMA), x), target=1.0),
    ]
    error = relative_error(exact(our_vqt, x))
    yield from compare(f"VQT, gamma {GAMMA:g}", case, partial(our_vqt(), x), others, error, quick=quick)


def gradients(x: Tensor, case: str, quick: bool) -> Iterator[Row]:
    """Gradients of the energy. That of a magnitude has no limit at 0, where float32 decides its direction."""
    for name, ours, peer, build, target in (
        ("CQT", our_cqt, peers.ROY, peers.roy_cqt, 1 / 6),
        ("CQT, librosa's", partial(our_cqt, **LIBROSA), SPECUX, peers.specux_cqt, 1.0),
        (f"VQT, gamma {GAMMA:g}", our_vqt, SPECUX, partial(peers.specux_vqt, GAMMA), 1.0),
    ):
        error = relative_error(energy_gradient(ours(tolerance=0.0), x.double()))
        yield from compare(
            f"{name}, forward and backward",
            case,
            partial(energy_gradient, ours(), x),
            [Peer(peer, partial(energy_gradient_of, build, x), target)],
            error,
            quick=quick,
            gradient=True,
            note="error of the gradient",
        )


def energy_gradient_of(build: Callable[[], peers.Transform], x: Tensor) -> Callable[[], Tensor]:
    return partial(energy_gradient, build(), x)


def growth(quick: bool) -> Iterator[Row]:
    """Time of one clip, with one size growing at a time."""
    hops = (1, 7, 8, 64, 127, 441, 509, 512, 1021, 1024, 4093, 4096)
    cases: list[tuple[str, int, float, dict[str, Any]]] = []
    cases += [("s", seconds, seconds, {}) for seconds in (1, 10, 30)]
    cases += [("bins", bins, 10, {"n_bins": bins}) for bins in (12, 24, 48, 84, 100)]
    cases += [
        ("bins an octave", bins, 10, {"bins_per_octave": bins, "n_bins": 7 * bins})
        for bins in (12, 24, 48, 96)
    ]
    cases += [("hop", hop, 10, {"hop_length": hop}) for hop in hops]
    for axis, value, seconds, arguments in cases[:1] if quick else cases:
        x = clips(1, min(1, seconds) if quick else seconds)
        transform = CQT(SR, **{"fmin": FMIN, "hop_length": HOP, **arguments})
        with torch.inference_mode():
            seconds_taken = alternate({"": partial(transform, x)}, quick)[""]
            y = transform(x)
            # by direct products: with nothing dropped, the block spectra of 672 bins would not fit in memory
            reference = CQT(
                SR, engine="real", tolerance=0.0, **{"fmin": FMIN, "hop_length": HOP, **arguments}
            )
            part = x[:, : 3 * SR].double()
            error = relative_error(reference(part))(transform(part.float()))
        held = f"{transform.bank.constants.numel() * 4 / 1e6:.0f} MB held"
        cost = (
            f"{1e9 * seconds_taken / x.numel():.0f} ns a sample, {1e9 * seconds_taken / y.numel():.1f} a bin"
        )
        note = f"{cost}, {held}"
        case = f"{axis} {value}" if axis == "hop" else f"{value} {axis}"
        yield Row("CQT, one clip", case, 1e3 * seconds_taken, error=error, note=note, axis=axis, value=value)
