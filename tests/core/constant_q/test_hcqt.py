"""HCQT: each harmonic against direct sums and a CQT of its own."""

import numpy as np
import pytest
import torch
from tests import tolerances
from tests.oracles.strided_correlation import constant_q

from nnaudio2_core import CQT, HCQT, VQT
from nnaudio2_core.constant_q.design_harmonics import harmonic_bins

PITCHES = {"sr": 8000, "hop_length": 64, "fmin": 220.0, "n_bins": 24, "bins_per_octave": 12}
HARMONICS = (0.5, 1, 1.5, 2, 3, 6)


@pytest.mark.parametrize("gamma", [0.0, 7.0])
@pytest.mark.parametrize("engine", ["fft", "real"])
def test_each_harmonic_is_a_transform_of_its_own(gamma, engine):
    x = torch.randn(2, 6000)
    hcqt = HCQT(**PITCHES, harmonics=HARMONICS, gamma=gamma, engine=engine, output_format="Complex")
    result = hcqt(x)
    assert result.shape == (2, 6, 24, 94, 2)
    for k, harmonic in enumerate(HARMONICS[:5]):
        own = VQT(
            **{**PITCHES, "fmin": 220.0 * harmonic}, gamma=gamma, engine=engine, output_format="Complex"
        )
        assert (result[:, k] - own(x)).abs().max() <= tolerances.BANK_DEFAULT * own(x).abs().max()
    # Of the sixth harmonic only the bins up to 4000 Hz are there.
    heard = hcqt.frequencies * 6 <= 4000
    assert result[:, 5, ~heard].abs().max() == 0
    assert (result[:, 5, heard].abs().amax((0, 2, 3)) > 0).all()


def test_direct_sums():
    x = torch.randn(1, 6000, dtype=torch.float64)
    result = HCQT(**PITCHES, harmonics=(0.5, 3), output_format="Complex", return_complex=True, tolerance=0)(x)
    for k, harmonic in enumerate((0.5, 3)):
        expected = constant_q(x.numpy(), 8000, 64, 220.0 * harmonic, 24, 12, [0, 47, 93], 0.0)
        actual = result[:, k][:, :, [0, 47, 93]].numpy()
        assert np.abs(actual - expected).max() <= tolerances.BANK_EXACT_FLOAT64 * np.abs(expected).max()


def test_harmonics_share_their_bins():
    bins = harmonic_bins(27.5, 264, 36, (0.5, 1, 2, 3, 4, 5), 11025)
    assert (np.diff(bins.frequencies) > 0).all()
    # 0.5, 1, 2 and 4 lie on one grid; 3 and 5 on grids of their own.
    shared = harmonic_bins(13.75, 264 + 3 * 36, 36, (1,), 11025)
    alone = [harmonic_bins(27.5, 264, 36, (h,), 11025) for h in (3, 5)]
    assert len(bins.frequencies) == sum(len(part.frequencies) for part in (shared, *alone))
    whole = np.append(bins.frequencies, np.nan)[bins.places]
    wanted = np.array([0.5, 1, 2, 3, 4, 5])[:, None] * 27.5 * 2 ** (np.arange(264) / 36)
    assert np.array_equal(np.isnan(whole), wanted > 11025)
    assert np.nanmax(np.abs(whole / wanted - 1)) <= 4 * np.finfo(float).eps  # products in another order


def test_a_note_lies_at_one_bin_of_all_harmonics():
    time = torch.arange(16000) / 8000
    note = sum(torch.sin(2 * torch.pi * 440 * k * time) for k in (1, 2, 3))
    S = HCQT(**PITCHES, harmonics=(1, 2, 3), log="db")(note)
    assert S[:, 8:17, 120].argmax(1).tolist() == [4, 4, 4]
    magnitudes = HCQT(**PITCHES, harmonics=(1, 2, 3), floor=1e-4)(note)
    expected = 20 * magnitudes.clamp(min=1e-10).log10()
    assert (S - expected).abs().max() <= tolerances.DECIBELS_FLOAT32
    frames_first = HCQT(**PITCHES, harmonics=(1, 2, 3), log="db", frames_last=False)(note)
    assert torch.equal(frames_first, S.permute(2, 0, 1))


def test_one_harmonic_is_the_transform_itself():
    x = torch.randn(6000)
    assert torch.equal(HCQT(**PITCHES, harmonics=[1.0])(x)[0], CQT(**PITCHES)(x))


def test_arguments_that_do_not_fit():
    for harmonics in ([2, 1], [1, 1]):
        with pytest.raises(ValueError, match=r"^harmonics must increase, got "):
            HCQT(harmonics=harmonics)
    with pytest.raises(TypeError, match="harmonics must be a list of numbers, got 1"):
        HCQT(harmonics=1)
    with pytest.raises(ValueError, match="harmonics must have bins up to sr / 2 = 4000 Hz, got 20"):
        HCQT(**PITCHES, harmonics=(1, 20))
    with pytest.raises(ValueError, match="log must be 'none' with output_format='Complex', got 'db'"):
        HCQT(log="db", output_format="Complex")
