"""AmplitudeToDB against its definition, torchaudio and librosa."""

import librosa
import numpy as np
import pytest
import torch
import torchaudio
from tests import tolerances
from tests.oracles.spectrogram_features import decibels

from nnaudio2_core import MFCC, AmplitudeToDB, MelSpectrogram


@pytest.mark.parametrize("power", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("top_db", [30.0, 80.0, None])
def test_the_definition(power, top_db):
    S = 10 ** torch.empty(3, 5, 40, dtype=torch.float64).uniform_(-9, 3)
    S[1] *= 1e-4
    result = AmplitudeToDB(power, ref=0.5, amin=1e-8, top_db=top_db)(S)
    for item, given in zip(result, S, strict=True):
        expected = decibels(given.numpy(), power, 0.5, 1e-8, top_db)
        assert np.abs(item.numpy() - expected).max() <= tolerances.DECIBELS_FLOAT64
    single = AmplitudeToDB(power, ref=0.5, amin=1e-8, top_db=top_db)(S.float())
    assert (single - result).abs().max() <= tolerances.DECIBELS_FLOAT32


def test_torchaudio_and_librosa():
    S = torch.rand(20, 30)
    for kind, power in (("power", 2.0), ("magnitude", 1.0)):
        for top_db in (None, 40.0):
            theirs = torchaudio.transforms.AmplitudeToDB(kind, top_db)(S)
            assert (
                AmplitudeToDB(power, top_db=top_db)(S) - theirs
            ).abs().max() <= tolerances.DECIBELS_FLOAT32
    theirs = librosa.power_to_db(S.numpy(), ref=2.0)
    assert np.abs(AmplitudeToDB(ref=2.0)(S).numpy() - theirs).max() <= tolerances.DECIBELS_FLOAT32
    theirs = librosa.amplitude_to_db(S.numpy(), ref=2.0, amin=1e-5)
    ours = AmplitudeToDB(1.0, ref=2.0, amin=1e-5)(S).numpy()
    assert np.abs(ours - theirs).max() <= tolerances.DECIBELS_FLOAT32


def test_the_decibels_of_mfcc():
    x = torch.randn(2, 8000)
    mfcc = MFCC(8000, 20, n_mels=20, n_fft=512, hop_length=128)
    mel = MelSpectrogram(8000, 512, n_mels=20, hop_length=128)
    expected = (AmplitudeToDB()(mel(x)).transpose(1, 2) @ mfcc.dct[0]).transpose(1, 2)
    assert (mfcc(x) - expected).abs().max() <= tolerances.MFCC_FLOAT32 * expected.abs().max()


def test_any_number_of_bins_unless_one_is_given():
    assert AmplitudeToDB()(torch.rand(2, 3, 7, 5)).shape == (2, 3, 7, 5)
    with pytest.raises(ValueError, match=r"^S must have the shape \(..., 8, frames\), got \[7, 5\]"):
        AmplitudeToDB(n_bins=8)(torch.rand(7, 5))
    with pytest.raises(ValueError, match=r"^S must have the shape \(..., bins, frames\), got \[5\]"):
        AmplitudeToDB()(torch.rand(5))
