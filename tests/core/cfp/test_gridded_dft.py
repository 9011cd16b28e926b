"""Gridded DFT, the first bins of the transform of a long even sequence, against direct sums."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnaudio2_core.cfp.design_gridded_dft import gridded_dft_filter
from nnaudio2_core.cfp.gridded_dft import gridded_dft

# Aliasing of the filter in the wanted bins, relative to the largest bin: the only error in float64.
ALIASING = 1e-7


def direct(half, n, n_bins):
    """The orthonormal transform of the even sequence, sum by sum."""
    samples = np.arange(n)
    whole = half[..., np.minimum(samples, n - samples)]
    cosines = np.cos(2 * np.pi * np.outer(samples, np.arange(n_bins)) / n)
    return whole @ cosines / np.sqrt(n)


def error(half, n, n_bins, dtype=torch.float64, cuts=()):
    filters = [torch.from_numpy(constant).to(dtype) for constant in gridded_dft_filter(n, n_bins)]
    pieces = [torch.from_numpy(piece).to(dtype) for piece in np.split(half, cuts, axis=-1)]
    bins = gridded_dft(pieces, n, filters)
    expected = direct(half, n, n_bins)
    assert bins.shape == expected.shape
    return np.abs(bins.double().numpy() - expected).max() / np.abs(expected).max()


@settings(max_examples=60, deadline=None)
@given(
    factor=st.integers(2, 40),
    kept=st.integers(31, 400),
    share=st.floats(0.0, 1.0),
    cuts=st.lists(st.floats(0.0, 1.0), max_size=3),
    seed=st.integers(0, 1000),
)
def test_direct_sums(factor, kept, share, cuts, seed):
    n = factor * kept
    most = int(n / (2 * 1.9 * factor))  # bins with which one sample in factor may be kept
    n_bins = max(1, round(share * most))
    assert len(gridded_dft_filter(n, n_bins)[0]) >= 8 * factor
    half = np.random.default_rng(seed).standard_normal((2, 3, n // 2 + 1))
    places = sorted(round(cut * (n // 2)) for cut in cuts)  # of pieces of any lengths, none at all included
    assert error(half, n, n_bins, cuts=places) < ALIASING


@pytest.mark.parametrize(("n", "n_bins"), [(8000, 501), (22050, 501), (2400, 40), (899, 8), (961, 1)])
def test_each_sample_in_its_place(n, n_bins):
    """A click at each place, including the two ends and the samples mirrored beyond them."""
    places = sorted({*range(40), *range(n // 2 - 40, n // 2 + 1), n // 3})
    half = np.zeros((len(places), n // 2 + 1))
    half[np.arange(len(places)), places] = 1.0
    assert error(half, n, n_bins) < ALIASING


def test_float32_is_as_exact_as_a_whole_transform():
    half = np.random.default_rng(0).random((5, 4001)) ** 2
    whole = torch.fft.irfft(torch.from_numpy(half).float(), n=8000, norm="ortho")[:, :501].numpy()
    expected = direct(half, 8000, 501)
    whole_error = np.abs(whole - expected).max() / np.abs(expected).max()
    assert error(half, 8000, 501, torch.float32) < 4 * whole_error


@pytest.mark.parametrize(("n", "n_bins"), [(8000, 1500), (8009, 100), (64, 9), (20, 1)])
def test_no_filter_where_no_divisor_keeps_enough_samples(n, n_bins):
    assert [constant.size for constant in gridded_dft_filter(n, n_bins)] == [0, 0]
