"""Every public method checks like ``forward``: the same shapes and types, refused by name."""

import datetime

import numpy as np
import pytest
import torch
from tests.contracts.cases import assert_close, entries
from tests.contracts.registry import ENTRIES

import nnaudio2_core as core

LINEAR = [entry for entry in ENTRIES if hasattr(entry.make, "analysis") and entry.kind == "waveform"]
linear = pytest.mark.parametrize("entry", LINEAR, ids=lambda entry: entry.name)
WITH_ADJOINT = [entry for entry in LINEAR if hasattr(entry.make, "adjoint") and entry.engines]
adjoints = pytest.mark.parametrize("entry", WITH_ADJOINT, ids=lambda entry: entry.name)


@linear
def test_analysis_takes_what_forward_takes(entry):
    module = entry.build()
    x = entry.input(2, 3)
    X = module.analysis(x)
    assert_close(X[1, 2], module.analysis(x[1, 2]), entry.batch_bound)
    assert torch.jit.script(module).analysis(x).shape == X.shape
    assert module.analysis(x.half()).dtype == torch.float16
    assert module.analysis(x[:0]).shape == (0, *X.shape[1:])
    for wrong in (x.long(), x.to(torch.float8_e4m3fn), None, x.numpy(), x.to_sparse()):
        with pytest.raises(TypeError, match=r"^x must be a "):
            module.analysis(wrong)
    for wrong in (x[..., :0], x[..., : module.min_samples - 1], torch.tensor(1.0)):
        with pytest.raises(ValueError, match=r"^x must have "):
            module.analysis(wrong)


@adjoints
def test_adjoint_checks_bins_frames_and_length(entry):
    module = entry.build()
    X = torch.randn_like(module.analysis(entry.input(2)))
    y = module.adjoint(X, entry.time)
    assert y.shape == (2, entry.time)
    assert_close(module.adjoint(X[:, None], np.int64(entry.time))[:, 0], y, 1e-6)
    assert_close(module.adjoint(torch.view_as_complex(X.contiguous()), entry.time), y, 1e-6)
    assert module.adjoint(X[:0], entry.time).shape == (0, entry.time)
    more = torch.cat([X, X], 1)
    for wrong in (more, X[:, :-1], X[:, :, :-1], X[..., :1], X[..., 0], X[:, :0]):
        with pytest.raises(ValueError, match=r"^X must have "):
            module.adjoint(wrong, entry.time)
    with pytest.raises(ValueError, match="min_samples"):
        module.adjoint(X, module.min_samples - 1)
    for wrong in (float("nan"), "5", None, True, [3000]):
        with pytest.raises(TypeError, match=r"^length must be an integer, got "):
            module.adjoint(X, wrong)
    for wrong in (None, X.long(), X.numpy()):
        with pytest.raises(TypeError, match=r"^X must be a "):
            module.adjoint(wrong, entry.time)


@entries
def test_n_frames_takes_integers_only(entry):
    module = entry.build()
    if not hasattr(module, "n_frames"):
        return
    expected = module.n_frames(entry.time)
    for time in (np.int16(entry.time), torch.tensor(entry.time)):
        assert module.n_frames(time) == expected
    for wrong in (float("nan"), 3000.0, "3000", None, True, np.timedelta64(3000, "s"), torch.ones(2)):
        with pytest.raises(TypeError, match=r"^time must be an integer, got "):
            module.n_frames(wrong)


@entries
def test_float8_is_no_audio(entry):
    module = entry.build()
    with pytest.raises(TypeError, match=r"^[xXS] must be a .*float8"):
        module(entry.input(1).to(torch.float8_e5m2), **entry.call)


@pytest.mark.parametrize("length", [np.int8(5), np.uint64(5), torch.tensor(5)], ids=repr)
def test_scalars_as_arguments_of_a_call(length):
    istft = core.iSTFT(64, hop_length=16)
    X = core.STFT(64, hop_length=16)(torch.randn(300))
    assert torch.equal(istft(X, length=length), istft(X, length=5))
    assert torch.equal(istft(X, onesided=np.True_), istft(X, onesided=True))
    S = X.square().sum(-1)
    assert core.GriffinLim(64, 2, hop_length=16)(S, length=length).shape == (5,)
    assert core.STFT(64, return_complex=np.True_)(torch.randn(300), return_complex=np.False_).dtype == S.dtype


def test_scalars_as_arguments_of_a_constructor():
    x = torch.randn(1, 4000)
    plain = core.CFP(fr=16, fs=4000, hop_length=100, window_size=129, fc=80.0, tc=0.001, g=[0.24, 0.6, 1])
    given = core.CFP(
        fr=np.float32(16),
        fs=torch.tensor(4000),
        hop_length=np.int8(100),
        window_size=torch.tensor(129),
        fc=torch.tensor(80.0),
        tc=np.longdouble(0.001),
        g=torch.tensor([0.24, 0.6, 1], dtype=torch.float64),
    )
    assert torch.equal(given(x), plain(x))
    assert given.config == plain.config
    durations = (np.timedelta64(80, "s"), np.timedelta64(80, "ns"))
    for value in (np.complex64(80), *durations, True, torch.tensor(True)):
        with pytest.raises(TypeError, match=r"^fc must be a number, got "):
            core.CFP(fc=value)
    with pytest.raises(TypeError, match=r"^fc must be a number, got "):
        core.CFP(fc=datetime.timedelta(1))
    with pytest.raises(TypeError, match="hop_length must be an integer, got"):
        core.STFT(hop_length=np.timedelta64(80, "ns"))


@pytest.mark.parametrize("window", [True, np.True_, np.timedelta64(3, "ns"), None, lambda n: n, 1j])
def test_windows_that_are_none(window):
    for make in (core.STFT, core.iSTFT, core.MelSpectrogram, core.GriffinLim, core.CQT, core.iCQT):
        with pytest.raises(ValueError, match="window must be one that scipy"):
            make(window=window)


def test_a_config_shares_no_memory():
    window = ["kaiser", 4.0]
    stft = core.STFT(64, window=window, freq_scale="log", freq_bins=20)
    window[1] = 8.0
    stft.config["window"][1] = 9.0
    assert stft.config["window"] == ["kaiser", 4.0]
    inverse = core.Inverse(stft)
    inverse.config["transform"]["config"]["n_fft"] = 3
    inverse.config["transform"]["config"]["window"][1] = 3
    assert inverse.config["transform"] == {"type": "STFT", "config": stft.config}
    given = {"type": "STFT", "config": stft.config}
    rebuilt = core.Inverse(given)
    given["config"]["n_fft"] = 3
    assert rebuilt.config == inverse.config


@pytest.mark.parametrize("norm", ["ortho", True, 2, "x"])
def test_mfcc_names_its_mel_norm(norm):
    with pytest.raises(ValueError, match=r"^mel_norm must be 'slaney' \(or 1\) or None, got "):
        core.MFCC(mel_norm=norm)
