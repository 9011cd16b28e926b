"""Logarithms of STFT and mel magnitudes: quiet cells beside loud ones, against float64."""

import librosa
import numpy as np
import pytest
import torch
from scipy.signal import chirp, get_window

from nnaudio2_core import STFT, MelSpectrogram

SR, N_FFT, HOP, N_MELS = 44100, 2048, 512, 128
FLOOR = 1e-7
TIME = np.arange(SR) / SR


def burst(wave):
    x = np.zeros(2 * SR)
    x[SR : SR + len(wave)] = wave
    return x


SIGNALS = {
    "linear sweep": chirp(TIME, 55.0, 1.0, SR / 2),
    "logarithmic sweep": chirp(TIME, 55.0, 1.0, SR / 2, method="logarithmic"),
    "noise burst": burst(np.random.default_rng(0).uniform(-1.0, 1.0, 8820)),
    "tone burst": burst(np.sin(2 * np.pi * 440.0 * TIME[:8820])),
}


@pytest.fixture(params=[*SIGNALS, "sir_duke_fast", "snare-accelerate"])
def case(request, recording):
    """A float32 signal and the magnitudes of its frames in float64."""
    if request.param in SIGNALS:
        x = torch.from_numpy(SIGNALS[request.param]).float()
    else:
        x = recording(request.param)[0][: 2 * SR]
    padded = np.pad(x.double().numpy(), N_FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP]
    return x, np.abs(np.fft.rfft(frames * get_window("hann", N_FFT), axis=1)).T


def log_errors(y, exact):
    """Largest error of ``log(y + 1e-7)``: of all cells, and of those less than 100 dB below the loudest."""
    error = np.abs(np.log(y.double().numpy() + FLOOR) - np.log(exact + FLOOR))
    return error.max(), error[exact >= 1e-5 * exact.max()].max()


@pytest.mark.parametrize("engine", ["fft", "real"])
def test_stft(case, engine):
    x, exact = case
    stft = STFT(N_FFT, hop_length=HOP, output_format="Magnitude", engine=engine)
    # In float32 the round-off of a loud frame lies some 140 dB below it: several nepers above this floor.
    assert log_errors(stft(x), exact)[1] < 0.01
    assert log_errors(stft(x.double()), exact)[0] < 1e-5


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_mel(case, power):
    x, magnitudes = case
    filters = librosa.filters.mel(sr=SR, n_fft=N_FFT, n_mels=N_MELS, dtype=np.float64)
    exact = filters @ magnitudes**power
    mel = MelSpectrogram(SR, N_FFT, hop_length=HOP, n_mels=N_MELS, power=power)
    everywhere, audible = log_errors(mel(x), exact)
    assert audible < 0.002
    assert power == 1.0 or everywhere < 0.01  # squares of round-off lie below the floor
    assert log_errors(mel(x.double()), exact)[0] < 1e-5
