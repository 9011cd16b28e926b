"""Make gabor_frame.png, gabor_redundancy.png and gabor_edits.png: python docs/pictures/make_gabor.py"""

import matplotlib.pyplot as plt
import numpy as np
from drawing import recording, save, spectrogram

from nnaudio2_core import NSGT
from nnaudio2_deploy.demo.edits import only_band, only_what_lasts, other_pitch

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


def picture_of_the_redundancy() -> None:
    """Real numbers for each sample against bins per octave, with the bound of the octaves."""
    figure, axis = plt.subplots(figsize=(8, 3.4), layout="constrained")
    densities = np.arange(2, 97)
    for layout, colour in (("octaves", "C1"), ("ragged", "C0")):
        for sr, style in ((22050, "-"), (48000, ":")):
            values = [NSGT(sr, bins_per_octave=int(b), layout=layout).redundancy for b in densities]
            label = f"{layout}, {sr / 1000:g} kHz"
            axis.plot(densities, values, style, color=colour, linewidth=1.4, label=label)
    down = 2.0 ** (-1 / densities)  # from a channel to the one below
    bound = 2 * densities * (1 - down**2) + 1 - down
    axis.plot(densities, bound, "k--", linewidth=0.8, label="octaves, a channel ends at Nyquist")
    axis.set(xlabel="bins per octave", ylabel="real numbers for each sample", xscale="log", ylim=(1.7, 2.9))
    axis.set_xticks([2, 3, 6, 12, 24, 48, 96], ["2", "3", "6", "12", "24", "48", "96"])
    axis.minorticks_off()
    axis.legend(ncols=2, loc="center right", fontsize=9)
    save(figure, "gabor_redundancy")


def picture_of_edits() -> None:
    """Part of the trumpet melody, and what the edits of the demo leave of them."""
    x, sr = recording(1.0, 2.6)
    nsgt = NSGT(sr, bins_per_octave=24, layout="matrix", fmin=65.4)
    C = nsgt(x)
    edits = {
        "recording": C,
        "only 200 to 800 Hz": only_band(nsgt, C, 200.0, 800.0),
        "only what lasts": only_what_lasts(nsgt, C),
        "a fifth higher": other_pitch(nsgt, C, 14),
    }
    figure, axes = plt.subplots(2, 2, figsize=(9, 6), sharex=True, sharey=True, layout="constrained")
    frames = len(x) // nsgt.hop_length
    for axis, (name, edited) in zip(axes.flat, edits.items(), strict=True):
        heard = nsgt(nsgt.inverse(edited, length=len(x)))  # the result, not the edited coefficients
        magnitude = heard[1:-1, :frames:8].norm(dim=-1)
        spectrogram(axis, magnitude, nsgt.frequencies[1:-1].numpy(), 8 * nsgt.hop_length / sr, name)
        axis.set_ylim(100, 9000)
    for axis in axes[0]:
        axis.set_xlabel("")
    for axis in axes[:, 0]:
        axis.set_ylabel("frequency, Hz")
    save(figure, "gabor_edits")


if __name__ == "__main__":
    picture_of_the_frame()
    picture_of_the_redundancy()
    picture_of_edits()
