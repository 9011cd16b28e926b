"""Frame bounds, redundancy, and the lengths that clips are extended to."""

import math

import numpy as np
import pytest
import torch
from tests.oracles import gabor

import nnaudio2_core as core


@pytest.mark.parametrize("layout", ["octaves", "matrix", "ragged"])
@pytest.mark.parametrize("window", ["sine", "hann", "blackmanharris", "gaussian"])
def test_frame_bounds_are_singular_values(window, layout):
    """Singular values of the dense analysis of one slice, without its fades, which keep the energy."""
    module = core.NSGT(4000, fmin=300.0, bins_per_octave=4, window=window, layout=layout, slice_length=240)
    C = module(torch.randn(240))
    coefficients = [C] if layout == "matrix" else C
    frames = [part.size(-2) for part in coefficients for _ in range(part.size(-3))]
    centres = (lambda k: gabor.octave_centre(300.0, 4, k)), len(frames) - 2
    rows = gabor.windows(centres, window, 4000.0, 240)
    expected = gabor.frame_bounds(rows, frames, 240)
    assert np.allclose(module.frame_bounds, expected, rtol=1e-9)
    if window == "sine":
        assert np.allclose(expected, 1.0, rtol=1e-9)


@pytest.mark.parametrize("window", ["hann", "blackmanharris", "gaussian"])
def test_energy_of_clips_lies_between_the_frame_bounds(window):
    module = core.NSGT(22050, window=window)
    low, high = module.frame_bounds
    assert 0 < low < high
    energies = []
    for k in range(40, 90):  # tones between two centres and at one
        for frequency in (module.frequencies[k], (module.frequencies[k] + module.frequencies[k + 1]) / 2):
            x = torch.hann_window(30000) * torch.cos(2 * torch.pi * frequency / 22050 * torch.arange(30000))
            energies.append(sum(float(part.square().sum()) for part in module(x)) / float(x.square().sum()))
    assert low * (1 - 1e-3) <= min(energies) <= low * 1.1
    assert high * 0.9 <= max(energies) <= high * (1 + 1e-3)


@pytest.mark.parametrize("sr", [16000, 22050, 44100, 48000])
def test_redundancy(sr):
    """Real numbers for each sample.

    They are the widths of the windows, over half the sampling rate: two windows from the centre below
    ``fmin`` to the one above the highest, and one from there on. Rates without large prime factors add up to
    3 %. In the octaves all channels have the rate of the widest one, the highest of the octave; a unit is up
    to 1 % shorter than it may be.
    """
    octaves, ragged, matrix = (core.NSGT(sr, layout=layout) for layout in ("octaves", "ragged", "matrix"))
    up = 2 ** (1 / 12)  # from a channel to the one above
    lowest, highest = ragged.frequencies[1] / (sr / 2), ragged.frequencies[-2] / (sr / 2)
    widths = 1 + highest * up - lowest / up
    assert widths <= ragged.redundancy <= 1.03 * widths
    assert ragged.redundancy < octaves.redundancy < matrix.redundancy
    for module in (octaves, core.NSGT(sr, fmax=0.83 * sr / 2)):  # the last octave is not whole
        highest = module.frequencies[-2] / (sr / 2)
        widths = 24 * highest * (up - 1 / up) + 1 - highest
        assert 0.99 * widths <= module.redundancy <= 1.01 * widths


@pytest.mark.parametrize("layout", ["octaves", "matrix", "ragged"])
@pytest.mark.parametrize("slice_length", [None, 4096])
def test_redundancy_counts_the_coefficients(layout, slice_length):
    module = core.NSGT(16000, layout=layout, slice_length=slice_length)
    time = 2**20
    coefficients = module(torch.zeros(time))
    count = sum(part.numel() for part in ([coefficients] if layout == "matrix" else coefficients))
    covered = module.inverse(coefficients).numel()
    assert count == pytest.approx(module.redundancy * covered, rel=5e-3)


def test_zeros_after_a_clip_keep_its_end_from_its_beginning():
    module = core.NSGT(22050)
    x = torch.zeros(22050, dtype=torch.float64)
    x[-1] = 1.0
    C = module(x)
    early = [part[:, : max(1, int(5000 / hop))] for part, hop in zip(C, module.hop_lengths, strict=True)]
    energy = sum(float(part.square().sum()) for part in C)
    assert sum(float(part.square().sum()) for part in early) <= 1e-4 * energy


def test_a_window_that_begins_at_a_bin_does_not_lose_the_last_one():
    """The upper channel: 200 * 2 ** 2 Hz is a bin, and is rounded to either side of it."""
    module = core.NSGT(4000, fmin=200.0, bins_per_octave=5, n_bins=7, window="gaussian", layout="ragged")
    tone = (-1.0) ** torch.arange(191, dtype=torch.float64)
    assert float((module.inverse(module(tone), length=191) - tone).abs().max()) <= 1e-13


def largest_prime(n):
    return max(k for k in range(1, n + 1) if n % k == 0 and all(k % d for d in range(2, math.isqrt(k) + 1)))


@pytest.mark.parametrize("layout", ["octaves", "matrix", "ragged"])
def test_clips_are_extended_by_little(layout):
    """To an even number of units, of which pairs are rounded up by at most 1 / 32.

    Below 2048 units the FFT has no prime factor above 31.
    """
    module = core.NSGT(22050, layout=layout)
    assert largest_prime(module.unit) <= 19  # 1216 = 64 * 19 in the matrix, whose hop is the largest possible
    for time in [1, 100, *range(1000, 200000, 7919), 10**6, 10**7]:
        units = module.bank.n_units(time)
        least = -(-(time + module.extension) // module.unit)
        assert least <= units <= (least + 1) * 33 / 32
        assert units >= 2048 or largest_prime(units) <= 31
        assert units * module.unit % 8 == 0


def test_windows_are_shared_between_lengths():
    module = core.NSGT(22050)
    x = torch.randn(30000)
    first = module.bank.windows(module.bank.n_units(30000), x)
    again = module.bank.windows(module.bank.n_units(29990), x)
    assert first.analysis is again.analysis
