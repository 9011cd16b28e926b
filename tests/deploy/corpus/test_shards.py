"""Shards: Parquet that pyarrow reads, archives of WebDataset; what a second run keeps and makes anew."""

import io
import json
import os
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
import soundfile
from tests.deploy.corpus import runs

from nnaudio2_deploy import FeatureDataset
from nnaudio2_deploy.corpus import shards

MEL = ["--transform", "mel", "--set", "n_fft=256", "--set", "hop_length=64", "--set", "n_mels=20", "--labels"]
SEGMENTS = [*MEL, "--segment", "0.2"]
SUFFIXES = {"parquet": ".parquet", "webdataset": ".tar"}
both = pytest.mark.parametrize("format", SUFFIXES)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Five recordings in two folders."""
    folder = tmp_path / "corpus"
    for number in range(5):
        path = folder / "ab"[number % 2] / f"{number}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        samples = np.random.default_rng(number).uniform(-0.5, 0.5, 2500 + 500 * number)
        soundfile.write(path, samples, 8000, subtype="FLOAT")
    return folder


def run(*arguments: object, code: int = 0) -> str:
    return runs.run(*arguments, code=code).stdout


def packed_by(patch, format: str, write) -> None:
    """Have shards of a format written by another function."""
    patch.setitem(shards.PACKINGS, format, replace(shards.PACKINGS[format], write=write))


def items(folder: Path) -> dict[tuple[str, float], np.ndarray]:
    dataset = FeatureDataset(folder)
    return {(item["path"], item["start"]): item["features"].numpy() for item in dataset}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@both
@pytest.mark.parametrize("options", [MEL, SEGMENTS, [*SEGMENTS, "--keep-channels", "--dtype", "float16"]])
def test_shards_hold_what_files_hold(format, options, corpus, tmp_path):
    run(corpus, *options, "--out", tmp_path / "files")
    assert run(corpus, *options, "--out", tmp_path / "out", "--format", format).startswith(
        "5 computed, 0 there"
    )
    assert names(tmp_path / "out") == [f"features-000000{SUFFIXES[format]}", "manifest.jsonl"]
    expected, found = items(tmp_path / "files"), items(tmp_path / "out")
    assert list(found) == list(expected)
    for key, values in expected.items():
        assert np.array_equal(found[key], values)
    stored = FeatureDataset(tmp_path / "out", dtype=None)[0]["features"].dtype
    assert stored == FeatureDataset(tmp_path / "files", dtype=None)[0]["features"].dtype


def test_parquet_has_a_row_for_each_clip(corpus, tmp_path):
    run(corpus, *SEGMENTS, "--out", tmp_path / "out", "--format", "parquet")
    table = pyarrow.parquet.read_table(tmp_path / "out" / "features-000000.parquet")
    expected = items(tmp_path / "out")
    rows = table.to_pylist()
    assert [(row["path"], row["start"]) for row in rows] == list(expected)
    for row, values in zip(rows, expected.values(), strict=True):
        assert np.array_equal(np.array(row["features"], np.float32), values)
        assert (row["label"], row["sr"]) == (row["path"][0], 8000)
        assert len(row["times"]) == values.shape[1]
        assert len(row["frequencies"]) == 20
        assert len(row["sha256"]) == 64


def test_webdataset_has_two_members_for_each_clip(corpus, tmp_path):
    run(corpus, *SEGMENTS, "--out", tmp_path / "out", "--format", "webdataset")
    expected = items(tmp_path / "out")
    with tarfile.open(tmp_path / "out" / "features-000000.tar") as archive:
        members = archive.getmembers()
        contents = [archive.extractfile(member).read() for member in members]
    # WebDataset takes members in a row with the same name up to the first dot as one sample
    keys = [member.name.partition(".")[0] for member in members]
    assert keys[::2] == keys[1::2]
    assert len(set(keys)) == len(expected)
    for features, said, (path, start) in zip(contents[::2], contents[1::2], expected, strict=True):
        description = json.loads(said)
        assert (description["path"], description["start"]) == (path, start)
        assert np.array_equal(np.load(io.BytesIO(features)), expected[path, start])


@both
def test_a_second_run_keeps_shards_and_makes_anew_what_changed(format, corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "SHARD_BYTES", 8000)  # two recordings
    out, suffix = tmp_path / "out", SUFFIXES[format]
    arguments = (corpus, *MEL, "--out", out, "--format", format)
    run(*arguments)
    first = names(out)
    assert first == [
        *(f"features-{number:06d}{suffix}" for number in range(len(first) - 1)),
        "manifest.jsonl",
    ]
    assert len(first) > 2
    before = {path: path.stat().st_mtime_ns for path in out.glob(f"*{suffix}")}
    assert run(*arguments).startswith("0 computed, 5 there already")
    assert {path: path.stat().st_mtime_ns for path in out.glob(f"*{suffix}")} == before

    added = corpus / "b" / "9.wav"
    soundfile.write(added, np.random.default_rng(9).uniform(-0.5, 0.5, 3000), 8000, subtype="FLOAT")
    assert run(*arguments).startswith("1 computed, 5 there already")
    assert set(first) < set(names(out))
    together = [line["path"] for line in FeatureDataset(out).lines if line["file"] == first[0]]
    assert together[0] == "a/0.wav"
    soundfile.write(corpus / "a" / "0.wav", np.random.default_rng(8).uniform(-0.5, 0.5, 3000), 8000)
    said = run(*arguments)
    assert first[0] not in {
        line["file"] for line in FeatureDataset(out).lines
    }  # the shard that held it is gone
    assert not said.startswith(("0", "6"))
    run(corpus, *MEL, "--out", tmp_path / "fresh")
    expected, found = items(tmp_path / "fresh"), items(out)
    assert found.keys() == expected.keys()
    assert all(np.array_equal(found[key], expected[key]) for key in expected)
    added.unlink()
    run(*arguments)
    assert "b/9.wav" not in {path for path, _ in items(out)}
    assert len(items(out)) == 5


@both
def test_an_interrupted_run_goes_on_with_its_items(format, corpus, tmp_path, monkeypatch):
    out = tmp_path / "out"
    arguments = (corpus, *MEL, "--out", out, "--format", format)

    def interrupted(*given):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        packed_by(patch, format, interrupted)
        run(*arguments, code=130)
    assert run(*arguments).startswith("0 computed, 5 there already")
    assert len(items(out)) == 5
    assert not (out / shards.ITEMS).exists()


@both
def test_a_shard_that_is_gone_is_made_anew(format, corpus, tmp_path):
    arguments = (corpus, *MEL, "--out", tmp_path / "out", "--format", format)
    run(*arguments)
    os.unlink(tmp_path / "out" / f"features-000000{SUFFIXES[format]}")
    assert run(*arguments).startswith("5 computed, 0 there already")


@both
def test_a_disk_that_fills_up_while_packing_leaves_the_items(format, corpus, tmp_path, monkeypatch):
    out = tmp_path / "out"
    arguments = (corpus, *MEL, "--out", out, "--format", format)

    def full(*given):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        packed_by(patch, format, full)
        run(*arguments, code=1)
    assert run(*arguments).startswith("0 computed, 5 there already")
