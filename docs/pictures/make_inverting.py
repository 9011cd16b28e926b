"""Make inverting_frequency.png and inverting_damping.png: python docs/pictures/make_inverting.py"""

import math
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import torch
from torch import Tensor

from nnaudio2_core import CQT, iCQT

mpl.use("Agg")
import matplotlib.pyplot as plt

SR = 22050
HERE = Path(__file__).parent


def snr(signal: Tensor, error: Tensor) -> Tensor:
    """SNR along the last axis."""
    return 10 * torch.log10(signal.square().sum(-1) / error.square().sum(-1))


def reconstructed(x: Tensor, hop_length: int) -> tuple[Tensor, float]:
    """The waveform after transform and inverse, and the inverse's ``highest_frequency``."""
    icqt = iCQT(SR, hop_length)
    X = CQT(SR, hop_length, output_format="Complex", tolerance=1e-6)(x)
    return icqt(X, length=len(x)), icqt.highest_frequency


def draw_frequency() -> None:
    """SNR against frequency, for white noise and for a glide, at four hops."""
    time = 1 << 17
    noise = torch.randn(time, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    t = torch.arange(8 * SR, dtype=torch.float64) / SR
    low, high = 50.0, 4000.0
    glide = torch.cos(2 * math.pi * (low * t + (high - low) / 16 * t**2))
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True, layout="constrained")
    edges = [int(f * time / SR) for f in torch.logspace(math.log10(40), math.log10(4100), 41).tolist()]
    inside = torch.linspace(low, high, len(glide) // 2048)
    for hop_length, colour in zip(
        (64, 128, 256, 512), plt.get_cmap("viridis")((0.0, 0.3, 0.6, 0.85)), strict=True
    ):
        y, highest = reconstructed(noise, hop_length)
        signal, error = torch.fft.rfft(noise).abs(), torch.fft.rfft(y - noise).abs()
        bands = [snr(signal[a:b], error[a:b]).item() for a, b in pairwise(edges)]
        centres = [(a + b) / 2 * SR / time for a, b in pairwise(edges)]
        left.plot(centres, bands, color=colour, label=f"hop {hop_length}")
        left.axvline(highest, color=colour, linestyle=":")
        y, _ = reconstructed(glide, hop_length)
        pieces = snr(glide.unfold(0, 2048, 2048), (y - glide).unfold(0, 2048, 2048))
        right.plot(inside, pieces, color=colour)
        right.axvline(highest, color=colour, linestyle=":")
    left.set(title="white noise", ylabel="SNR, dB", ylim=(-5, 110))
    right.set(title="a glide from 50 to 4000 Hz in 8 s")
    for axis in (left, right):
        axis.set(xscale="log", xlabel="frequency, Hz", xlim=(40, 4100))
        axis.set_xticks([50, 100, 200, 500, 1000, 2000, 4000], ["50", "100", "200", "500", "1k", "2k", "4k"])
        axis.minorticks_off()
        axis.grid(alpha=0.3)
    left.legend()
    figure.savefig(HERE / "inverting_frequency.png", dpi=110)


def draw_damping() -> None:
    """SNR against damping for a tone and a chirp, with and without noise at -40 dB in the coefficients."""
    t = torch.arange(2 * SR, dtype=torch.float64) / SR
    signals = {
        "440 Hz tone, hop 256": (torch.cos(2 * math.pi * 440 * t), 256),
        "chirp 100 - 3000 Hz, hop 64": (torch.cos(2 * math.pi * (100 * t + 725 * t**2)), 64),
    }
    dampings = torch.logspace(-6, -1, 11).tolist()
    figure, axes = plt.subplots(1, 2, figsize=(10, 3.4), sharey=True, layout="constrained")
    for axis, (name, (x, hop_length)) in zip(axes, signals.items(), strict=True):
        X = CQT(SR, hop_length, output_format="Complex", tolerance=1e-6)(x)
        noise = torch.randn(X.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        noisy = X + noise * (0.01 * X.norm() / noise.norm())
        inverses = [iCQT(SR, hop_length, damping=damping) for damping in dampings]
        for label, given in (("coefficients as computed", X), ("with white noise, -40 dB", noisy)):
            values = [snr(x, inverse(given, len(x)) - x).item() for inverse in inverses]
            axis.plot(dampings, values, marker="o", markersize=3, label=label)
        axis.axvline(1e-4, color="grey", linestyle=":", label="default")
        axis.set(title=name, xscale="log", xlabel="damping")
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("SNR, dB")
    axes[0].legend()
    figure.savefig(HERE / "inverting_damping.png", dpi=110)


if __name__ == "__main__":
    draw_frequency()
    draw_damping()
