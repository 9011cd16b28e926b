"""FeatureDataset: every format read back, in loaders with and without processes."""

import os
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from tests import tolerances
from tests.contracts.cases import assert_close
from torch.utils.data import DataLoader
from typer.testing import CliRunner

from nnaudio2_core import MelSpectrogram
from nnaudio2_deploy import FeatureDataset
from nnaudio2_deploy.commands.cli import app
from nnaudio2_deploy.errors import UserError

FORMATS = ("npz", "npz-compressed", "zarr", "parquet", "webdataset")


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    """The same features in every format: three recordings of two labels, six clips."""
    root = tmp_path_factory.mktemp("dataset")
    for number, name in enumerate(("no/a.wav", "no/b.wav", "yes/c.wav")):
        path = root / "corpus" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        samples = np.random.default_rng(number).uniform(-0.5, 0.5, 3200)
        soundfile.write(path, samples, 8000, subtype="FLOAT")
    (root / "corpus" / "yes" / "text.wav").write_text("not audio")
    mel = ["--transform", "mel", "--set", "n_fft=256", "--set", "n_mels=20"]
    command = [*mel, "--segment", "0.2", "--labels", "--workers", "1"]
    for format in FORMATS:
        arguments = [str(root / "corpus"), "--out", str(root / format), "--format", format]
        assert CliRunner().invoke(app, ["features", *arguments, *command]).exit_code == 1
    return {format: root / format for format in FORMATS}


@pytest.mark.parametrize("format", FORMATS)
def test_items(format, folders):
    dataset, mel = FeatureDataset(folders[format]), MelSpectrogram(8000, 256, n_mels=20)
    assert len(dataset) == 6
    assert dataset.labels == ["no", "yes"]
    for number, item in enumerate(dataset):
        samples, _ = soundfile.read(folders[format].parent / "corpus" / item["path"], dtype="float32")
        clip = torch.from_numpy(samples).split(1600)[number % 2]
        assert_close(item["features"], mel(clip), tolerances.BATCH)
        other = FeatureDataset(folders["npz"])[number]
        assert torch.equal(item.pop("features"), other.pop("features"))
        assert item == other
    assert [item["path"] for item in dataset] == [
        path for path in ("no/a.wav", "no/b.wav", "yes/c.wav") for _ in range(2)
    ]
    assert [item["label"] for item in dataset] == [0, 0, 0, 0, 1, 1]
    assert [item["start"] for item in dataset] == [0.0, 0.2] * 3
    with pytest.raises(IndexError):
        dataset[6]


@pytest.mark.parametrize("format", FORMATS)
def test_a_loader_with_processes_gives_the_same(format, folders):
    dataset = FeatureDataset(folders[format], dtype=torch.float64)
    dataset[0]  # opens a shard, which the processes must not share
    for workers in (0, 2):
        batches = list(DataLoader(dataset, batch_size=4, num_workers=workers))
        features = torch.cat([batch["features"] for batch in batches])
        assert features.dtype == torch.float64
        assert torch.equal(features, torch.stack([item["features"] for item in dataset]))


def test_the_folder_must_hold_features(tmp_path):
    with pytest.raises(
        UserError, match=r"has no manifest\.jsonl: name a folder that nnaudio2 features has filled"
    ):
        FeatureDataset(tmp_path)
    (tmp_path / "manifest.jsonl").write_text('{"path": "a.wav", "file": null, "error": "is empty"}\n')
    with pytest.raises(UserError, match="holds no features: its"):
        FeatureDataset(tmp_path)


def test_a_file_is_read_once_for_its_segments_and_again_when_it_changes(folders, monkeypatch):
    from nnaudio2_deploy.corpus import feature_dataset

    loads = []
    load = feature_dataset.STORES["npz"].load
    store = replace(feature_dataset.STORES["npz"], load=lambda path: loads.append(path) or load(path))
    monkeypatch.setitem(feature_dataset.STORES, "npz", store)
    dataset = FeatureDataset(folders["npz"])
    dataset[0]["features"].zero_()
    assert dataset[0]["features"].any()  # an item is its owner's
    assert dataset[1]["features"].any()
    assert len(loads) == 1
    os.utime(loads[0], ns=(1, 1))
    dataset[1]
    assert len(loads) == 2


@pytest.mark.parametrize("format", ["parquet", "webdataset"])
def test_a_shard_of_the_same_name_is_opened_again(format, folders, tmp_path):
    dataset = FeatureDataset(shutil.copytree(folders[format], tmp_path / format))
    (path,) = dataset.folder.glob("features-*")
    dataset[0]
    path.write_bytes(b"other")
    os.utime(path, ns=(1, 1))
    with pytest.raises((ValueError, tarfile.ReadError), match=r"footer|could not be opened"):
        dataset[0]
