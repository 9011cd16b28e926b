"""Make stft_*.png: python docs/pictures/make_stft.py"""

import matplotlib.pyplot as plt
import numpy as np
import torch
import torchaudio
from drawing import TICKS, recording, save, spectrogram
from torch import Tensor

from nnaudio2_core import STFT, GriffinLim

HOP = 256


def picture_of_windows() -> None:
    """A short and a long window."""
    x, sr = recording(1.2, 1.5)
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True, layout="constrained")
    for axis, n_fft in zip(axes, (512, 4096), strict=True):
        stft = STFT(n_fft, hop_length=64, sr=sr, output_format="Magnitude")
        frequencies = stft.frequencies.numpy()[1:]
        title = f"{n_fft} samples, {1000 * n_fft / sr:.0f} ms"
        spectrogram(axis, stft(x)[1:], frequencies, 64 / sr, title)
    axes[0].set_ylabel("frequency, Hz")
    save(figure, "stft_windows")


def picture_of_grids() -> None:
    """The same recording on three grids; one row for each bin."""
    x, sr = recording(0.0, 3.0)
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.4), layout="constrained")
    for axis, freq_scale in zip(axes, ("no", "linear", "log"), strict=True):
        stft = STFT(
            4096,
            hop_length=HOP,
            sr=sr,
            freq_scale=freq_scale,
            freq_bins=None if freq_scale == "no" else 300,
            fmin=100,
            fmax=5000,
            output_format="Magnitude",
        )
        values = 20 * torch.log10(stft(x) + 1e-6)
        extent = (0, 3, 0, len(values))
        top = float(values.max())
        axis.imshow(
            values, origin="lower", aspect="auto", extent=extent, cmap="magma", vmin=top - 70, vmax=top
        )
        hertz = stft.frequencies
        marks = {"no": range(0, 22000, 4000), "linear": range(500, 5000, 500)}.get(freq_scale, TICKS[1:7])
        axis.set_yticks(np.interp(marks, hertz, range(len(hertz))), [str(mark) for mark in marks])
        axis.set(title=f'freq_scale="{freq_scale}", {len(hertz)} bins', xlabel="time, s")
    axes[0].set_ylabel("frequency of the bin, Hz")
    save(figure, "stft_grids")


def picture_of_griffin_lim() -> None:
    """Spectral convergence against the number of iterations, also for torchaudio."""
    x, _ = recording(0.0, 5.0)
    stft = STFT(2048, hop_length=512, output_format="Magnitude")
    S = stft(x)
    steps = [1, 2, 4, 8, 16, 32, 64, 128]

    def convergence(waveform: Tensor) -> float:
        return float((stft(waveform) - S).norm() / S.norm())

    figure, axis = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for label, arguments in {
        'init="gradient" (default)': {},
        'init="random"': {"init": "random"},
        'init="random", momentum=0 (1984)': {"init": "random", "momentum": 0.0},
    }.items():
        ours = [convergence(GriffinLim(2048, n, hop_length=512, **arguments)(S, len(x))) for n in steps]
        axis.plot(steps, ours, marker="o", markersize=4, label=label)
    theirs = []
    for n in steps:
        torch.manual_seed(0)
        peer = torchaudio.transforms.GriffinLim(2048, n, hop_length=512, power=1.0, length=len(x))
        theirs.append(convergence(peer(S)))
    axis.plot(steps, theirs, marker="s", markersize=4, color="grey", linestyle="--", label="torchaudio")
    axis.set(xscale="log", yscale="log", xlabel="iterations", ylabel="spectral convergence")
    axis.set_xticks(steps, [str(n) for n in steps])
    axis.set_yticks([0.02, 0.05, 0.1, 0.2, 0.5], ["0.02", "0.05", "0.1", "0.2", "0.5"])
    axis.minorticks_off()
    axis.grid(alpha=0.3)
    axis.legend()
    save(figure, "stft_griffin_lim")


if __name__ == "__main__":
    picture_of_windows()
    picture_of_grids()
    picture_of_griffin_lim()
