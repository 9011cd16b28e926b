"""Make training.png with the code of docs/training.md: python docs/pictures/make_training.py"""

import matplotlib.pyplot as plt
import numpy as np
from drawing import run_page, save

from nnaudio2_core import STFT

SR = 8000


def kernels(front: STFT) -> np.ndarray:
    """``(bins, n_fft)``, complex."""
    return (front.wcos + 1j * front.wsin).detach()[:, 0].numpy()


def strongest_responses(bank: np.ndarray, slope: float) -> np.ndarray:
    """Largest magnitude in each bin over chirps of this slope (Hz per second), at all centres and times."""
    time = (np.arange(128) - 64) / SR
    shifts = time[None, :] - np.arange(-0.004, 0.005, 0.001)[:, None]
    found = np.zeros(len(bank))
    for centre in np.arange(300, 3800, 20):
        chirps = np.exp(-0.5 * (shifts / 0.006) ** 2 + 2j * np.pi * (centre + slope / 2 * shifts) * shifts)
        found = np.maximum(found, np.abs(bank.conj() @ chirps.T).max(1))
    return found


def preference(bank: np.ndarray) -> np.ndarray:
    """Response to rising over response to falling chirps, dB."""
    return 20 * np.log10(strongest_responses(bank, 60_000) / strongest_responses(bank, -60_000))


def main() -> None:
    """Accuracy, response of the kernels, and the kernel that changed most."""
    page = run_page("training.md", 0)
    after = kernels(page["trained"])
    before = kernels(STFT(n_fft=128, hop_length=32, sr=SR, trainable=True))
    prefers = preference(after)
    k = int(np.argmax(np.abs(prefers)))

    figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    steps = 10 * np.arange(1, 31)
    axes[0].plot(steps, 100 * np.array(page["frozen_accuracy"]), label="frozen kernels")
    axes[0].plot(steps, 100 * np.array(page["trained_accuracy"]), label="trained kernels")
    axes[0].set(title="rising or falling?", xlabel="steps", ylabel="accuracy, %", ylim=(40, 102))
    axes[0].legend(loc="center right")
    hertz = np.arange(65) * SR / 128
    axes[1].plot(hertz, preference(before), label="before")
    axes[1].plot(hertz, prefers, marker="o", markersize=3, linewidth=0.8, label="after")
    axes[1].set(title="response to rising over falling", xlabel="frequency of the bin, Hz", ylabel="dB")
    axes[1].legend(loc="lower left")
    milliseconds = np.arange(128) / SR * 1000
    axes[2].plot(milliseconds, before[k].real + 1.5, label="before")
    axes[2].plot(milliseconds, after[k].real - 1.5, label="after")
    axes[2].set(title=f"wcos of bin {k}, {hertz[k]:.0f} Hz", xlabel="time in the frame, ms", yticks=[])
    axes[2].set_ylabel("weight")
    for axis in axes:
        axis.grid(alpha=0.3)
    save(figure, "training")


if __name__ == "__main__":
    main()
