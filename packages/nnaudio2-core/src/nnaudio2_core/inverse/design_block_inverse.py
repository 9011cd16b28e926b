"""Block inverse of a strided filter bank: its matrices, one for each alias group, in float64.

A hop of ``hop`` samples in time aliases frequencies that are ``sr / hop`` apart. For a signal of period
``points * hop``, Fourier coefficient m of the frames of bin k is therefore

``Y[k, m] = 1 / hop * sum_j H_k[n] X[n]``, ``n = m + j * points``,

with ``X`` the spectrum of the signal and ``H_k`` the response of bin k. The frequencies n of one m are an
alias group, and each group is a small linear system. Its inverse is that of iterated Tikhonov regularisation:
a component of singular value s has the gain

``(1 - (damping / (s**2 + damping)) ** ORDER) / s``.

This is sharper than plain Tikhonov regularisation (order 1): components that the coefficients determine come
back exactly, others are suppressed. The same damping costs less of the former and passes less noise in the
latter.

Over all m the inverse is a filter bank as well. Its kernels are faded out and end at ``SUPPORT`` times the
longest kernel of the bank (further for short kernels, see ``_HOPS``): the low ones would ring for long at an
amplitude of some thousandths, and carry errors from the ends of a clip into its middle. Since their length is
finite, blocks and strided kernels give the same result. With windows that do not fall to zero the inverse
rings longer: where fading would change the signal, the support is doubled once or twice.
"""

import math
from typing import Any, List, NamedTuple, Sequence, Tuple

import numpy as np
import numpy.typing as npt
from scipy import fft

Floats = npt.NDArray[np.float64]
Complexes = npt.NDArray[np.complex128]

ORDER = 4
# Reach of the inverse kernels to each side, in longest kernels; up to three times as far where these span
# fewer than _HOPS hops and the systems change fast from one m to the next. They fade over the last part of
# it, _FADE.
SUPPORT = 1.25
_HOPS = 24
_FADE = 0.5
# Largest change by fading, rms over the frequencies that the bins see, relative to their amplitude. With Hann
# windows it is half as much, with rectangular ones a hundred times that.
_MOST_CHANGE = 8e-3
# Share of an inverse kernel's norm that is cut off both ends for the real engine.
_NEGLIGIBLE = 1e-6
# Beyond the outermost bins the gain of the bins falls, and that of an exact inverse would rise. Frequencies
# that pass with less than this fraction of the power at the outermost centre are assumed to be faint in the
# signal, the more so the less they pass: a steep inverse rings for long, and reaches over the ends of a
# block.
_FAINT = 1e-2
# Frequencies that pass with less than this fraction are left out.
_LEAST_POWER = 1e-4
# Bins that pass negative frequencies above this fraction of their largest gain see both signs of a frequency.
_LEAST_LEAKAGE = 1e-4


class BlockInverse(NamedTuple):
    """Matrices that invert blocks of ``points`` frames, one for each alias group.

    ``columns`` is ``n_bins``, or twice that where bins see both signs of a frequency: then the conjugate
    frames, which see the opposite signs, add equations.
    """

    points: int
    """Frames of a block, even; the block has ``points * hop`` samples."""
    low: int
    """Frequency of the first row of the groups, in runs of ``points``."""
    n_bins: int
    inverse: Complexes
    """``(points, columns, rows)``: coefficients to spectrum."""
    edge: int
    """Frames on each side that a sample depends on: nearer to its ends a block has no valid samples."""
    reach: int
    """Frames on each side of a frame that the longest kernel reaches."""


def block_inverse(
    kernels: Sequence[Complexes], offsets: Sequence[int], hop: int, damping: float
) -> BlockInverse:
    """Block inverse of a strided filter bank.

    The bank is ``y[k, n] = sum_t x[n * hop + offsets[k] + t] * conj(kernels[k][t])``.

    Args:
        kernels: one complex array for each bin.
        offsets: first sample of each kernel, relative to the frame's own sample.
        hop: samples between frames, >= 1.
        damping: > 0, relative to the largest energy with which one coefficient sees its alias group.

    Source: Engl, Hanke & Neubauer (1996), "Regularization of inverse problems", section 5.1, for the
    iterated Tikhonov regularisation.
    """
    longest = max(kernel.size for kernel in kernels)
    support = min(max(SUPPORT * longest, _HOPS * hop), 3 * SUPPORT * longest)
    blocks, change = _faded_inverse(kernels, offsets, hop, damping, support)
    for longer in (2, 4):
        if change <= _MOST_CHANGE:
            break
        blocks, change = _faded_inverse(kernels, offsets, hop, damping, longer * support)
    return blocks


def _faded_inverse(
    kernels: Sequence[Complexes], offsets: Sequence[int], hop: int, damping: float, support: float
) -> Tuple[BlockInverse, float]:
    """Block inverse with kernels that end ``support`` samples from their frames, and the change by fading."""
    longest = max(kernel.size for kernel in kernels)
    points = 2 * int(fft.next_fast_len(max(4, math.ceil(2.4 * support / hop)), real=True))
    low, forward, negative, trust = _responses(kernels, offsets, points, hop)
    floor = damping * float((np.abs(forward) ** 2).sum(axis=1).max())
    inverse = _regularised_inverse(forward, negative, trust, low, hop, floor)
    faded = _faded(inverse, len(kernels), low, hop, support)
    blocks = BlockInverse(
        points=points,
        low=low,
        n_bins=len(kernels),
        inverse=faded,
        edge=math.ceil(support / hop),
        reach=-(-longest // (2 * hop)),
    )
    return blocks, _change(faded - inverse, forward, trust)


def inverse_kernels(blocks: BlockInverse, hop: int) -> Tuple[List[Complexes], List[int]]:
    """The inverse as a filter bank, to be applied as the transpose of an analysis.

    Returns:
        one complex array for each bin, and its first sample relative to the frame's own sample
    """
    size, half = blocks.points * hop, blocks.points * hop // 2
    kernels: List[Complexes] = []
    offsets: List[int] = []
    for k in range(blocks.n_bins):
        real, imaginary = _real_kernels(blocks.inverse, blocks.n_bins, k, blocks.low, size)
        kernel = np.roll(real - 1j * imaginary, half)
        energy = np.abs(kernel) ** 2
        outside = np.cumsum(energy[:half] + np.append(0.0, energy[:half:-1]))
        reach = min(half - int(np.searchsorted(outside, _NEGLIGIBLE**2 * energy.sum())), blocks.edge * hop)
        kernels.append(kernel[half - reach : half + reach + 1])
        offsets.append(-reach)
    return kernels, offsets


def _responses(
    kernels: Sequence[Complexes], offsets: Sequence[int], points: int, hop: int
) -> "Tuple[int, Complexes, Complexes | None, Floats]":
    """Responses to whole runs of frequencies, and to the negatives of these if they matter.

    Shape:
        returns: first run; ``(points, rows, n_bins)`` twice, the second conjugated or None; the weight, up to
        1, with which each frequency is assumed to be in the signal, ``(points, rows)``
    """
    size = points * hop
    half = size // 2 + 1
    positive = np.empty((len(kernels), half), dtype=np.complex128)
    negative = np.empty((len(kernels), half), dtype=np.complex128)
    for k, (kernel, offset) in enumerate(zip(kernels, offsets, strict=True)):
        block = np.zeros(size, dtype=np.complex128)
        block[(offset + np.arange(kernel.size)) % size] = kernel
        response = fft.fft(block)
        positive[k] = response[:half].conj()
        negative[k] = response[-np.arange(half)]
    power = (np.abs(positive) ** 2).sum(axis=0)
    # Beyond the outermost bins, relative to the power at the nearest centre.
    peaks = np.abs(positive).argmax(axis=1)
    power /= power[np.clip(np.arange(half), peaks.min(), peaks.max())]
    seen = power > _LEAST_POWER
    leakage = np.abs(negative[:, seen]).max() / np.abs(positive).max()
    where = np.flatnonzero(seen)
    # Fading the inverse kernels in time spreads them a little in frequency.
    margin = points // 8
    low, stop = max(0, int(where[0]) - margin) // points, min(half - 1, int(where[-1]) + margin) // points + 1
    missing = max(0, stop * points - half)

    def groups(values: npt.NDArray[Any]) -> Any:
        kept = np.where(seen, values, 0)[:, low * points : stop * points]
        kept = np.pad(kept, ((0, 0), (0, missing))).reshape(len(values), -1, points)
        return np.ascontiguousarray(kept.transpose(2, 1, 0))

    trust = groups((1 / np.hypot(1, _FAINT / np.maximum(power, _LEAST_POWER)))[None])[:, :, 0]
    opposite = groups(negative) / hop if leakage > _LEAST_LEAKAGE else None
    return low, groups(positive) / hop, opposite, trust


def _regularised_inverse(
    forward: Complexes,
    negative: "Complexes | None",
    trust: Floats,
    low: int,
    hop: int,
    floor: float,
) -> Complexes:
    """Inverse, ``(points, columns, rows)``, computed a few groups at a time to bound the memory."""
    points, rows, n_bins = forward.shape
    columns, unknowns = (n_bins, rows) if negative is None else (2 * n_bins, 2 * rows)
    inverse = np.empty((points, columns, rows), dtype=np.complex128)
    step = max(1, (1 << 22) // (columns * unknowns))
    for start in range(0, points, step):
        groups = np.arange(start, min(start + step, points))
        system, prior = forward[groups], trust[groups]
        if negative is not None:
            system = _both_signs(forward, negative, low, hop, groups)
            prior = np.concatenate([prior, trust[-groups % points]], axis=1)
        solved = _iterated_tikhonov(system * prior[:, :, None], floor) * prior[:, None, :]
        inverse[groups] = solved[:, :, :rows]
    return inverse


def _both_signs(
    forward: Complexes, negative: Complexes, low: int, hop: int, groups: npt.NDArray[np.int64]
) -> Complexes:
    """Systems over positive and negative frequencies, with the conjugate frames as further equations.

    The negative frequencies of group m are minus the positive ones of group ``-m``. The response of the
    conjugate frames to a frequency is the conjugate of the frames' response to its negative.

    Shape:
        returns: ``(groups, 2 * rows, 2 * n_bins)``
    """
    points, rows, _ = forward.shape
    opposite = -groups % points
    above = np.concatenate([forward[groups], negative[groups]], axis=2)
    below = np.concatenate([negative[opposite].conj(), forward[opposite].conj()], axis=2)
    # Frequency zero and Nyquist are their own negatives: one unknown, not two.
    frequency = opposite[:, None] + points * (low + np.arange(rows))
    below[(frequency == 0) | (2 * frequency == points * hop)] = 0
    return np.concatenate([above, below], axis=1)


def _iterated_tikhonov(system: Complexes, floor: float) -> Complexes:
    """The transpose of ``A^H f(A A^H)`` for each ``A`` (equations, unknowns), given transposed.

    Shape:
        system: ``(groups, unknowns, equations)``
        returns: ``(groups, equations, unknowns)``
    """
    adjoint = system.conj().transpose(0, 2, 1)
    few_unknowns = system.shape[1] <= system.shape[2]
    gram = system @ adjoint if few_unknowns else adjoint @ system
    identity = np.eye(gram.shape[1])
    rest = np.linalg.inv(gram / floor + identity)
    # rest + rest^2 + rest^3 + rest^4: one term for each of the ORDER iterations.
    gain = rest @ (identity + rest)
    gain = (gain + rest @ rest @ gain) / floor
    result: Complexes = adjoint @ gain if few_unknowns else gain @ adjoint
    return result


def _faded(inverse: Complexes, n_bins: int, low: int, hop: int, support: float) -> Complexes:
    """The inverse with kernels that end ``support`` samples from their frames.

    Shape:
        inverse: ``(points, columns, rows)``
        returns: the same
    """
    points, columns, rows = inverse.shape
    # Up to the highest row, the kernels need no higher rate.
    runs = min(hop, 2 * (low + rows))
    place = np.arange(points * runs) * (hop / runs)
    distance = np.minimum(place, points * hop - place)
    window = np.sin(np.pi / 2 * np.clip((1 - distance / support) / _FADE, 0, 1)) ** 2
    faded = np.zeros_like(inverse)
    for k in range(n_bins):
        kernels = _real_kernels(inverse, n_bins, k, low, points * runs) * window
        spectra = fft.rfft(kernels)[:, low * points : (low + rows) * points]
        missing = rows * points - spectra.shape[1]
        spectra = np.pad(spectra, ((0, 0), (0, missing))).reshape(2, rows, points).transpose(0, 2, 1)
        faded[:, k] = (spectra[0] - 1j * spectra[1]) / 2
        if columns > n_bins:
            faded[:, k + n_bins] = (spectra[0] + 1j * spectra[1]) / 2
    return faded


def _change(difference: Complexes, forward: Complexes, trust: Floats) -> float:
    """Effect of a difference of two inverses on frequencies that the bins see: rms, relative to amplitude.

    Shape:
        difference: ``(points, columns, rows)``
        forward: ``(points, rows, n_bins)``
        trust: ``(points, rows)``
    """
    spread = difference[:, : forward.shape[2]].transpose(0, 2, 1) @ forward.transpose(0, 2, 1)
    energy = (np.abs(spread) ** 2).sum(axis=1)
    return float(np.sqrt(energy[trust > 0.999].mean()))


def _real_kernels(inverse: Complexes, n_bins: int, k: int, low: int, size: int) -> npt.NDArray[np.float64]:
    """Contributions of the real and the imaginary part of one coefficient of bin k to a signal.

    Shape:
        inverse: ``(points, columns, rows)``
        returns: ``(2, size)``, the sample of the frame first, samples before it at the end
    """
    points, columns, _ = inverse.shape
    same = inverse[:, k]
    conjugate = inverse[:, k + n_bins] if columns > n_bins else np.zeros_like(same)
    spectra = np.stack([same + conjugate, 1j * (same - conjugate)]).transpose(0, 2, 1).reshape(2, -1)
    spectra = np.pad(spectra, ((0, 0), (low * points, 0)))[:, : size // 2 + 1]
    return np.asarray(fft.irfft(spectra, n=size))
