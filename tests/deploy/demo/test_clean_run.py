"""TorchScript: quiet, complete, and run where none of our code can be imported."""

import subprocess
import sys
import warnings
from typing import Optional

import pytest
import torch
from torch import Tensor, nn

from nnaudio2_core import STFT, MelSpectrogram
from nnaudio2_deploy import Call, run_in_clean_process, save
from nnaudio2_deploy.artifacts.formats.torchscript import scripted
from nnaudio2_deploy.demo.clean_process import BLOCKED, import_errors


class Refuses(nn.Module):
    """Fails on a clip of one sample, not when it is saved."""

    def forward(self, x: Tensor) -> Tensor:
        if x.size(-1) == 1:
            raise ValueError("one sample is too short")
        return x


class Scales(nn.Module):
    """Takes every kind of argument that a call may carry."""

    def forward(self, x: Tensor, gain: float, negate: bool, times: Optional[int] = None) -> Tensor:
        if times is not None:
            gain = gain * times
        return -gain * x if negate else gain * x


def test_scripting_and_saving_are_silent(tmp_path):
    module = MelSpectrogram(sr=8000, n_fft=256, n_mels=20)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        save(module, tmp_path / "mel.pt", "torchscript")
    assert caught == []
    x = torch.randn(2, 4000)
    assert torch.equal(torch.jit.load(tmp_path / "mel.pt")(x), module(x))


def test_other_warnings_of_a_module_are_heard():
    class Warns(nn.Module):
        def __prepare_scriptable__(self):
            warnings.warn("mind this", UserWarning, stacklevel=2)
            return self

        def forward(self, x: Tensor) -> Tensor:
            return x

    with pytest.warns(UserWarning, match="mind this"):
        scripted(Warns())


def test_modules_and_their_methods_run_in_a_clean_process(tmp_path):
    stft = STFT(n_fft=256, hop_length=64, iSTFT=True)
    file, scales = tmp_path / "stft.pt", tmp_path / "scales.pt"
    save(stft, file, "torchscript")
    save(Scales(), scales, "torchscript", call={"gain": 1.0, "negate": False})
    x = torch.randn(3, 2000)
    X = stft(x)
    run = run_in_clean_process(
        [
            Call(file, (x,)),
            Call(file, (X, True, 2000), "inverse"),
            Call(scales, (x, 0.5, True)),
            Call(scales, (x, 0.5, False, 4)),
            Call(file, (x, "Magnitude")),
        ]
    )
    expected = [X, stft.inverse(X, True, 2000), -0.5 * x, 2.0 * x, stft(x, "Magnitude")]
    assert len(run.results) == len(expected)
    for found, wanted in zip(run.results, expected, strict=True):
        assert torch.allclose(found, wanted, rtol=0, atol=1e-6 * float(wanted.abs().max()))
    assert run.refused.keys() == set(BLOCKED)
    assert "nnaudio2_core" in run.refused["nnaudio2_core"]
    assert run.torch == torch.__version__


def test_the_refusal_is_the_doing_of_the_clean_process():
    # Without the block, the same interpreter in the same isolated mode does import every one of them;
    # so what the proof records is no accident of a missing installation.
    program = "import nnaudio2_core, nnaudio2_deploy, nnAudio"
    subprocess.run([sys.executable, "-I", "-c", program], check=True, timeout=120)
    assert import_errors() == {}


def test_a_failure_in_the_clean_process_is_told(tmp_path):
    save(Refuses(), tmp_path / "refuses.pt", "torchscript")
    with pytest.raises(RuntimeError, match=r"(?s)clean process failed with code 1.*one sample is too short"):
        run_in_clean_process([Call(tmp_path / "refuses.pt", (torch.zeros(1, 1),))])
