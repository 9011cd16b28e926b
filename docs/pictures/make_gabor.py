"""Make gabor_frame.png: python docs/pictures/make_gabor.py"""

import matplotlib.pyplot as plt
import numpy as np
from drawing import save

from nnaudio2_core import NSGT

SR, LENGTH = 8000, 8000


def picture_of_the_frame() -> None:
    """Windows of a tight frame, and of a Hann frame with its dual, on the frequency axis."""
    figure, axes = plt.subplots(3, 1, figsize=(8, 5.6), sharex=True, layout="constrained")
    for window, rows in (("sine", axes[:1]), ("hann", axes[1:])):
        module = NSGT(SR, fmin=125.0, bins_per_octave=3, window=window, layout="ragged", slice_length=LENGTH)
        bank = module.bank
        half = np.where(np.isin(bank.bins[:, 0], (0, LENGTH // 2)), 1.0, np.sqrt(2.0))
        analysis, synthesis = (each[:, 0].numpy() for each in bank.windows(bank.fade.dtype)[1:])
        for axis, values, name in zip(
            rows, (analysis / half, synthesis * half), ("windows", "dual windows"), strict=False
        ):
            row = 0
            for group in module.groups:
                part = slice(row, row + (group.end - group.first) * group.rate)
                bins = bank.bins[part, 0].numpy()
                order = np.argsort(bins)
                axis.plot(bins[order] * SR / LENGTH, values[part][order], linewidth=1)
                row = part.stop
            title = "sine: the windows are their own dual" if window == "sine" else f"Hann: {name}"
            axis.set_title(title, fontsize=10)
    axes[-1].set(xlabel="frequency, Hz", xscale="log", xlim=(80, 4000))
    axes[-1].set_xticks([125, 250, 500, 1000, 2000, 4000], ["125", "250", "500", "1k", "2k", "4k"])
    axes[-1].minorticks_off()
    save(figure, "gabor_frame")


if __name__ == "__main__":
    picture_of_the_frame()
