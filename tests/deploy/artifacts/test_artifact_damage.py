"""Damaged and foreign files, and writes that fail: one ArtifactError, and the old file stays."""

import os
import random
import re
import stat
import sys

import pytest

import nnaudio2_deploy.artifacts.atomic as atomic
import nnaudio2_deploy.artifacts.loading as loading
from nnaudio2_core import STFT
from nnaudio2_deploy import ArtifactError, inspect, load, save, verify
from nnaudio2_deploy.artifacts.description import find_description


@pytest.fixture(scope="module", params=["torchscript", "export", "onnx", "executorch"])
def artifact(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("sound") / request.param
    save(STFT(64, hop_length=16, sr=8000), path, request.param)
    return path


def refused(path, content, match):
    path.write_bytes(content)
    for read in (inspect, load, verify):
        with pytest.raises(ArtifactError, match=match) as caught:
            read(path)
        assert str(caught.value).startswith(str(path))


def test_a_sound_file_is_read(artifact):
    assert verify(artifact).passed


def test_truncated(artifact, tmp_path):
    content = artifact.read_bytes()
    for length in (0, 1, len(content) // 2, len(content) - 1):
        refused(tmp_path / "cut", content[:length], "cut off")


def test_any_flipped_bit_is_noticed(artifact, tmp_path):
    content = artifact.read_bytes()
    path = tmp_path / "flipped"
    places = random.Random(0).sample(range(len(content)), 150)
    for place in [*range(40), *range(len(content) - 200, len(content)), *places]:
        flipped = bytearray(content)
        bit = place % 8
        if bit == 5 and re.fullmatch(rb"\de[-+]\d", content[max(place - 1, 0) : place + 3]):
            bit = 0  # the description may hold 1e-05, and 1E-05 is the same number
        flipped[place] ^= 1 << bit
        path.write_bytes(flipped)
        with pytest.raises(ArtifactError):
            inspect(path)


def test_something_appended_or_put_in_front(artifact, tmp_path):
    content = artifact.read_bytes()
    refused(tmp_path / "longer", content + b"x", "cannot be read|cut off")
    refused(tmp_path / "shifted", b"x" + content, "has .* bytes, its description says")


@pytest.mark.parametrize("between", [b"x", bytes(22), b"PK\x05\x06" + bytes(18)])
def test_something_between_the_payload_and_the_text(between, artifact, tmp_path):
    content = artifact.read_bytes()
    description, start = find_description(content)
    size = description.payload_bytes
    said = f"its payload has {size + len(between)} bytes, its description says {size}"
    refused(tmp_path / "wider", content[:start] + between + content[start:], said)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + bytes(1000), os.urandom(100_000)])
def test_foreign(content, tmp_path):
    refused(tmp_path / "foreign", content, "it was not made by save")


def test_oversized_files_are_not_read(artifact, tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "MAX_BYTES", 1000)
    with pytest.raises(ArtifactError, match="and 1000 are the most"):
        load(artifact)


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(ArtifactError, match="No such file"):
        load(tmp_path / "nothing")
    with pytest.raises(ArtifactError, match="Is a directory"):
        load(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_devices_and_pipes_stay_what_they_are(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for place in ("/dev/null", tmp_path / "pipe"):
        before = os.lstat(place)
        with pytest.raises(ArtifactError, match=r"cannot be written .Not a regular file"):
            save(None, place, "torchscript")
        assert os.lstat(place).st_mode == before.st_mode
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "nowhere").symlink_to("no/such/file")
    for place in (tmp_path / "circle", tmp_path / "nowhere", tmp_path / ("x" * 256), tmp_path / "a\0b"):
        with pytest.raises(ArtifactError, match=r"cannot be written"):
            save(None, place, "torchscript")
    assert {path.name for path in tmp_path.iterdir()} == {"pipe", "circle", "nowhere"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such links")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder/file")
    for n_fft in (64, 128):
        save(STFT(n_fft), tmp_path / "link", "torchscript")
        assert (tmp_path / "link").is_symlink()
        assert inspect(tmp_path / "folder" / "file").config["n_fft"] == n_fft
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["file"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o444, 0o600, 0o640, 0o755])
def test_a_new_file_has_the_mode_of_the_old_one(mode, tmp_path):
    path = tmp_path / "file"
    path.touch()
    path.chmod(mode)
    atomic.write_atomically(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", mode)


def test_an_unfinished_file_is_open_and_needs_no_permission(tmp_path):
    with atomic.unfinished(tmp_path / "file") as file:
        file.write(b"new")
        assert [path.suffix for path in tmp_path.iterdir()] == [".part"]
    assert (tmp_path / "file").read_bytes() == b"new"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_private_file_is_private_while_it_is_written(tmp_path, monkeypatch):
    path, modes = tmp_path / "file", []
    path.touch()
    path.chmod(0o600)

    def fsync(descriptor):
        modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))

    monkeypatch.setattr(atomic.os, "fsync", fsync)
    atomic.write_atomically(path, b"new")
    assert modes == [0o600]


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
def test_a_failure_midway_leaves_the_old_file(step, tmp_path, monkeypatch):
    path = tmp_path / "stft.pt"
    save(STFT(64), path, "torchscript")
    before = path.read_bytes()

    def disk_full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, step, disk_full)
    with pytest.raises(ArtifactError, match=r"cannot be written .*No space left"):
        save(STFT(128), path, "torchscript")
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    assert load(path).description.config["n_fft"] == 64


def test_a_place_that_cannot_be_written_is_told_before_any_work(tmp_path):
    for place in (tmp_path, tmp_path / "no" / "x.pt"):
        with pytest.raises(ArtifactError, match="cannot be written"):
            save(None, place, "torchscript")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600)])
def test_a_file_has_the_mode_that_any_new_file_has(umask, mode, tmp_path):
    before = os.umask(umask)
    try:
        save(STFT(64), tmp_path / "stft.pt", "torchscript")
        (tmp_path / "ordinary").touch()
    finally:
        left = os.umask(before)
    assert left == umask  # which is the process's own
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"stft.pt": mode, "ordinary": mode}
