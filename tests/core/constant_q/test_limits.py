"""Limits of the constant-Q transforms where round-off decides: at ``fmax``, at Nyquist, and in memory."""

import pytest
import torch
from tests.tolerances import ENGINES

from nnaudio2_core import CQT, CQT1992, CQT2010, VQT, CQT2010v2, iCQT


@pytest.mark.parametrize("fmin", [27.5, 55.0, 110.0, 220.0, 261.63])
@pytest.mark.parametrize("bins", [1, 2, 5, 7, 12, 19, 31])
def test_fmax_at_a_bin_is_excluded(fmin, bins):
    module = CQT(22050, 512, fmin=fmin, fmax=fmin * 2 ** (bins / 12))
    assert module.n_bins == bins


@pytest.mark.parametrize("bins", [1, 4, 13, 24])
def test_a_top_bin_at_nyquist_is_allowed(bins):
    fmin = 8000 * 2 ** (-(bins - 1) / 12)
    assert CQT(16000, 512, fmin=fmin, n_bins=bins)(torch.zeros(1, 16000)).shape[1] == bins
    with pytest.raises(ValueError, match=f"n_bins must be <= {bins}"):
        CQT(16000, 512, fmin=fmin, n_bins=bins + 1)


@pytest.mark.parametrize("filter_lengths", ["integer", "fractional"])
def test_kernels_that_would_exhaust_the_memory_are_refused(filter_lengths):
    with pytest.raises(ValueError, match="longest kernel"):
        CQT(22050, 512, fmin=1e-3, n_bins=1, bins_per_octave=12, filter_lengths=filter_lengths)
    with pytest.raises(ValueError, match="longest kernel"):
        CQT(22050, fmin=1e-3, n_bins=1, bins_per_octave=0.1, filter_scale=200.0, filter_lengths="fractional")


def test_gamma_beyond_all_bandwidths_is_refused():
    with pytest.raises(ValueError, match=r"gamma must be <= 1e\+12"):
        VQT(22050, gamma=1e308)


def test_properties_return_copies():
    module = CQT(22050, n_bins=12)
    for name in ("frequencies", "lengths"):
        before = getattr(module, name).clone()
        getattr(module, name).mul_(2)
        assert torch.equal(getattr(module, name), before)


def test_adjoint_checks_the_number_of_frames():
    module = CQT(22050, n_bins=12)
    with pytest.raises(ValueError, match=r"X must have n_frames\(length\)"):
        module.adjoint(torch.zeros(1, 12, 50, 2), 8192)


@pytest.mark.parametrize("trained", ["trainable_STFT", "trainable_CQT"])
@pytest.mark.parametrize("make", [CQT1992, CQT2010])
def test_half_trained_spectra_follow_casts(make, trained):
    """The frozen half of the spectra keeps its dtype under a cast of the module."""
    module = make(sr=8000, hop_length=64, fmin=200.0, n_bins=24, **{trained: True})
    x = torch.randn(2, 4000)
    expected = module(x)
    # float32 sums of the two products; half precision keeps 11 bits of each kernel.
    for cast, bound in ((module.double, ENGINES), (module.half, 1e-2)):
        assert (cast()(x) - expected).abs().max() <= bound * expected.abs().max()


@pytest.mark.parametrize("make", [CQT, CQT2010v2, iCQT])
def test_fmax_just_above_fmin_leaves_one_bin(make):
    assert make(sr=8000, hop_length=64, fmin=300.0, fmax=300.0 * (1 + 1e-12)).n_bins == 1


def test_n_bins_is_checked_with_fmax_as_well():
    with pytest.raises(TypeError, match="n_bins must be an integer, got 'x'"):
        CQT(fmax=2000.0, n_bins="x")


def test_octave_by_octave_kernels_have_no_basis():
    with pytest.raises(RuntimeError, match="algorithm must be 'direct' for the basis, got 'octaves'"):
        VQT(n_bins=60, gamma=20, algorithm="octaves").basis()


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (
            CQT,
            {"sr": 16000, "hop_length": 1, "fmin": 32.703, "n_bins": 672, "bins_per_octave": 96},
            r"engine must be 'real' .* \(3\.1 GB\)",
        ),
        (CQT1992, {"fmin": 8.0, "n_bins": 12, "trainable_STFT": True}, "filter_scale .* must be smaller"),
        (CQT2010, {"fmin": 2000.0, "n_bins": 24, "filter_scale": 300.0}, "filter_scale .* must be smaller"),
        (CQT2010v2, {"fmin": 2000.0, "n_bins": 6000, "bins_per_octave": 3000}, "n_bins.* must be smaller"),
        (
            VQT,
            {
                "fmin": 2000.0,
                "n_bins": 6000,
                "bins_per_octave": 3000,
                "gamma": 0.01,
                "algorithm": "octaves",
                "earlydownsample": False,
            },
            "n_bins.* must be smaller",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_tables_that_would_exhaust_the_memory_are_refused(make, arguments, message):
    with pytest.raises(ValueError, match=message):
        make(**arguments)


def test_the_cure_of_a_bank_that_is_too_large_works():
    """The engine that the error names builds what the other one cannot, with a tenth of the numbers."""
    arguments = {"sr": 16000, "hop_length": 1, "fmin": 32.703, "n_bins": 672, "bins_per_octave": 96}
    module = CQT(**arguments, engine="real")
    assert sum(buffer.numel() for buffer in module.buffers()) < 2**26
