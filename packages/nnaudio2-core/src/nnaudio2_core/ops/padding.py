"""Padding of a batch of waveforms, and how long a clip must be for it."""

import torch.nn.functional as F
from torch import Tensor

PAD_MODES = ("reflect", "constant", "replicate", "circular")


def pad_waveform(x: Tensor, amount: int, mode: str) -> Tensor:
    """Pad both ends of the time axis by ``amount`` samples.

    Shape:
        x: ``(batch, time)``
        returns: ``(batch, time + 2 * amount)``
    """
    if amount == 0:
        return x
    if mode == "constant":
        return F.pad(x, [amount, amount])
    return F.pad(x.unsqueeze(1), [amount, amount], mode=mode).squeeze(1)


def min_samples(amount: int, mode: str, width: int) -> int:
    """Fewest samples that ``pad_waveform`` accepts and that then fill one frame of ``width`` samples."""
    fill = max(1, width - 2 * amount)
    if amount > 0 and mode == "reflect":
        return max(fill, amount + 1)
    if amount > 0 and mode == "circular":
        return max(fill, amount)
    return fill
