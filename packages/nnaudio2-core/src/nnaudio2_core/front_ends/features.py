"""From bands to features: logarithm, range, normalisation, stacking of frames.

All functions take ``(batch, frames, bands)``. ``counts`` holds the frames of each item of a padded batch,
``(batch,)``; None means that all are whole. Without gradients the logarithm and the affine map overwrite
intermediate results: fresh memory costs more than the arithmetic.
"""

from typing import Optional

import torch
import torch.nn.functional as F
from torch import Tensor

from ..module.graph_capture import capturing_graph, needs_derivative
from ..module.magnitude_phase import root
from .clips import valid


def logarithm(bands: Tensor, kind: str, floor: float, add_floor: bool, multiple: float) -> Tensor:
    """Logarithm of powers or magnitudes.

    Args:
        bands: numbers >= 0.
        kind: ``"ln"``, ``"log10"``, ``"db"`` (ten times log10), ``"log1p"``, or ``"none"``.
        floor: least value (not for ``"log1p"`` and ``"none"``).
        add_floor: add the floor instead.
        multiple: factor before ``"log1p"``.
    """
    if kind == "none":
        return bands
    if kind == "log1p":
        return torch.log1p(multiple * bands)
    guarded = bands + floor if add_floor else bands.clamp(min=floor)
    if overwritten(guarded):
        if kind == "ln":
            return guarded.log_()
        return guarded.log10_() if kind == "log10" else guarded.log10_().mul_(10.0)
    if kind == "ln":
        return guarded.log()
    return guarded.log10() if kind == "log10" else 10.0 * guarded.log10()


def overwritten(x: Tensor) -> bool:
    """True if an operation may overwrite ``x``: no gradient needs it, and it is no part of a graph."""
    return not (capturing_graph() or needs_derivative(x))


def within_range(y: Tensor, counts: Optional[Tensor], extent: float, maximum: Optional[float]) -> Tensor:
    """At least the maximum minus ``extent``: the maximum of each item, or a given one."""
    if maximum is not None:
        return y.clamp(min=maximum - extent)
    known = y
    if counts is not None:
        known = torch.where(valid(counts, y.size(1)).unsqueeze(2), y, -float("inf"))
    return torch.maximum(y, known.amax([1, 2], keepdim=True) - extent)


def affine(y: Tensor, mean: Tensor, factors: Tensor) -> Tensor:
    """``(y - mean) * factors``."""
    centred = y - mean
    return centred.mul_(factors) if overwritten(centred) else centred * factors


def normalized(
    y: Tensor,
    counts: Optional[Tensor],
    by_deviation: bool,
    ddof: int,
    variance_offset: float,
    deviation_offset: float,
) -> Tensor:
    """Each band of each item minus its mean over the frames, and divided by its standard deviation.

    Args:
        y: features.
        counts: frames of each item.
        by_deviation: divide; a deviation of zero divides by one.
        ddof: number subtracted from the frames to divide the sum of squares by.
        variance_offset: added to the variance.
        deviation_offset: added to the deviation.
    """
    known = torch.ones_like(y[:, :, :1])
    if counts is not None:
        known = valid(counts, y.size(1)).unsqueeze(2).to(y.dtype)
        y = torch.where(known > 0, y, 0.0)
    frames = known.sum(1, keepdim=True).clamp(min=1.0)
    centred = (y - y.sum(1, keepdim=True) / frames) * known
    centred = (centred - centred.sum(1, keepdim=True) / frames) * known  # without the round-off of the mean
    if not by_deviation:
        return centred
    variance = centred.square().sum(1, keepdim=True) / (frames - ddof).clamp(min=1.0)
    deviation = root(variance + variance_offset, 0.5) + deviation_offset
    return centred / torch.where(deviation == 0, 1.0, deviation)


def stacked(y: Tensor, counts: Optional[Tensor], size: int, hop: int, edges: str) -> Tensor:
    """Neighbouring frames side by side.

    Args:
        y: features, zeros after the end of each item.
        counts: frames of each item.
        size: frames in a stack.
        hop: frames between stacks.
        edges: ``"drop"`` keeps whole stacks only; ``"zeros"`` has a stack for each begun hop and fills it
            with zeros; ``"repeat"`` does the same with the last frame, and centres the first stack on the
            first frame, which it repeats.

    Shape:
        returns: ``(batch, stacks, size * bands)``
    """
    frames = y.size(1)
    if edges == "drop":
        n_stacks, before = (frames - size) // hop + 1, 0
    else:
        n_stacks, before = (frames + hop - 1) // hop, (size - 1) // 2 if edges == "repeat" else 0
    starts = torch.arange(n_stacks, device=y.device).unsqueeze(1) * hop
    source = (starts + torch.arange(size, device=y.device).unsqueeze(0)).flatten() - before
    if edges == "zeros":
        y = F.pad(y, [0, 0, 0, size + hop])
    elif counts is None:
        source = source.clamp(0, frames - 1)
    else:
        last = (counts - 1).clamp(min=0).unsqueeze(1)
        places = torch.minimum(source.clamp(min=0).unsqueeze(0), last)
        chosen = y.gather(1, places.unsqueeze(2).expand(-1, -1, y.size(2)))
        stacks: Tensor = chosen.unflatten(1, [n_stacks, size]).flatten(2)
        return stacks
    whole: Tensor = y.index_select(1, source).unflatten(1, [n_stacks, size]).flatten(2)
    return whole
