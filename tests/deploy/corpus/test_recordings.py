"""Reading recordings: the samples are those of the file, and changes to them are reported."""

import os
import sys

import numpy as np
import pytest
import soundfile
from tests.tolerances import LOSSY_TONE_RMS

from nnaudio2_deploy.corpus.recordings import MAX_SECONDS, SHIPPED, check_length, read_recording
from nnaudio2_deploy.errors import UserError


def tone(seconds: float, sr: int, hz: float = 440.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * sr)) / sr)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_recording_is_read_by_name(name, recording):
    found = read_recording(name)
    samples, sr = recording(name)
    assert (found.name, found.sr, found.channels) == (name, sr, 1)
    np.testing.assert_array_equal(found.samples, samples.numpy())
    assert "CC BY 4.0" in found.attribution
    assert found.remarks == []


def test_a_file_wins_over_a_shipped_name(tmp_path, monkeypatch, make_audio):
    make_audio("mine.wav", tone(0.1, 8000)).rename(tmp_path / "sir_duke_fast")
    monkeypatch.chdir(tmp_path)
    found = read_recording("sir_duke_fast")
    assert (found.sr, found.attribution) == (8000, "")


@pytest.mark.parametrize(("name", "subtype"), [("a.wav", "FLOAT"), ("a.wav", "PCM_24"), ("a.flac", "PCM_24")])
def test_lossless_formats_come_back_sample_by_sample(name, subtype, make_audio):
    samples = tone(0.2, 16000)
    found = read_recording(str(make_audio(name, samples, 16000, subtype)))
    step = 2.0**-23 if subtype == "PCM_24" else 2.0**-25  # half of the last place of 0.5 in float32
    assert found.sr == 16000
    assert np.abs(found.samples - samples).max() <= step


@pytest.mark.parametrize(("name", "subtype"), [("a.ogg", "VORBIS"), ("a.mp3", "MPEG_LAYER_III")])
def test_lossy_formats_are_read(name, subtype, make_audio):
    samples = tone(1.0, 22050)
    found = read_recording(str(make_audio(name, samples, 22050, subtype)))
    assert found.sr == 22050
    # a coder may fade its ends in and out
    middle = slice(5000, 17000)
    difference = found.samples[middle] - samples[middle]
    assert np.sqrt(np.mean(difference**2)) <= LOSSY_TONE_RMS


def test_channels_are_averaged_and_that_is_said(make_audio):
    left, right = tone(0.1, 8000), tone(0.1, 8000, 660.0)
    found = read_recording(str(make_audio("stereo.wav", np.stack([left, right], 1))))
    # a mean of two float32 numbers below 0.5: each rounded once, the mean rounded once
    assert np.abs(found.samples - (left + right) / 2).max() <= 2 * 2.0**-25
    assert found.remarks == ["mixed down to mono: the mean of 2 channels"]


def test_a_long_recording_is_cut_and_that_is_said(make_audio):
    found = read_recording(str(make_audio("long.flac", tone(MAX_SECONDS + 1.5, 4000), 4000, "PCM_16")))
    assert len(found.samples) == MAX_SECONDS * 4000
    assert found.remarks == ["cut to its first 30 s of 31.5 s"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_not_utf8_is_made_so(make_audio, tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.wav")
    make_audio("plain.wav", tone(0.1, 8000)).rename(path)
    assert read_recording(str(path)).name == "caf\ufffd.wav"


def test_a_length_at_the_limit_passes():
    check_length("clip", 1025, 1025, 44100)
    with pytest.raises(UserError, match=r"clip has 1024 samples, at least 1025 are needed \(0\.02 s"):
        check_length("clip", 1024, 1025, 44100)


def test_the_attribution_is_that_of_the_licence_beside_the_files():
    from importlib.resources import files

    licence = files("nnaudio2_deploy").joinpath("audio", "LICENSE.md").read_text(encoding="utf-8")
    for name, attribution in SHIPPED.items():
        assert f"{name}.ogg" in licence
        for author in ("Stefan Balke", "Brian McFee", "sakebeats", "CC BY 4.0", "CC0"):
            line = next(line for line in licence.splitlines() if f"{name}.ogg" in line)
            assert (author in attribution) == (author in line)


def test_soundfile_reads_mp3_here():
    # the promise of mp3 rests on the libsndfile that soundfile brings along
    assert "MP3" in soundfile.available_formats()
