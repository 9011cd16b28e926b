"""Combined frequency and periodicity: spectrum, cepstrum and spectrum of the cepstrum, in turn.

Power spectra and cepstra of real frames are real and even, so one half of each is kept, and the Fourier
transform of one is an inverse real FFT of a real half spectrum. Each chunk of frames goes through all
layers while it lies in the cache.
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
from ..framing.chunks import chunk_samples, chunk_shape, empty_rows
from ..module.branching import minimum_value
from ..module.graph_capture import capturing_graph
from .gridded_dft import low_bins


class CfpLayers(NamedTuple):
    """What is done to a frame, in plain numbers."""

    ends: List[int]
    """Zeros that are added to each end of the waveform; samples that are cut off where negative."""
    exponents: List[float]
    """Of the magnitude spectrum, of the cepstrum, of its spectrum, and so on."""
    frequencies: List[int]
    """First bin that a layer keeps, end of the bins to return."""
    lags: List[int]
    """The same for quefrencies."""
    blocks: List[List[Block]]
    """Of the maps of frequencies and of lags to log-frequency, each over the entries that are returned."""
    n_bins: int
    factors: bool
    """Whether to return, beside the salience, the three maps of which two are its factors."""


def power_law(x: Tensor, exponent: float, real_engine: bool) -> Tensor:
    """``max(x, 0) ** exponent`` with a finite slope everywhere, 0 at and below 0.

    Numbers below a floor far under round-off count as 0: from there up the slope of a root fits its type.
    Without gradients ``x`` is used up: its memory serves for the result. What has no complex numbers, which
    ``real_engine`` says, may have no ``exp2`` either: ExecuTorch does not.
    """
    if exponent == 1.0:
        return F.relu(x)
    floor = 1e-200 if x.dtype == torch.float64 else 1e-34
    # The second floor lies a little above floor ** exponent, however that is rounded.
    least = 1.00001 * floor**exponent
    kept = capturing_graph() or _recorded(x)
    base = x.clamp_min(floor) if kept else x.clamp_min_(floor)
    # Faster than pow, and as exact for the exponents below 1 that are used; the logarithm of 0 is slow.
    if exponent == 0.5:
        base = base.sqrt() if kept else base.sqrt_()
    elif capturing_graph() and not real_engine:  # to the last bit what eager mode does
        base = torch.exp2(exponent * torch.log2(base))
    elif real_engine:  # ExecuTorch's exp makes 0 of what is not a number
        base = torch.exp(exponent * torch.log(base)) + 0.0 * base
    elif kept:
        base = torch.exp(exponent * torch.log(base))
    else:
        base = base.log2_().mul_(exponent).exp2_()
    return F.threshold(base, least, 0.0, inplace=not kept)


def nonlinearity(x: Tensor, exponent: float, real_engine: bool) -> Tensor:
    """The activation of a layer: a power of the positive part, or its logarithm where the exponent is 0."""
    if exponent == 0.0:
        return torch.log(F.relu(x) + 1e-8)  # the offset keeps it finite
    return power_law(x, exponent, real_engine)


class CfpConstants(NamedTuple):
    """What frames and layers are multiplied by."""

    fourier: FrameFourier
    """Of the frames."""
    wide_fourier: FrameFourier
    """The same in the widest type that the device has."""
    weights: List[Tensor]
    """Of the maps of frequencies and of lags."""
    low_bins: List[Tensor]
    """Of ``design_gridded_dft.low_bins_filter``, for the last layer, or none for all bins."""


class FirstLayer(NamedTuple):
    """The first layer of some frames, and what tells whether it can be trusted."""

    even: Tensor
    """``(*, n_fft // 2 + 1)``: one half of the magnitude spectrum to the power ``exponents[0]``."""
    level: Tensor
    """``(*, 1)``: its mean, a constant to the gradient; its least without FFTs, which take out the mean."""
    magnitude: Tensor
    """``(*, frequencies[1] - frequencies[0])``: of the bins to return; none if not wanted."""


def first_layer(x: Tensor, plan: CfpLayers, constants: CfpConstants, wide: bool) -> FirstLayer:
    """Magnitude spectra to the power ``exponents[0]``, transformed in the widest type if ``wide``.

    Shape:
        x: ``(batch, time)``
    """
    fourier = constants.wide_fourier if wide else constants.fourier
    real_engine = not uses_fft(fourier)
    power = powers(x.to(fourier.window.dtype), fourier, 2.0).to(x.dtype)
    magnitude = power[..., :0]
    if plan.factors:
        magnitude = power_law(power[..., plan.frequencies[0] : plan.frequencies[1]].clone(), 0.5, False)
    even = power_law(power, 0.5 * plan.exponents[0], real_engine)
    if real_engine:
        return FirstLayer(even, even.detach().amin(-1, keepdim=True), magnitude)
    # Of equal numbers the sum in float64 is exact, and so is their mean.
    mean = even.detach().mean(-1, keepdim=True, dtype=fourier.window.dtype).to(x.dtype)
    return FirstLayer(even, mean, magnitude)


def like_noise(layer: FirstLayer, exponent: float) -> bool:
    """Whether spectra are spread as those of noise, or silent: then float32 resolves them.

    A root of round-off is no longer small: 1e-15 of the power to 0.12 is 0.016. Of what falls to the
    round-off of its FFT (tones, pulses, music without its upper bins, nulls) the last layers are 1e-5 to 0.1
    of the maximum off, and of what is nearly flat (clicks) they are nothing but round-off.
    """
    power = 0.5 * exponent
    even, mean = layer.even.detach(), layer.level
    most, least = even.amax(-1, keepdim=True), even.amin(-1, keepdim=True)
    # The power of noise is distributed exponentially: its mean to a power, and its maximum over so many bins.
    of_noise = math.gamma(1.0 + power) / (math.log(even.size(-1)) + 0.577) ** power
    # As few operations as can be: between chunks each takes as long as a pass over one.
    margin = torch.sub(mean, most, alpha=0.85 * of_noise)
    margin = torch.minimum(margin, torch.sub(least, most, alpha=1e-13**power))
    margin = torch.minimum(margin, torch.sub(most, mean, alpha=1.0 / (1.15 * of_noise)))
    # What is not finite is so in every type.
    return minimum_value(margin.nan_to_num(0.0)) >= 0.0


def last_layers(first: FirstLayer, plan: CfpLayers, constants: CfpConstants) -> Tuple[Tensor, Tensor]:
    """Alternate between the frequency and the lag domain, one activation a layer.

    Shape:
        first: used up without gradients
        returns: the last frequency layer, ``(*, frequencies[1] - frequencies[0])``, and the last lag
            layer, ``(*, lags[1] - lags[0])``
    """
    n_fft, exponents, frequencies = constants.fourier.n_fft, plan.exponents, plan.frequencies
    half = n_fft // 2 + 1
    real_engine = not uses_fft(constants.fourier)
    even, last = first.even, len(exponents) - 1
    # Copies of what is returned: a view would keep a whole layer from being reused.
    results = [even[..., frequencies[0] : frequencies[1]].clone() if last == 1 else even, even]
    # A level shows at lag 0 alone, which no layer keeps, and in the round-off of all others: the cepstrum of
    # a flat spectrum would be nothing else.
    pieces = [even - first.level if capturing_graph() or _recorded(even) else even.sub_(first.level)]
    for layer in range(1, len(exponents)):
        domain = plan.lags if layer % 2 == 1 else frequencies
        start, end = domain[0], domain[1]
        if layer == last and len(constants.low_bins) > 0:
            values = low_bins(pieces, n_fft, constants.low_bins)
        elif real_engine:
            values = cosine_sums(_joined(pieces), n_fft, constants.fourier.factors) / math.sqrt(n_fft)
        else:
            values = torch.fft.irfft(_joined(pieces), n=n_fft, norm="ortho")
        values = values[..., start : end if layer == last else half]
        values = nonlinearity(values, exponents[layer], real_engine)
        results[layer % 2] = values
        if layer < last:
            results[layer % 2] = values[..., : end - start].clone()
            pieces = _even_half(values, start)
    return results[0], results[1]


def _recorded(x: Tensor) -> bool:
    return torch.is_grad_enabled() and x.requires_grad


def _even_half(values: Tensor, start: int) -> List[Tensor]:
    """What the next layer sees of a layer that keeps entries from ``start`` on, in pieces.

    Of the whole, two-sided layer the original strikes the first and the last ``start`` entries, so entry
    ``start`` loses its mirror image: the even part holds half of it.
    """
    first = values[..., :1]
    zeros = torch.zeros_like(first).expand(list(first.shape)[:-1] + [start])
    return [zeros, 0.5 * first, values[..., 1:]]


def _joined(pieces: List[Tensor]) -> Tensor:
    return pieces[0] if len(pieces) == 1 else torch.cat(pieces, -1)


def combined_frequency_periodicity(x: Tensor, plan: CfpLayers, constants: CfpConstants) -> Tensor:
    """Salience of each frame, and its factors if wanted: log-frequency maps of the spectrum, of the last
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
    # Asking whether float32 will do ends a graph and has to wait for a GPU, which costs more than it saves.
    narrow = constants.wide_fourier.window.dtype != x.dtype and uses_fft(constants.fourier)
    always_wide = not (narrow and x.device.type == "cpu") or capturing_graph()
    if capturing_graph() or batch * n_frames * n_fft <= chunk_samples():
        return _salience(F.pad(x, plan.ends), plan, constants, maps, always_wide)[0]
    # A layer holds some of its frames twice over, as complex numbers on their way through the inverse FFT.
    items, step = chunk_shape(batch, n_frames, 3 * n_fft // 2)
    # Chunks serve gradients too, which want nothing written in place.
    parts: List[Tensor] = []
    kept = _recorded(x)
    columns = 4 * plan.n_bins if plan.factors else plan.n_bins
    out = torch.empty(0) if kept else empty_rows(x, constants.weights[0], n_frames, columns)
    for item in range(0, batch, items):
        padded = F.pad(x[item : item + items], plan.ends)
        chunks: List[Tensor] = []
        wide = always_wide
        for start in range(0, n_frames, step):
            stop = min(start + step, n_frames)
            samples = padded[:, start * hop : (stop - 1) * hop + width]
            # What is too much for float32 once will be again: it is not tried a second time.
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
    """What :func:`combined_frequency_periodicity` returns, and whether the spectra had to be wide."""
    first = first_layer(padded, plan, constants, wide)
    if not wide and not like_noise(first, plan.exponents[0]):
        wide = True
        first = first_layer(padded, plan, constants, wide)
    frequency, lag = last_layers(first, plan, constants)
    by_lag = sparse_product(lag, maps[1], plan.blocks[1])
    if not plan.factors:
        return sparse_product(frequency, maps[0], plan.blocks[0]) * by_lag, wide
    both = sparse_product(torch.stack([first.magnitude, frequency], 2), maps[0], plan.blocks[0])
    return torch.cat([both[:, :, 1] * by_lag, both.flatten(2), by_lag], -1), wide
