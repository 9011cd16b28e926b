"""Learning rates by transform, the table of training.md: one step of Adam, at rates from 1e-9 to 0.3.

The input is noise and a tone, one second. The target is what the same transform returns after each trained
value is changed by noise, a tenth of the rms of its parameter.
"""

import copy
from collections.abc import Iterator
from typing import Any, Callable

import torch
from torch import Tensor, nn

from nnaudio2_core import (
    CQT,
    CQT1992,
    CQT2010,
    MFCC,
    STFT,
    VQT,
    CQT2010v2,
    Gammatonegram,
    MelSpectrogram,
    iSTFT,
)

from .clips import SR
from .table import line

RATES = [digit * 10.0**power for power in range(-9, 0) for digit in (1, 3)]
SHARE = 3e-4
"""Of the rule on the page: the rate of a parameter is this share of its rms."""


def cases() -> "Iterator[tuple[str, nn.Module]]":
    """Names and transforms: every trainable class, with default arguments where none are named."""
    magnitude: dict[str, Any] = {"trainable": True, "output_format": "Magnitude"}
    yield "`STFT`, `n_fft` 2048", STFT(**magnitude)
    yield "`STFT`, `n_fft` 256", STFT(256, **magnitude)
    yield "`iSTFT`, kernels", iSTFT(trainable_kernels=True)
    yield "`iSTFT`, window", iSTFT(trainable_window=True)
    yield "`MelSpectrogram`, filters", MelSpectrogram(trainable_mel=True)
    yield "`MelSpectrogram`, `norm=None`, filters", MelSpectrogram(norm=None, trainable_mel=True)
    yield "`MelSpectrogram`, Fourier kernels", MelSpectrogram(trainable_STFT=True)
    yield "`MFCC`, filters", MFCC(trainable_mel=True)
    yield "`Gammatonegram`, filters", Gammatonegram(trainable_bins=True)
    yield "`CQT`", CQT(**magnitude)
    yield "`CQT`, 36 bins from 261 Hz", CQT(n_bins=36, fmin=261.0, **magnitude)
    yield "`CQT`, 36 bins, `norm=2`", CQT(n_bins=36, fmin=261.0, norm=2, **magnitude)
    yield "`VQT`, `gamma` 20", VQT(gamma=20, **magnitude)
    yield "`VQT`, `gamma` 20, octave by octave", VQT(gamma=20, algorithm="octaves", **magnitude)
    yield "`CQT2010v2`", CQT2010v2(**magnitude)
    for kind in (CQT1992, CQT2010):
        yield f"`{kind.__name__}`, spectra", kind(trainable_CQT=True, output_format="Magnitude")
        yield f"`{kind.__name__}`, Fourier kernels", kind(trainable_STFT=True, output_format="Magnitude")


def rms(parameter: Tensor) -> float:
    return float(parameter.detach().square().mean().sqrt())


def two_steps(transform: nn.Module, x: Tensor) -> "tuple[dict[float, float], float]":
    """Loss after one step relative to that before it: by rate, and with the rates of the rule."""
    other = copy.deepcopy(transform)
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter += 0.1 * rms(parameter) * torch.randn_like(parameter)
        target = other(x)
    before = (transform(x) - target).square().mean()
    gradients = torch.autograd.grad(before, list(transform.parameters()))

    def after(rate_of: "Callable[[Tensor], float]") -> float:
        stepped = copy.deepcopy(transform)
        for parameter, gradient in zip(stepped.parameters(), gradients, strict=True):
            parameter.grad = gradient
        rates = [{"params": [each], "lr": rate_of(each)} for each in stepped.parameters()]
        torch.optim.Adam(rates).step()
        with torch.no_grad():
            return float((stepped(x) - target).square().mean() / before.detach())

    return {rate: after(lambda _, rate=rate: rate) for rate in RATES}, after(lambda each: SHARE * rms(each))


def clip() -> Tensor:
    """Noise and a tone of 440 Hz, one second: ``(1, time)``."""
    torch.manual_seed(0)
    tone = torch.sin(2 * torch.pi * 440 * torch.arange(SR) / SR)
    return (0.3 * torch.randn(SR) + tone)[None]


def span(values: "list[float]") -> str:
    """The least and the greatest of some values, or one if they are the same to one digit."""
    low, high = (f"{value:.0e}" for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


def learning_rates() -> "Iterator[str]":
    """training.md, "Learning rates": one step of Adam."""
    yield line(["transform", "rms", "best rate", "largest", "rule", "loss after the rule"])
    for name, transform in cases():
        by_rate, by_rule = two_steps(transform, STFT()(clip()) if isinstance(transform, iSTFT) else clip())
        sizes = [rms(parameter) for parameter in transform.parameters()]
        yield line(
            [
                name,
                span(sizes),
                f"{min(by_rate, key=by_rate.__getitem__):.0e}",
                f"{max(rate for rate in RATES if by_rate[rate] <= 1):.0e}",
                span([SHARE * size for size in sizes]),
                f"{by_rule:.3f}",
            ]
        )
