"""examples/cpp/realtime: a stream in blocks of 64 samples on a real-time thread, as offline in Python."""

import re
import subprocess

import numpy as np
import pytest
import soundfile
import torch
import torch.nn.functional as F
from tests.hosts import cpp_example, page_commands, run
from tests.tolerances import STREAM_FLOAT32

from nnaudio2_core import STFT, iSTFT

N_FFT, HOP, KEPT = 512, 64, 40


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder with the program and its stream."""
    return cpp_example(tmp_path_factory.mktemp("realtime"), "A real-time host in C\\+\\+")


def offline(waveform: torch.Tensor) -> torch.Tensor:
    """The edit of a whole clip. Zeros around it: a stream scales its ends as all other samples."""
    X = STFT(N_FFT, hop_length=HOP)(F.pad(waveform, [N_FFT, 2 * N_FFT])[None])
    X[:, KEPT:] = 0
    return iSTFT(N_FFT, hop_length=HOP)(X)[0, N_FFT : N_FFT + len(waveform)]


def test_the_program_agrees_with_the_whole_clip_and_allocates_nothing(built, recording):
    waveform, sr = recording("sir_duke_fast")
    waveform = waveform[: 2 * sr + 7]
    soundfile.write(built / "recording.wav", waveform.numpy(), sr, subtype="FLOAT")
    said = run(page_commands("A real-time host in C\\+\\+")[2].replace("600", "5"), built)
    low, rate = soundfile.read(built / "low.wav", dtype="float32")
    expected = offline(waveform).numpy()
    assert (rate, low.shape) == (sr, expected.shape)
    assert np.abs(low - expected).max() <= STREAM_FLOAT32 * np.abs(expected).max()
    assert np.abs(low - waveform.numpy()).max() > 0.1 * np.abs(expected).max()  # something was cut off
    blocks = -(-max(len(waveform) + N_FFT - HOP, 5 * sr) // HOP)
    assert re.search(
        rf"^{blocks} blocks of 64 samples, .* us each, on (a real-time|an ordinary) thread", said
    )
    median, worst = map(
        float, re.search(r"median ([\d.e+]+) us, 99.9 % .* us, worst ([\d.e+]+) us", said).groups()
    )
    assert 0 < median <= worst
    assert "delay 448 samples" in said
    assert "\n0 allocations outside of the model" in said


def test_what_it_cannot_do_it_says(built):
    for arguments, code, message in (
        ([], 2, "usage: realtime"),
        (["stream.pt", "none.wav", "out.wav"], 1, "none.wav is not a WAV file"),
    ):
        done = subprocess.run(
            ["./realtime", *arguments], cwd=built, capture_output=True, text=True, check=False
        )
        assert done.returncode == code
        assert message in done.stderr
