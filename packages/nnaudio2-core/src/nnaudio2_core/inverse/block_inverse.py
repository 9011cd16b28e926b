"""Block inverse: frames to samples, one matrix product for each alias group.

See ``design_block_inverse`` for the mathematics. A block is treated as one period of a periodic signal.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..module.graph_capture import capturing_graph
from ..module.precision import complex_bmm
from ..module.reshaping import join_axes, split_axis


def samples_from_blocks(frames: Tensor, inverse: Tensor, low: int, hop: int) -> Tensor:
    """Samples of blocks of frames.

    Shape:
        frames: ``(blocks, n_bins, points)``, complex
        inverse: ``(points, columns, rows)``, complex
        returns: ``(blocks, points * hop)``
    """
    points, columns, rows = inverse.shape
    if columns > frames.size(1):
        frames = torch.cat([frames, frames.conj()], 1)
    spectra = complex_bmm(torch.fft.fft(frames).permute(2, 0, 1), inverse)
    spectra = spectra.permute(1, 2, 0).flatten(1)
    half = points * hop // 2 + 1
    padded = F.pad(spectra, [low * points, half - (low + rows) * points])
    samples: Tensor = torch.fft.irfft(padded, n=points * hop)
    return samples


def samples_from_frames(frames: Tensor, inverse: Tensor, low: int, hop: int, edge: int) -> Tensor:
    """Samples of any number of frames, without the first and the last ``edge`` hops.

    The frames are cut into blocks that overlap by ``2 * edge`` frames: samples that depend on frames outside
    of a block are taken from the next one.

    Shape:
        frames: ``(batch, n_bins, frames)``, complex, zeros after the last one
        returns: ``(batch, time)``, ``time >= (frames - 2 * edge) * hop``
    """
    points = inverse.size(0)
    stride = points - 2 * edge
    n_blocks = (frames.size(2) - 2 * edge + stride - 1) // stride
    if capturing_graph():
        n_blocks += 1  # a graph captured with one block would serve only single blocks
    blocks = _overlapping_blocks(frames, n_blocks, points, stride)
    x = samples_from_blocks(blocks, inverse, low, hop)[:, edge * hop : (points - edge) * hop]
    joined: Tensor = split_axis(x, 0, [-1, n_blocks]).flatten(1)
    return joined


def _overlapping_blocks(frames: Tensor, n_blocks: int, points: int, stride: int) -> Tensor:
    """Blocks of ``points`` frames, ``stride`` apart, zeros after the last frame.

    Copies of whole strides side by side: ``unfold`` has a gradient that ``vmap`` does not batch.

    Shape:
        frames: ``(batch, n_bins, frames)``
        returns: ``(batch * n_blocks, n_bins, points)``
    """
    strides = (points + stride - 1) // stride
    missing = (n_blocks - 1 + strides) * stride - frames.size(2)
    rows = split_axis(F.pad(frames, [0, missing]), 2, [-1, stride])
    shifted = [rows[:, :, i : i + n_blocks] for i in range(strides)]
    copies = torch.cat(shifted, 3)[:, :, :, :points].transpose(1, 2)
    return join_axes(copies, 0, 1)
