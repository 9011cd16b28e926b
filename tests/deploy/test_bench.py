"""nnaudio2 bench measures what it says it measures."""

import io
import sys

import pytest
import torch
from rich.console import Console
from typer.testing import CliRunner

from nnaudio2_deploy import bench
from nnaudio2_deploy.cli import app


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
    printed = {words[0]: words for words in map(str.split, console.file.getvalue().splitlines()) if words}
    for name in peers:
        assert printed[name][-1] == f"{lines[name].ours / lines[name].theirs:.2f}"


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


def test_calls_take_turns():
    order = []
    bench._medians([lambda: order.append("a"), lambda: order.append("b")])
    assert order == ["a", "b"] * (1 + bench.FEWEST_ROUNDS)
