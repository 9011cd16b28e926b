"""Choice of the bins: as many as fit, any frequencies, tuning, and the ear's bandwidths."""

import librosa
import numpy as np
import pytest
import torch
from tests.oracles.strided_correlation import constant_q_at, worst_bin_error
from tests.tolerances import ANALYTIC_FLOAT64, BANK_EXACT_FLOAT64, INVERSE_COMPLETE_SNR

from nnaudio2_core import CQT, CQT1992, CQT2010, VQT, CQT2010v2, Inverse, iCQT, iVQT
from nnaudio2_core.constant_q.design_bins import (
    constant_q_lengths,
    erb_gamma,
    neighbour_resolution,
    relative_bandwidth,
)

JUST = [1, 16 / 15, 9 / 8, 6 / 5, 5 / 4, 4 / 3, 45 / 32, 3 / 2, 8 / 5, 5 / 3, 9 / 5, 15 / 8]
IRREGULAR = [55.0, 110.0, 123.0, 140.0, 220.0, 261.63, 270.0, 700.0, 3000.0]


def bandwidths(frequencies, b=12):
    """Bandwidths in Hz by the documented rule, one bin after the other."""
    f = list(frequencies)
    if len(f) == 1:
        return [f[0] * (2 ** (1 / b) - 1)]
    extended = [f[0] ** 2 / f[1], *f, f[-1] ** 2 / f[-2]]
    return [
        middle * ((above / below) ** 0.5 - 1)
        for below, middle, above in zip(extended[:-2], f, extended[2:], strict=True)
    ]


@pytest.mark.parametrize("make", [CQT, CQT1992, VQT])
@pytest.mark.parametrize("frequencies", [IRREGULAR, [440.0], [100.0, 130.0]], ids=len)
def test_any_frequencies_against_direct_sums(make, frequencies):
    x = torch.randn(1, 30000, dtype=torch.float64)
    frames = [0, 3, 30, 58]
    module = make(frequencies=frequencies, hop_length=512, tolerance=0.0, output_format="Complex")
    ours = torch.view_as_complex(module(x)).numpy()[:, :, frames]
    expected = constant_q_at(x.numpy(), 22050, 512, frequencies, bandwidths(frequencies), frames)
    assert worst_bin_error(ours, expected) < BANK_EXACT_FLOAT64
    assert module.frequencies.tolist() == frequencies
    assert module.n_bins == len(frequencies)


def test_evenly_spaced_frequencies_are_those_of_the_grid():
    """Whole lengths would turn a rounding of the ratio into a sample."""
    x = torch.randn(1, 30000, dtype=torch.float64)
    grid = CQT(n_bins=60, filter_lengths="fractional")
    listed = CQT(frequencies=grid.frequencies, filter_lengths="fractional")
    assert (listed(x) - grid(x)).abs().max() <= ANALYTIC_FLOAT64 * grid(x).max()


@pytest.mark.parametrize("gamma", [0.0, 10.0, None])
@pytest.mark.parametrize(
    "frequencies", [IRREGULAR, [130.0 * 2**o * r for o in range(4) for r in JUST]], ids=len
)
def test_lengths_of_any_frequencies_are_librosas(frequencies, gamma):
    f = np.array(frequencies)
    ours = constant_q_lengths(f, 22050, neighbour_resolution(f, 12), 1.0, gamma, "fractional")
    theirs, _ = librosa.filters.wavelet_lengths(freqs=f, sr=22050, window="hann", gamma=gamma)
    assert np.abs(ours / theirs - 1).max() < ANALYTIC_FLOAT64


@pytest.mark.parametrize("b", [12, 24, 7.5])
@pytest.mark.parametrize("filter_lengths", ["integer", "fractional"])
def test_bandwidths_without_gamma_are_proportional_to_the_ears(b, filter_lengths):
    vqt = VQT(n_bins=30, bins_per_octave=b, gamma=None, filter_lengths=filter_lengths)
    f = vqt.frequencies.numpy()
    ratio = (relative_bandwidth(b, filter_lengths) * f + vqt.gamma) / (24.7 + 0.108 * f)
    assert np.ptp(ratio) < ANALYTIC_FLOAT64 * ratio.mean()
    assert vqt.gamma == erb_gamma(relative_bandwidth(b, filter_lengths))
    same = VQT(n_bins=30, bins_per_octave=b, gamma=vqt.gamma, filter_lengths=filter_lengths)
    assert torch.equal(vqt.lengths, same.lengths)


def test_gamma_of_any_frequencies_is_shown_for_each():
    gamma = VQT(frequencies=IRREGULAR, gamma=None).gamma
    expected = [24.7 / 0.108 * width / f for width, f in zip(bandwidths(IRREGULAR), IRREGULAR, strict=True)]
    assert gamma == pytest.approx(expected, rel=ANALYTIC_FLOAT64)


def test_without_a_number_of_bins_all_that_fit_are_computed():
    """Numbers of librosa 1.0.0, ``librosa.vqt(x, sr=22050, n_bins=None, gamma=0, **arguments)``."""
    for arguments, n_bins in (
        ({}, 101),
        ({"bins_per_octave": 24}, 201),
        ({"gamma": 20}, 101),
        ({"window": "blackman"}, 100),
        ({"filter_scale": 0.5}, 100),
        ({"fmin": 100.0}, 81),
        ({"gamma": None}, 101),
    ):
        assert VQT(n_bins=None, filter_lengths="fractional-1.0", **arguments).n_bins == n_bins, arguments


@pytest.mark.parametrize("make", [CQT, CQT1992, VQT, CQT2010, CQT2010v2, iCQT, iVQT])
def test_every_class_finds_the_number_of_bins(make):
    module = make(sr=8000, hop_length=64, fmin=300.0, n_bins=None)
    edge = module.frequencies[-1] * (1 + 1.5 * (2 ** (1 / 12) - 1) / 2)
    assert edge <= 4000 < edge * 2 ** (1 / 12)
    assert make(sr=8000, hop_length=64, fmin=300.0, n_bins=None, fmax=1000.0).n_bins == 21


def test_a_band_that_no_bin_fits_still_has_one():
    assert CQT(sr=8000, fmin=3990.0, n_bins=None).n_bins == 1
    assert VQT(sr=8000, fmin=1000.0, n_bins=None, gamma=1e5).n_bins == 1


@pytest.mark.parametrize("make", [CQT, CQT1992, VQT, iCQT, iVQT])
def test_tuning_shifts_all_frequencies(make):
    plain, tuned = make(n_bins=48, bins_per_octave=24, fmin=110.0), None
    tuned = make(n_bins=48, bins_per_octave=24, fmin=110.0, tuning=-0.3)
    ratio = tuned.frequencies / plain.frequencies
    assert (ratio - 2 ** (-0.3 / 24)).abs().max() < ANALYTIC_FLOAT64
    listed = make(frequencies=IRREGULAR, tuning=0.5)
    assert (listed.frequencies / torch.tensor(IRREGULAR).double() - 2 ** (0.5 / 12)).abs().max() < 1e-7


@pytest.mark.parametrize(
    ("make", "arguments", "inverse"),
    [
        (CQT, {"n_bins": None, "fmin": 300.0, "tuning": 0.25}, iCQT),
        (CQT, {"frequencies": list(300.0 * 1.05946 ** (np.arange(38) + 0.2 * np.sin(np.arange(38))))}, iCQT),
        (VQT, {"n_bins": None, "fmin": 300.0, "gamma": None}, iVQT),
        (CQT, {"n_bins": None, "fmin": 300.0, "scale": False}, iCQT),
        (VQT, {"n_bins": 40, "fmin": 300.0, "filter_lengths": "fractional-1.0", "scale": False}, iVQT),
    ],
)
def test_inverses(make, arguments, inverse):
    shared = {"sr": 8000, "hop_length": 16, **arguments}
    t = torch.arange(8000) / 8000
    x = torch.sin(2 * torch.pi * (500 * t + 400 * t**2)) * torch.hann_window(8000)
    transform = make(**shared, output_format="Complex")
    for back in (inverse(**shared), Inverse(transform)):
        y = back(transform(x), length=8000)
        assert 10 * torch.log10(x.square().sum() / (y - x).square().sum()) > INVERSE_COMPLETE_SNR


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"frequencies": []}, "frequencies must be 1 to .* numbers, got 0"),
        ({"frequencies": "x"}, "frequencies must be a list of numbers"),
        ({"frequencies": [100.0, 100.0]}, "frequencies must increase"),
        ({"frequencies": [200.0, 100.0]}, "frequencies must increase"),
        ({"frequencies": [0.0, 100.0]}, "frequencies must be > 0"),
        ({"frequencies": [100.0, 20000.0]}, "frequencies must be <= sr / 2"),
        ({"frequencies": [100.0, "x"]}, "frequencies must be a number"),
        ({"tuning": 1.5}, "tuning must be <= 1"),
        ({"tuning": None}, "tuning must be a number"),
        ({"scale": 2}, "scale must be True or False"),
        ({"n_bins": 0}, "n_bins must be >= 1"),
        ({"fmax": 32.7}, "fmax must be > 32.7"),
        ({"fmax": 20000.0}, r"n_bins must be <= 101"),
    ],
    ids=str,
)
@pytest.mark.parametrize("make", [CQT, VQT, CQT1992, iCQT, iVQT])
def test_errors_name_the_argument(make, arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make(**{"fmin": 32.7, **arguments})


def test_octave_by_octave_has_bins_of_octaves():
    with pytest.raises(ValueError, match="frequencies must be None with algorithm='octaves'"):
        VQT(frequencies=IRREGULAR, algorithm="octaves")
    with pytest.raises(ValueError, match="scale must be True with algorithm='octaves'"):
        VQT(n_bins=60, scale=False, algorithm="octaves")
    tuned = VQT(fmin=110.0, n_bins=36, tuning=0.5, gamma=None, algorithm="octaves", earlydownsample=False)
    shifted = VQT(
        fmin=110.0 * 2 ** (0.5 / 12), n_bins=36, gamma=tuned.gamma, algorithm="octaves", earlydownsample=False
    )
    x = torch.randn(1, 30000)
    assert torch.equal(tuned(x), shifted(x))


def test_scale_multiplies_by_the_length():
    x = torch.randn(1, 20000, dtype=torch.float64)
    scaled, unscaled = (VQT(n_bins=48, fmin=110.0, tolerance=0.0, scale=scale) for scale in (True, False))
    lengths = scaled.lengths.sqrt()[:, None]
    assert (unscaled(x) / lengths - scaled(x)).abs().max() < ANALYTIC_FLOAT64 * scaled(x).max()
    for normalization in ("wrap", "convolutional"):
        one, other = (m(x, normalization_type=normalization) for m in (scaled, unscaled))
        assert (one - other).abs().max() < ANALYTIC_FLOAT64 * one.max()
