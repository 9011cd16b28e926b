"""Fbank and LFCC against torchaudio and kaldi-native-fbank."""

import numpy as np
import pytest
import torch
import torchaudio
from tests import tolerances
from tests.oracles.front_ends import ORACLES

import nnaudio2_core as core


@pytest.mark.parametrize("snip_edges", [True, False])
@pytest.mark.parametrize("window", ["povey", "hamming", "hann"])
def test_fbank_of_torchaudio(snip_edges, window):
    for samples in (2000, 2001, 2079, 2080):
        x = 0.1 * torch.randn(samples)
        expected = torchaudio.compliance.kaldi.fbank(
            x[None],
            snip_edges=snip_edges,
            window_type="hanning" if window == "hann" else window,
            sample_frequency=16000.0,
            num_mel_bins=40,
        )
        result = core.Fbank(n_bands=40, snip_edges=snip_edges, window=window)(x).T
        assert result.shape == expected.shape
        assert (result - expected).abs().median() <= tolerances.FRONT_END_MEDIAN
        assert (result - expected).abs().max() <= tolerances.FRONT_END_QUIET_BANDS


def test_fbank_is_the_front_end_of_that_name():
    x = 0.1 * torch.randn(3000)
    assert torch.equal(core.Fbank(n_bands=80)(x).T, core.front_end("kaldi-fbank")(x))
    expected = torch.from_numpy(np.asarray(ORACLES["kaldi-fbank"](x.numpy())))
    assert (core.Fbank(n_bands=80)(x).T - expected).abs().max() <= tolerances.FRONT_END_QUIET_BANDS


def test_lfcc_of_torchaudio():
    theirs = torchaudio.transforms.LFCC(16000, n_lfcc=20)
    for x in (torch.randn(4000), torch.cat([torch.randn(2000), 1e-6 * torch.randn(2000)])):
        expected, result = theirs(x), core.LFCC(n_lfcc=20)(x)
        assert result.shape == expected.shape
        # Coefficients of decibels, whose maximum is 1000.
        assert (result - expected).abs().max() <= tolerances.MFCC_FLOAT32 * expected.abs().max()


def test_the_range_is_that_of_each_item():
    x = torch.stack([torch.randn(4000), 1e-4 * torch.randn(4000)])
    lfcc = core.LFCC(n_lfcc=20)
    torch.testing.assert_close(lfcc(x)[1], lfcc(x[1]), rtol=0, atol=1e-3)
