"""Make cfp.png: python docs/pictures/make_cfp.py"""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import torch

from nnaudio2_core import CombinedFrequencyPeriodicity

mpl.use("Agg")
import matplotlib.pyplot as plt


def two_voices(fs: int = 16000, seconds: float = 2.0) -> torch.Tensor:
    """A voice that rises from 150 to 300 Hz and one that stays at 400 Hz, twelve harmonics each."""
    time = torch.arange(int(fs * seconds)) / fs
    rising = 2 * torch.pi * (150 * time + 75 / seconds * time**2)
    steady = 2 * torch.pi * 400 * time
    return sum(torch.sin(k * rising) / k + torch.sin(k * steady) / k for k in range(1, 13))


def main() -> None:
    """Draw the four outputs side by side."""
    transform = CombinedFrequencyPeriodicity()
    salience, spectrum, frequency, lag = transform(two_voices())
    panels = [
        ("tfrL0: magnitude spectrum (root)", spectrum.sqrt()),
        ("tfrLF: last frequency layer", frequency),
        ("tfrLQ: last lag layer", lag),
        ("Z = tfrLF · tfrLQ", salience),
    ]
    seconds = np.arange(salience.shape[-1] + 1) * 320 / 16000
    edges = 80 * 2 ** ((np.arange(transform.n_bins + 1) - 0.5) / 48)
    figure, axes = plt.subplots(1, 4, figsize=(11, 3.2), sharey=True, layout="constrained")
    for axis, (title, values) in zip(axes, panels, strict=True):
        axis.pcolormesh(seconds, edges, values.numpy(), cmap="magma", rasterized=True)
        axis.set(title=title, xlabel="time, s", yscale="log")
        axis.set_yticks([100, 200, 400, 800], ["100", "200", "400", "800"])
        axis.minorticks_off()
    axes[0].set_ylabel("frequency, Hz")
    figure.savefig(Path(__file__).with_name("cfp.png"), dpi=110)


if __name__ == "__main__":
    main()
