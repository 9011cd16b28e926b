"""The pictures of the numerics page."""

from functools import partial
from pathlib import Path
from typing import Any

import librosa
import matplotlib as mpl
import numpy as np
import torch
from matplotlib.axes import Axes

from nnaudio2_core import CQT, STFT, CQT1992v2, Gammatonegram, MelSpectrogram
from nnaudio2_core.bands.design_scales import erb_frequencies

from .. import peers
from ..clips import SR
from ..peers import FMIN, LIBROSA
from ..references import HOP, N_GAMMATONE, N_MELS
from . import auditory, constant_q, spectral
from .comparison import Array, Signals, as_array, rms
from .librosa_ends import Experiment

mpl.use("Agg")
import matplotlib.pyplot as plt

OURS = {"color": "C3", "linewidth": 1.6, "zorder": 3}


def draw(folder: Path, signals: Signals, experiment: Experiment, loud_end: Array) -> None:
    """All of them, as PNG."""
    bands(folder / "numerics_bands.png", signals["trumpet"])
    bins(folder / "numerics_constant_q.png", signals)
    ends(folder / "numerics_librosa.png", experiment, loud_end)


def own_error(actual: Array, expected: Array) -> Array:
    """Rms of the difference in each bin relative to the bin's own; nothing where the bin is silent."""
    level = rms(expected)
    return np.divide(rms(actual - expected), level, out=np.full_like(level, np.nan), where=level > 0)


def hertz(axis: Axes, title: str) -> None:
    axis.set(title=title, xscale="log", yscale="log", xlabel="frequency, Hz", xlim=(30, SR / 2))
    axis.set_xticks([50, 200, 1000, 5000], ["50", "200", "1k", "5k"])
    axis.minorticks_off()
    axis.grid(alpha=0.3)


def curves(axis: Axes, frequencies: Array, expected: Array, results: "dict[str, Any]") -> None:
    """One curve for each result, ours in front."""
    for name, result in results.items():
        style = OURS if name.startswith("ours") else {"linewidth": 1.0}
        axis.plot(frequencies, own_error(as_array(result), expected), label=name, **style)


def bands(path: Path, x: Array) -> None:
    """STFT, mel and gammatonegram of a recording in float32 against direct sums."""
    single = torch.from_numpy(x).float()
    batch = single[None]
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.4), sharey=True, layout="constrained")
    stft = STFT(**spectral.FRAMES, sr=SR)
    results = {
        "ours": stft(single),
        "torch.stft": peers.torch_stft()(single),
        peers.ROY: peers.roy_stft()(batch)[0],
    }
    curves(
        axes[0], stft.frequencies.numpy()[1:], spectral.direct(x)[1:], {k: v[1:] for k, v in results.items()}
    )
    hertz(axes[0], "STFT")
    mel_centres = librosa.mel_frequencies(N_MELS + 2, fmin=0.0, fmax=SR / 2)[1:-1]
    results = {
        "ours": MelSpectrogram(SR, **spectral.FRAMES, n_mels=N_MELS)(single),
        "torchaudio": peers.torchaudio_mel()(batch)[0],
        peers.ROY: peers.roy_mel()(batch)[0],
        "librosa": librosa.feature.melspectrogram(
            y=single.numpy(), sr=SR, **spectral.FRAMES, n_mels=N_MELS, pad_mode="reflect"
        ),
    }
    curves(axes[1], mel_centres, auditory.direct_mel(x), results)
    hertz(axes[1], f"mel, {N_MELS} bands")
    results = {
        "ours": Gammatonegram(SR, **spectral.FRAMES, n_bins=N_GAMMATONE)(single),
        peers.ROY: peers.roy_gammatone()(batch)[0],
    }
    curves(axes[2], erb_frequencies(N_GAMMATONE, 0.0, SR / 2), auditory.direct_gammatone(x), results)
    hertz(axes[2], f"gammatonegram, {N_GAMMATONE} filters")
    axes[0].set_ylabel("rms error, of the bin's own rms")
    for axis in axes:
        axis.legend(fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def bins(path: Path, signals: Signals) -> None:
    """The constant-Q transform in float32 against direct sums, in noise and in a recording."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True, layout="constrained")
    shared: dict[str, Any] = {"sr": SR, "hop_length": HOP, "fmin": FMIN, "output_format": "Complex"}
    ours = CQT(**shared)
    exact = CQT(**shared, tolerance=0.0)
    old = peers.roy().CQT1992v2(sr=SR, hop_length=HOP, fmin=FMIN, verbose=False)
    for axis, name in zip(axes, ("noise", "trumpet"), strict=True):
        x = signals[name]
        single = torch.from_numpy(x).float()
        results = {
            "ours": ours(single),
            "ours, tolerance 0": exact(single),
            peers.ROY: constant_q.complex_of(old, x),
        }
        curves(axis, ours.frequencies.numpy(), constant_q.direct(x), results)
        hertz(axis, f"CQT, {name}")
        axis.lines[1].set(linestyle="--")
        axis.set(xlim=(30, 4200), ylim=(3e-8, 3e-5))
    axes[0].set_ylabel("rms error, of the bin's own rms")
    axes[0].legend(fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def ends(path: Path, experiment: Experiment, x: Array) -> None:
    """The difference to librosa at the end of a clip that ends loudly, and bin by bin."""
    exact = CQT1992v2(
        SR,
        HOP,
        fmin=FMIN,
        tolerance=0.0,
        output_format="Complex",
        **LIBROSA,
    )
    ours = as_array(exact(torch.from_numpy(x)))
    level = rms(ours.ravel())
    librosas = partial(constant_q.by_librosa, x, 0.0)
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    seconds = np.arange(ours.shape[1]) * HOP / SR
    for name, other in (
        ("the clip as it is", librosas()),
        ("silence around it", librosas(constant_q.SILENCE)),
    ):
        left.plot(seconds, rms((ours - other).T) / level, label=name)
    left.set(
        title="each frame",
        yscale="log",
        xlabel="time, s",
        ylabel="rms difference to librosa, of the clip's rms",
    )
    left.grid(alpha=0.3)
    left.legend(fontsize=8)
    frequencies = exact.frequencies.numpy()
    right.plot(frequencies, experiment.whole_by_bin, label="the clip as it is")
    right.plot(frequencies, experiment.silence_by_bin, label="silence around it")
    right.plot(frequencies, experiment.half_by_bin, label="and half the spectrum")
    hertz(right, "each bin, relative to it")
    right.set_xlim(30, 4200)
    right.legend(fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)
