"""What a clip's padding hid: frames beyond its first and last one, and samples beyond its ends.

Guessed for the first solve (a reflected clip has mirrored frames; elsewhere zeros), then replaced by those
that the reconstruction has, once its ends are extended as the transform extends them.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def mirrored_frames(frames: Tensor, times: Tensor, hop: int, omega: Tensor, phase: Tensor) -> Tensor:
    """Frames of a clip played backwards: the conjugates of those at ``times``, from the nearest frame.

    Between frames a bin is taken to turn at its centre frequency. Zero where there is no frame near.

    Shape:
        frames: ``(batch, n_bins, frames, 2)``
        times: ``(n,)``, samples
        omega: ``(n_bins,)``, centre frequencies in radians per sample
        phase: ``(n_bins,)``, phase of each kernel at the frame's sample
        returns: ``(batch, n_bins, n, 2)``
    """
    nearest = torch.div(2 * times + hop, 2 * hop, rounding_mode="floor")
    present = (nearest >= 0) & (nearest < frames.size(2))
    distance = (times - nearest * hop).to(omega.dtype)
    angle = omega.unsqueeze(1) * distance + 2.0 * phase.unsqueeze(1)
    cosine, sine = torch.cos(angle) * present, torch.sin(angle) * present
    near = frames[:, :, nearest.clamp(0, frames.size(2) - 1)]
    real, imaginary = near[..., 0], near[..., 1]
    return torch.stack([real * cosine - imaginary * sine, -real * sine - imaginary * cosine], -1)


def extended_frames(
    frames: Tensor, beyond: int, last: int, reflected: bool, hop: int, omega: Tensor, phase: Tensor
) -> Tensor:
    """Frames with ``beyond`` more on each side: mirrored about samples 0 and ``last``, or zeros.

    Shape:
        frames: ``(batch, n_bins, frames, 2)``
        returns: ``(batch, n_bins, frames + 2 * beyond, 2)``
    """
    if not reflected:
        return F.pad(frames, [0, 0, beyond, beyond])
    count = frames.size(2)
    left = torch.arange(beyond, 0, -1, device=frames.device) * hop
    right = 2 * last - torch.arange(count, count + beyond, device=frames.device) * hop
    return torch.cat(
        [
            mirrored_frames(frames, left, hop, omega, phase),
            frames,
            mirrored_frames(frames, right, hop, omega, phase),
        ],
        2,
    )


def extended_samples(x: Tensor, first: int, time: int, mode: str) -> Tensor:
    """A stretch of reconstruction whose samples outside of the clip are replaced as the padding would.

    Shape:
        x: ``(batch, samples)``, of which sample 0 of the clip stands at ``first`` and may lie outside
        returns: ``(batch, samples)``
    """
    size = x.size(1)
    place = torch.arange(size, device=x.device) - first
    inside = (place >= 0) & (place < time)
    if mode == "reflect":
        # Not 0 for one sample. ExecuTorch has no maximum of sizes.
        period = 2 * (time - 1) + 1 // time
        # The remainder, which torch's ONNX exporter takes of numbers alone, not of sizes.
        place = place - period * torch.div(place, period, rounding_mode="floor")
        place = torch.minimum(place, period - place)
        inside = torch.ones_like(inside)
    elif mode == "replicate":
        place = place.clamp(0, time - 1)
        inside = torch.ones_like(inside)
    # What lies outside the stretch is not known; it is farther away than any kernel reaches.
    place = place + first
    known = inside & (place >= 0) & (place < size)
    return torch.where(known, x[:, place.clamp(0, size - 1)], 0.0)
