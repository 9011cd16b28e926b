"""One step of Adam at the rate that docs/training.md recommends does not raise the loss, for any kernels."""

import re
from pathlib import Path

import pytest
import torch

import nnaudio2_core as core

PAGE = Path(__file__).parents[2] / "docs" / "training.md"
SHARE = float(re.search(r"(\S+) \* parameter\.detach", PAGE.read_text(encoding="utf-8"))[1])
"""The recommended rate, as a share of the rms of the parameter."""

CASES = [
    ("STFT", {"n_fft": 2048, "trainable": True}),
    ("STFT", {"n_fft": 256, "trainable": True}),
    ("STFT", {"freq_scale": "log", "fmax": 8000, "trainable": True}),
    ("iSTFT", {"n_fft": 2048, "trainable_kernels": True}),
    ("iSTFT", {"n_fft": 2048, "trainable_window": True}),
    ("MelSpectrogram", {"trainable_mel": True}),
    ("MelSpectrogram", {"trainable_mel": True, "norm": None}),
    ("MelSpectrogram", {"trainable_STFT": True}),
    ("MFCC", {"trainable_mel": True}),
    ("Gammatonegram", {"trainable_bins": True}),
    ("CQT", {"trainable": True}),
    ("CQT", {"trainable": True, "n_bins": 36, "fmin": 261.0}),
    ("CQT", {"trainable": True, "norm": 2}),
    ("VQT", {"trainable": True, "gamma": 20.0}),
    ("VQT", {"trainable": True, "gamma": 20.0, "algorithm": "octaves"}),
    ("CQT1992", {"trainable_CQT": True}),
    ("CQT1992", {"trainable_STFT": True}),
    ("CQT2010v2", {"trainable": True}),
    ("CQT2010", {"trainable_CQT": True}),
    ("CQT2010", {"trainable_STFT": True}),
]


@pytest.mark.parametrize(("name", "arguments"), CASES, ids=str)
def test_one_step_lowers_the_loss(name, arguments):
    """The target comes from kernels with a tenth of noise, so the loss is small; a coarse step raises it."""
    x = torch.randn(4, 22050) + 2 * torch.sin(2 * torch.pi * 440 * torch.arange(22050) / 22050)
    if name == "iSTFT":
        x = core.STFT(2048)(x)
    module, other = (getattr(core, name)(**arguments) for _ in range(2))
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.mul_(1 + 0.1 * torch.randn_like(parameter))
        target = other(x)
    groups = [
        {"params": parameter, "lr": SHARE * parameter.detach().square().mean().sqrt().item()}
        for parameter in module.parameters()
    ]
    optimizer = torch.optim.Adam(groups)
    losses = []
    for _ in range(2):
        loss = (module(x) - target).square().mean() / target.square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[1] < losses[0]
