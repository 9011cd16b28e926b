"""What a clip's padding hid: frames beyond its first and last one, and samples beyond its ends.

Guessed for the first solve (a reflected clip has mirrored frames; one without padding has what the nearest
frames predict; elsewhere zeros), then replaced by those that the reconstruction has, once its ends are
extended as the transform extends them.
"""

from typing import Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..module.precision import matmul


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


def mirrored_ends(
    frames: Tensor, beyond: int, last: int, hop: int, omega: Tensor, phase: Tensor
) -> Tuple[Tensor, Tensor]:
    """``beyond`` frames before the first and after the last one, mirrored about samples 0 and ``last``.

    Shape:
        frames: ``(batch, n_bins, frames, 2)``
        returns: ``(batch, n_bins, beyond, 2)`` each
    """
    count = frames.size(2)
    left = torch.arange(beyond, 0, -1, device=frames.device) * hop
    right = 2 * last - torch.arange(count, count + beyond, device=frames.device) * hop
    return (
        mirrored_frames(frames, left, hop, omega, phase),
        mirrored_frames(frames, right, hop, omega, phase),
    )


def predicted_ends(frames: Tensor, beyond: int, predictors: Tensor) -> Tuple[Tensor, Tensor]:
    """``beyond`` frames before the first and after the last one: the nearest predicted, the others zeros.

    Frames that a short clip lacks count as zeros.

    Shape:
        frames: ``(batch, n_bins, frames, 2)``
        predictors: ``(2, 2, n_bins * count, n_bins * count)``, of
            ``design_frame_prediction.frame_predictors``; empty for zeros only
        returns: ``(batch, n_bins, beyond, 2)`` each
    """
    count = predictors.size(2) // frames.size(1)
    if count == 0:  # graphs shall hold no empty products
        silent = torch.zeros_like(frames[:, :, :1]).expand(-1, -1, beyond, -1)
        return silent, silent
    first = F.pad(frames, [0, 0, 0, count])[:, :, :count]
    last = F.pad(frames, [0, 0, count, 0])[:, :, frames.size(2) :]
    near = min(count, beyond)
    before = _product(first, predictors[0])[:, :, count - near :]
    after = _product(last, predictors[1])[:, :, :near]
    return F.pad(before, [0, 0, beyond - near, 0]), F.pad(after, [0, 0, 0, beyond - near])


def _product(frames: Tensor, matrix: Tensor) -> Tensor:
    """Frames as rows of complex coefficients by a complex matrix, in real numbers.

    Shape:
        frames: ``(batch, n_bins, count, 2)``
        matrix: ``(2, n_bins * count, n_bins * count)``
        returns: ``(batch, n_bins, count, 2)``
    """
    real, imaginary = frames[..., 0].flatten(1), frames[..., 1].flatten(1)
    products = [
        matmul(real, matrix[0]) - matmul(imaginary, matrix[1]),
        matmul(real, matrix[1]) + matmul(imaginary, matrix[0]),
    ]
    return torch.stack(products, -1).reshape(frames.shape)


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
