"""Combined frequency and periodicity: spectrum, cepstrum and spectrum of the cepstrum, in turn.

Power spectra and cepstra of real frames are real and even, so one half of each is kept, and the Fourier
transform of one is an inverse real FFT of a real half spectrum. Each chunk of frames goes through all
layers while it is in the cache.
"""

import math
from typing import List, NamedTuple, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..block_sparse.block import Block
from ..block_sparse.products import block_matrices, sparse_product
from ..fourier.factored_dft import cosine_sums
from ..fourier.frame_fourier import FrameFourier, powers, uses_fft
from ..framing.chunks import chunk_shape, empty_rows
from ..module.branching import minimum_value
from ..module.graph_capture import capturing_graph, needs_gradient
from ..module.reshaping import join_axes, reshaped
from .gridded_dft import gridded_dft


class CfpLayers(NamedTuple):
    """Plan of the layers, in plain numbers."""

    ends: List[int]
    """Zeros added to each end of the waveform; if negative, samples removed from it."""
    exponents: List[float]
    """Exponents of the magnitude spectrum, of the cepstrum, of its spectrum, and so on."""
    frequencies: List[int]
    """First bin that a layer keeps, and end of the bins to return."""
    lags: List[int]
    """The same for quefrencies."""
    blocks: List[List[Block]]
    """Blocks of the maps of frequencies and of lags to log-frequency, each over the entries to return."""
    n_bins: int
    factors: bool
    """True to return not only the salience, but also three maps, two of which are its factors."""


def power_law(x: Tensor, exponent: float, real_engine: bool, shared: bool = True) -> Tensor:
    """``max(x, 0) ** exponent``; its gradient is finite everywhere, and 0 for ``x <= 0``.

    Numbers below a floor far under round-off count as 0: above it the derivative of a root does not overflow.
    Without gradients ``x`` is overwritten: the result reuses its memory. Unless ``shared`` by several clips,
    it is computed by exp2, which is three times as fast as exp, but rounds the last few numbers in memory in
    another way: a clip's result would depend on its place in the batch.
    """
    if exponent == 1.0:
        return F.relu(x)
    floor = 1e-200 if x.dtype == torch.float64 else 1e-34
    # The second floor lies slightly above floor ** exponent, however that is rounded.
    least = 1.00001 * floor**exponent
    kept = capturing_graph() or needs_gradient(x)
    base = x.clamp_min(floor) if kept else x.clamp_min_(floor)
    # Faster than pow, and as exact for the exponents below 1 that are used; the logarithm of 0 is slow.
    if exponent == 0.5:
        base = base.sqrt() if kept else base.sqrt_()
    elif real_engine:  # ExecuTorch's exp turns NaN into 0
        base = torch.exp(exponent * torch.log(base)) + 0.0 * base
    elif kept:
        base = torch.exp(exponent * torch.log(base))
    elif shared:
        base = base.log_().mul_(exponent).exp_()
    else:
        base = base.log2_().mul_(exponent).exp2_()
    return F.threshold(base, least, 0.0, inplace=not kept)


def nonlinearity(x: Tensor, exponent: float, real_engine: bool, shared: bool) -> Tensor:
    """Activation of a layer: a power of the positive part, or its logarithm if the exponent is 0."""
    if exponent == 0.0:
        return torch.log(F.relu(x) + 1e-8)  # the offset keeps it finite
    return power_law(x, exponent, real_engine, shared)


class CfpConstants(NamedTuple):
    """Constants of the frames and of the layers."""

    fourier: FrameFourier
    """Fourier transform of the frames."""
    wide_fourier: FrameFourier
    """The same in the widest type of the device."""
    weights: List[Tensor]
    """Weights of the maps of frequencies and of lags."""
    gridded: List[Tensor]
    """Constants from ``design_gridded_dft.gridded_dft_filter`` for the last layer; empty without gridding."""
    shared: bool
    """True if clips are so short that a chunk may hold several."""


class FirstLayer(NamedTuple):
    """First layer of some frames, the level to subtract from it, and magnitudes to return.

    All for a waveform that has been divided by its peak.
    """

    even: Tensor
    """``(*, n_fft // 2 + 1)``: one half of the magnitude spectrum to the power ``exponents[0]``."""
    level: Tensor
    """``(*, 1)``, a constant to the gradient: its mean; its minimum for the factored DFT, which subtracts the
    mean itself."""
    magnitude: Tensor
    """``(*, frequencies[1] - frequencies[0])``: magnitudes of bins to return; empty without ``factors``."""


def peaks(x: Tensor) -> Tensor:
    """Largest magnitude of each item, to divide it by; 1 if that is not finite or too small to divide by.

    Powers of float32 samples below 1e-10 or above 1e19 leave the range of float32. The layers are homogeneous
    (except for logarithms), so a peak to some power restores the level of the results, and the peak is a
    constant to the gradient.

    Shape:
        x: ``(batch, time)``
        returns: ``(batch, 1)``
    """
    peak = x.detach().abs().amax(-1, keepdim=True)
    least = 1e-290 if x.dtype == torch.float64 else 1e-35  # below it gradients of roots overflow
    return torch.where((peak >= least) & (peak < math.inf), peak, 1.0)


def first_layer(x: Tensor, peak: Tensor, plan: CfpLayers, constants: CfpConstants, wide: bool) -> FirstLayer:
    """Magnitude spectra to the power ``exponents[0]``, transformed in the widest type if ``wide``.

    Shape:
        x: ``(batch, time)``
        peak: ``(batch, 1)``, divides ``x``
    """
    fourier = constants.wide_fourier if wide else constants.fourier
    real_engine = not uses_fft(fourier)
    power = powers(x.to(fourier.window.dtype) / peak, fourier, 2.0).to(x.dtype)
    magnitude = power[..., :0]
    if plan.factors:
        magnitude = power_law(power[..., plan.frequencies[0] : plan.frequencies[1]].clone(), 0.5, False)
    even = power_law(power, 0.5 * plan.exponents[0], real_engine, constants.shared)
    if real_engine:
        return FirstLayer(even, even.detach().amin(-1, keepdim=True), magnitude)
    # In float64 the sum of equal numbers is exact, and so is their mean.
    mean = even.detach().mean(-1, keepdim=True, dtype=fourier.window.dtype).to(x.dtype)
    return FirstLayer(even, mean, magnitude)


def noise_margin(layer: FirstLayer, exponent: float) -> Tensor:
    """At least 0 for items whose spectra are distributed as those of noise, or silent: float32 resolves them.

    A root magnifies round-off: 1e-15 of the power to the 0.12 is 0.016. If spectra fall to the round-off of
    their FFT (tones, pulses, music without its upper bins, nulls), the last layers are wrong by 1e-5 to 0.1
    of the maximum; if they are nearly flat (clicks), the last layers are only round-off.

    Shape:
        returns: ``(batch,)``
    """
    power = 0.5 * exponent
    even, mean = layer.even.detach(), layer.level
    most, least = even.amax(-1, keepdim=True), even.amin(-1, keepdim=True)
    # The power of noise is distributed exponentially: the mean of a power of it, over that of the maximum of
    # so many bins.
    of_noise = math.gamma(1.0 + power) / (math.log(even.size(-1)) + 0.577) ** power
    # As few operations as possible: between chunks each takes as long as a pass over a chunk.
    margin = torch.sub(mean, most, alpha=0.85 * of_noise)
    margin = torch.minimum(margin, torch.sub(least, most, alpha=1e-13**power))
    margin = torch.minimum(margin, torch.sub(most, mean, alpha=1.0 / (1.15 * of_noise)))
    # Non-finite numbers are non-finite in every type.
    return margin.nan_to_num(0.0).amin([1, 2])


def resolved_first_layer(
    x: Tensor, peak: Tensor, plan: CfpLayers, constants: CfpConstants
) -> Tuple[FirstLayer, bool]:
    """:func:`first_layer`, in the widest type for those items that need it; True if any does.

    Each item is decided on its own: its result does not depend on the other items of the batch.
    """
    narrow = first_layer(x, peak, plan, constants, False)
    margin = noise_margin(narrow, plan.exponents[0])
    least = minimum_value(margin)
    if least >= 0.0:
        return narrow, False
    wide = first_layer(x, peak, plan, constants, True)
    if x.size(0) == 1 and least < 0.0:
        return wide, True
    resolved = (margin >= 0.0).view(-1, 1, 1)
    mixed = FirstLayer(
        torch.where(resolved, narrow.even, wide.even),
        torch.where(resolved, narrow.level, wide.level),
        torch.where(resolved, narrow.magnitude, wide.magnitude),
    )
    return mixed, least < 0.0  # under vmap each chunk is decided anew


def level_of(peak: Tensor, degree: float, constants: CfpConstants) -> Tensor:
    """``peak ** degree``, with which the results of a waveform divided by ``peak`` are multiplied.

    Shape:
        peak: ``(batch, 1)``
        returns: ``(batch, 1, 1)``
    """
    wide = peak.to(constants.wide_fourier.window.dtype)  # a float32 exponential would lose a digit
    return torch.exp(degree * torch.log(wide)).to(peak.dtype).unsqueeze(-1)


def last_layers(
    first: FirstLayer, peak: Tensor, plan: CfpLayers, constants: CfpConstants
) -> Tuple[Tensor, Tensor, List[float]]:
    """Alternate between the frequency and the lag domain, one activation a layer.

    Shape:
        first: overwritten without gradients
        returns: the last frequency layer, ``(*, frequencies[1] - frequencies[0])``, the last lag layer,
            ``(*, lags[1] - lags[0])``, and the degrees in which both depend on the level
    """
    n_fft, exponents, frequencies = constants.fourier.n_fft, plan.exponents, plan.frequencies
    half = n_fft // 2 + 1
    real_engine = not uses_fft(constants.fourier)
    even, last = first.even, len(exponents) - 1
    # Results are copies: a view would keep the memory of a whole layer from being reused.
    results = [even[..., frequencies[0] : frequencies[1]].clone() if last == 1 else even, even]
    degree = exponents[0]
    degrees = [degree, degree]
    # A level contributes only to lag 0, which no layer keeps, and to the round-off of all others: the
    # cepstrum of a flat spectrum would be only round-off.
    pieces = [even - first.level if capturing_graph() or needs_gradient(even) else even.sub_(first.level)]
    for layer in range(1, len(exponents)):
        domain = plan.lags if layer % 2 == 1 else frequencies
        start, end = domain[0], domain[1]
        if layer == last and len(constants.gridded) > 0:
            values = gridded_dft(pieces, n_fft, constants.gridded)
        elif real_engine:
            values = cosine_sums(_joined(pieces), n_fft, constants.fourier.factors) / math.sqrt(n_fft)
        else:
            halves = _joined(pieces)
            lags = torch.fft.irfft(join_axes(halves, 0, -2), n=n_fft, norm="ortho")
            values = reshaped(lags, list(halves.shape)[:-1] + [n_fft])
        values = values[..., start : end if layer == last else half]
        if exponents[layer] == 0.0 and degree != 0.0:  # the offset of the logarithm is absolute
            values = values * level_of(peak, degree, constants)
        degree *= exponents[layer]
        values = nonlinearity(values, exponents[layer], real_engine, constants.shared)
        results[layer % 2], degrees[layer % 2] = values, degree
        if layer < last:
            results[layer % 2] = values[..., : end - start].clone()
            pieces = _even_half(values, start)
    return results[0], results[1], degrees


def _even_half(values: Tensor, start: int) -> List[Tensor]:
    """Input of the next layer, in pieces, from a layer that keeps entries from ``start`` on.

    The original zeroes the first and the last ``start`` entries of the whole, two-sided layer. This removes
    the mirror image of entry ``start``, so the even part holds half of it.
    """
    first = values[..., :1]
    zeros = torch.zeros_like(first).expand(list(first.shape)[:-1] + [start])
    return [zeros, 0.5 * first, values[..., 1:]]


def _joined(pieces: List[Tensor]) -> Tensor:
    return pieces[0] if len(pieces) == 1 else torch.cat(pieces, -1)


def cfp_chunk_shape(n_frames: int, n_fft: int) -> Tuple[int, int]:
    """Items and frames of one chunk; a layer has some frames twice, as complex numbers for an inverse FFT."""
    return chunk_shape(n_frames, 3 * n_fft // 2)


def combined_frequency_periodicity(x: Tensor, plan: CfpLayers, constants: CfpConstants) -> Tensor:
    """Salience of each frame, and with ``plan.factors`` log-frequency maps of the spectrum, of the last
    frequency layer and of the last lag layer.

    Shape:
        x: ``(batch, time)``
        returns: ``(batch, frames, n_bins)``, with the factors ``4 * n_bins``,
            ``frames = 1 + (time + sum(ends) - width) // hop_length``
    """
    batch, time = x.shape
    n_fft, width, hop = (
        constants.fourier.n_fft,
        constants.fourier.window.size(0),
        constants.fourier.hop_length,
    )
    n_frames = 1 + (time + plan.ends[0] + plan.ends[1] - width) // hop
    maps = [block_matrices(constants.weights[i], plan.blocks[i]) for i in range(2)]
    # The check of float32 reads a value back to Python: it would break a graph and synchronise a GPU, so both
    # always use the widest type.
    narrow = constants.wide_fourier.window.dtype != x.dtype and uses_fft(constants.fourier)
    always_wide = not (narrow and x.device.type == "cpu") or capturing_graph()
    if capturing_graph():
        return _salience(F.pad(x, plan.ends), plan, constants, maps, always_wide)[0]
    items, step = cfp_chunk_shape(n_frames, n_fft)
    if items >= batch and step >= n_frames:
        return _salience(F.pad(x, plan.ends), plan, constants, maps, always_wide)[0]
    # Chunks also serve gradients, which forbid writing in place.
    parts: List[Tensor] = []
    kept = needs_gradient(x)
    columns = 4 * plan.n_bins if plan.factors else plan.n_bins
    out = torch.empty(0) if kept else empty_rows(x, constants.weights[0], n_frames, columns)
    for item in range(0, batch, items):
        padded = F.pad(x[item : item + items], plan.ends)
        chunks: List[Tensor] = []
        wide = always_wide
        for start in range(0, n_frames, step):
            stop = min(start + step, n_frames)
            samples = padded[:, start * hop : (stop - 1) * hop + width]
            # A chunk that needs float64 predicts that the next ones do: float32 is not tried again.
            chunk, wide = _salience(samples, plan, constants, maps, wide)
            if kept:
                chunks.append(chunk)
            else:
                out[item : item + items, start:stop] = chunk
        if kept:
            parts.append(torch.cat(chunks, 1))
    return torch.cat(parts) if kept else out


def _salience(
    padded: Tensor, plan: CfpLayers, constants: CfpConstants, maps: List[List[Tensor]], wide: bool
) -> Tuple[Tensor, bool]:
    """Result of :func:`combined_frequency_periodicity`, and True if the spectra are in the widest type."""
    peak = peaks(padded)
    if wide:
        first = first_layer(padded, peak, plan, constants, wide)
    else:
        first, wide = resolved_first_layer(padded, peak, plan, constants)
    frequency, lag, degrees = last_layers(first, peak, plan, constants)
    frames = lag.size(1)
    if not capturing_graph() and frames < 4:
        # A product with less than four rows is rounded in another way: a result would depend on the batch.
        rows = [0, 0, 0, 4 - frames]
        frequency, lag = F.pad(frequency, rows), F.pad(lag, rows)
        if plan.factors:  # else there are no magnitudes, and torch 2.9 does not pad what is empty
            first = FirstLayer(first.even, first.level, F.pad(first.magnitude, rows))
    by_lag = sparse_product(lag, maps[1], plan.blocks[1])
    if not plan.factors:
        salience = sparse_product(frequency, maps[0], plan.blocks[0]) * by_lag
        return (salience * level_of(peak, degrees[0] + degrees[1], constants))[:, :frames], wide
    by_lag = by_lag * level_of(peak, degrees[1], constants)
    both = sparse_product(torch.stack([first.magnitude, frequency], 2), maps[0], plan.blocks[0])
    spectrum = both[:, :, 0] * peak.unsqueeze(-1)
    by_bin = both[:, :, 1] * level_of(peak, degrees[0], constants)
    return torch.cat([by_bin * by_lag, spectrum, by_bin, by_lag], -1)[:, :frames], wide
