"""The inverse of a strided filter bank without iteration: one matrix product for each alias group.

The mathematics stands in ``nnaudio2_core.bases.alias_groups``. Long clips are cut into overlapping blocks
of frames, solved all at once and cross-faded.

The transform pads the ends of a clip, so frames beyond its first and last one are missing. They are first
guessed (a reflected clip has mirrored frames; elsewhere zeros), then replaced by those that the
reconstruction has, once its ends are extended as the transform extends them.
"""

from typing import List

import torch
import torch.nn.functional as F
from torch import Tensor

from .framing import overlap_add


def blocks_from_frames(frames: Tensor, inverse: Tensor, low: int, hop: int) -> Tensor:
    """Samples of blocks of frames, each block taken as one period of a periodic signal.

    Shape:
        frames: ``(blocks, n_bins, points)``, complex
        inverse: ``(points, columns, rows)``, complex
        returns: ``(blocks, points * hop)``
    """
    points, columns, rows = inverse.shape
    if columns > frames.size(1):
        frames = torch.cat([frames, frames.conj()], 1)
    spectra = torch.bmm(torch.fft.fft(frames).permute(2, 0, 1), inverse)
    spectra = spectra.permute(1, 2, 0).flatten(1)
    half = points * hop // 2 + 1
    padded = F.pad(spectra, [low * points, half - (low + rows) * points])
    samples: Tensor = torch.fft.irfft(padded, n=points * hop)
    return samples


def frames_from_blocks(blocks: Tensor, forward: Tensor, low: int) -> Tensor:
    """Frames of blocks of samples, each block taken as one period of a periodic signal.

    Shape:
        blocks: ``(blocks, points * hop)``
        forward: ``(points, rows, n_bins)``, complex
        returns: ``(blocks, n_bins, points)``, complex
    """
    points, rows, _ = forward.shape
    spectra = torch.fft.rfft(blocks)
    begin, end = low * points, (low + rows) * points
    spectra = F.pad(spectra[:, begin:end], [0, max(0, end - spectra.size(1))])
    products = torch.bmm(spectra.unflatten(1, [rows, points]).permute(2, 0, 1), forward)
    frames: Tensor = torch.fft.ifft(products.permute(1, 2, 0))
    return frames


def mirrored_frames(frames: Tensor, times: Tensor, hop: int, omega: Tensor, phase: Tensor) -> Tensor:
    """Frames of a clip played backwards: the conjugates of those at ``times``, from the nearest frame.

    Between frames a bin is taken to turn at its centre frequency. Zero where there is no frame near.

    Shape:
        frames: ``(batch, n_bins, frames)``, complex
        times: ``(n,)``, samples
        omega: ``(n_bins,)``, centre frequencies in radians per sample
        phase: ``(n_bins,)``, phase of each kernel at the frame's sample
        returns: ``(batch, n_bins, n)``, complex
    """
    nearest = torch.div(2 * times + hop, 2 * hop, rounding_mode="floor")
    present = (nearest >= 0) & (nearest < frames.size(2))
    distance = (times - nearest * hop).to(omega.dtype)
    angle = omega.unsqueeze(1) * distance + 2.0 * phase.unsqueeze(1)
    turn = torch.polar(present.to(omega.dtype).expand_as(angle), angle)
    return (frames[:, :, nearest.clamp(0, frames.size(2) - 1)] * turn).conj()


def extended_frames(
    frames: Tensor,
    before: int,
    after: int,
    last: int,
    reflected: bool,
    hop: int,
    omega: Tensor,
    phase: Tensor,
) -> Tensor:
    """Frames with ``before`` and ``after`` more: mirrored about samples 0 and ``last``, or zeros."""
    if not reflected:
        return F.pad(frames, [before, after])
    count = frames.size(2)
    left = torch.arange(before, 0, -1, device=frames.device) * hop
    right = 2 * last - torch.arange(count, count + after, device=frames.device) * hop
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
        period = max(1, 2 * (time - 1))
        place = torch.remainder(place, period)
        place = torch.minimum(place, period - place)
        inside = torch.ones_like(inside)
    elif mode == "replicate":
        place = place.clamp(0, time - 1)
        inside = torch.ones_like(inside)
    # What lies outside the block is not known; it is farther away than any kernel reaches.
    place = place + first
    known = inside & (place >= 0) & (place < size)
    return torch.where(known, x[:, place.clamp(0, size - 1)], 0.0)


def overlapping_blocks(frames: Tensor, n_blocks: int, points: int, stride: int) -> Tensor:
    """Blocks of ``points`` frames, ``stride`` apart, zeros after the last frame.

    Copies of whole strides side by side: ``unfold`` has a gradient that ``vmap`` does not batch.

    Shape:
        frames: ``(batch, n_bins, frames)``
        returns: ``(batch * n_blocks, n_bins, points)``
    """
    strides = (points + stride - 1) // stride
    missing = (n_blocks - 1 + strides) * stride - frames.size(2)
    rows = F.pad(frames, [0, missing]).unflatten(2, [-1, stride])
    shifted = [rows[:, :, i : i + n_blocks] for i in range(strides)]
    return torch.cat(shifted, 3)[:, :, :, :points].transpose(1, 2).flatten(0, 1)


def direct_inverse(
    frames: Tensor,
    inverse: Tensor,
    forward: Tensor,
    weights: Tensor,
    omega: Tensor,
    phase: Tensor,
    sizes: List[int],
    shift: int,
    time: int,
    mode: str,
    rounds: int,
) -> Tensor:
    """The waveform of a clip from all of its frames.

    Args:
        frames: complex coefficients.
        inverse, forward, weights: from ``alias_groups``.
        omega, phase: see :func:`mirrored_frames`.
        sizes: hop, then ``low, edge, fade, reach`` from ``alias_groups``.
        shift: sample of the clip at which the first frame stands, >= 0.
        time: samples of the clip.
        mode: how the clip was padded.
        rounds: how often the frames beyond the ends are taken from the reconstruction.

    Shape:
        frames: ``(batch, n_bins, frames)``
        returns: ``(batch, time)``
    """
    hop, low, edge, fade, reach = sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]
    points = inverse.size(0)
    count = frames.size(2)
    # Frames for the samples before the first frame and after the last one, if no padding supplied them.
    beyond = (shift + hop - 1) // hop
    lead = edge + fade + beyond
    reflected = mode == "reflect" and shift == 0
    whole = extended_frames(frames, lead, lead, time - 1, reflected, hop, omega, phase)
    left, right = whole[:, :, :lead], whole[:, :, lead + count :]
    far = lead - reach
    for _ in range(rounds):
        if not reflected:  # mirrored frames at the start are exact
            x = blocks_from_frames(F.pad(whole, [0, points])[:, :, :points], inverse, low, hop)
            x = extended_samples(x, lead * hop - shift, time, mode)
            near = frames_from_blocks(x, forward, low)[:, :, far:lead]
            left = torch.cat([left[:, :, :far], near], 2)
        x = blocks_from_frames(F.pad(whole, [points, 0])[:, :, -points:], inverse, low, hop)
        x = extended_samples(x, (points - lead - count) * hop - shift, time, mode)
        near = frames_from_blocks(x, forward, low)[:, :, points - lead : points - far]
        right = torch.cat([near, right[:, :, reach:]], 2)
        whole = torch.cat([left, frames, right], 2)

    stride = points - 2 * edge - fade
    n_blocks = (count + fade + 2 * beyond + stride - 1) // stride
    blocks = overlapping_blocks(whole, n_blocks, points, stride)
    x = blocks_from_frames(blocks, inverse, low, hop) * weights
    start = lead * hop - shift
    return overlap_add(x.unflatten(0, [-1, n_blocks]), stride * hop)[:, start : start + time]
