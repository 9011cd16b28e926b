"""Chroma of the STFT and of the CQT against direct sums and librosa."""

import librosa
import numpy as np
import pytest
import torch
from tests import tolerances
from tests.oracles.spectrogram_features import chroma_weights

from nnaudio2_core import CQT, STFT, Chroma, ChromaCQT
from nnaudio2_core.chroma.design_chroma import chroma_filterbank, constant_q_classes


@pytest.mark.parametrize(("n_fft", "n_chroma", "tuning"), [(512, 12, 0.0), (1023, 24, 0.3), (256, 36, -0.4)])
def test_the_filterbank(n_fft, n_chroma, tuning):
    ours = chroma_filterbank(16000, n_fft, n_chroma, tuning, 5.0, 2.0)
    assert np.abs(ours - chroma_weights(16000, n_fft, n_chroma, tuning)).max() <= tolerances.CHROMA_FLOAT64
    theirs = librosa.filters.chroma(sr=16000, n_fft=n_fft, n_chroma=n_chroma, tuning=tuning, dtype=np.float64)
    assert np.abs(ours - theirs).max() <= tolerances.CHROMA_FLOAT64


@pytest.mark.parametrize(
    ("per_octave", "n_chroma", "fmin"), [(36, 12, 32.7), (12, 12, 55.0), (24, 12, 100.0), (48, 24, 41.2)]
)
def test_the_classes_of_a_constant_q_transform(per_octave, n_chroma, fmin):
    theirs = librosa.filters.cq_to_chroma(
        7 * per_octave, bins_per_octave=per_octave, n_chroma=n_chroma, fmin=fmin
    )
    assert np.array_equal(constant_q_classes(7 * per_octave, per_octave, n_chroma, fmin), theirs)


@pytest.mark.parametrize(("norm", "theirs"), [("max", np.inf), (1, 1), (2.5, 2.5), (None, None)])
def test_chroma_of_librosa(norm, theirs):
    x = torch.randn(22050)
    expected = librosa.feature.chroma_stft(y=x.numpy(), tuning=0.1, norm=theirs)
    ours = Chroma(pad_mode="constant", tuning=0.1, norm=norm)(x).numpy()
    assert np.abs(ours - expected).max() <= tolerances.ENGINES * expected.max()
    magnitudes = STFT(2048, hop_length=512, output_format="Magnitude", pad_mode="constant")(x.double())
    sums = chroma_weights(22050, 2048, 12, 0.1) @ magnitudes.numpy() ** 2
    sums /= 1.0 if theirs is None else np.linalg.norm(sums, theirs, axis=0)
    exact = Chroma(pad_mode="constant", tuning=0.1, norm=norm)(x.double()).numpy()
    assert np.abs(exact - sums).max() <= tolerances.CHROMA_FLOAT64 * sums.max()


@pytest.mark.filterwarnings("ignore:n_fft=1024 is too large:UserWarning")
def test_chroma_of_librosas_constant_q_transform():
    x = torch.randn(30000)
    bank = {"pad_mode": "constant", "filter_lengths": "fractional"}
    magnitudes = CQT(n_bins=252, bins_per_octave=36, **bank)(x)
    ours = ChromaCQT(**bank)(x).numpy()
    expected = librosa.feature.chroma_cqt(C=magnitudes.numpy(), fmin=32.70)
    assert np.abs(ours - expected).max() <= tolerances.ENGINES
    whole = librosa.feature.chroma_cqt(y=x.numpy(), fmin=32.70, tuning=0.0)
    # Sums of three bins, and their largest: no more than librosa's ends of clips.
    assert np.sqrt(np.mean((ours - whole) ** 2)) <= tolerances.LIBROSA_CQT_RMS


@pytest.mark.parametrize("make", [Chroma, ChromaCQT])
def test_quiet_frames_stay_small(make):
    module = make(sr=22050)
    x = torch.randn(40000)
    assert (module(x).amax(-2) == 1).all()
    assert not module(torch.zeros(40000)).any()
    assert module(1e-9 * x).max() <= tolerances.CHROMA_QUIET


def test_one_hot_is_the_largest_class():
    x = torch.randn(2, 22050)
    classes = Chroma()(x)
    hot = Chroma(one_hot=True, frames_last=False)(x)
    assert hot.shape == (2, 44, 12)
    assert torch.equal(hot.argmax(-1), classes.argmax(-2))
    assert torch.equal(hot.sum(-1), torch.ones(2, 44))


def test_arguments_that_do_not_fit():
    with pytest.raises(ValueError, match="bins_per_octave must be a multiple of n_chroma = 12, got 30"):
        ChromaCQT(bins_per_octave=30)
    with pytest.raises(ValueError, match="norm must be one of 'max', got 'inf'"):
        Chroma(norm="inf")
    with pytest.raises(ValueError, match=r"^norm must be >= 1, got 0\.5"):
        ChromaCQT(norm=0.5)
