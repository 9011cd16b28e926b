"""The peers' arguments mean what ours mean, seen from a third side: librosa, scipy and direct sums."""

import math
import sys

import librosa
import numpy as np
import pytest
import torch
from tests.tolerances import PEER_FFT_FLOAT32, PEER_MEL_FLOAT32, PEER_MFCC_FLOAT32

from nnaudio2_deploy import crosscheck

N_FFT, HOP, SR = 512, 128, 16000


@pytest.fixture(name="x")
def noise_and_tone() -> torch.Tensor:
    t = torch.arange(8000) / SR
    return 0.4 * torch.sin(2 * torch.pi * 700 * t) + 0.1 * torch.randn(8000)


def test_relative_error():
    theirs = torch.tensor([1.0, -4.0])
    assert crosscheck.relative_error(torch.tensor([1.5, -4.0]), theirs) == 0.125
    assert crosscheck.relative_error(theirs, theirs) == 0
    assert crosscheck.relative_error(torch.zeros(2), torch.zeros(2)) == 0
    assert crosscheck.relative_error(torch.tensor([0.0, math.nan]), theirs) == math.inf
    with pytest.raises(ValueError, match=r"ours has the shape \[1, 2\], theirs \[2\]"):
        crosscheck.relative_error(theirs[None], theirs)


def test_snr():
    signal = torch.tensor([3.0, 4.0])
    assert crosscheck.snr_db(signal, signal + torch.tensor([0.3, 0.4])) == pytest.approx(20.0, abs=1e-5)
    assert crosscheck.snr_db(signal, signal) == math.inf
    assert math.isnan(crosscheck.snr_db(torch.zeros(2), signal))


def test_stft_is_the_sum_that_its_name_says(x):
    frame, k = 20, 31
    n = np.arange(N_FFT)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * n / N_FFT)
    samples = x.double().numpy()[frame * HOP - N_FFT // 2 :][:N_FFT]
    direct = (window * samples * np.exp(-2j * np.pi * k * n / N_FFT)).sum()
    X = crosscheck.stft(x.double(), N_FFT, HOP)
    assert X.shape == (N_FFT // 2 + 1, 1 + 8000 // HOP, 2)
    # float64 against float64 over 512 terms
    assert abs(complex(*X[k, frame]) - direct) <= 1e-11


def test_istft_returns_what_went_in(x):
    X = crosscheck.stft(x, N_FFT, HOP)
    y = crosscheck.istft(X, N_FFT, HOP, len(x))
    assert crosscheck.relative_error(y, x) <= PEER_FFT_FLOAT32


def test_mel_arguments_mean_what_librosa_means(x):
    ours = crosscheck.mel_spectrogram(x, SR, N_FFT, HOP, 40)
    theirs = librosa.feature.melspectrogram(
        y=x.numpy(), sr=SR, n_fft=N_FFT, hop_length=HOP, n_mels=40, pad_mode="reflect"
    )
    assert crosscheck.relative_error(ours, torch.from_numpy(theirs)) <= PEER_MEL_FLOAT32


def test_mfcc_arguments_mean_what_librosa_means(x):
    x[4000:6000] *= 1e-6  # so that the 80 dB below the peak are reached
    ours = crosscheck.mfcc(x, SR, N_FFT, HOP, 40, 13)
    theirs = librosa.feature.mfcc(
        y=x.numpy(), sr=SR, n_mfcc=13, n_fft=N_FFT, hop_length=HOP, n_mels=40, pad_mode="reflect"
    )
    assert crosscheck.relative_error(ours, torch.from_numpy(theirs)) <= PEER_MFCC_FLOAT32


def test_spectral_convergence_of_a_scaled_signal(x):
    # the STFT is linear: at 0.9 of the amplitude, each magnitude misses by a tenth
    S = crosscheck.stft(x, N_FFT, HOP).norm(dim=-1)
    assert crosscheck.spectral_convergence(0.9 * x, S, N_FFT, HOP) == pytest.approx(-20.0, abs=1e-4)


def test_griffin_lim_is_seeded_and_leaves_the_callers_generator_alone(x):
    S = crosscheck.stft(x, N_FFT, HOP).norm(dim=-1)
    state = torch.get_rng_state()
    first = crosscheck.griffin_lim(S, N_FFT, HOP, 4, len(x), seed=1)
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(5)
    assert torch.equal(crosscheck.griffin_lim(S, N_FFT, HOP, 4, len(x), seed=1), first)
    assert not torch.equal(crosscheck.griffin_lim(S, N_FFT, HOP, 4, len(x), seed=2), first)
    assert first.shape == x.shape


def test_without_torchaudio_the_reason_and_the_cure_are_told(x, monkeypatch):
    monkeypatch.setitem(sys.modules, "torchaudio", None)
    monkeypatch.delitem(sys.modules, "torchaudio.transforms", raising=False)
    with pytest.raises(crosscheck.PeerMissing, match=r"torchaudio cannot be loaded \(.+\).*: install"):
        crosscheck.mel_spectrogram(x, SR, N_FFT, HOP, 40)
    assert crosscheck.stft(x, N_FFT, HOP).size(0) == N_FFT // 2 + 1
