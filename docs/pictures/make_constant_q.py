"""Make constant_q_*.png: python docs/pictures/make_constant_q.py"""

from importlib.resources import files
from pathlib import Path

import matplotlib as mpl
import numpy as np
import soundfile
import torch
from matplotlib.axes import Axes

from nnaudio2_core import CQT, STFT, VQT

mpl.use("Agg")
import matplotlib.pyplot as plt

SR, HOP = 22050, 128
TICKS = [50, 100, 200, 500, 1000, 2000, 4000, 8000]


def chirp() -> torch.Tensor:
    """Two seconds from 40 Hz to 8 kHz, a steady tone of 300 Hz, and a click at 1 s."""
    time = torch.arange(2 * SR) / SR
    rate = np.log(8000 / 40) / 2
    x = torch.sin(2 * torch.pi * 40 * (torch.exp(rate * time) - 1) / rate)
    x = x + 0.5 * torch.sin(2 * torch.pi * 300 * time)
    x[SR] += 100.0
    return x


def recording(start: float, seconds: float) -> tuple[torch.Tensor, int]:
    """A part of a shipped recording."""
    path = files("nnaudio2_deploy").joinpath("audio", "sir_duke_fast.ogg")
    with path.open("rb") as stream:
        samples, sr = soundfile.read(stream, dtype="float32")
    return torch.from_numpy(samples[int(start * sr) : int((start + seconds) * sr)]), sr


def draw(axis: Axes, magnitude: torch.Tensor, frequencies: np.ndarray, hop: float, title: str) -> None:
    """Decibels below the maximum, 70 of them, on a logarithmic frequency axis."""
    decibels = 20 * torch.log10(magnitude / magnitude.max() + 1e-9).numpy()
    times = np.arange(decibels.shape[1]) * hop
    axis.pcolormesh(times, frequencies, decibels, cmap="magma", vmin=-70, vmax=0, rasterized=True)
    axis.set(title=title, xlabel="time, s", yscale="log", ylim=(frequencies[0], 9000))
    axis.set_yticks(TICKS, [str(tick) for tick in TICKS])
    axis.minorticks_off()
    axis.set_ylim(40, 9000)


def save(figure: plt.Figure, name: str) -> None:
    """With 64 colours, which a picture of this kind does not miss."""
    from PIL import Image

    path = Path(__file__).with_name(f"constant_q_{name}.png")
    figure.savefig(path, dpi=100)
    with Image.open(path) as image:
        image.convert("RGB").quantize(64).save(path, optimize=True)


def picture_of_chirp() -> None:
    """A chirp, a tone and a click in an STFT and in a CQT."""
    x = chirp()
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True, layout="constrained")
    stft = STFT(2048, hop_length=HOP, sr=SR, output_format="Magnitude")
    frequencies = stft.frequencies.numpy().copy()
    frequencies[0] = 1.0
    draw(axes[0], stft(x), frequencies, HOP / SR, "STFT, 2048 samples")
    cqt = CQT(SR, HOP, fmin=40.0, n_bins=276, bins_per_octave=36, filter_scale=0.5)
    draw(axes[1], cqt(x), cqt.frequencies.numpy(), HOP / SR, "CQT, 36 bins an octave, filter_scale 0.5")
    axes[0].set_ylabel("frequency, Hz")
    save(figure, "chirp")


def picture_of_recording() -> None:
    """Five seconds of a melody."""
    x, sr = recording(0.0, 5.0)
    figure, axis = plt.subplots(figsize=(9, 3.6), layout="constrained")
    cqt = CQT(sr, 256, fmin=32.7, n_bins=288, bins_per_octave=36)
    draw(axis, cqt(x), cqt.frequencies.numpy(), 256 / sr, "CQT of the recording, 36 bins an octave")
    axis.set_ylabel("frequency, Hz")
    save(figure, "recording")


def picture_of_vqt() -> None:
    """The same melody with three values of gamma."""
    x, sr = recording(0.0, 3.0)
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.4), sharey=True, layout="constrained")
    for axis, gamma in zip(axes, (0.0, 10.0, 40.0), strict=True):
        vqt = VQT(sr, 256, fmin=32.7, n_bins=192, bins_per_octave=24, gamma=gamma)
        draw(axis, vqt(x), vqt.frequencies.numpy(), 256 / sr, f"VQT, gamma {gamma:g} Hz")
    axes[0].set_ylabel("frequency, Hz")
    save(figure, "vqt")


if __name__ == "__main__":
    picture_of_chirp()
    picture_of_recording()
    picture_of_vqt()
