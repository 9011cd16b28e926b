"""Make constant_q_*.png: python docs/pictures/make_constant_q.py"""

import matplotlib.pyplot as plt
import numpy as np
import torch
from drawing import recording, save, spectrogram

from nnaudio2_core import CQT, STFT, VQT

SR, HOP = 22050, 128


def chirp() -> torch.Tensor:
    """Two seconds from 40 Hz to 8 kHz, a steady tone of 300 Hz, and a click at 1 s."""
    time = torch.arange(2 * SR) / SR
    rate = np.log(8000 / 40) / 2
    x = torch.sin(2 * torch.pi * 40 * (torch.exp(rate * time) - 1) / rate)
    x = x + 0.5 * torch.sin(2 * torch.pi * 300 * time)
    x[SR] += 100.0
    return x


def picture_of_chirp() -> None:
    """A chirp, a tone and a click in an STFT and in a CQT."""
    x = chirp()
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True, layout="constrained")
    stft = STFT(2048, hop_length=HOP, sr=SR, output_format="Magnitude")
    frequencies = stft.frequencies.numpy().copy()
    frequencies[0] = 1.0
    spectrogram(axes[0], stft(x), frequencies, HOP / SR, "STFT, 2048 samples")
    cqt = CQT(SR, HOP, fmin=40.0, n_bins=276, bins_per_octave=36, filter_scale=0.5)
    spectrogram(
        axes[1], cqt(x), cqt.frequencies.numpy(), HOP / SR, "CQT, 36 bins per octave, filter_scale 0.5"
    )
    axes[0].set_ylabel("frequency, Hz")
    save(figure, "constant_q_chirp")


def picture_of_recording() -> None:
    """Five seconds of a melody."""
    x, sr = recording(0.0, 5.0)
    figure, axis = plt.subplots(figsize=(9, 3.6), layout="constrained")
    cqt = CQT(sr, 256, fmin=32.7, n_bins=288, bins_per_octave=36)
    spectrogram(axis, cqt(x), cqt.frequencies.numpy(), 256 / sr, "CQT of the recording, 36 bins per octave")
    axis.set_ylabel("frequency, Hz")
    save(figure, "constant_q_recording")


def picture_of_vqt() -> None:
    """The same melody with three values of gamma."""
    x, sr = recording(0.0, 3.0)
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.4), sharey=True, layout="constrained")
    for axis, gamma in zip(axes, (0.0, 10.0, 40.0), strict=True):
        vqt = VQT(sr, 256, fmin=32.7, n_bins=192, bins_per_octave=24, gamma=gamma)
        spectrogram(axis, vqt(x), vqt.frequencies.numpy(), 256 / sr, f"VQT, gamma {gamma:g} Hz")
    axes[0].set_ylabel("frequency, Hz")
    save(figure, "constant_q_vqt")


if __name__ == "__main__":
    picture_of_chirp()
    picture_of_recording()
    picture_of_vqt()
