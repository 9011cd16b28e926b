"""Predicted virtual frames of a clip without padding, against a dense least-squares solution."""

import numpy as np
import pytest
import torch

from nnaudio2_core.inverse.design_frame_prediction import frame_predictors
from nnaudio2_core.inverse.virtual_frames import predicted_ends

DAMPING = 1e-3
SIZES, OFFSETS, HOP = [9, 40, 23], [-4, -20, -11], 7
# Both sides are float64, of systems with a condition of at most 1 / DAMPING.
DENSE_FLOAT64 = 1e-11


def kernels():
    rng = np.random.default_rng(0)
    return [rng.standard_normal(size) + 1j * rng.standard_normal(size) for size in SIZES]


def dense_frames(frames, samples, origin):
    """Response of each bin in the given frames to each sample: ``(bins * frames, samples)``, bin by bin."""
    rows = np.zeros((len(SIZES), len(frames), samples), dtype=complex)
    for k, (kernel, offset) in enumerate(zip(kernels(), OFFSETS, strict=True)):
        for n, frame in enumerate(frames):
            start = origin + frame * HOP + offset
            rows[k, n, start : start + kernel.size] = kernel.conj()
    return rows.reshape(-1, samples)


def test_predicted_frames_are_those_of_the_signal_of_least_energy():
    floor = DAMPING * max(np.sum(np.abs(kernel) ** 2) for kernel in kernels())
    rng = np.random.default_rng(1)
    coefficients = rng.standard_normal((24, 2)) @ [1, 1j]
    known = dense_frames(range(8), 400, 150)
    signal = known.conj().T @ np.linalg.solve(known @ known.conj().T + floor * np.eye(24), coefficients)
    matrices = frame_predictors(kernels(), OFFSETS, HOP, DAMPING)
    for matrix, virtual in zip(matrices, (range(-8, 0), range(8, 16)), strict=True):
        expected = dense_frames(virtual, 400, 150) @ signal
        assert np.abs(coefficients @ matrix - expected).max() < DENSE_FLOAT64 * np.abs(expected).max()
        assert np.abs(expected).max() > 0.1 * np.abs(coefficients).max()


@pytest.mark.parametrize(("n_bins", "count"), [(1, 8), (100, 8), (101, 7), (800, 1), (801, 0)])
def test_fewer_frames_are_predicted_for_many_bins(n_bins, count):
    bank = [np.ones(4, dtype=complex)] * n_bins
    before, after = frame_predictors(bank, [0] * n_bins, 2, DAMPING)
    assert before.shape == after.shape == (n_bins * count, n_bins * count)


@pytest.mark.parametrize("n_frames", [1, 5, 8, 30])
@pytest.mark.parametrize("n_virtual", [3, 8, 20])
def test_ends_are_products_with_the_nearest_frames(n_frames, n_virtual):
    before, after = frame_predictors(kernels(), OFFSETS, HOP, DAMPING)
    sides = torch.from_numpy(np.stack([np.stack([side.real, side.imag]) for side in (before, after)]))
    frames = torch.randn(2, 3, n_frames, 2, dtype=torch.float64)
    spectra = torch.view_as_complex(frames).numpy()
    missing = max(0, 8 - n_frames)
    first = np.pad(spectra, ((0, 0), (0, 0), (0, missing)))[:, :, :8].reshape(2, -1) @ before
    last = np.pad(spectra, ((0, 0), (0, 0), (missing, 0)))[:, :, -8:].reshape(2, -1) @ after
    left, right = (torch.view_as_complex(end).numpy() for end in predicted_ends(frames, n_virtual, sides))
    far = max(0, n_virtual - 8)
    near = min(n_virtual, 8)
    np.testing.assert_allclose(left[:, :, far:], first.reshape(2, 3, 8)[:, :, 8 - near :], rtol=0, atol=1e-12)
    np.testing.assert_allclose(right[:, :, :near], last.reshape(2, 3, 8)[:, :, :near], rtol=0, atol=1e-12)
    assert left.shape == right.shape == (2, 3, n_virtual)
    assert not left[:, :, :far].any()
    assert not right[:, :, near:].any()
