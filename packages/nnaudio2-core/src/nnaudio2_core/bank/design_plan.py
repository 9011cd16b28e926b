"""Choice of the fastest way to compute a strided filter bank, from the kernels and the hop.

Kernels of similar length form a group. A short group is a matrix that multiplies the frames. A long one
works on the spectra of blocks of ``M = P * hop`` samples. Taking every hop-th sample in time aliases the
spectrum to P bins, so each residue r modulo P needs only the bins r, r + P, r + 2 P, ... of the block and
of the kernels: a small complex matrix product for each r, then one inverse FFT of length P for P frames.

There are two kinds of spectra. ``"band"``: one real FFT of the block, of which a group takes the bins where
its kernels are not negligible. ``"polyphase"``: the P-point FFTs of the block's hop polyphase components,
which costs more products, drops nothing, and works where M has no fast FFT. Components are real, so one
half of their residues suffices; real and imaginary part of each kernel are multiplied separately.

Negligible is what no sine can show: outside of a kernel's band its response to a sine of any frequency is at
most ``tolerance`` times the smallest peak response of the bins. So a faint coefficient keeps its logarithm
beside a loud one. The constants cover the wider band that float64 keeps; float32 reads the inner part.
"""

import math
from dataclasses import dataclass
from typing import List, Sequence, Tuple

import numpy as np
import numpy.typing as npt
from scipy import fft

from .plan import BankPlan, Group

Kernels = Sequence[npt.NDArray[np.complex128]]
Band = Tuple[float, float]
"""Lower and upper edge, cycles per sample; the lower one may be negative."""

# Measured costs in nanoseconds on two cores, of which only the ratios matter: one multiply-add of a
# matrix product, one complex one, one sample of a real FFT of a smooth or of any other size, one complex
# sample of many short FFTs, and reading one complex constant.
_REAL, _COMPLEX, _SMOOTH_FFT, _ANY_FFT, _SHORT_FFT, _READ = 0.018, 0.085, 1.5, 14.0, 2.5, 0.1
# Lengths of clips for which blocks are chosen, in longest kernels: 1, 10 and 100 s with the usual arguments.
_CLIPS = (2, 20, 200)
# Most bins of a group: with more of them the common band of the group is much wider than that of each bin.
_MOST_BINS = 24
# Response that float64 may drop, as a share of what float32 may drop.
_DOUBLE = 0.05
# Most constants of a polyphase group: more are not worth their cache misses.
_MOST_CONSTANTS = 1 << 24
# Most numbers of all matrices together, as ``module.arguments.MOST_NUMBERS``: 2 GB in float64.
_MOST_NUMBERS = 1 << 28


@dataclass(frozen=True)
class _Kernels:
    """Kernels of a group."""

    kernels: Kernels
    start: int
    starts: List[int]
    length: int
    band: Band
    """Band that float32 keeps."""
    wide: Band
    """Band that float64 keeps."""

    @property
    def bins(self) -> int:
        return len(self.kernels)

    def dense(self, size: int, start: int) -> npt.NDArray[np.complex128]:
        """Kernels in rows of ``size`` samples, the first of which is sample ``start`` of the frame."""
        rows = np.zeros((self.bins, size), dtype=np.complex128)
        for row, kernel, own in zip(rows, self.kernels, self.starts, strict=True):
            row[own - start : own - start + kernel.size] = kernel
        return rows


def plan_bank(
    kernels: Kernels,
    starts: Sequence[int],
    hop: int,
    width: int,
    engine: str = "fft",
    tolerance: float = 2e-7,
) -> Tuple[npt.NDArray[np.float64], BankPlan]:
    """Choose how to compute ``y[k, n] = sum_t x[n * hop + starts[k] + t] * conj(kernels[k][t])``.

    Args:
        kernels: one complex array for each bin.
        starts: first sample of each kernel in the frame, 0 to ``width - len(kernel)``.
        hop: samples between frames, >= 1.
        width: samples of a frame.
        engine: ``"fft"`` to choose the fastest way, ``"real"`` for matrices only.
        tolerance: largest response to a sine that bands may drop in float32, >= 0, as a share of the smallest
            peak response of the bins; float64 drops a twentieth. 0 drops nothing.

    Returns:
        the matrices of all groups in one flat array, and the plan
    """
    # The kernels are windowed oscillations: a sine at the centre frequency adds up all magnitudes.
    peaks = [float(np.abs(kernel).sum()) for kernel in kernels]
    dropped = tolerance * min([peak for peak in peaks if peak > 0], default=0.0)
    groups = _groups(kernels, starts, dropped if engine == "fft" else 0.0)
    kinds = [("matrix", 0)] * len(groups)
    if engine == "fft":
        kinds = min((_with_band(groups, hop), _with_polyphase(groups, hop)), key=lambda choice: choice[0])[1]
    _require_memory(groups, kinds, hop)
    planned: List[Group] = []
    wide: List[Group] = []
    constants: List[npt.NDArray[np.float64]] = []
    for group, (kind, points) in zip(groups, kinds, strict=True):
        placed, values = _constants(group, kind, points, hop, groups, kinds)
        wide.append(placed)
        planned.append(_narrowed(placed, group, hop) if kind == "band" else placed)
        constants.append(values)
    return np.concatenate(constants), BankPlan(planned, wide, hop, width, len(kernels))


def _require_memory(groups: List[_Kernels], kinds: List[Tuple[str, int]], hop: int) -> None:
    """Raise a ValueError instead of building matrices that exhaust the memory."""
    matrices = sum(2 * group.bins * group.length for group in groups)
    numbers = 0
    for group, (kind, points) in zip(groups, kinds, strict=True):
        columns = {"matrix": group.length, "polyphase": (points // 2 + 1) * 2 * hop}
        if kind == "band":
            columns["band"] = points * _stored_runs(group, points, hop)[1]
        numbers += 2 * group.bins * columns[kind]
    if numbers <= _MOST_NUMBERS:
        return
    cure = "n_bins or filter_scale must be smaller"
    if matrices <= _MOST_NUMBERS:
        cure = f"engine must be 'real' ({8e-9 * matrices:.2g} GB), or n_bins or filter_scale smaller"
    raise ValueError(
        f"{cure}: the kernels would take a table of {numbers} numbers ({8e-9 * numbers:.2g} GB), more than "
        f"{_MOST_NUMBERS}"
    )


def _groups(kernels: Kernels, starts: Sequence[int], dropped: float) -> List[_Kernels]:
    """Runs of at most ``_MOST_BINS`` neighbouring bins whose lengths stay within a factor of two."""
    groups: List[_Kernels] = []
    first = 0
    for stop in range(1, len(kernels) + 1):
        sizes = [kernel.size for kernel in kernels[first : stop + 1]]
        if stop < len(kernels) and max(sizes) < 2 * min(sizes) and len(sizes) <= _MOST_BINS:
            continue
        run, places = kernels[first:stop], [int(s) for s in starts[first:stop]]
        begin = min(places)
        end = max(place + kernel.size for place, kernel in zip(places, run, strict=True))
        bands = [_bands(kernel, (dropped, _DOUBLE * dropped)) for kernel in run]
        band, wide = (
            (min(low for low, _ in edges), max(high for _, high in edges))
            for edges in zip(*bands, strict=True)
        )
        groups.append(_Kernels(run, begin, places, end - begin, band, wide))
        first = stop
    return groups


def _bands(kernel: npt.NDArray[np.complex128], dropped: Tuple[float, float]) -> List[Band]:
    """For each bound, the band outside of which the kernel responds to no sine by more."""
    size = 2 ** math.ceil(math.log2(2 * kernel.size))
    response = np.abs(fft.fft(kernel, size))
    peak = int(response.argmax())
    # The circle of frequencies is cut opposite the peak.
    response = np.roll(response, size // 2 - peak)
    bands: List[Band] = []
    for bound in dropped:
        kept = np.flatnonzero(response > bound) if bound > 0 else np.arange(size)
        low, high = (kept[0], kept[-1] + 1) if kept.size else (size // 2, size // 2 + 1)
        bands.append(((peak - size // 2 + int(low)) / size, (peak - size // 2 + int(high)) / size))
    return bands


Choice = Tuple[float, List[Tuple[str, int]]]


def _matrix_cost(group: _Kernels) -> float:
    """Nanoseconds for one frame; fewer than 16 columns take as long as 16."""
    return _REAL * group.length * max(16, 2 * group.bins) + 20.0


def _with_band(groups: List[_Kernels], hop: int) -> Choice:
    """Cheapest split into short groups (matrices) and long ones that share one block size."""
    best: Choice = (math.inf, [])
    order = sorted(range(len(groups)), key=lambda i: -groups[i].length)
    for count in range(len(order) + 1):
        long = [groups[i] for i in order[:count]]
        cost = sum(_matrix_cost(groups[i]) for i in order[count:])
        points = 0
        if long:
            points, block_cost = _block_points(long, hop)
            cost += block_cost
        if cost < best[0]:
            kinds = [("matrix", 0)] * len(groups)
            for i in order[:count]:
                kinds[i] = ("band", points)
            best = (cost, kinds)
    return best


def _block_points(groups: List[_Kernels], hop: int) -> Tuple[int, float]:
    """Frames P of one block that serve short and long clips well, and the cost of a frame in the longest."""
    _, span = _common_span(groups)
    best = (math.inf, 0, 0.0)
    for points in _even_smooth_sizes(span, hop):
        size = points * hop
        block = size * _fft_cost(size)
        for group in groups:
            aliases = _runs(group.band, points, hop)[1]
            block += points * (aliases * (_COMPLEX * group.bins + 1.0) + group.bins * _SHORT_FFT)
        costs = _block_costs(block, 0, size, span, hop)
        best = min(best, (sum(costs), points, costs[-1]))
    return best[1], best[2]


def _block_costs(block: float, numbers: int, size: int, span: int, hop: int) -> List[float]:
    """Nanoseconds for one frame of a short, a middling and a long clip.

    Args:
        block: nanoseconds for one block.
        numbers: complex constants that are read once.
        size: samples of a block.
        span: samples of a frame.
        hop: samples between frames.
    """
    valid = _valid_frames(size, span, hop)
    # On average half of the last block is wasted; this and the constants weigh on short clips.
    return [block / valid + (0.5 * block + _READ * numbers) * hop / (spans * span) for spans in _CLIPS]


def _with_polyphase(groups: List[_Kernels], hop: int) -> Choice:
    """Matrix or polyphase spectra for each group by itself, whichever is cheaper."""
    total, kinds = 0.0, []
    for group in groups:
        matrix = _matrix_cost(group)
        best = (len(_CLIPS) * matrix, matrix, ("matrix", 0))
        for points in _even_smooth_sizes(group.length, hop):
            size = points * hop
            if size * group.bins > _MOST_CONSTANTS:
                continue
            # Real FFTs; products for one half of the residues, but with two parts of each kernel.
            fft_cost = 0.5 * _SHORT_FFT * (size + 2 * points * group.bins)
            block = fft_cost + size * _COMPLEX * max(8, group.bins)
            costs = _block_costs(block, size * group.bins, size, group.length, hop)
            best = min(best, (sum(costs), costs[-1], ("polyphase", points)))
        total += best[1]
        kinds.append(best[2])
    return total, kinds


def _even_smooth_sizes(span: int, hop: int) -> List[int]:
    """Even 5-smooth P for which a block of ``P * hop`` samples is two to eight spans long."""
    smallest = max(4, -(-2 * span // hop))
    sizes: List[int] = []
    points = smallest
    while not sizes or points <= 4 * smallest:
        points = 2 * int(fft.next_fast_len(-(-points // 2), real=True))
        sizes.append(points)
        points += max(1, points // 16)
    return sizes


def _fft_cost(size: int) -> float:
    rest = size
    for factor in (2, 3, 5, 7, 11, 13):
        while rest % factor == 0:
            rest //= factor
    return _SMOOTH_FFT if rest == 1 else _ANY_FFT


def _runs(band: Band, points: int, hop: int) -> Tuple[int, int]:
    """A band in whole runs of P bins: index of the lowest run, and how many."""
    low = math.floor(band[0] * hop)
    count = math.ceil(band[1] * hop + 1 / points) - low
    # A band is no wider than the whole circle, and the spectrum is kept from minus half of it to once.
    if count >= hop or low < -(hop // 2) or low + count > hop:
        return 0, hop
    return low, count


def _stored_runs(group: _Kernels, points: int, hop: int) -> Tuple[int, int]:
    """:func:`_runs` of the wide band, where the whole circle is cut so that it holds the narrow one."""
    low, count = _runs(group.wide, points, hop)
    if count < hop:
        return low, count
    narrow, kept = _runs(group.band, points, hop)
    return max(-(hop // 2), min(0, narrow), narrow + kept - hop), hop


def _narrowed(placed: Group, group: _Kernels, hop: int) -> Group:
    """A band in float32."""
    low, count = _runs(group.band, placed.size, hop)
    return placed._replace(low=low, runs=count, skipped=low - placed.low)


def _constants(
    group: _Kernels,
    kind: str,
    points: int,
    hop: int,
    groups: List[_Kernels],
    kinds: List[Tuple[str, int]],
) -> Tuple[Group, npt.NDArray[np.float64]]:
    """Plan of a group, and its matrices: flat, conjugated and scaled."""
    if kind == "matrix":
        columns = group.dense(group.length, group.start).conj().T
        return Group(kind, group.bins, group.start, group.length, 0, 0, 0, 0, 0), _interleaved(columns)
    size = points * hop
    if kind == "polyphase":
        rows = group.dense(size, group.start).conj()
        parts = np.stack([rows.real, rows.imag], 1).reshape(2 * group.bins, points, hop)
        spectra = fft.rfft(parts, axis=1).conj() / points
        valid = _valid_frames(size, group.length, hop)
        placed = Group(kind, group.bins, group.start, points, 0, hop, valid, 0, hop)
        return placed, _interleaved(spectra.transpose(1, 0, 2))
    # All groups of this kind share the block's spectrum, so their blocks start at the same sample.
    start, span = _common_span([g for g, (k, _) in zip(groups, kinds, strict=True) if k == "band"])
    low, count = _stored_runs(group, points, hop)
    wanted = np.arange(low * points, (low + count) * points) % size
    spectra = np.empty((group.bins, count * points), dtype=np.complex128)
    for row, kernel, own in zip(spectra, group.kernels, group.starts, strict=True):
        whole = np.zeros(size, dtype=np.complex128)
        whole[own - start : own - start + kernel.size] = kernel
        row[:] = fft.fft(whole)[wanted].conj() / size
    matrices = spectra.reshape(group.bins, count, points).transpose(2, 0, 1)
    valid = _valid_frames(size, span, hop)
    placed = Group(kind, group.bins, start, points, low, count, valid, 0, count)
    return placed, _interleaved(matrices)


def _common_span(groups: List[_Kernels]) -> Tuple[int, int]:
    """First sample and length of the samples that the groups cover together."""
    start = min(group.start for group in groups)
    return start, max(group.start + group.length for group in groups) - start


def _valid_frames(size: int, span: int, hop: int) -> int:
    """Frames of a block of ``size`` samples that are free of circular wrap-around."""
    return (size - span) // hop + 1


def _interleaved(values: npt.NDArray[np.complex128]) -> npt.NDArray[np.float64]:
    """Real, imaginary, real, imaginary, ... in one flat array."""
    return np.ascontiguousarray(values).reshape(-1).view(np.float64)
