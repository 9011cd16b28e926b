"""Make auditory_*.png: python docs/pictures/make_auditory.py"""

import librosa
import matplotlib.pyplot as plt
import numpy as np
from drawing import recording, save
from matplotlib.axes import Axes

from nnaudio2_core import MFCC, Gammatonegram, MelSpectrogram
from nnaudio2_core.bands.design_gammatone import gammatone_filterbank
from nnaudio2_core.bands.design_mel import mel_filterbank
from nnaudio2_core.bands.design_scales import erb_frequencies

SR, N_FFT = 22050, 2048


def picture_of_filters() -> None:
    """Twelve filters of each kind."""
    hertz = np.arange(N_FFT // 2 + 1) * SR / N_FFT
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.0), layout="constrained")
    panels = {
        'mel, norm="slaney"': 1e3 * mel_filterbank(SR, N_FFT, 12, 50.0, 8000.0, False, "slaney"),
        "mel, HTK's scale, norm=None": mel_filterbank(SR, N_FFT, 12, 50.0, 8000.0, True, None),
        "gammatone": N_FFT * gammatone_filterbank(SR, N_FFT, 12, 50.0, 8000.0),
    }
    for axis, (title, weights) in zip(axes, panels.items(), strict=True):
        axis.plot(hertz, weights.T, linewidth=1.2)
        axis.set(title=title, xlabel="frequency, Hz", xscale="log", xlim=(40, 11025), ylim=(0, None))
        axis.set_xticks([50, 200, 1000, 5000], ["50", "200", "1000", "5000"])
        axis.minorticks_off()
    axes[0].set_ylabel("weight, 1/kHz")
    axes[1].set_ylabel("weight")
    axes[2].set_ylabel("weight × n_fft")
    save(figure, "auditory_filters", colours=128)


def picture_of_recording() -> None:
    """Mel, gammatone and MFCC of three seconds of the melody."""
    x, sr = recording(0.0, 3.0)
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.4), layout="constrained")
    mel = MelSpectrogram(sr, n_mels=128, hop_length=256, fmax=9000.0)(x)
    decibel_panel(
        axes[0], mel.numpy(), librosa.mel_frequencies(130, fmin=0.0, fmax=9000.0)[1:-1], "mel, 128 bands"
    )
    gammatone = Gammatonegram(sr, n_bins=64, hop_length=256, fmin=40.0, fmax=9000.0)(x)
    centres = erb_frequencies(64, 40.0, 9000.0)
    decibel_panel(axes[1], gammatone.numpy(), centres, "gammatonegram, 64 filters")
    axes[0].set_ylabel("centre frequency, Hz")
    mfcc = MFCC(sr, 20, hop_length=256)(x).numpy()
    limit = np.abs(mfcc[1:]).max()
    shown = axes[2].imshow(
        mfcc[1:],
        origin="lower",
        aspect="auto",
        extent=(0, 3, 0.5, 19.5),
        cmap="RdBu_r",
        vmin=-limit,
        vmax=limit,
    )
    axes[2].set(title="MFCC 1 to 19", xlabel="time, s", ylabel="coefficient", yticks=range(1, 20, 3))
    figure.colorbar(shown, ax=axes[2], label="dB")
    save(figure, "auditory_recording", colours=256)


def decibel_panel(axis: Axes, power: np.ndarray, centres: np.ndarray, title: str) -> None:
    """Draw one row for each band; range 70 dB."""
    values = 10 * np.log10(power / power.max() + 1e-12)
    axis.imshow(
        values,
        origin="lower",
        aspect="auto",
        extent=(0, 3, 0, len(values)),
        cmap="magma",
        vmin=-70,
        vmax=0,
    )
    ticks = [int(np.argmin(np.abs(centres - f))) for f in (100, 500, 1000, 2000, 4000, 8000)]
    axis.set_yticks(ticks, ["100", "500", "1000", "2000", "4000", "8000"])
    axis.set(title=title, xlabel="time, s")


if __name__ == "__main__":
    picture_of_filters()
    picture_of_recording()
