"""Shards of WebDataset: tar archives with ``NAME.npy`` and ``NAME.json`` for each clip."""

import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ..artifacts.atomic import unfinished
from ..regular_files import open_regular
from .stores import SAID, Array, clips_of


def write_tar(path: Path, recordings: Iterable[tuple[dict[str, Any], dict[str, Array]]]) -> None:
    """Write recordings into one archive, two members for each segment: its features and a description.

    ``NAME.json`` holds path, label, sampling rate (Hz), duration of the recording (s), digest of the file,
    start of the segment (s), and times (s) and frequencies (Hz) if there are any.
    """
    with (
        unfinished(path) as file,
        tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for row, (description, arrays) in enumerate(recordings):
            said = {name: description[name] for name in SAID}
            said |= {name: arrays[name].tolist() for name in ("times", "frequencies") if name in arrays}
            for segment, (clip, start) in enumerate(zip(*clips_of(arrays), strict=True)):
                name = _name(path, row, segment)
                _add(archive, f"{name}.npy", _npy(clip))
                _add(archive, f"{name}.json", json.dumps({**said, "start": float(start)}).encode())


def _name(path: Path, row: int, segment: int) -> str:
    return f"{path.stem}-{row:06d}-{segment:06d}"


def _npy(values: Array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


class TarReader:
    """Reads clips of a shard one at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with open_regular(path) as stream, tarfile.open(fileobj=stream) as archive:
            self.places = {member.name: (member.offset_data, member.size) for member in archive}

    def item(self, row: int, segment: int, shape: tuple[int, ...], dtype: str) -> Array:
        """Features of one segment of a recording."""
        place, size = self.places[f"{_name(self.path, row, segment)}.npy"]
        with open_regular(self.path) as stream:
            stream.seek(place)
            values: Array = np.load(io.BytesIO(stream.read(size)), allow_pickle=False)
        return values
