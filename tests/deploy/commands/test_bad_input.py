"""Bad input: one line that says what to do, exit code 2, no traceback, nothing half-written."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import nnaudio2_deploy.artifacts.atomic as atomic
import nnaudio2_deploy.demo.report as report
from nnaudio2_deploy.commands.cli import app
from nnaudio2_deploy.errors import UserError


def noise(samples: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.5, samples)


def with_value(value: float) -> np.ndarray:
    samples = noise(8000)
    samples[4000] = value
    return samples


def missing(folder: Path, make_audio) -> Path:
    return folder / "missing.wav"


def a_folder(folder: Path, make_audio) -> Path:
    return folder


def text(folder: Path, make_audio) -> Path:
    path = folder / "text.wav"
    path.write_text("Not audio at all.\n")
    return path


def no_bytes(folder: Path, make_audio) -> Path:
    path = folder / "nothing.mp3"
    path.touch()
    return path


def headerless(folder: Path, make_audio) -> Path:
    path = folder / "samples.raw"
    path.write_bytes(bytes(1000))
    return path


def empty(folder: Path, make_audio) -> Path:
    return make_audio("empty.wav", noise(0))


def three_samples(folder: Path, make_audio) -> Path:
    return make_audio("three.wav", noise(3))


def nan(folder: Path, make_audio) -> Path:
    return make_audio("nan.wav", with_value(np.nan))


def infinite(folder: Path, make_audio) -> Path:
    return make_audio("inf.wav", with_value(np.inf))


def slow(folder: Path, make_audio) -> Path:
    return make_audio("slow.wav", noise(8000), sr=1000)


BAD_AUDIO = [
    (missing, r"does not exist: check the path, or use the shipped sir_duke_fast or snare-accelerate"),
    (a_folder, r"is a folder: name one audio file in it"),
    (text, r"text\.wav cannot be read as audio: give a wav, flac, ogg or mp3 file"),
    (no_bytes, r"nothing\.mp3 cannot be read as audio: give"),
    (headerless, r"samples\.raw cannot be read as audio: give"),
    (empty, r"empty\.wav is empty \(0 samples\): give a recording"),
    (three_samples, r"three\.wav has 3 samples, at least \d+ are needed .*: give a longer recording"),
    (nan, r"nan\.wav has 1 samples that are NaN or infinite, the first at 0\.500 s: repair"),
    (infinite, r"inf\.wav has 1 samples that are NaN or infinite, the first at 0\.500 s: repair"),
    (slow, r"slow\.wav is sampled at 1000 Hz, at least 4000 Hz are needed here: resample"),
]


def refused(audio: object, out: Path) -> str:
    """Run the demo, expect a refusal, and return its one line."""
    result = CliRunner().invoke(app, ["demo", "--audio", str(audio), "--out", str(out)])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    line = result.stderr.removesuffix("\n")
    assert line.startswith("nnaudio2 demo: ")
    assert "\n" not in line
    return line


@pytest.mark.parametrize(("make", "message"), BAD_AUDIO, ids=[make.__name__ for make, _ in BAD_AUDIO])
def test_bad_audio_is_refused_and_nothing_is_written(make, message, tmp_path, make_audio):
    audio = make(tmp_path, make_audio)
    before = sorted(tmp_path.iterdir())
    assert re.search(message, refused(audio, tmp_path / "out"))
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("make", [text, three_samples], ids=lambda make: make.__name__)
def test_an_earlier_report_survives_a_failed_run(make, tmp_path, make_audio):
    out = tmp_path / "out"
    out.mkdir()
    (out / "report.html").write_text("earlier")
    refused(make(tmp_path, make_audio), out)
    assert [path.name for path in out.iterdir()] == ["report.html"]
    assert (out / "report.html").read_text() == "earlier"


def test_a_file_where_the_folder_would_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        assert "cannot be a folder" in refused("sir_duke_fast", out)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_where_the_report_would_be_is_refused(tmp_path):
    (tmp_path / "report.html").mkdir()
    assert "report.html is a folder" in refused("sir_duke_fast", tmp_path)


def test_a_folder_that_cannot_be_written_to_is_refused_before_any_work(tmp_path, monkeypatch):
    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(report.tempfile, "mkdtemp", denied)
    monkeypatch.setattr(atomic, "_unfinished", denied)
    for out in (tmp_path, tmp_path / "new"):
        line = refused("sir_duke_fast", out)
        assert line.endswith("(Permission denied): choose a folder that you may write to")


def test_checking_a_folder_leaves_nothing_behind(tmp_path):
    report.check_folder(tmp_path)
    report.check_folder(tmp_path / "new" / "folder")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_leaves_the_earlier_report(tmp_path, monkeypatch):
    (tmp_path / "report.html").write_text("earlier")

    def full(path, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "replace", full)
    with pytest.raises(UserError, match=r"No space left on device\): choose a folder"):
        report.write(tmp_path, "later")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_text() == "earlier"


def test_the_installed_command_refuses_the_same_way(tmp_path):
    command = [sys.executable, "-c", "from nnaudio2_deploy.commands.cli import app; app()"]
    done = subprocess.run(
        [*command, "demo", "--audio", "missing.wav", "--out", "out"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "missing.wav does not exist" in done.stderr
    assert list(tmp_path.iterdir()) == []
