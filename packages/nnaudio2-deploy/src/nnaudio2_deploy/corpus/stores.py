"""Files with the features of one recording, npz or zarr: written atomically, with their description."""

import io
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ..artifacts.atomic import PREFIX, SUFFIX, write_atomically
from ..extras import extra
from ..regular_files import open_regular

Array = npt.NDArray[Any]
Arrays = Mapping[str, Array]
Description = Mapping[str, Any]

CHUNK_BYTES = 2**20
"""About the size of a chunk of zarr, along the frames."""


SAID = ("path", "label", "sr", "duration", "sha256")
"""Entries of a description that shards have for each clip."""


def clips_of(arrays: Arrays) -> tuple[Array, Array]:
    """The features of each segment, and its start, s; a recording that is not cut is one."""
    if "starts" in arrays:
        return arrays["features"], arrays["starts"]
    return arrays["features"][None], np.zeros(1)


@dataclass(frozen=True)
class Store:
    """A format of features on disk. ``read`` returns only the description, None if there is no valid one."""

    suffix: str
    write: Callable[[Path, Arrays, Description], None]
    read: Callable[[Path], Optional[dict[str, Any]]]
    load: Callable[[Path], dict[str, Array]]
    """The arrays: features, and those beside them."""
    check: Callable[[], object]
    """Raises MissingExtra if what it needs is not installed."""


def _write_npz(path: Path, arrays: Arrays, description: Description, compressed: bool = False) -> None:
    buffer = io.BytesIO()
    write = np.savez_compressed if compressed else np.savez
    held: dict[str, Any] = {**arrays, "description": np.array(json.dumps(description))}
    write(buffer, **held)
    write_atomically(path, buffer.getvalue())


def _read_npz(path: Path) -> Optional[dict[str, Any]]:
    try:
        with open_regular(path) as stream, np.load(stream, allow_pickle=False) as file:
            description = json.loads(str(file["description"]))
    except Exception:  # numpy, zipfile and zlib raise many kinds for damaged or foreign files
        return None
    return description if isinstance(description, dict) else None


def _load_npz(path: Path) -> dict[str, Array]:
    with open_regular(path) as stream, np.load(stream, allow_pickle=False) as file:
        return {name: file[name] for name in file.files if name != "description"}


def _zarr() -> ModuleType:
    with extra("zarr", "--format zarr"):
        return import_module("zarr")


def _write_zarr(path: Path, arrays: Arrays, description: Description) -> None:
    with tempfile.TemporaryDirectory(
        prefix=PREFIX, suffix=SUFFIX, dir=path.parent, ignore_cleanup_errors=True
    ) as part:
        new, old = Path(part, "new"), Path(part, "old")
        group = _zarr().open_group(str(new), mode="w")
        axes = description.get("axes", ())
        frames = axes.index("frame") if "frame" in axes else arrays["features"].ndim - 1
        for name, values in arrays.items():
            chunks = _chunks(values, frames) if name == "features" else values.shape
            place = str(new / name)  # the way that zarr 2 and 3 share
            array = _zarr().open_array(place, mode="w", shape=values.shape, dtype=values.dtype, chunks=chunks)
            array[...] = values
        group.attrs.update(description)
        # a folder cannot replace another in one step; at any time each of them is complete or absent
        if path.exists():
            os.replace(path, old)
        try:
            os.replace(new, path)
        except BaseException:
            if old.exists():
                os.replace(old, path)
            raise


def _chunks(values: Array, frames: int) -> tuple[int, ...]:
    """Chunks along the axis of the frames."""
    number = values.shape[frames]
    wanted = max(1, CHUNK_BYTES * number // max(1, values.nbytes))
    return (*values.shape[:frames], min(wanted, number), *values.shape[frames + 1 :])


def _read_zarr(path: Path) -> Optional[dict[str, Any]]:
    try:
        return dict(_zarr().open_group(str(path), mode="r").attrs)
    except Exception:  # zarr raises many kinds for missing or broken groups, others in each version
        return None


def _load_zarr(path: Path) -> dict[str, Array]:
    group = _zarr().open_group(str(path), mode="r")
    return {name: np.asarray(array[...]) for name, array in group.arrays()}


STORES = {
    "npz": Store(".npz", _write_npz, _read_npz, _load_npz, lambda: None),
    "npz-compressed": Store(".npz", partial(_write_npz, compressed=True), _read_npz, _load_npz, lambda: None),
    "zarr": Store(".zarr", _write_zarr, _read_zarr, _load_zarr, _zarr),
}
