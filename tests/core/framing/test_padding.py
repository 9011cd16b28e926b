"""The shortest clip that each padding takes, its padding, and the transpose."""

import numpy as np
import pytest
import torch
from tests import tolerances
from tests.oracles import fourier

from nnaudio2_core import CQT, STFT, VQT, CQT2010v2, MelSpectrogram
from nnaudio2_core.framing.padding import PAD_MODES, min_samples, pad_waveform, pad_waveform_adjoint

HIGH = {"sr": 8000, "hop_length": 64, "fmin": 500.0, "n_bins": 24}
CIRCULAR = {
    "STFT": (lambda: STFT(64, pad_mode="circular"), 32),
    "STFT, odd": (lambda: STFT(65, pad_mode="circular"), 32),
    "STFT, one frame": (lambda: STFT(64, pad_mode="circular", center=False), 64),
    "mel": (lambda: MelSpectrogram(8000, 128, n_mels=12, pad_mode="circular"), 64),
    # The longest kernel has ceil(16.82 * 8000 / 500) = 270 samples, 135 of them before the frame.
    "CQT": (lambda: CQT(**HIGH, pad_mode="circular"), 135),
    # The bandwidth is 500 / 16.82 + 20 Hz: 161 samples.
    "VQT": (lambda: VQT(**HIGH, gamma=20.0, pad_mode="circular"), 81),
    # The top octave's kernels have up to 135 samples, so rows of 256; the lower octave halves the clip.
    "CQT2010v2": (lambda: CQT2010v2(**HIGH, earlydownsample=False, pad_mode="circular"), 256),
}


@pytest.mark.parametrize("name", CIRCULAR)
def test_circular_padding_takes_clips_as_short_as_the_padding(name):
    build, least = CIRCULAR[name]
    module = build()
    assert module.min_samples == least
    assert module(torch.randn(least)).isfinite().all()
    with pytest.raises(ValueError, match=f"at least min_samples = {least} samples, got {least - 1}"):
        module(torch.randn(least - 1))


@pytest.mark.parametrize("pad_mode", PAD_MODES)
@pytest.mark.parametrize("n_fft", [64, 65])
def test_the_shortest_clip_is_padded_as_by_numpy(pad_mode, n_fft):
    stft = STFT(n_fft, hop_length=16, sr=8000, pad_mode=pad_mode)
    x = torch.randn(stft.min_samples, dtype=torch.float64)
    window = fourier.centred_window("hann", n_fft, n_fft)
    frequencies = fourier.grid("no", n_fft // 2 + 1, n_fft, 0, 0, 8000)
    expected = fourier.stft(x.numpy(), frequencies, 8000, window, 16, True, pad_mode)
    error = torch.view_as_complex(stft(x).contiguous()).numpy() - expected
    assert np.abs(error).max() <= tolerances.STFT_DIRECT_FLOAT64 * np.abs(expected).max()


@pytest.mark.parametrize("mode", PAD_MODES)
@pytest.mark.parametrize("more", [0, 1, 50])
def test_adjoint_of_padding_is_its_transpose_down_to_the_shortest_clip(mode, more):
    time = min_samples(20, mode, 41) + more
    identity = torch.eye(time, dtype=torch.float64)
    matrix = pad_waveform(identity, 20, mode)
    assert torch.equal(matrix.T, pad_waveform_adjoint(torch.eye(time + 40, dtype=torch.float64), 20, mode))
