"""Errors and levels: their values on small examples."""

import math

import pytest
import torch

from nnaudio2_deploy.measures import relative_error, relative_rms, snr_db, spectral_convergence


def test_relative_error():
    theirs = torch.tensor([1.0, -4.0])
    assert relative_error(torch.tensor([1.5, -4.0]), theirs) == 0.125
    assert relative_error(theirs, theirs) == 0
    assert relative_error(torch.zeros(2), torch.zeros(2)) == 0
    assert relative_error(torch.tensor([0.0, math.nan]), theirs) == math.inf
    odd = torch.tensor([math.nan, math.inf, -math.inf, 2.0])
    assert relative_error(odd, odd) == 0
    assert relative_error(odd + torch.tensor([0, 0, 0, 0.5]), odd) == 0.25
    for other in (-odd, odd.nan_to_num(0.0), torch.full((4,), math.nan), torch.zeros(4)):
        assert relative_error(other, odd) == relative_error(odd, other) == math.inf
    with pytest.raises(ValueError, match=r"ours has the shape \[1, 2\], theirs \[2\]"):
        relative_error(theirs[None], theirs)


def test_relative_rms():
    theirs = torch.tensor([3.0, -4.0])
    assert relative_rms(torch.tensor([3.0, -3.0]), theirs) == pytest.approx(0.2)
    assert relative_rms(torch.tensor([0.0, math.nan]), theirs) == math.inf


def test_spectral_convergence_of_a_scaled_spectrogram():
    S = torch.rand(5, 7)
    assert spectral_convergence(0.9 * S, S) == pytest.approx(0.1, rel=1e-6)


def test_snr():
    signal = torch.tensor([3.0, 4.0])
    assert snr_db(signal, signal + torch.tensor([0.3, 0.4])) == pytest.approx(20.0, abs=1e-5)
    assert snr_db(signal, signal) == math.inf
    assert math.isnan(snr_db(torch.zeros(2), signal))
