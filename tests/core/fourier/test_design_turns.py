"""Kernel tables have exact zeros where cosines and sines are zero, so phases of real bins are exact."""

import numpy as np
import pytest
import torch

from nnaudio2_core import STFT
from nnaudio2_core.constant_q.design_kernels import constant_q_basis
from nnaudio2_core.constant_q.design_spectra import kernel_spectra
from nnaudio2_core.fourier.design_factors import factored_dft, rows_and_columns
from nnaudio2_core.fourier.design_kernels import fourier_kernels
from nnaudio2_core.fourier.design_turns import cosines_and_sines

SIZES = [2, 6, 8, 9, 62, 64, 400, 512, 600]


def zeros(numerators, n):
    """Places where cosines and sines of ``numerators / n`` turns are zero, in whole numbers."""
    return (4 * numerators) % (2 * n) == n, (2 * numerators) % n == 0


@pytest.mark.parametrize("n", SIZES)
def test_kernels_are_zero_where_the_mathematics_is(n):
    k, t = np.arange(n // 2 + 1), np.arange(n)
    of_cosines, of_sines = zeros(np.outer(k, t), n)
    for whole in (0.0, 0.5):  # whole bins, and a grid of which they are a part
        bins = np.concatenate([k, [whole]]) if whole else k.astype(float)
        cosines, sines = fourier_kernels(bins, np.ones(n))
        assert np.array_equal(cosines[: n // 2 + 1] == 0, of_cosines)
        assert np.array_equal(sines[: n // 2 + 1] == 0, of_sines)
    _, _, cosines, sines = kernel_spectra(np.ones((1, n), dtype=complex))
    assert np.array_equal(cosines[:, 0] == 0, of_cosines)
    assert np.array_equal(sines[:, 0] == 0, of_sines)


@pytest.mark.parametrize("n", SIZES)
def test_factors_are_zero_where_the_mathematics_is(n):
    rows, columns = rows_and_columns(n)
    over_a, twiddles, over_b = factored_dft(n)
    a, b, d = np.arange(rows), np.arange(columns), np.arange(columns // 2 + 1)
    for real, imaginary, numerators, whole in (
        (over_a[:rows], over_a[rows:], np.outer(a, a), rows),
        (*twiddles, np.outer(a, b), n),
        (over_b[:columns, ::2], over_b[:columns, 1::2], np.outer(b, d), columns),
    ):
        of_cosines, of_sines = zeros(numerators, whole)
        assert np.array_equal(real == 0, of_cosines)
        assert np.array_equal(imaginary == 0, of_sines)


def test_a_constant_q_kernel_at_nyquist_is_real():
    basis = constant_q_basis(8000, 2000.0, 13, 12)
    assert basis.frequencies[-1] == 4000
    assert not basis.kernels[-1].imag.any()
    assert not basis.kernels[0].imag[-basis.offsets[0] % 2 :: 2].any()  # every other sample, half a turn


def test_turns_are_numpys():
    turns = np.random.default_rng(0).uniform(-5, 5, 1000)
    cosines, sines = cosines_and_sines(turns)
    assert np.abs(cosines + 1j * sines - np.exp(2j * np.pi * turns)).max() < 1e-14


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("n_fft", [32, 62, 400, 512, 600, 1018])
def test_phases_of_real_bins_are_zero_or_pi(n_fft, dtype):
    x = torch.randn(1, 9000, dtype=dtype)
    arguments = {"n_fft": n_fft, "hop_length": 100, "output_format": "Phase"}
    expected = STFT(**arguments)(x)
    assert (expected[:, [0, -1]] != 0).any()
    for trained in (False, True):
        stft = STFT(**arguments, engine="real", trainable=trained)
        assert torch.equal(stft(x)[:, [0, -1]], expected[:, [0, -1]])
