"""Coefficients of NSGT against direct sums with windows of the oracle's own."""

import functools

import numpy as np
import pytest
import torch
from tests import tolerances
from tests.contracts.cases import tensors
from tests.oracles import gabor

import nnaudio2_core as core

SR = 4000.0
LISTED = [200.0, 300.0, 350.0, 500.0, 900.0, 1300.0]


def octave(n_bins, bins_per_octave=5):
    return functools.partial(gabor.octave_centre, 200.0, bins_per_octave), n_bins


def listed(k):
    if k < 0:
        return 200.0 * 1.5**k
    return LISTED[k] if k < 6 else 1300.0 * (1300 / 900) ** (k - 5)


ALPHA = 2 ** (1 / 5) - 1
# Arguments, the oracle's centres, and its factor on the widths.
SCALES = {
    "octave": ({"bins_per_octave": 5}, octave(16), None),
    "octave up to fmax": ({"bins_per_octave": 5, "fmax": 1000.0}, octave(12), None),
    "octave, n_bins": ({"bins_per_octave": 5, "n_bins": 7}, octave(7), None),
    "octave, gamma": ({"bins_per_octave": 5, "gamma": 15.0}, octave(16), lambda f: 1 + 15 / (ALPHA * f)),
    "mel": (
        {"scale": "mel", "n_bins": 9},
        (functools.partial(gabor.mel_centre, 200.0, 2000.0, 9), 9),
        None,
    ),
    "erb": (
        {"scale": "erb", "n_bins": 9, "fmax": 1500.0},
        (functools.partial(gabor.erb_centre, 200.0, 1500.0, 9), 9),
        None,
    ),
    "list": ({"scale": LISTED}, (listed, 6), None),
}


def rows_and_frames(module, coefficients, length, centres, stretch):
    """The oracle's windows, and the frames of each channel."""
    frames = [part.size(-2) for part in coefficients for _ in range(part.size(-3))]
    return gabor.windows(centres, module.config["window"], SR, length, stretch), frames


def flat(coefficients):
    return np.concatenate([torch.view_as_complex(part.double()).flatten().numpy() for part in coefficients])


def assert_relative(result, expected, bound):
    assert result.shape == expected.shape
    assert np.linalg.norm(result - expected) <= bound * np.linalg.norm(expected)


def test_both_references_have_the_same_atoms():
    """Sums over the bins of a channel, and inner products with its atoms in time, for the frame bounds."""
    rows = gabor.windows(octave(16), "hann", SR, 240)
    frames = [int((row > 0).sum()) + 3 for row in rows]
    x = np.random.default_rng(0).normal(size=191)
    clip = np.pad(x, [0, 49])
    for row, n, expected in zip(rows, frames, gabor.coefficients(x, rows, frames, 240), strict=True):
        assert_relative(gabor.atoms(row, n, 240).conj() @ clip, expected, tolerances.GABOR_DIRECT_FLOAT64)


@pytest.mark.parametrize("layout", ["octaves", "matrix", "ragged"])
@pytest.mark.parametrize("window", ["sine", "hann", "blackmanharris", "gaussian"])
@pytest.mark.parametrize("scale", SCALES)
def test_coefficients_are_direct_sums(scale, window, layout):
    arguments, centres, stretch = SCALES[scale]
    module = core.NSGT(SR, **{"fmin": 200.0, "window": window, "layout": layout, **arguments})
    x = torch.randn(191, dtype=torch.float64)
    coefficients = tensors(module(x))
    length = round(coefficients[0].size(-2) * module.hop_lengths[0])
    rows, frames = rows_and_frames(module, coefficients, length, centres, stretch)
    expected = np.concatenate(gabor.coefficients(x.numpy(), rows, frames, length))
    assert_relative(flat(coefficients), expected, tolerances.GABOR_DIRECT_FLOAT64)
    assert_relative(flat(tensors(module(x.float()))), expected, tolerances.GABOR_DIRECT_FLOAT32)


@pytest.mark.parametrize("engine", ["fft", "real"])
@pytest.mark.parametrize("layout", ["octaves", "matrix", "ragged"])
@pytest.mark.parametrize("scale", SCALES)
def test_coefficients_of_slices_are_direct_sums(scale, layout, engine):
    arguments, centres, stretch = SCALES[scale]
    module = core.NSGT(SR, fmin=200.0, layout=layout, slice_length=240, engine=engine, **arguments)
    x = torch.randn(500, dtype=torch.float64)
    coefficients = tensors(module(x))
    cut = gabor.slices(x.numpy(), 240)
    assert {part.size(0) for part in coefficients} == {len(cut)} == {module.n_slices(500)}
    rows, frames = rows_and_frames(module, coefficients, 240, centres, stretch)
    for i, item in enumerate(cut):
        expected = np.concatenate(gabor.coefficients(item, rows, frames, 240))
        assert_relative(flat([part[i] for part in coefficients]), expected, tolerances.GABOR_DIRECT_FLOAT64)


@pytest.mark.parametrize("slice_length", [None, 240])
@pytest.mark.parametrize("scale", SCALES)
def test_frequencies_are_the_centres(scale, slice_length):
    arguments, (centre, n_bins), _ = SCALES[scale]
    module = core.NSGT(SR, fmin=200.0, slice_length=slice_length, **arguments)
    expected = [0.0, *(centre(k) for k in range(n_bins)), SR / 2]
    assert np.allclose(module.frequencies.numpy(), expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("window", ["sine", "hann", "blackmanharris", "gaussian"])
@pytest.mark.parametrize("layout", ["octaves", "matrix", "ragged"])
def test_no_window_has_more_bins_than_coefficients(window, layout):
    """The painless case, for which the inverse exists: whatever the length."""
    module = core.NSGT(SR, fmin=200.0, bins_per_octave=5, window=window, layout=layout)
    coefficients = tensors(module(torch.randn(1000)))
    length = round(coefficients[0].size(-2) * module.hop_lengths[0])
    rows, frames = rows_and_frames(module, coefficients, length, octave(16), None)
    assert ((rows > 0).sum(1) <= frames).all()


def test_a_tone_peaks_in_its_channel_with_its_phase():
    """In the matrix layout a coefficient has the phase of the tone at the time of its frame."""
    module = core.NSGT(SR, fmin=200.0, bins_per_octave=5, layout="matrix")
    frequency = float(module.frequencies[8])
    time = torch.arange(4000, dtype=torch.float64) / SR
    C = torch.view_as_complex(module(torch.cos(2 * torch.pi * frequency * time)))
    inside = C[:, C.size(1) // 4 : C.size(1) // 3]
    assert set(inside.abs().argmax(0).tolist()) == {8}
    at = core.frame_times(module, C.size(1))[C.size(1) // 4 : C.size(1) // 3]
    turns = inside[8] * torch.exp(-2j * torch.pi * frequency * at)
    assert turns.angle().abs().max() < 0.02
