"""The demo's figures against computations of their own, and its behaviour at the edges."""

import os
import re
import subprocess
import sys

import librosa
import numpy as np
import pytest
import torch
import torchaudio
from tests.tolerances import (
    PEER_FFT_FLOAT32,
    PEER_MEL_FLOAT32,
    PEER_MFCC_FLOAT32,
    SCRIPTED_FLOAT32,
    SCRIPTED_GRIFFIN_LIM,
    STREAM_FLOAT32,
)
from typer.testing import CliRunner

import nnaudio2_core as core
import nnaudio2_deploy.demo.run as demo
from nnaudio2_deploy import CleanRun
from nnaudio2_deploy.commands.cli import app
from nnaudio2_deploy.demo.rows import ROWS
from nnaudio2_deploy.one_of_each import Sizes

N_FFT, HOP = 2048, 512


@pytest.fixture(scope="module")
def x(recording) -> torch.Tensor:
    waveform, sr = recording("sir_duke_fast")
    assert sr == 44100
    return waveform


def test_the_demo_succeeds(demo_run):
    assert demo_run.exit_code == 0
    assert [path.name for path in demo_run.folder.iterdir()] == ["report.html"]
    assert list(demo_run.outcomes) == [row.name for row in ROWS]
    assert str(demo_run.folder / "report.html") in demo_run.stdout.replace("\n", "")


def test_shapes_are_those_of_the_definition(demo_run, x):
    frames = 1 + len(x) // HOP
    expected = {
        "STFT": (1025, frames, 2),
        "iSTFT": (len(x),),
        "MelSpectrogram": (128, frames),
        "MFCC": (20, frames),
        "Gammatonegram": (64, frames),
        "CQT": (int(12 * np.log2(0.45 * 44100 / 32.7)), 1 + len(x) // (HOP // 8), 2),
        "VQT": (int(12 * np.log2(0.45 * 44100 / 32.7)), 1 + len(x) // (HOP // 8), 2),
        "CFP": (int(48 * np.log2(1000 / 80)), 1 + len(x) // (2 * HOP)),
        "GriffinLim": (len(x),),
    }
    assert {name: demo_run.outcomes[name].shape for name in expected} == expected


def test_the_round_trip_is_exact_to_rounding(demo_run, x):
    for name in ("STFT", "iSTFT", "NSGT"):
        y = demo_run.outcomes[name].reconstruction
        error = (y - x).double()
        # the project's promise for float32
        assert error.abs().max() <= 1e-5 * x.abs().max()
        snr = 10 * np.log10(np.sum(x.double().numpy() ** 2) / np.sum(error.numpy() ** 2))
        assert demo_run.outcomes[name].snr == pytest.approx(snr, abs=1e-6)
        assert snr > 120


def test_the_inverse_cqt_is_reported_as_it_is(demo_run, x):
    outcome = demo_run.outcomes["iCQT"]
    signal, y = x.double().numpy(), outcome.reconstruction.double().numpy()
    snr = 10 * np.log10(np.sum(signal**2) / np.sum((signal - y) ** 2))
    assert outcome.snr == pytest.approx(snr, abs=1e-6)
    assert snr > 35  # 38.2 was measured; the recording has little outside the bins


def test_a_stream_is_compared_with_the_whole_recording(demo_run):
    outcome = demo_run.outcomes["CQT"]
    (remark,) = outcome.remarks
    assert remark in demo_run.stdout.replace("\n", " ").replace("  ", " ")
    assert float(re.search(r"recording by (\S+) of the maximum", remark).group(1)) <= STREAM_FLOAT32
    assert outcome.streamed_picture
    assert not demo_run.outcomes["VQT"].streamed_picture


def test_griffin_lim_is_reported_as_it_is(demo_run, x):
    outcome = demo_run.outcomes["GriffinLim"]
    y = outcome.reconstruction.double().numpy()
    signal = x.double().numpy()
    assert outcome.snr == pytest.approx(
        10 * np.log10(np.sum(signal**2) / np.sum((signal - y) ** 2)), abs=1e-6
    )

    def magnitude(samples):
        return np.abs(librosa.stft(samples, n_fft=N_FFT, hop_length=HOP, pad_mode="reflect"))

    S = magnitude(signal)
    convergence = 20 * np.log10(np.linalg.norm(magnitude(y) - S) / np.linalg.norm(S))
    (remark,) = outcome.remarks
    assert f"after 32 steps: {convergence:.1f} dB" in remark
    assert convergence < -20  # what 32 steps of fast Griffin-Lim reach on music
    assert remark in demo_run.stdout.replace("\n", " ").replace("  ", " ")


def test_peer_errors_are_those_of_the_peers(demo_run, x):
    mel_arguments = {
        "n_fft": N_FFT,
        "hop_length": HOP,
        "n_mels": 128,
        "norm": "slaney",
        "mel_scale": "slaney",
    }
    pairs = {
        "STFT": (
            core.STFT(N_FFT, hop_length=HOP)(x),
            torch.view_as_real(
                torch.stft(x, N_FFT, HOP, window=torch.hann_window(N_FFT), return_complex=True)
            ),
        ),
        "MelSpectrogram": (
            core.MelSpectrogram(44100, N_FFT, hop_length=HOP)(x),
            torchaudio.transforms.MelSpectrogram(44100, **mel_arguments)(x),
        ),
        "MFCC": (
            core.MFCC(44100, 20, n_fft=N_FFT, hop_length=HOP)(x),
            torchaudio.transforms.MFCC(44100, 20, melkwargs=mel_arguments)(x),
        ),
    }
    limits = {"STFT": PEER_FFT_FLOAT32, "MelSpectrogram": PEER_MEL_FLOAT32, "MFCC": PEER_MFCC_FLOAT32}
    for name, (ours, theirs) in pairs.items():
        error = float((ours - theirs).abs().max() / theirs.abs().max())
        assert demo_run.outcomes[name].peer_error == pytest.approx(error, rel=0.5, abs=1e-8)
        assert demo_run.outcomes[name].peer_error <= limits[name]
    assert demo_run.outcomes["iSTFT"].peer_error <= PEER_FFT_FLOAT32
    assert demo_run.outcomes["Gammatonegram"].peer_error is None
    assert demo_run.outcomes["GriffinLim"].peer_error is None


def test_scripted_modules_give_what_eager_ones_give(demo_run):
    for name, outcome in demo_run.outcomes.items():
        assert outcome.scripted_error <= (SCRIPTED_GRIFFIN_LIM if name == "GriffinLim" else SCRIPTED_FLOAT32)


def test_times_are_measured(demo_run):
    assert all(outcome.milliseconds > 0 for outcome in demo_run.outcomes.values())


def test_a_stereo_mp3_through_the_real_command(tmp_path, make_audio):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (16000, 2))
    audio = make_audio("[b]noise <i>& co.mp3", noise, 16000, "MPEG_LAYER_III")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from nnaudio2_deploy.commands.cli import app; app()",
            "demo",
            "--audio",
            str(audio),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},  # a terminal that knows neither × nor boxes
        capture_output=True,
        timeout=300,
        check=False,
    )
    stdout, stderr = done.stdout.decode("ascii"), done.stderr.decode("ascii")
    assert done.returncode == 0, stderr
    assert "Warning" not in stdout + stderr  # torch's notices about TorchScript among them
    page = (tmp_path / "demo" / "report.html").read_text(encoding="utf-8")
    assert "mixed down to mono: the mean of 2 channels" in page
    assert "mixed down to mono" in stdout.replace("\n", " ")
    assert "[b]noise <i>& co.mp3: 1.00 s at 16000 Hz" in stdout
    assert "noise &lt;i&gt;&amp; co.mp3" in page
    assert "<i>" not in page
    assert "CC BY" not in page


@pytest.fixture
def same_process(monkeypatch):
    """Scripted modules run here, not in a process of their own: for tests of something else, it is faster."""

    def run(calls):
        # As there: what TorchScript has seen gradients of, in another test, may ask for some where none are.
        with torch.no_grad():
            results = [getattr(torch.jit.load(call.file), call.method)(*call.inputs) for call in calls]
        return CleanRun(results, {"nnaudio2_core": "not tried"}, sys.version.split()[0], torch.__version__)

    monkeypatch.setattr(demo, "run_in_clean_process", run)


def run_on(audio, out) -> str:
    result = CliRunner().invoke(
        app, ["demo", "--audio", str(audio), "--out", str(out)], catch_exceptions=False
    )
    assert result.exit_code == 0
    return result.stdout


def test_the_shortest_clip_works_and_one_sample_less_does_not(tmp_path, make_audio, same_process):
    sizes = Sizes.for_rate(8000)
    shortest = max(sizes.n_fft, *(getattr(row.build(sizes), "min_samples", 1) for row in ROWS))
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, shortest)
    run_on(make_audio("short.wav", noise), tmp_path / "out")
    result = CliRunner().invoke(
        app, ["demo", "--audio", str(make_audio("shorter.wav", noise[1:])), "--out", str(tmp_path / "none")]
    )
    assert result.exit_code == 2
    assert f"has {shortest - 1} samples, at least {shortest} are needed (" in result.stderr


def test_silence_works(tmp_path, make_audio, same_process):
    stdout = run_on(make_audio("silence.wav", np.zeros(8000)), tmp_path / "out")
    assert "nan" not in stdout
    assert "inf" not in stdout


def test_without_torchaudio_the_rest_is_shown_with_a_warning(tmp_path, make_audio, monkeypatch, same_process):
    monkeypatch.setitem(sys.modules, "torchaudio", None)
    monkeypatch.delitem(sys.modules, "torchaudio.transforms", raising=False)
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 8000)
    audio = make_audio("noise.wav", noise)
    result = CliRunner().invoke(app, ["demo", "--audio", str(audio), "--out", str(tmp_path / "out")])
    assert result.exit_code == 0
    assert (
        result.stderr.replace("\n", " ").count("Warning: a comparison with torchaudio needs torchaudio") == 1
    )
    page = (tmp_path / "out/report.html").read_text("utf-8")
    assert 'class="warning">a comparison with torchaudio needs torchaudio' in page


@pytest.mark.parametrize(
    ("sr", "n_fft"), [(4000, 256), (8000, 512), (16000, 1024), (22050, 1024), (44100, 2048), (96000, 4096)]
)
def test_frames_are_a_power_of_two_near_46_ms(sr, n_fft):
    sizes = Sizes.for_rate(sr)
    assert (sizes.n_fft, sizes.hop_length) == (n_fft, n_fft // 4)
    assert 0.046 / 2**0.5 <= n_fft / sr <= 0.046 * 2**0.5


@pytest.mark.parametrize("sr", [4000, 11025, 48000, 192000])
def test_every_row_can_be_built_at_common_rates(sr):
    sizes = Sizes.for_rate(sr)
    for row in ROWS:
        row.build(sizes)


def test_timing_takes_the_median_of_warm_calls(monkeypatch):
    ticks = iter([0.0, 0.5, 1.0, 1.1, 2.0, 2.2, 3.0, 3.3])
    monkeypatch.setattr(demo, "TIMED_CALLS", 3)
    monkeypatch.setattr(demo, "TIMED_SECONDS", 10.0)
    monkeypatch.setattr(demo.time, "perf_counter", lambda: next(ticks))
    result, milliseconds = demo._time(torch.nn.Identity(), (torch.ones(1),))
    assert milliseconds == pytest.approx(200.0)
    assert result == 1


def test_timing_of_a_long_call_makes_no_second_one(monkeypatch):
    ticks = iter([0.0, 5.0])
    monkeypatch.setattr(demo.time, "perf_counter", lambda: next(ticks))
    assert demo._time(torch.nn.Identity(), (torch.ones(1),))[1] == 5000
