"""The kernels against the legacy builder, those of librosa, and their own defining properties."""

import librosa
import nnAudio2.features
import nnAudio2.utils
import numpy as np
import pytest
import torch
from tests.tolerances import ANALYTIC_FLOAT64, LEGACY_COMPLEX64_KERNEL

from nnaudio2_core.constant_q.design_bins import (
    bins_below_nyquist,
    bins_between,
    constant_q_frequencies,
    constant_q_lengths,
    relative_bandwidth,
)
from nnaudio2_core.constant_q.design_kernels import constant_q_basis


@pytest.mark.parametrize(
    ("sr", "fmin", "n_bins", "bins", "scale", "norm", "window", "gamma"),
    [
        (22050, 32.7, 84, 12, 1.0, 1, "hann", 0.0),
        (44100, 55.0, 100, 24, 0.7, 2, "blackman", 0.0),
        (16000, 27.5, 80, 12, 1.5, None, "hamming", 0.0),
        (22050, 32.7, 84, 12, 1.0, np.inf, "hann", 10.0),
        (8000, 41.2, 50, 9.5, 1.0, 1, "hann", 3.3),
    ],
)
def test_kernels_are_the_legacy_ones(sr, fmin, n_bins, bins, scale, norm, window, gamma):
    ours = constant_q_basis(sr, fmin, n_bins, bins, scale, norm, window, gamma)
    q = float(scale) / (2 ** (1 / bins) - 1)
    legacy, width, lengths, frequencies = nnAudio2.utils.create_cqt_kernels(
        q, sr, fmin, n_bins, bins, norm=norm, window=window, gamma=gamma
    )
    assert ours.width == width
    np.testing.assert_array_equal(ours.lengths, lengths.numpy())
    np.testing.assert_array_equal(ours.frequencies, frequencies)
    peak = np.abs(legacy).max(axis=1, keepdims=True)
    np.testing.assert_allclose(ours.dense() / peak, legacy / peak, rtol=0, atol=LEGACY_COMPLEX64_KERNEL)


def test_buffers_of_the_legacy_module():
    legacy = nnAudio2.features.CQT1992v2(verbose=False)
    dense = constant_q_basis(22050, 32.7, 84).dense()
    legacy_kernels = torch.complex(legacy.cqt_kernels_real, legacy.cqt_kernels_imag)[:, 0].numpy()
    peak = np.abs(dense).max(axis=1, keepdims=True)
    np.testing.assert_allclose(dense / peak, legacy_kernels / peak, rtol=0, atol=LEGACY_COMPLEX64_KERNEL)


@pytest.mark.parametrize("gamma", [0.0, 7.5])
def test_fractional_lengths_are_librosas(gamma):
    ours = constant_q_basis(22050, 32.7, 84, gamma=gamma, filter_lengths="fractional")
    frequencies = librosa.cqt_frequencies(84, fmin=32.7)
    alpha = relative_bandwidth(12, "fractional")
    kernels, lengths = librosa.filters.wavelet(
        freqs=frequencies, sr=22050, gamma=gamma, alpha=alpha, dtype=np.complex128
    )
    np.testing.assert_allclose(ours.lengths, lengths, rtol=ANALYTIC_FLOAT64)
    # librosa convolves: this is correlation with the conjugate of the kernel, reversed in time.
    reversed_ = np.roll(kernels[:, ::-1].conj(), 1, axis=1)
    np.testing.assert_allclose(ours.dense(), reversed_, rtol=0, atol=ANALYTIC_FLOAT64 * np.abs(kernels).max())


def test_every_kernel_has_phase_zero_at_its_frame():
    basis = constant_q_basis(22050, 32.7, 84)
    for kernel, offset in zip(basis.kernels, basis.offsets, strict=True):
        assert abs(np.angle(kernel[-offset])) < ANALYTIC_FLOAT64


@pytest.mark.parametrize("norm", [1, 2])
def test_norm_is_one(norm):
    for kernel in constant_q_basis(22050, 55.0, 40, norm=norm).kernels:
        assert np.linalg.norm(kernel, norm) == pytest.approx(1.0, rel=ANALYTIC_FLOAT64)


def test_bandwidth_is_alpha_f_plus_gamma():
    frequencies = constant_q_frequencies(100.0, 30, 12)
    lengths = constant_q_lengths(frequencies, 22050, 12, gamma=20.0, filter_lengths="fractional")
    expected = relative_bandwidth(12, "fractional") * frequencies + 20.0
    np.testing.assert_allclose(22050 / lengths, expected, rtol=ANALYTIC_FLOAT64)


def test_counts_of_bins():
    assert bins_between(55.0, 5000.0, 12) == 79  # as in the legacy class
    assert bins_between(55.0, 110.0, 12) == 12
    largest = bins_below_nyquist(32.7, 22050, 12)
    top = constant_q_frequencies(32.7, largest + 1, 12)
    assert top[-2] <= 11025 < top[-1]
    assert bins_below_nyquist(12000.0, 22050, 12) == 0
