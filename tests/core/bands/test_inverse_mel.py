"""InverseMel: residuals of its spectrogram beside librosa's and the true optimum, and of its waveform."""

import librosa
import numpy as np
import pytest
import scipy.optimize
import torch
from tests import tolerances

from nnaudio2_core import InverseMel, MelSpectrogram

FRAMES = {"sr": 16000, "n_fft": 512, "hop_length": 128}


def filters(n_mels, norm="slaney"):
    return librosa.filters.mel(sr=16000, n_fft=512, n_mels=n_mels, norm=norm, dtype=np.float64)


def residual(matrix, spectrogram, bands):
    return np.linalg.norm(matrix @ spectrogram - bands) / np.linalg.norm(bands)


@pytest.fixture(scope="module")
def music():
    """A note with twenty partials, and noise 40 dB below."""
    time = torch.arange(16000, dtype=torch.float64) / 16000
    note = sum(torch.sin(2 * torch.pi * 220 * k * time) / k for k in range(1, 21))
    return 0.2 * note + 0.002 * torch.randn(16000, dtype=torch.float64)


@pytest.mark.parametrize(("n_mels", "norm"), [(64, "slaney"), (40, None)])
def test_the_spectrogram_has_the_bands(music, n_mels, norm):
    bands = MelSpectrogram(**FRAMES, n_mels=n_mels, norm=norm)(music)[:, 20:60]
    spectrogram = InverseMel(**FRAMES, n_mels=n_mels, norm=norm).magnitudes(bands)
    assert spectrogram.shape == (257, 40)
    assert (spectrogram >= 0).all()
    ours = residual(filters(n_mels, norm), spectrogram.numpy(), bands.numpy())
    theirs = librosa.util.nnls(filters(n_mels, norm), bands.numpy())
    assert ours <= tolerances.INVERSE_MEL_BANDS
    # librosa stops between 8e-6 and 5e-5, by the version of SciPy; more steps of ours come nearer than that.
    longer = InverseMel(**FRAMES, n_mels=n_mels, norm=norm, n_steps=100).magnitudes(bands)
    nearer = residual(filters(n_mels, norm), longer.numpy(), bands.numpy())
    assert nearer <= ours
    assert nearer <= residual(filters(n_mels, norm), theirs, bands.numpy())


def test_bands_that_no_spectrogram_has():
    """A band without power between two loud ones: least squares by active sets has the smallest residual."""
    bands = torch.ones(64, 1, dtype=torch.float64)
    bands[1:20:2] = 0.0
    matrix = filters(64)
    _, best = scipy.optimize.nnls(matrix, bands[:, 0].numpy())
    best /= bands.norm().item()
    assert best > 0.1
    inverse = InverseMel(**FRAMES, n_mels=64)
    few = residual(matrix, inverse.magnitudes(bands.repeat(1, 3))[:, :1].numpy(), bands.numpy())
    assert best <= few <= tolerances.INVERSE_MEL_OPTIMUM * best


def test_a_fixed_number_of_steps_however_hostile_the_bands():
    inverse = InverseMel(**FRAMES, n_mels=128, n_iter=0)  # some bands have no bin
    for bands in (torch.zeros(128, 6), torch.eye(128)[:, :6], 1e30 * torch.rand(128, 6)):
        assert inverse.magnitudes(bands).isfinite().all()
        assert inverse(bands).isfinite().all()


def test_the_waveform_has_the_bands(music):
    mel = MelSpectrogram(**FRAMES, n_mels=80)
    S = mel(music)
    y = InverseMel(**FRAMES, n_mels=80)(S, length=16000)
    assert y.shape == (16000,)
    assert (mel(y) - S).norm() <= tolerances.INVERSE_MEL_WAVEFORM * S.norm()
