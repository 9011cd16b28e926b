"""nnaudio2 bench: its lines, its ratios and its medians."""

import io
import sys
from types import SimpleNamespace

import pytest
import torch
from rich.console import Console
from typer.testing import CliRunner

import nnaudio2_core as core
from nnaudio2_deploy.commands.cli import app
from nnaudio2_deploy.crosschecks import bench
from nnaudio2_deploy.measures import NOTHING


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(bench, "CLIPS", 1)
    monkeypatch.setattr(bench, "SECONDS", 1)
    monkeypatch.setattr(bench, "BUDGET", 0.0)


def test_every_transform_has_a_line_and_those_with_a_peer_a_ratio():
    console = Console(file=io.StringIO(), width=100)
    lines = {line.name: line for line in bench.run(console)}
    peers = {name: line.peer for name, line in lines.items() if line.theirs is not None}
    expected = {"STFT": "torch", "iSTFT": "torch"}
    assert peers == expected | dict.fromkeys(["MelSpectrogram", "MFCC", "GriffinLim"], "torchaudio")
    assert lines.keys() - peers.keys() == {"Gammatonegram", "CQT", "VQT", "CFP"}
    printed = words_of(console)
    assert {name for name in lines if printed[name][-1] == NOTHING} == lines.keys() - peers.keys()


def words_of(console):
    return {words[0]: words for words in map(str.split, console.file.getvalue().splitlines()) if words}


def test_the_ratio_is_our_time_by_the_peers(monkeypatch):
    def known(calls):
        return [2.0 if isinstance(call.func, core.Transform) else 8.0 for call in calls]

    monkeypatch.setattr(bench, "_medians", known)
    console = Console(file=io.StringIO(), width=100)
    lines = bench.run(console)
    assert {(line.ours, line.theirs) for line in lines} == {(2.0, 8.0), (2.0, None)}
    printed = words_of(console)
    assert printed["STFT"] == ["STFT", "2.0", "ms", "8.0", "ms", "torch", "0.25"]
    assert printed["MFCC"] == ["MFCC", "2.0", "ms", "8.0", "ms", "torchaudio", "0.25"]
    assert printed["CQT"] == ["CQT", "2.0", "ms", NOTHING, NOTHING, NOTHING]


def test_a_time_is_the_median_of_the_calls_after_the_first(monkeypatch):
    now = [0.0]

    def taking(*milliseconds):
        each = iter(milliseconds)

        def call():
            now[0] += 1e-3 * next(each)

        return call

    monkeypatch.setattr(bench, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    # A median, where the mean would be 4, and the first call, which is slow, would make it 6.
    calls = [taking(500, 3, 1, 8), taking(70, 0.2, 0.6, 0.1)]
    assert bench._medians(calls) == pytest.approx([3.0, 0.2])


def test_the_command_says_on_what_it_was_measured():
    threads = torch.get_num_threads()
    try:
        result = CliRunner().invoke(app, ["bench", "--threads", "1"], env={"COLUMNS": "100"})
    finally:
        torch.set_num_threads(threads)
    assert result.exit_code == 0, result.output
    assert "1 clips of 1 s at 22050 Hz" in result.stdout
    assert "1 threads" in result.stdout


def test_without_torchaudio_ours_are_timed_alone(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchaudio"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torchaudio", None)
    result = CliRunner().invoke(app, ["bench"], env={"COLUMNS": "100"})
    assert result.exit_code == 0, result.output
    assert result.stdout.count("torchaudio cannot be loaded") == 3
    assert result.stderr.count("needs torchaudio: pip install 'nnaudio2-deploy[crosscheck]'") == 1


def test_calls_take_turns():
    order = []
    bench._medians([lambda: order.append("a"), lambda: order.append("b")])
    assert order == ["a", "b"] * (1 + bench.FEWEST_ROUNDS)
