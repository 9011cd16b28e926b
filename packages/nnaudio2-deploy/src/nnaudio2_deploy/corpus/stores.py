"""Files with features, npz or zarr: written atomically, with their description."""

import io
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ..artifacts.atomic import PREFIX, SUFFIX, write_atomically
from ..extras import extra
from ..regular_files import open_regular

Array = npt.NDArray[np.generic]
Description = Mapping[str, Any]

CHUNK_BYTES = 2**20
"""About the size of a chunk of zarr, along the frames."""


@dataclass(frozen=True)
class Store:
    """A format of features on disk. ``read`` returns only the description, None if there is no valid one."""

    suffix: str
    write: Callable[[Path, Array, Description], None]
    read: Callable[[Path], Optional[dict[str, Any]]]
    check: Callable[[], object]
    """Raises MissingExtra if what it needs is not installed."""


def _write_npz(path: Path, features: Array, description: Description) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, features=features, description=np.array(json.dumps(description)))
    write_atomically(path, buffer.getvalue())


def _read_npz(path: Path) -> Optional[dict[str, Any]]:
    try:
        with open_regular(path) as stream, np.load(stream, allow_pickle=False) as file:
            description = json.loads(str(file["description"]))
    except Exception:  # numpy, zipfile and zlib raise many kinds for damaged or foreign files
        return None
    return description if isinstance(description, dict) else None


def _zarr() -> ModuleType:
    with extra("zarr", "--format zarr"):
        return import_module("zarr")


def _write_zarr(path: Path, features: Array, description: Description) -> None:
    with tempfile.TemporaryDirectory(
        prefix=PREFIX, suffix=SUFFIX, dir=path.parent, ignore_cleanup_errors=True
    ) as part:
        new, old = Path(part, "new"), Path(part, "old")
        frames = max(1, CHUNK_BYTES * features.shape[1] // max(1, features.nbytes))
        chunks = (features.shape[0], min(frames, features.shape[1]), *features.shape[2:])
        array = _zarr().open_array(
            str(new), mode="w", shape=features.shape, dtype=features.dtype, chunks=chunks
        )
        array[...] = features
        array.attrs.update(description)
        # a folder cannot replace another in one step; at any time each of them is complete or absent
        if path.exists():
            os.replace(path, old)
        try:
            os.replace(new, path)
        except BaseException:
            if old.exists():
                os.replace(old, path)
            raise


def _read_zarr(path: Path) -> Optional[dict[str, Any]]:
    try:
        return dict(_zarr().open_array(str(path), mode="r").attrs)
    except Exception:  # zarr raises many kinds for missing or broken arrays, others in each version
        return None


STORES = {
    "npz": Store(".npz", _write_npz, _read_npz, check=lambda: None),
    "zarr": Store(".zarr", _write_zarr, _read_zarr, check=_zarr),
}
