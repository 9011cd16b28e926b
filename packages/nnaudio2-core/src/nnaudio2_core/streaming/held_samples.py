"""Samples that a stream holds for later frames, with the padding of a clip that comes block by block.

All of it follows from the number of samples received so far, so a state needs no other numbers.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..framing.frame_geometry import FrameGeometry, left_need, right_need


def held_samples(geometry: FrameGeometry, final: int, total: int) -> int:
    """Samples to hold after ``total`` samples of a clip, of which the frames before ``final`` are computed.

    The next frame needs the samples from its first one on, the padding on the right the last ones; before the
    padding on the left is known, all.
    """
    if total < left_need(geometry):
        return total
    padded = total + geometry.before
    return min(padded, max(padded - final * geometry.hop, right_need(geometry), 0))


def with_block(held: Tensor, block: Tensor, geometry: FrameGeometry, before: int) -> Tensor:
    """Held samples and a new block, padded on the left as soon as that padding is known.

    Shape:
        held: ``(batch, held)``, after ``before`` samples of the clip
        block: ``(batch, samples)``
        returns: ``(batch, time)``
    """
    samples = torch.cat([held, block], 1)
    if before < left_need(geometry) and before + block.size(1) >= left_need(geometry):
        return padded_start(samples, geometry.before, geometry.pad_mode)
    return samples


def from_frame(samples: Tensor, geometry: FrameGeometry, frame: int, total: int) -> Tensor:
    """The held samples from the first one of a frame on.

    Args:
        samples: the last ones of the clip, padded on the left.
        geometry: place of the frames.
        frame: its number.
        total: samples of the clip up to the last one of ``samples``.
    """
    skipped = frame * geometry.hop - (total + geometry.before - samples.size(1))
    return samples[:, min(samples.size(1), max(0, skipped)) :]


def stretch_of(samples: Tensor, geometry: FrameGeometry, frames: int) -> Tensor:
    """The samples of some frames, at least one, from ``samples`` on; those that no frame sees are zeros.

    Shape:
        samples: ``(batch, time)``, time >= ``(frames - 1) * hop + seen``
        returns: ``(batch, (frames - 1) * hop + width)``
    """
    width = geometry.width + (frames - 1) * geometry.hop
    known = min(samples.size(1), width - geometry.width + geometry.seen)
    return F.pad(samples[:, :known], [0, width - known])


def padded_start(x: Tensor, amount: int, mode: str) -> Tensor:
    """The first samples of a clip with its padding on the left; a negative amount leaves samples out.

    Shape:
        x: ``(batch, time)``, at least ``frame_geometry.left_need`` samples
        returns: ``(batch, time + amount)``
    """
    if amount < 0:
        return x[:, -amount:]
    if amount == 0:
        return x
    if mode == "reflect":
        return torch.cat([x[:, 1 : amount + 1].flip(1), x], 1)
    if mode == "mirror":
        return torch.cat([x[:, :amount].flip(1), x], 1)
    if mode == "replicate":
        return torch.cat([x[:, :1].expand(-1, amount), x], 1)
    return F.pad(x, [amount, 0])


def padded_end(x: Tensor, amount: int, mode: str) -> Tensor:
    """The last samples of a clip with its padding on the right; a negative amount leaves samples out.

    Shape:
        x: ``(batch, time)``, at least ``frame_geometry.right_need`` samples
        returns: ``(batch, time + amount)``
    """
    if amount < 0:
        return x[:, : max(0, x.size(1) + amount)]
    if amount == 0:
        return x
    if mode == "reflect":
        return torch.cat([x, x[:, -amount - 1 : -1].flip(1)], 1)
    if mode == "mirror":
        return torch.cat([x, x[:, -amount:].flip(1)], 1)
    if mode == "replicate":
        return torch.cat([x, x[:, -1:].expand(-1, amount)], 1)
    return F.pad(x, [0, amount])
