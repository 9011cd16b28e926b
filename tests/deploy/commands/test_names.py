"""Names of files: long ones, and ones that steer a terminal."""

import os
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from nnaudio2_deploy.commands.cli import app
from nnaudio2_deploy.errors import ArtifactError, UserError, printable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other names")

CLEAR = "\x1b[2J\x9b31m\u202e.wav"
"""Clears the screen, colours it, and turns the text round."""


def noise(samples=4000):
    return np.random.default_rng(0).uniform(-0.5, 0.5, samples)


def run(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)


def sound_text(text):
    return all(c.isprintable() or c == "\n" for c in text)


@pytest.mark.parametrize("text", ["plain é 日本", "a b"])
def test_names_that_are_read_stay(text):
    assert printable(text) == text


def test_characters_that_steer_become_escapes():
    assert printable("a\x1b[31m\nb\x9b\u202e\udcff") == r"a\x1b[31m\nb\x9b\u202e\udcff"
    assert str(ArtifactError("a\nb")) == str(UserError("a\nb")) == r"a\nb"


@pytest.mark.parametrize("format", ["npz", "zarr"])
def test_one_name_that_is_too_long_fails_alone(format, make_audio, tmp_path):
    make_audio("fine.wav", noise())
    long = make_audio("n" * 251 + ".wav", noise())
    out = tmp_path / "out"
    result = run(
        "features", tmp_path, "--transform", "stft", "--set", "n_fft=256", "--out", out, "--format", format
    )
    assert result.exit_code == 1
    assert "1 computed, 0 there already, 1 failed" in result.stdout
    assert (
        f"{long}: its result cannot be written (File name too long): give it a shorter name" in result.stderr
    )
    assert {path.name for path in out.iterdir()} == {f"fine.wav.{format}", "manifest.jsonl"}


@pytest.mark.parametrize("arguments", [("export", "STFT", "{}", "--format", "torchscript"), ("verify", "{}")])
def test_a_name_that_is_too_long_is_one_line(arguments, tmp_path):
    path = tmp_path / ("n" * 256)
    result = run(*(path if argument == "{}" else argument for argument in arguments))
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "(File name too long)" in result.stderr


def test_names_of_the_demo_that_are_too_long(make_audio, tmp_path):
    audio, long = make_audio("a.wav", noise(20000)), "n" * 256
    for arguments, said in (
        (("--audio", tmp_path / long), "does not exist"),
        (("--audio", audio, "--out", tmp_path / long), "(File name too long)"),
        (("--audio", audio, "--out", tmp_path / "new" / long / "x"), "(File name too long)"),
    ):
        result = run("demo", *arguments)
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
        assert said in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_names_steer_no_terminal(make_audio, tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / CLEAR).write_text("not audio")
    make_audio(f"corpus/fine{CLEAR}", noise())
    out = tmp_path / f"out{CLEAR}"
    result = run("features", folder, "--transform", "stft", "--set", "n_fft=256", "--out", out)
    assert result.exit_code == 1
    assert r"\x1b[2J\x9b31m\u202e.wav: " in result.stderr
    file = tmp_path / f"mel{CLEAR}"
    exported = run("export", "STFT", file, "--format", "torchscript", "--set", "n_fft=64")
    assert exported.exit_code == 0
    results = [result, exported, run("verify", file), run("demo", "--audio", folder / CLEAR)]
    results += [run("verify", folder / CLEAR), run("inspect", tmp_path / CLEAR)]
    for each in results:
        assert sound_text(each.stdout)
        assert sound_text(each.stderr)


def test_pipes_are_no_recordings(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    demo = run("demo", "--audio", tmp_path / "pipe.wav")
    assert (demo.exit_code, "cannot be opened (Not a regular file)" in demo.stderr) == (2, True)
    result = run("features", tmp_path / "pipe.wav", "--transform", "stft", "--out", tmp_path / "out")
    assert (result.exit_code, "(Not a regular file)" in result.stderr) == (1, True)
