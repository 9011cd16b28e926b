"""``FeatureDataset``: a folder of features as a dataset of torch."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Optional, Union

import numpy as np
import torch
from torch.utils.data import Dataset

from ..errors import UserError
from .manifest import NAME, Line, read_manifest
from .shards import PACKINGS
from .stores import STORES, Array


class FeatureDataset(Dataset[dict[str, Any]]):
    """The features of a folder that ``nnaudio2 features`` has filled, one item for each clip.

    A clip is a recording, or a segment of one. Recordings that failed are left out. Files are opened when an
    item is asked for, also in the workers of a ``DataLoader``.

    Args:
        folder: that of the results, with ``manifest.jsonl`` in it.
        dtype: that of the features; None for the one that is stored.

    Shape:
        item["features"]: ``(rows, frames)``, with ``(channels, ...)`` in front if channels were kept, and
            ``(..., 2)`` behind for real and imaginary parts

    Attributes:
        labels: names of the labels, sorted; empty if the recordings have none.
        lines: the entry of the manifest for each item.

    Raises:
        UserError: if the folder has no manifest, or one without any recording.

    Example:
        >>> import numpy, soundfile
        >>> from nnaudio2_deploy.commands.cli import app
        >>> from nnaudio2_deploy import FeatureDataset
        >>> soundfile.write("clip.wav", numpy.random.default_rng(0).normal(0, 0.1, 16000), 16000)
        >>> command = "features clip.wav --transform melspectrogram --out mel --segment 0.5 --workers 1"
        >>> app(command.split(), standalone_mode=False)
        1 computed, 0 there already; in mel
        >>> dataset = FeatureDataset("mel")
        >>> len(dataset), dataset[1]["features"].shape, dataset[1]["start"]
        (2, torch.Size([128, 16]), 0.5)
    """

    def __init__(self, folder: Union[str, Path], dtype: Optional[torch.dtype] = torch.float32) -> None:
        self.folder, self.dtype = Path(folder), dtype
        lines = read_manifest(self.folder)
        if lines is None:
            raise UserError(f"{folder} has no {NAME}: name a folder that nnaudio2 features has filled")
        whole = [line for line in lines if line.get("error") is None]
        if not whole:
            raise UserError(f"{folder} holds no features: its {NAME} lists failures only")
        self._clips = [(line, segment) for line in whole for segment in range(_segments(line))]
        self.labels = sorted({line["label"] for line in whole if line["label"] is not None})
        self._numbers = {label: number for number, label in enumerate(self.labels)}

    @property
    def lines(self) -> list[Line]:
        """The entry of the manifest for each item."""
        return [line for line, _ in self._clips]

    def __len__(self) -> int:
        """Number of clips."""
        return len(self._clips)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Features and origin of a clip.

        Returns:
            ``features``; ``label``, a number in ``labels``, -1 for none; ``path`` of the recording in its
            corpus; ``start`` of the clip, s.
        """
        line, segment = self._clips[index]
        features = torch.from_numpy(self._features(line, segment))
        return {
            "features": features if self.dtype is None else features.to(self.dtype),
            "label": self._numbers.get(line["label"], -1),
            "path": line["path"],
            "start": line["starts"][segment] if "starts" in line else 0.0,
        }

    def _features(self, line: Line, segment: int) -> Array:
        path = self.folder / line["file"]
        if "row" in line:  # of a shard
            one = line["shape"][1:] if "segment" in line["axes"] else line["shape"]
            reader = _reader(path, path.stat().st_mtime_ns, os.getpid())
            values: Array = reader.item(line["row"], segment, tuple(one), line["dtype"])
            return values
        if "segment" in line["axes"]:
            return np.array(_loaded(path, path.stat().st_mtime_ns)[segment])  # of its own
        return _load(path)


def _segments(line: Line) -> int:
    return int(line["shape"][0]) if "segment" in line["axes"] else 1


def _load(path: Path) -> Array:
    return STORES["zarr" if path.suffix == ".zarr" else "npz"].load(path)["features"]


@lru_cache(maxsize=1)
def _loaded(path: Path, modified: int) -> Array:
    """The features of a recording, kept for its other segments until the file is modified."""
    return _load(path)


@lru_cache(maxsize=16)
def _reader(path: Path, modified: int, process: int) -> Any:
    """A reader of a shard, until the file is modified; processes share none."""
    (packing,) = [each for each in PACKINGS.values() if each.suffix == path.suffix]
    return packing.open(path)
