"""Sections 5 and 6, and Table 1: the four issues and their fixes."""

import re

import numpy as np
import pytest
import scipy.signal
import torch
from packaging.version import Version
from scipy.signal import windows
from tests import tolerances
from torch import nn

from nnaudio2_core import CFP, STFT, VQT, CombinedFrequencyPeriodicity, CQT1992v2, Inverse, iSTFT

SCALES = ["linear", "log", "log2"]


def test_forward_assigns_no_attribute():
    """Sections 5.1 and 6.1, Table 1 row 1: calls store neither num_samples nor a window sum."""
    stft, istft = STFT(256, iSTFT=True), iSTFT(256)
    before = [dict(vars(module)) for module in (stft, istft)]
    X = stft(torch.randn(1, 2000))
    stft.inverse(X, length=2000)
    istft(X, onesided=True, length=2000)
    for module, attributes in zip((stft, istft), before, strict=True):
        assert vars(module).keys() == attributes.keys()
        assert all(vars(module)[name] is value for name, value in attributes.items())
        assert not hasattr(module, "num_samples")


def test_no_padding_module_is_built():
    """Sections 5.1 and 6.1, Table 1 row 1: padding is a function, not a module."""
    for pad_mode in ("reflect", "constant"):
        stft = STFT(256, pad_mode=pad_mode)
        stft(torch.randn(1, 2000))
        assert [type(module) for module in stft.modules()] == [STFT]
        assert not any(isinstance(m, (nn.ConstantPad1d, nn.ReflectionPad1d)) for m in stft.modules())


@pytest.mark.parametrize("make", [lambda: STFT(256, iSTFT=True), lambda: iSTFT(256)], ids=["STFT", "iSTFT"])
@pytest.mark.parametrize("length", [None, 1900])
def test_optional_arguments_are_narrowed(make, length):
    """Sections 5.1 and 6.1, Table 1 row 1: the length may be None in scripted code."""
    scripted = torch.jit.script(make())
    X = STFT(256)(torch.randn(2, 2000))
    inverse = scripted.inverse if hasattr(scripted, "inverse") else scripted
    y = inverse(X, onesided=True, length=length)
    assert y.shape == (2, 1900 if length else 64 * (X.shape[2] - 1))


@pytest.mark.parametrize("freq_scale", SCALES)
@pytest.mark.filterwarnings("ignore:.*analysis-only:UserWarning")  # told once in a process
def test_inverse_on_other_scales_raises_and_forward_works(freq_scale):
    """Sections 5.2 and 6.2, Table 1 row 2: the call raises a RuntimeError that names an alternative."""
    stft, istft = STFT(256, freq_scale=freq_scale), iSTFT(256, freq_scale=freq_scale)
    X = stft(torch.randn(1, 2000))
    assert X.isfinite().all()
    for call in (lambda: stft.inverse(X), lambda: istft(X, onesided=True)):
        with pytest.raises(RuntimeError, match=rf"freq_scale must be 'no' .*{freq_scale}.*GriffinLim"):
            call()


def test_overlap_add_of_a_log_grid_is_not_the_signal():
    """Section 5.2, Figure 2: the guard prevents a waveform in which only the shape is right."""
    x = torch.randn(1, 8000)
    X = STFT(512, freq_scale="log", freq_bins=257, sr=16000)(x)
    overlapped = iSTFT(512)(X, onesided=True, length=8000)
    assert overlapped.shape == x.shape
    assert (overlapped - x).norm() > 0.9 * x.norm()
    assert (iSTFT(512)(STFT(512)(x), onesided=True, length=8000) - x).abs().max() < 1e-5


def test_log_grid_has_an_inverse_of_its_own():
    """Section 6.2 asks for another method of log-frequency reconstruction; Inverse is one."""
    stft = STFT(512, hop_length=64, sr=8000, freq_scale="log", freq_bins=200, fmin=100, fmax=3000)
    x = torch.cos(2 * torch.pi * 440 * torch.arange(8000) / 8000)
    y = Inverse(stft)(stft(x), length=8000)
    assert (y - x).square().mean() < 1e-4 * x.square().mean()


@pytest.mark.parametrize("make", [CFP, CombinedFrequencyPeriodicity])
def test_cfp_constructs_with_current_scipy(make):
    """Sections 5.3 and 6.3, Table 1 row 3: the window comes from scipy.signal.windows."""
    if Version(scipy.__version__) >= Version("1.13"):
        assert not hasattr(scipy.signal, "blackmanharris")
    cfp = make(fr=4, fs=8000, window_size=1025)
    window = windows.blackmanharris(1025)
    ours = cfp.window.double().sum(0).numpy()
    assert np.abs(ours / ours.max() - window / window.max()).max() < 1e-12
    result = cfp(torch.randn(1, 8000))
    assert all(part.isfinite().all() for part in (result if isinstance(result, tuple) else (result,)))


def test_cfp_is_rectified():
    """Section 6.3: the ReLU is preserved; no layer is negative."""
    parts = CombinedFrequencyPeriodicity(fr=4, fs=8000, window_size=1025)(torch.randn(1, 8000))
    assert all((part >= 0).all() for part in parts)


@pytest.mark.parametrize("output_format", ["Magnitude", "Complex", "Phase"])
def test_vqt_with_gamma_0_is_the_cqt(output_format):
    """Sections 5.4 and 6.4, Table 1 row 4: with gamma = 0 both are equal, bit for bit."""
    arguments = {"sr": 16000, "hop_length": 160, "fmin": 100.0, "n_bins": 48, "output_format": output_format}
    x = torch.randn(2, 8000)
    assert torch.equal(VQT(**arguments, gamma=0)(x), CQT1992v2(**arguments)(x))


def test_vqt_lengths_follow_equation_2():
    """Section 3.3, equation 2: the bandwidth is alpha f_k + gamma, constant-Q for gamma = 0."""
    arguments = {"sr": 16000, "hop_length": 160, "fmin": 100.0, "n_bins": 48}
    alpha = 2 ** (1 / 12) - 1
    for gamma in (0.0, 5.0, 20.0):
        vqt = VQT(**arguments, gamma=gamma)
        bandwidth = alpha * vqt.frequencies.numpy() + gamma
        assert np.array_equal(vqt.lengths.numpy(), np.ceil(16000 / bandwidth))


@pytest.mark.filterwarnings("ignore:.*analysis-only:UserWarning")  # told once in a process
def test_errors_state_the_limitation_clearly():
    """Section 6.2: the message names the parameter, its value and the reliable setting."""
    with pytest.raises(RuntimeError) as caught:
        iSTFT(256, freq_scale="log")(torch.zeros(1, 129, 9, 2), onesided=True)
    assert re.search(r"freq_scale must be 'no' to invert by overlap-add, got 'log'", str(caught.value))


def test_frozen_and_trainable_scripted_stft_agree():
    """Section 6.1: torch.jit.script(STFT(..., iSTFT=True)) succeeds and both methods run."""
    x = torch.randn(2, 2000)
    for trainable in (False, True):
        scripted = torch.jit.script(STFT(256, iSTFT=True, trainable=trainable))
        X = scripted(x)
        y = scripted.inverse(X, True, 2000)
        assert (y - x).abs().max() <= tolerances.ROUND_TRIP_FLOAT32 * x.abs().max()
