"""Gradients of signals that have decayed to nearly zero: finite, though derivatives at subnormals are not."""

import pytest
import torch

from nnaudio2_core import CQT, STFT, GriffinLim, MelSpectrogram

TRANSFORMS = {
    "STFT": lambda: STFT(512, hop_length=128, output_format="Magnitude"),
    "mel": lambda: MelSpectrogram(16000, 512, power=1.0),
    "mel, a root": lambda: MelSpectrogram(16000, 512, power=0.1),
    "CQT": lambda: CQT(16000, fmin=100.0, n_bins=24),
}


@pytest.mark.parametrize("level", [1e-32, 1e-34, 1e-37, 1e-38, 1e-40, 1e-42])
@pytest.mark.parametrize("name", TRANSFORMS)
def test_subnormal_magnitudes(name, level):
    generator = torch.Generator().manual_seed(0)
    for x in (torch.ones(1, 8000), torch.randn(1, 8000, generator=generator)):
        x = (level * x).requires_grad_()
        TRANSFORMS[name]()(x).sum().backward()
        assert x.grad.isfinite().all()


@pytest.mark.parametrize("silent", [slice(None), slice(4, 12)])
def test_griffin_lim_of_silent_frames(silent):
    S = torch.rand(1, 257, 20, generator=torch.Generator().manual_seed(0))
    S[:, :, silent] = 0.0
    S.requires_grad_()
    GriffinLim(512, 4, power=2.0)(S).sum().backward()
    assert S.grad.isfinite().all()


def test_griffin_lim_of_a_click():
    x = torch.zeros(1, 4000)
    x[0, 2000] = 1.0
    S = STFT(512, output_format="Magnitude")(x).requires_grad_()
    GriffinLim(512, 32)(S).square().sum().backward()
    assert S.grad.isfinite().all()
