"""Virtual frames, before the first and after the last frame of a clip, and samples beyond its ends.

First they are estimated: mirrored for a reflected clip, repeated for a periodic one, predicted from the
nearest frames if the transform does not pad, otherwise zeros. Then they are replaced by the frames of the
reconstruction, which is extended as the transform pads a clip.
"""

from typing import Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..module.precision import matmul


def mirrored_frames(frames: Tensor, times: Tensor, hop: int, omega: Tensor, phase: Tensor) -> Tensor:
    """Frames of the time-reversed clip: the conjugates of those at ``times``, from the nearest frame.

    Between frames the phase of a bin is assumed to advance at its centre frequency. Zero where no frame is
    near.

    Shape:
        frames: ``(batch, n_bins, frames, 2)``
        times: ``(n,)``, samples
        omega: ``(n_bins,)``, centre frequencies in radians per sample
        phase: ``(n_bins,)``, phase of each kernel at the sample of the frame
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
    frames: Tensor, n_virtual: int, last: int, hop: int, omega: Tensor, phase: Tensor
) -> Tuple[Tensor, Tensor]:
    """Virtual frames before the first and after the last one, mirrored about samples 0 and ``last``.

    Shape:
        frames: ``(batch, n_bins, frames, 2)``
        returns: ``(batch, n_bins, n_virtual, 2)`` each
    """
    count = frames.size(2)
    left = torch.arange(n_virtual, 0, -1, device=frames.device) * hop
    right = 2 * last - torch.arange(count, count + n_virtual, device=frames.device) * hop
    return (
        mirrored_frames(frames, left, hop, omega, phase),
        mirrored_frames(frames, right, hop, omega, phase),
    )


def repeated_ends(
    frames: Tensor, n_virtual: int, time: int, hop: int, omega: Tensor
) -> Tuple[Tensor, Tensor]:
    """Virtual frames before the first and after the last one of a clip that repeats every ``time`` samples.

    Each comes from the nearest frame; between frames the phase of a bin is assumed to advance at its centre
    frequency.

    Shape:
        frames: ``(batch, n_bins, frames, 2)``
        omega: ``(n_bins,)``, centre frequencies in radians per sample
        returns: ``(batch, n_bins, n_virtual, 2)`` each
    """
    count = frames.size(2)
    steps = torch.arange(n_virtual, device=frames.device)
    times = wrapped(torch.cat([steps - n_virtual, steps + count]) * hop, time)
    nearest = torch.div(2 * times + hop, 2 * hop, rounding_mode="floor").clamp(max=count - 1)
    distance = times - nearest * hop
    # Near its end, the clip's next repetition begins: frame 0 may be nearer.
    first = time - times < distance
    nearest = torch.where(first, 0, nearest)
    distance = torch.where(first, times - time, distance)
    angle = omega.unsqueeze(1) * distance.to(omega.dtype)
    cosine, sine = torch.cos(angle), torch.sin(angle)
    near = frames[:, :, nearest]
    real, imaginary = near[..., 0], near[..., 1]
    both = torch.stack([real * cosine - imaginary * sine, real * sine + imaginary * cosine], -1)
    return both[:, :, :n_virtual], both[:, :, n_virtual:]


def wrapped(place: Tensor, period: int) -> Tensor:
    """``place`` modulo ``period``, 0 to ``period - 1``.

    By a division: torch's ONNX exporter has remainders of numbers, but not of sizes.
    """
    return place - period * torch.div(place, period, rounding_mode="floor")


def predicted_ends(frames: Tensor, n_virtual: int, predictors: Tensor) -> Tuple[Tensor, Tensor]:
    """Virtual frames before the first and after the last one: the nearest predicted, the others zeros.

    Frames that a short clip lacks count as zeros.

    Shape:
        frames: ``(batch, n_bins, frames, 2)``
        predictors: ``(2, 2, n_bins * count, n_bins * count)``, from
            ``design_frame_prediction.frame_predictors``; empty for zeros only
        returns: ``(batch, n_bins, n_virtual, 2)`` each
    """
    count = predictors.size(2) // frames.size(1)
    if count == 0:  # keeps empty products out of graphs
        silent = torch.zeros_like(frames[:, :, :1]).expand(-1, -1, n_virtual, -1)
        return silent, silent
    first = F.pad(frames, [0, 0, 0, count])[:, :, :count]
    last = F.pad(frames, [0, 0, count, 0])[:, :, frames.size(2) :]
    near = min(count, n_virtual)
    before = _product(first, predictors[0])[:, :, count - near :]
    after = _product(last, predictors[1])[:, :, :near]
    return F.pad(before, [0, 0, n_virtual - near, 0]), F.pad(after, [0, 0, 0, n_virtual - near])


def _product(frames: Tensor, matrix: Tensor) -> Tensor:
    """Product of frames, as rows of complex coefficients, with a complex matrix, in real numbers.

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
    """A stretch of the reconstruction, in which padding replaces the samples outside of the clip.

    Shape:
        x: ``(batch, samples)``, with sample 0 of the clip at ``first``, which may lie outside
        returns: ``(batch, samples)``
    """
    size = x.size(1)
    place = torch.arange(size, device=x.device) - first
    inside = (place >= 0) & (place < time)
    if mode == "reflect":
        # max(2 * (time - 1), 1), without max, which ExecuTorch lacks for symbolic sizes.
        period = 2 * (time - 1) + 1 // time
        place = wrapped(place, period)
        # Not by a minimum, whose symbols a compiler would carry into every index and simplify for minutes.
        place = torch.where(place < time, place, period - place)
        inside = torch.ones_like(inside)
    elif mode == "replicate":
        place = place.clamp(0, time - 1)
        inside = torch.ones_like(inside)
    # Samples outside of the stretch are not known; they are farther away than any kernel reaches.
    place = place + first
    known = inside & (place >= 0) & (place < size)
    return torch.where(known, x[:, place.clamp(0, size - 1)], 0.0)


def repeated_samples(
    left: Tensor, right: Tensor, first: int, second: int, time: int
) -> Tuple[Tensor, Tensor]:
    """Stretches of the reconstruction at both ends of a clip that repeats every ``time`` samples.

    Shape:
        left: ``(batch, samples)``, with sample 0 of the clip at ``first``
        right: ``(batch, samples)``, with sample 0 of the clip at ``second``, which may lie outside
        returns: the same, with samples of the clip in the place of those outside of it
    """
    size = left.size(1)
    both = torch.cat([left, right], 1)
    steps = torch.arange(size, device=left.device)
    place = wrapped(torch.cat([steps - first, steps - second]), time)
    at_start, at_end = place + first, place + second
    # A stretch lacks frames where it was cut off: each sample is taken from the stretch in which it is
    # farther from the cut. Samples in neither are farther away than any kernel reaches.
    started = at_end < size - at_start
    known = (at_start < size) | (at_end >= 0)
    index = torch.where(started, at_start, size + at_end).clamp(0, 2 * size - 1)
    samples = torch.where(known, both[:, index], 0.0)
    return samples[:, :size], samples[:, size:]
