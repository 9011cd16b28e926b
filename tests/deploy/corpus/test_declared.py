"""Half a recording is a failure in every format that declares how much there is."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from nnaudio2_deploy.corpus.declared import shortfall
from nnaudio2_deploy.corpus.recordings import read_recording, read_samples
from nnaudio2_deploy.errors import UserError

SR = 8000


def noise(samples: int) -> np.ndarray:
    return np.random.default_rng(samples).uniform(-0.5, 0.5, samples).astype(np.float32)


WRITTEN = [
    ("a.wav", "WAV", "PCM_16"),
    ("a.wav", "WAV", "FLOAT"),
    ("a.wav", "WAV", "IMA_ADPCM"),
    ("a.wav", "WAVEX", "PCM_24"),
    ("a.wav", "RF64", "PCM_16"),
    ("a.w64", "W64", "PCM_16"),
    ("a.aiff", "AIFF", "PCM_16"),
    ("a.aiff", "AIFF", "FLOAT"),
    ("a.caf", "CAF", "PCM_16"),
    ("a.au", "AU", "PCM_16"),
    ("a.flac", "FLAC", "PCM_16"),
    ("a.ogg", "OGG", "VORBIS"),
    ("a.opus", "OGG", "OPUS"),
    ("a.mp3", "MP3", "MPEG_LAYER_III"),
]
formats = pytest.mark.parametrize(
    ("name", "format", "subtype"), WRITTEN, ids=[f"{format}-{subtype}" for _, format, subtype in WRITTEN]
)


def written(folder: Path, name: str, format: str, subtype: str, endian: str = "FILE") -> Path:
    path = folder / name
    soundfile.write(path, noise(40000), SR, format=format, subtype=subtype, endian=endian)
    return path


def cut(path: Path, kept: float) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    return path


@formats
def test_a_whole_file_is_read(name, format, subtype, tmp_path):
    table, sr, _ = read_samples(written(tmp_path, name, format, subtype), name)
    assert sr == SR
    assert len(table) >= 40000  # a block of a coder may be filled up


@formats
@pytest.mark.parametrize("kept", [0.5, 0.97])
def test_a_file_that_is_cut_is_a_failure_that_says_so(kept, name, format, subtype, tmp_path):
    path = cut(written(tmp_path, name, format, subtype), kept)
    with pytest.raises(UserError, match=f"{name} is (damaged or )?cut short: .*: get it again"):
        read_samples(path, name)


@pytest.mark.parametrize("kept", [0.5, 0.97])
def test_a_cut_file_is_refused_where_only_its_start_is_read(kept, tmp_path):
    path = cut(written(tmp_path, "a.wav", "WAV", "PCM_16"), kept)
    with pytest.raises(UserError, match="cut short"):
        read_recording(str(path))


def test_the_message_of_a_wav_tells_what_is_there(tmp_path):
    path = written(tmp_path, "a.wav", "WAV", "PCM_16")
    path.write_bytes(path.read_bytes()[: 44 + 30000])
    with pytest.raises(UserError, match="30000 of the 80000 bytes of samples that it declares are there"):
        read_samples(path, "a.wav")


def test_the_message_of_a_flac_tells_how_many_samples_can_be_read(tmp_path):
    path = cut(written(tmp_path, "a.flac", "FLAC", "PCM_16"), 0.5)
    with pytest.raises(UserError, match=r"(\d+) samples of 40000 can be read") as caught:
        read_samples(path, "a.flac")
    read = int(str(caught.value).split(" samples of")[0].rpartition(" ")[2])
    assert 10000 < read <= 20000  # noise has the same size everywhere


def test_a_flac_written_to_a_pipe_is_called_that(tmp_path):
    path = written(tmp_path, "a.flac", "FLAC", "PCM_16")
    content = bytearray(path.read_bytes())
    content[21] &= 0xF0  # 36 bits of STREAMINFO: the number of samples
    content[22:26] = bytes(4)
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"a\.flac declares no length, as it was written to a pipe"):
        read_samples(path, "a.flac")


@pytest.mark.parametrize("format", ["WAV", "AIFF"])
def test_both_orders_of_bytes(format, tmp_path):
    for endian in ("BIG", "LITTLE"):
        path = written(tmp_path, "a.wav", format, "PCM_16", endian)
        with path.open("rb") as stream:
            assert shortfall(stream) is None
        with cut(path, 0.5).open("rb") as stream:
            assert "bytes of samples" in shortfall(stream)


@pytest.mark.parametrize("size", [0, 0xFFFF_FFFF, 0x7FFF_F000])
def test_a_wav_written_to_a_pipe_declares_no_size(size, tmp_path):
    path = written(tmp_path, "a.wav", "WAV", "PCM_16")
    content = bytearray(path.read_bytes())
    assert content[36:40] == b"data"
    content[40:44] = struct.pack("<I", size)
    path.write_bytes(content)
    with path.open("rb") as stream:
        assert shortfall(stream) is None


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        (b"", None),
        (b"RIFF", None),
        (b"OggS", "its last page is not complete"),
        (b".snd", None),
        (b"RIFF\xff\xff\xff\xffWAVE" + bytes(8) * 20_000, None),
        (b"riff" + bytes(36) + (b"junk" + bytes(12) + b"\xff" * 8) * 2, None),
        (b"caff" + bytes(4) + b"junk" + b"\xff" * 8, None),
        (b"RF64" + bytes(8) + b"ds64\xff\xff\xff\xff", None),
    ],
)
def test_odd_headers_end_soon_and_raise_nothing(content, missing, tmp_path):
    path = tmp_path / "odd.wav"
    path.write_bytes(content)
    with path.open("rb") as stream:
        assert shortfall(stream) == missing
