"""examples/cpp: a TorchScript STFT edited and inverted by a C++ program, as by Python."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from tests.hosts import cpp_example, page_commands, run
from tests.tolerances import HOST_CPP

from nnaudio2_core import STFT


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A folder with the program and its STFT."""
    return cpp_example(tmp_path_factory.mktemp("cpp"), "A C\\+\\+ program")


def lowpass(waveform: torch.Tensor, sr: int, cutoff: float) -> torch.Tensor:
    stft = STFT(n_fft=2048, hop_length=512)
    spectrum = stft(waveform[None])
    spectrum[:, int(cutoff / (sr / 2) * 1025) + 1 :] = 0
    return stft.inverse(spectrum, length=len(waveform))[0]


@pytest.mark.parametrize("subtype", ["FLOAT", "PCM_16"])
def test_the_program_agrees_with_python(built, recording, subtype):
    waveform, sr = recording("sir_duke_fast")
    soundfile.write(built / "recording.wav", waveform.numpy(), sr, subtype=subtype)
    run(page_commands("A C\\+\\+ program")[2], built)
    given, _ = soundfile.read(built / "recording.wav", dtype="float32")
    ours, rate = soundfile.read(built / "low.wav", dtype="float32")
    expected = lowpass(torch.from_numpy(given), sr, 1500).numpy()
    assert (rate, ours.shape) == (sr, given.shape)
    assert np.abs(ours - expected).max() <= HOST_CPP * np.abs(expected).max()
    assert np.abs(ours - given).max() > 0.1 * np.abs(given).max()  # something was cut off


def test_each_channel_is_a_clip(built, recording):
    waveform, sr = recording("sir_duke_fast")
    stereo = torch.stack([waveform[:40000], waveform[40000:80000]])
    soundfile.write(built / "recording.wav", stereo.T.numpy(), sr, subtype="FLOAT")
    run(page_commands("A C\\+\\+ program")[2], built)
    ours, _ = soundfile.read(built / "low.wav", dtype="float32")
    for channel in range(2):
        expected = lowpass(stereo[channel], sr, 1500).numpy()
        assert np.abs(ours[:, channel] - expected).max() <= HOST_CPP * np.abs(expected).max()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "usage: lowpass"),
        (["stft.pt", "none.wav", "out.wav", "1500"], 1, "none.wav is not a WAV file"),
        (["stft.pt", "nine.wav", "out.wav", "1500"], 1, "must have at most 8 channels"),
        (["stft.pt", "cut.wav", "out.wav", "1500"], 1, "the file ends too early"),
        (["stft.pt", "mono.wav", "out.wav", "90000"], 1, "CUTOFF_HZ must lie between 0 and half the rate"),
        (["stft.pt", "short.wav", "out.wav", "1500"], 1, "at least min_samples = 1025 samples, got 100"),
    ],
)
def test_what_it_cannot_do_it_says(built, arguments, code, message):
    soundfile.write(built / "mono.wav", np.zeros(4000), 8000)
    soundfile.write(built / "nine.wav", np.zeros((4000, 9)), 8000)
    soundfile.write(built / "short.wav", np.zeros(100), 8000)
    (built / "cut.wav").write_bytes((built / "mono.wav").read_bytes()[:1000])
    (built / "out.wav").unlink(missing_ok=True)
    done = subprocess.run(["./lowpass", *arguments], cwd=built, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert message in done.stderr
    assert not (built / "out.wav").exists()
