"""Shards of Parquet: a row for each clip, which pandas, pyarrow and Hugging Face's datasets read."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..artifacts.atomic import unfinished
from ..extras import extra
from .stores import SAID, Array, clips_of


def check_parquet() -> Any:
    """pyarrow; a MissingExtra if it is not installed."""
    with extra("parquet", "--format parquet"):
        import pyarrow
        import pyarrow.parquet
    return pyarrow


def write_parquet(path: Path, recordings: Iterable[tuple[dict[str, Any], dict[str, Array]]]) -> None:
    """Write recordings into one file, each as a group of rows, a row for each segment.

    Columns: ``features``, nested lists; ``times`` and ``frequencies``, if there are any; path, label, start
        of the segment (s), sampling rate (Hz), duration of the recording (s), digest of the file.
    """
    pa = check_parquet()
    writer = None
    with unfinished(path) as file:
        try:
            for description, arrays in recordings:
                table = _table(pa, description, arrays)
                writer = writer or pa.parquet.ParquetWriter(file, table.schema)
                writer.write_table(table, row_group_size=max(1, table.num_rows))
        finally:
            if writer is not None:
                writer.close()


def _table(pa: Any, description: dict[str, Any], arrays: dict[str, Array]) -> Any:
    clips, starts = clips_of(arrays)
    count = len(clips)
    columns = {"features": _nested(pa, clips)}
    for name in ("times", "frequencies"):
        if name in arrays:
            columns[name] = _nested(pa, np.broadcast_to(arrays[name], (count, *arrays[name].shape)))
    kinds = {"sr": pa.int64(), "duration": pa.float64()}
    for name in SAID:
        columns[name] = pa.array([description[name]] * count, kinds.get(name, pa.string()))
    columns["start"] = pa.array(starts, pa.float64())
    return pa.table(columns)


def _nested(pa: Any, values: Array) -> Any:
    """Lists in lists, one for each entry of the first axis."""
    found = pa.array(np.ascontiguousarray(values).reshape(-1))
    for axis in range(values.ndim - 1, 0, -1):
        offsets = np.arange(0, len(found) + 1, values.shape[axis], dtype=np.int32)
        found = pa.ListArray.from_arrays(pa.array(offsets), found)
    return found


class ParquetReader:
    """Reads clips of a shard one at a time."""

    def __init__(self, path: Path) -> None:
        self.file = check_parquet().parquet.ParquetFile(path)

    def item(self, row: int, segment: int, shape: tuple[int, ...], dtype: str) -> Array:
        """Features of one segment of the recording in a group of rows."""
        column = _group(self, row).column("features").combine_chunks().slice(segment, 1)
        for _ in shape:
            column = column.flatten()
        values = np.array(column.to_numpy(zero_copy_only=False), dtype)  # a copy, which is writable
        return values.reshape(shape)


@lru_cache(maxsize=2)
def _group(reader: ParquetReader, row: int) -> Any:
    return reader.file.read_row_group(row, columns=["features"], use_threads=False)
