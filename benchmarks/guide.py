"""Figures of the guide that no other page measures: ``hatch run guide [NAMES...]`` prints them.

Decibels are signal-to-noise ratios of inverted waveforms, unless a line says otherwise. Times are ratios of
two medians, taken in turn.
"""

import argparse
import math
import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any, Callable

import librosa
import numpy as np
import torch
from scipy import signal
from tests.oracles.dense_inverse import (
    Floats,
    constant_q_rows,
    damped_inverse,
    dense_analysis,
    floor_outside,
    fourier_rows,
    snr,
)
from torch import Tensor, nn

from nnaudio2_core import CQT, NSGT, STFT, GriffinLimCQT, Inverse, InverseMel, MelSpectrogram, iCQT

from .bench_icqt import chirp, tone
from .clips import SR, recording
from .learning_rates import learning_rates
from .peers import FMIN, LIBROSA
from .table import line
from .timing import alternate, threads

PADS = ("reflect", "constant", "replicate", "circular")
SOLVERS: "list[dict[str, Any]]" = [{}, {"n_iter": 8}, {"n_iter": 32}, {"solver": "cg"}]
Lines = Iterator[str]


def in_band(low: float, high: float, sr: float, time: int) -> Floats:
    """White noise through a band-pass of 513 taps, without its beginning and end."""
    noise = np.random.default_rng(0).normal(size=3 * time)
    taps = signal.firwin(513, [low, high], fs=sr, pass_zero=False)
    return np.asarray(signal.fftconvolve(noise, taps, "same")[time : 2 * time])


def ends() -> Lines:
    """inverting.md, "Ends": short clips by each solver, compared with a dense matrix."""
    yield line(["clip", "pad_mode", "direct", "n_iter=8", "n_iter=32", "cg", "dense"])
    stft: dict[str, Any] = {"n_fft": 32, "hop_length": 4, "sr": 32}
    x = np.random.default_rng(0).normal(size=40)
    rows = fourier_rows(32, np.arange(17.0))
    yield from ends_of("STFT(32), float32", x, rows, 4, lambda pad: STFT(**stft, pad_mode=pad), torch.float32)
    log: dict[str, Any] = {"sr": 2000, "freq_scale": "log", "freq_bins": 60, "fmin": 50, "fmax": 900}
    x, rows = in_band(60, 750, 2000, 401), fourier_rows(64, STFT(64, **log).frequencies.numpy() * 64 / 2000)
    yield from ends_of("60 logarithmic", x, rows, 8, lambda pad: STFT(64, hop_length=8, **log, pad_mode=pad))
    cqt: dict[str, Any] = {"sr": 2000, "hop_length": 8, "fmin": 120.0, "n_bins": 24}
    x, rows = in_band(150, 380, 2000, 640), constant_q_rows(2000, 120.0, 24, 12)
    yield from ends_of("CQT, 24 bins", x, rows, 8, lambda pad: CQT(**cqt, pad_mode=pad))


def ends_of(
    name: str,
    x: Floats,
    rows: Any,
    hop: int,
    build: Callable[[str], nn.Module],
    dtype: torch.dtype = torch.float64,
) -> Lines:
    for pad_mode in PADS:
        matrix = dense_analysis(rows, hop, len(x), True, pad_mode)
        Y = matrix @ x
        X = torch.view_as_real(torch.from_numpy(Y.reshape(1, len(rows), -1))).to(dtype)
        inverses = [Inverse(build(pad_mode), **solver) for solver in SOLVERS]
        found = [snr(x, inverse(X, len(x))[0].double().numpy()) for inverse in inverses]
        found.append(snr(x, damped_inverse(rows, matrix, Y, hop, 1e-4)))
        yield line([name, pad_mode, *(f"{value:.0f}" for value in found)])


def there_and_back(x: Tensor, margin: int, inverse: Any = None, **arguments: Any) -> "tuple[float, float]":
    """Decibels of the whole clip, and without ``margin`` samples at both ends."""
    X = CQT(**arguments, output_format="Complex", tolerance=1e-6)(x)
    y = iCQT(**arguments, **(inverse or {}))(X, length=len(x)).double().numpy()
    return snr(x.double().numpy(), y), snr(x.double().numpy(), y, margin)


def without_padding() -> Lines:
    """inverting.md, "The direct solver": clips without padding, more than half a frame from both ends."""
    for name, x, sr, hop in (
        ("tone", tone(), 44100, 512),
        ("chirp to 800 Hz", chirp(800), 22050, 512),
        ("chirp to 3000 Hz", chirp(3000), 22050, 64),
    ):
        _, inside = there_and_back(x, 16384 * sr // 44100, sr=sr, hop_length=hop, center=False)
        yield f"{name}: {inside:.0f} dB"


def resampled(name: str, seconds: float) -> Tensor:
    """The beginning of a shipped recording, at 22.05 kHz: the trumpet is sampled at twice that."""
    x = signal.resample_poly(recording(name).double().numpy(), 1, {"sir_duke_fast": 2}.get(name, 1))
    return torch.from_numpy(x[: int(seconds * SR)])


def recordings() -> Lines:
    """inverting.md, "Limits of reconstruction": what the bins leave out, and what an exact cut would."""
    for name in ("sir_duke_fast", "snare-accelerate"):
        x = resampled(name, 6.0)
        whole, _ = there_and_back(x, 0, sr=SR, hop_length=64, n_bins=96)
        floor = floor_outside(x.double().numpy(), SR, FMIN, FMIN * 2 ** (95 / 12))
        yield f"{name}: {whole:.1f} dB, an exact cut {floor:.1f} dB"


def many_bins() -> Lines:
    """inverting.md, "Other solvers": 480 bins at 60 per octave, and the memory of 336 bins at 48."""
    arguments: dict[str, Any] = {"sr": SR, "hop_length": 256, "n_bins": 480, "bins_per_octave": 60}
    t = torch.arange(3 * SR) / SR
    glide = torch.cos(2 * math.pi * (100 * t + 2900 / 6 * t**2))
    noise = torch.from_numpy(in_band(80, 3000, SR, 3 * SR)).float()
    for solver in ({"solver": "cg"}, {"solver": "cg", "n_iter": 64}):
        for name, x in (("chirp of 3 s", glide), ("noise of 3 s", noise)):
            whole, inside = there_and_back(x, SR, solver, **arguments)
            yield f"{name}, {solver}: {whole:.0f} dB, a second inside {inside:.0f} dB"
    for solver in ({"solver": "direct"}, {"solver": "cg"}):
        icqt = iCQT(SR, 512, n_bins=336, bins_per_octave=48, **solver)
        held = sum(each.nbytes for each in (*icqt.buffers(), *icqt.parameters()))
        yield f"336 bins, {solver}: {held / 1e6:.0f} MB"


def magnitudes() -> Lines:
    """inverting.md, "From magnitudes": spectral convergence on four seconds, dB."""
    for name in ("sir_duke_fast", "snare-accelerate"):
        x = resampled(name, 4.0).float()
        for n_bins, hop, steps in ((84, 256, 0), (84, 256, 8), (84, 256, 32), (96, 64, 32)):
            arguments: dict[str, Any] = {"sr": SR, "hop_length": hop, "n_bins": n_bins}
            cqt = CQT(**arguments)
            S = cqt(x)
            found = []
            for init in ("gradient", "random"):
                y = GriffinLimCQT(**arguments, n_iter=steps, init=init)(S, len(x))
                found.append(f"{init} {convergence(cqt(y), S):.1f} dB")
            yield f"{name}, {n_bins} bins, hop {hop}, {steps} steps: {', '.join(found)}"
        yield f"{name}, librosa's magnitudes: {of_librosa(x)}"


def of_librosa(x: Tensor) -> str:
    bins: dict[str, Any] = {"sr": SR, "hop_length": 256, "fmin": float(librosa.note_to_hz("C1"))}

    def magnitude(y: Floats) -> Tensor:
        return torch.from_numpy(np.abs(librosa.cqt(y, **bins)))

    S = magnitude(x.numpy())
    ours = GriffinLimCQT(**bins, **LIBROSA)(S, len(x)).numpy()
    theirs = librosa.griffinlim_cqt(S.numpy(), **bins, n_iter=32, length=len(x), random_state=0)
    return (
        f"ours {convergence(magnitude(ours), S):.1f} dB, librosa {convergence(magnitude(theirs), S):.1f} dB"
    )


def convergence(found: Tensor, wanted: Tensor) -> float:
    return 20 * math.log10(float((found - wanted).norm() / wanted.norm()))


def mel_bands() -> Lines:
    """spectrogram_features.md, "From mel bands to a waveform": error of the bands, relative to their norm."""
    time = torch.arange(SR) / SR
    x = torch.stack([torch.sin(2 * math.pi * 220 * k * time) / k for k in range(1, 21)]).sum(0)
    S = MelSpectrogram(SR)(x)[:, 4:-4]
    filters = torch.from_numpy(librosa.filters.mel(sr=SR, n_fft=2048, n_mels=128))
    found = {
        "InverseMel": InverseMel(SR).magnitudes(S),
        "librosa": torch.from_numpy(librosa.feature.inverse.mel_to_stft(S.numpy(), sr=SR, power=1.0)),
    }
    for name, power in found.items():
        yield f"{name}: {float((filters @ power - S).norm() / S.norm()):.1e}"


def lengths() -> Lines:
    """gabor.md, "Lengths": FFTs of whole units of samples, with a large and with small prime factors."""
    unit = NSGT(SR).unit
    for prime, near in ((31, 30), (61, 60), (113, 112)):
        calls = {n: partial(torch.fft.rfft, torch.randn(n * unit)) for n in (prime, near)}
        with threads(1):
            seconds = alternate(calls)
        yield f"{prime} units: {seconds[prime] / seconds[near]:.1f} times the time of {near}"
    yield f"unit at {SR} Hz: {unit} samples, 2048 of them {2048 * unit / SR / 60:.1f} minutes"


def neighbours() -> Lines:
    """gabor.md, "CQT with iCQT, or NSGT": a tone in the bins beside its own; magnitudes on white noise."""
    nsgt = NSGT(SR, fmin=55.0, layout="matrix")
    cqt = CQT(SR, hop_length=nsgt.hop_length, fmin=55.0, n_bins=72)
    bins, own, time = cqt.n_bins, 40, 22 * SR
    phase = 2 * math.pi * float(cqt.frequencies[own]) * torch.arange(time, dtype=torch.float64) / SR
    x = phase.cos().float()
    noise = torch.randn(time, generator=torch.Generator().manual_seed(0))
    inside = slice(SR // 2 // nsgt.hop_length, 43 * SR // 2 // nsgt.hop_length)
    # Channel 0 of the frame lies around 0 Hz.
    of_cqt = cqt(torch.stack([x, noise]))[:, :, inside]
    of_nsgt = torch.linalg.vector_norm(nsgt(torch.stack([x, noise]))[:, 1 : bins + 1, inside], dim=-1)
    for name, S in (("CQT", of_cqt), ("NSGT", of_nsgt)):
        level = S[0].mean(1)
        beside = max(float(level[own + step] / level[own]) for step in (-1, 1))
        yield f"{name}: a neighbour of the tone has {beside:.4f} of its magnitude"
    ours, theirs = of_nsgt[1], of_cqt[1]
    factor = (ours * theirs).sum(1, True) / ours.square().sum(1, True)
    apart = (factor * ours - theirs).square().mean(1).sqrt() / theirs.square().mean(1).sqrt()
    yield f"noise: {100 * float(apart.min()):.0f} to {100 * float(apart.max()):.0f} % apart"


def seams() -> Lines:
    """gabor.md, "Slices and streams": four tones, a random gain for each slice, the level above 4 kHz."""
    length = 8192
    nsgt = NSGT(SR, slice_length=length)
    time = torch.arange(10 * SR, dtype=torch.float64) / SR
    x = torch.stack([torch.sin(2 * math.pi * each * time) for each in (220, 440, 880, 1760)]).sum(0)
    octaves = nsgt(x)
    gains = torch.rand(octaves[0].size(0), 1, 1, 1, generator=torch.Generator().manual_seed(0))
    y = nsgt.inverse([octave * gains for octave in octaves], len(x)).double().numpy()
    high = signal.sosfiltfilt(signal.butter(12, 4000, "high", fs=SR, output="sos"), y)
    place = np.arange(SR, 9 * SR)
    from_seam = np.minimum(place % (length // 2), -place % (length // 2))
    for name, where in (("at the seams", from_seam < 256), ("between them", from_seam >= 256)):
        yield f"{name}: {np.sqrt(np.mean(high[place[where]] ** 2) / np.mean(y**2)):.0e}"


PARTS: "dict[str, Callable[[], Lines]]" = {
    part.__name__: part
    for part in (
        ends,
        without_padding,
        recordings,
        many_bins,
        magnitudes,
        mel_bands,
        neighbours,
        seams,
        learning_rates,
        lengths,
    )
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="hatch run guide", description="Print figures of the guide.")
    parser.add_argument("names", nargs="*", choices=[*PARTS, []], metavar="NAME", help=", ".join(PARTS))
    for name in parser.parse_args().names or PARTS:
        print(f"## {name}\n{(PARTS[name].__doc__ or '').strip()}\n")
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # librosa's
            for text in PARTS[name]():
                print(text, flush=True)
        print()


if __name__ == "__main__":
    main()
