"""The cross-check: its grid, its bounds, its output, and its power to find errors."""

import re
import sys

import numpy as np
import pytest
import torch
from tests.hosts import page_commands, run
from typer.testing import CliRunner

import nnaudio2_core as core
import nnaudio2_deploy
from nnaudio2_deploy import crosschecks
from nnaudio2_deploy.commands.cli import app
from nnaudio2_deploy.crosschecks import torch_peers, torchaudio_peers
from nnaudio2_deploy.crosschecks.peer import NoCounterpart, PeerMissing, Translation
from nnaudio2_deploy.crosschecks.run import CrossCheck, crosscheck
from nnaudio2_deploy.crosschecks.subjects import SUBJECTS
from nnaudio2_deploy.crosschecks.table import not_compared

N_FFT, HOP = 512, 128


@pytest.fixture(scope="module")
def report() -> CrossCheck:
    return crosscheck()


def test_everything_is_within_its_bound(report):
    above = [one for one in report.comparisons if not one.passed]
    assert above == []
    assert report.passed
    assert report.missing == {}
    assert report.lacking == ["librosa.stft has no pad_mode='circular'"]


def test_each_transform_meets_every_peer_it_has(report):
    met = {(one.subject.name, one.peer.library) for one in report.comparisons}
    assert met == {
        ("STFT", "torch"),
        ("STFT", "librosa"),
        ("iSTFT", "torch"),
        ("iSTFT", "librosa"),
        ("MelSpectrogram", "torchaudio"),
        ("MelSpectrogram", "librosa"),
        ("MFCC", "torchaudio"),
        ("MFCC", "librosa"),
        ("GriffinLim", "torchaudio"),
        ("GriffinLim", "librosa"),
        ("decibels", "torchaudio"),
        ("decibels", "librosa"),
        ("CQT", "librosa"),
        ("VQT", "librosa"),
    }
    assert {tuple(one.errors) for one in report.comparisons} == {("noise", "tones", "recording")}


def test_the_grid_varies_what_was_promised():
    grids = {subject.name: subject.grid for subject in SUBJECTS}
    varied = {(point["htk"], point.get("norm", "slaney")) for point in grids["MelSpectrogram"]}
    assert varied == {(htk, norm) for htk in (False, True) for norm in ("slaney", None)}
    assert {point.get("power") for point in grids["MelSpectrogram"]} >= {1.0, 2.0}
    assert {point.get("window") for point in grids["STFT"]} >= {"hann", "hamming"}
    assert {point.get("center") for point in grids["iSTFT"]} >= {None, False}


# Each of these is the peer's own default, and what a user gets who does not translate.
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("MelSpectrogram", {"htk": True}),
        ("MelSpectrogram", {"norm": None}),
        ("MelSpectrogram", {"power": 2.0}),
        ("MFCC", {"norm": None}),
        ("MFCC", {"mel_norm": None}),
        ("STFT", {"pad_mode": "constant"}),
        ("STFT", {"window": "hamming"}),
        ("iSTFT", {"center": False, "window": "hamming"}),
        ("GriffinLim", {"momentum": 0.0, "init": "random"}),
        ("decibels", {"top_db": 30.0}),
    ],
)
def test_another_meaning_of_an_argument_is_above_the_bound(name, wrong, recording):
    subject = next(subject for subject in SUBJECTS if subject.name == name)
    waveform, sr = recording("sir_duke_fast")
    x = waveform[sr : 2 * sr]
    rate = {"sr": sr} if subject.rated else {}
    right = subject.build(**subject.grid[0], **rate)
    different = subject.build(**{**subject.grid[0], **wrong}, **rate)
    inputs = subject.feed(x, right.config)
    theirs = subject.peers[0](right.config, *inputs)
    assert subject.error(right(*inputs), theirs, right.config, inputs) <= subject.bound
    assert subject.error(different(*inputs), theirs, right.config, inputs) > subject.bound


def test_an_error_above_its_bound_is_marked_and_ends_in_exit_code_1(monkeypatch):
    stft = core.STFT.forward
    monkeypatch.setattr(core.STFT, "forward", lambda self, x: stft(self, x) * 1.001)
    result = CliRunner().invoke(app, ["crosscheck"], env={"COLUMNS": "100"})
    assert result.exit_code == 1
    assert [line.split()[:2] for line in result.stdout.splitlines() if "above" in line] == [
        ["STFT", "torch"],
        ["STFT", "librosa"],
    ]


def test_the_command_prints_errors_bounds_and_the_mapping(report, monkeypatch):
    monkeypatch.setattr(crosschecks.run, "crosscheck", lambda audio: report)
    result = CliRunner().invoke(app, ["crosscheck"], env={"COLUMNS": "100"})
    assert (result.exit_code, result.stderr) == (0, "")
    assert re.search(r"MFCC +torchaudio +16 +\S+e-0\d +\S+e-0\d +\S+e-0\d +2e-05", result.stdout)
    assert re.search(r"fmin +f_min", result.stdout)
    assert re.search(r"htk=True +mel_scale='htk'", result.stdout)
    assert re.search(r"window='hann' +window_fn=torch.hann_window", result.stdout)
    said = " ".join(result.stdout.split())
    assert "Not compared with torch or torchaudio: AmplitudeToDB, CFP, Chroma, ChromaCQT," in said


def test_every_gives_each_set_of_arguments_a_line(report, monkeypatch):
    monkeypatch.setattr(crosschecks.run, "crosscheck", lambda audio: report)
    result = CliRunner().invoke(app, ["crosscheck", "--every"], env={"COLUMNS": "160"})
    assert result.exit_code == 0
    assert len(re.findall(r"^ *MFCC +torchaudio +n_mfcc=", result.stdout, flags=re.MULTILINE)) == 16


def test_what_has_no_counterpart():
    assert {"CQT", "VQT", "iCQT", "CFP", "Gammatonegram"} <= set(not_compared())
    assert not {"STFT", "iSTFT", "MelSpectrogram", "MFCC", "GriffinLim"} & set(not_compared())


def without(monkeypatch, library: str) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)


def test_without_torchaudio_one_message_and_the_rest_goes_on(monkeypatch):
    without(monkeypatch, "torchaudio")
    result = CliRunner().invoke(app, ["crosscheck"], env={"COLUMNS": "100"})
    assert result.exit_code == 1
    assert result.stderr.count("needs torchaudio: pip install 'nnaudio2-deploy[crosscheck]'") == 1
    assert re.search(r"STFT +torch +19", result.stdout)
    assert not re.search(r"MFCC +torchaudio +16", result.stdout)


def test_without_librosa_the_rest_is_enough(monkeypatch):
    without(monkeypatch, "librosa")
    result = CliRunner().invoke(app, ["crosscheck"], env={"COLUMNS": "100"})
    assert result.exit_code == 0
    assert result.stderr.count("needs librosa: pip install 'nnaudio2-deploy[crosscheck]'") == 1
    assert not re.search(r"STFT +librosa +\d+ ", result.stdout)


def test_a_torchaudio_that_does_not_fit_is_told_with_the_cure(monkeypatch):
    def does_not_load(name):
        raise OSError("libc10_cuda.so: cannot open shared object file")

    monkeypatch.setattr(torchaudio_peers, "import_module", does_not_load)
    mel = core.MelSpectrogram(sr=16000, n_fft=N_FFT)
    with pytest.raises(PeerMissing, match=r"does not fit the installed torch \(libc10_cuda.*\): install"):
        torchaudio_peers.MelSpectrogram(mel.config, torch.zeros(8000))


def test_a_recording_of_ones_own(make_audio):
    path = make_audio("mine.wav", np.random.default_rng(0).uniform(-0.3, 0.3, 24000), sr=16000)
    assert nnaudio2_deploy.crosscheck(str(path)).passed


def test_a_recording_that_is_too_short_is_refused(make_audio):
    path = make_audio("short.wav", np.zeros(4000), sr=16000)
    result = CliRunner().invoke(app, ["crosscheck", "--audio", str(path)])
    assert result.exit_code == 2
    assert result.stderr.startswith("nnaudio2 crosscheck: short.wav has 4000 samples")


def test_translation():
    translation = Translation(
        names={"sr": "sample_rate"},
        values={("htk", True): {"mel_scale": "htk"}},
        fixed={"ref": 1.0},
        always={"log_mels": False},
        lacking=frozenset({("pad_mode", "circular")}),
        unheard=frozenset({"engine"}),
    )
    ours = {"sr": 8000, "htk": True, "ref": 1.0, "engine": "real", "n_fft": 512, "pad_mode": "reflect"}
    theirs = {"sample_rate": 8000, "mel_scale": "htk", "log_mels": False, "n_fft": 512, "pad_mode": "reflect"}
    assert translation(ours) == theirs
    with pytest.raises(NoCounterpart, match=r"no ref=2\.0"):
        translation({**ours, "ref": 2.0})
    with pytest.raises(NoCounterpart, match="no pad_mode='circular'"):
        translation({**ours, "pad_mode": "circular"})


def test_stft_is_the_sum_that_its_name_says():
    x = torch.randn(8000, dtype=torch.float64)
    frame, k = 20, 31
    n = np.arange(N_FFT)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * n / N_FFT)
    samples = x.numpy()[frame * HOP - N_FFT // 2 :][:N_FFT]
    direct = (window * samples * np.exp(-2j * np.pi * k * n / N_FFT)).sum()
    X = torch_peers.stft(x, N_FFT, HOP)
    assert X.shape == (N_FFT // 2 + 1, 1 + 8000 // HOP, 2)
    # float64 against float64 over 512 terms
    assert abs(complex(*X[k, frame]) - direct) <= 1e-11


def test_griffin_lim_is_seeded_and_leaves_the_callers_generator_alone():
    x = torch.randn(8000)
    S = torch_peers.stft(x, N_FFT, HOP).norm(dim=-1)

    def waveform(seed):
        module = core.GriffinLim(N_FFT, 4, hop_length=HOP, seed=seed)
        return torchaudio_peers.GriffinLim(module.config, S, 8000)

    state = torch.get_rng_state()
    first = waveform(1)
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(5)
    assert torch.equal(waveform(1), first)
    assert not torch.equal(waveform(2), first)


def test_the_commands_of_the_page(tmp_path):
    crosscheck_line, bench_line = page_commands("The same numbers as elsewhere")
    assert "Arguments that do not have the same name and meaning" in run(crosscheck_line, tmp_path)
    assert bench_line == "nnaudio2 bench --threads 1"  # run, on small problems, by test_bench.py
