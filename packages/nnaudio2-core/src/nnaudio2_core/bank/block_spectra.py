"""Long kernels: products with the spectra of overlapping blocks, and the transposes.

See ``design_plan`` for the mathematics. A block holds ``P * hop`` samples and gives P frames at once, of
which the first ``valid`` are free of circular wrap-around. Spectra have the blocks on the last axis: the bins
of one residue modulo P are then a matrix of contiguous rows, which a batched product reads without a copy.

The transposes work on conjugates, so that the matrices of the kernels need no conjugation.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..framing.frames import frame, overlap_add
from ..module.graph_capture import capturing_graph
from ..module.precision import complex_bmm
from ..module.reshaping import excerpt, join_axes, split_axis


def overlapping_blocks(x: Tensor, n_frames: int, width: int, samples: int, valid: int, hop: int) -> Tensor:
    """Blocks for the first ``n_frames`` frames, ``valid`` to a block, with zeros past the end of ``x``.

    Args:
        x: waveform, from the first sample of the first block on.
        n_frames: frames to compute; while a graph is captured, all frames of ``x``.
        width: samples of a frame.
        samples: length of a block.
        valid: frames that one block gives.
        hop: samples between frames.

    Shape:
        x: ``(batch, time)``
        returns: ``(batch, blocks, samples)``
    """
    advance = valid * hop
    if not capturing_graph():
        end = (n_frames - 1) // valid * advance + samples
        return frame(F.pad(x[:, :end], [0, max(0, end - x.size(1))]), samples, advance)
    # No comparison with the length of the clip, which an exported graph does not know: one block more
    # than needed, and a number of zeros that is positive for any length.
    zeros = (-n_frames) % valid * hop + hop + samples - width - (x.size(1) - width) % hop
    return frame(F.pad(x, [0, zeros]), samples, advance)


def block_bins(blocks: Tensor, points: int, hop: int, low: int, high: int) -> Tensor:
    """Bins ``low * points`` up to ``high * points`` of the whole, periodic spectra of blocks.

    Args:
        blocks: overlapping blocks of a waveform.
        points: P.
        hop: samples between frames.
        low: lowest run of P bins, at least ``-hop // 2``.
        high: end of the highest run of P bins, at most ``hop``.

    Shape:
        blocks: ``(batch, blocks, points * hop)``
        returns: ``(high - low, points, batch * blocks)``, complex
    """
    X = torch.fft.rfft(join_axes(blocks, 0, 1))
    size = points * hop
    begin, end, half = low * points, high * points, size // 2
    parts = [X[:, max(begin, 0) : min(end, half + 1)].t()]
    if begin < 0:
        parts = [X[:, 1 : 1 - begin].flip(-1).conj().t()] + parts
    if end > half + 1:
        parts = parts + [X[:, size - end + 1 : half].flip(-1).conj().t()]
    # Transposed once: a batched product takes matrices with unit stride as they are, others one by one.
    return torch.cat(parts).view(high - low, points, -1)


def block_bins_adjoint(X: Tensor, batch: int, hop: int, valid: int, low: int, high: int) -> Tensor:
    """The transpose of :func:`block_bins` and of cutting the waveform into blocks.

    Shape:
        X: ``(high - low, points, batch * blocks)``, complex, conjugated
        returns: ``(batch, time)``
    """
    points = X.size(1)
    size = points * hop
    begin, end, half = low * points, high * points, size // 2
    flat = X.flatten(0, 1).t()
    negative, kept = max(0, -begin), min(end, half + 1) - begin
    bins = F.pad(flat[:, negative:kept], [max(begin, 0), half + 1 - min(end, half + 1)])
    if negative > 0:
        bins[:, 1 : 1 + negative] += flat[:, :negative].flip(-1).conj()
    if end > half + 1:
        bins[:, size - end + 1 : half] += flat[:, kept:].flip(-1).conj()
    # The inverse real FFT counts every bin but the first and the last twice.
    bins[:, 0] *= 2.0
    bins[:, half] *= 2.0
    blocks = torch.fft.hfft(bins, n=size) * 0.5
    return overlap_add(split_axis(blocks, 0, [batch, -1]), valid * hop)


def polyphase_bins(blocks: Tensor, points: int, hop: int) -> Tensor:
    """One-sided spectra of the ``hop`` polyphase components of each block.

    Shape:
        blocks: ``(batch, blocks, points * hop)``
        returns: ``(points // 2 + 1, hop, batch * blocks)``, complex
    """
    spectra = join_axes(torch.fft.rfft(split_axis(blocks, 2, [points, hop]), dim=2), 0, 1)
    # Transposed once, as in block_bins.
    return spectra.permute(1, 2, 0).contiguous()


def polyphase_bins_adjoint(X: Tensor, batch: int, points: int, valid: int) -> Tensor:
    """The transpose of :func:`polyphase_bins` and of cutting the waveform into blocks.

    Shape:
        X: ``(points // 2 + 1, hop, batch * blocks)``, complex, conjugated
        returns: ``(batch, time)``
    """
    hop = X.size(1)
    blocks = torch.fft.hfft(X.permute(2, 1, 0), n=points).transpose(1, 2).flatten(1)
    return overlap_add(split_axis(blocks, 0, [batch, -1]), valid * hop)


def bin_products(X: Tensor, matrices: Tensor) -> Tensor:
    """Multiply the bins of each residue by its matrix.

    Shape:
        X: ``(aliases, points, batch * blocks)``, complex
        matrices: ``(points, bins, aliases)``, complex
        returns: ``(points, bins, batch * blocks)``, complex
    """
    return complex_bmm(matrices, X.transpose(0, 1))


def frames_from_products(products: Tensor, batch: int, valid: int, n_frames: int) -> Tensor:
    """Inverse FFT: the first ``valid`` of the P frames of each block.

    Shape:
        products: ``(points, bins, batch * blocks)``, complex
        returns: ``(batch, bins, n_frames)``, complex
    """
    frames: Tensor = torch.fft.ifft(products.permute(2, 1, 0), norm="forward")
    return _joined(frames[:, :, :valid], batch, n_frames)


def frames_from_polyphase(products: Tensor, batch: int, points: int, valid: int, n_frames: int) -> Tensor:
    """:func:`frames_from_products` for one-sided products, of real and imaginary parts of the bins in turn.

    Shape:
        products: ``(points // 2 + 1, 2 * bins, batch * blocks)``, complex
        returns: ``(batch, bins, n_frames)``, complex
    """
    frames = torch.fft.irfft(products.permute(2, 1, 0), n=points, norm="forward")
    parts = split_axis(_joined(frames[:, :, :valid], batch, n_frames), 1, [-1, 2])
    return torch.view_as_complex(parts.transpose(2, 3).contiguous())


def _joined(frames: Tensor, batch: int, n_frames: int) -> Tensor:
    """``(batch * blocks, rows, valid)`` to ``(batch, rows, n_frames)``: blocks one after the other."""
    joined: Tensor = split_axis(frames, 0, [batch, -1]).transpose(1, 2).flatten(2)
    return excerpt(joined, 2, 0, n_frames)


def _in_blocks(y: Tensor, valid: int) -> Tensor:
    """The transpose of :func:`_joined`: ``(batch, rows, frames)`` to ``(batch * blocks, rows, valid)``."""
    blocks = (y.size(2) + valid - 1) // valid
    padded = F.pad(y, [0, blocks * valid - y.size(2)])
    return join_axes(split_axis(padded, 2, [-1, valid]).transpose(1, 2), 0, 1)


def frames_from_products_adjoint(y: Tensor, points: int, valid: int) -> Tensor:
    """The transpose of :func:`frames_from_products`.

    Shape:
        y: ``(batch, bins, frames)``, complex, conjugated
        returns: ``(points, bins, batch * blocks)``, complex, conjugated
    """
    products: Tensor = torch.fft.ifft(_in_blocks(y, valid), n=points, norm="forward")
    return products.permute(2, 1, 0).contiguous()


def frames_from_polyphase_adjoint(y: Tensor, points: int, valid: int) -> Tensor:
    """The transpose of :func:`frames_from_polyphase`.

    Shape:
        y: ``(batch, bins, frames)``, complex, conjugated
        returns: ``(points // 2 + 1, 2 * bins, batch * blocks)``, complex, conjugated
    """
    parts = torch.view_as_real(y.conj().resolve_conj()).transpose(2, 3).flatten(1, 2)
    products: Tensor = torch.fft.rfft(_in_blocks(parts, valid), n=points).conj()
    return products.permute(2, 1, 0).contiguous()


def bin_products_adjoint(products: Tensor, matrices: Tensor) -> Tensor:
    """The transpose of :func:`bin_products`.

    Shape:
        products: ``(points, bins, batch * blocks)``, complex, conjugated
        returns: ``(aliases, points, batch * blocks)``, complex, conjugated
    """
    return complex_bmm(matrices.transpose(1, 2), products).transpose(0, 1)
