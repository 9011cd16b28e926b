"""Shards: files with the features of many recordings, in the order of the corpus.

Workers write one item for each recording into a hidden folder, where an interrupted run goes on. Then the
items are packed, and deleted when their shard is in the manifest. A shard with a recording that has changed
since is made anew.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from .manifest import ORIGIN, Line, line_of, read_manifest
from .parquet_shards import ParquetReader, check_parquet, write_parquet
from .plan import Job
from .statistics import digest_of
from .stores import STORES, Array
from .tar_shards import TarReader, write_tar

if TYPE_CHECKING:  # reading shards needs nothing that a worker needs
    from .work import Task

ITEMS = ".items"
"""Folder of the items in that of the results."""

SHARD_BYTES = 256 * 2**20
"""A shard is closed when its features have this size."""


@dataclass(frozen=True)
class Item:
    """One recording on its way into a shard."""

    job: Job
    description: dict[str, Any]
    path: Path

    def arrays(self) -> dict[str, Array]:
        """Its features, and the arrays beside them."""
        return STORES["npz"].load(self.path)


@dataclass(frozen=True)
class Packing:
    """A format of shards. ``write`` takes recordings as they come and never holds more than one."""

    suffix: str
    write: Callable[[Path, Iterable[tuple[dict[str, Any], dict[str, Array]]]], None]
    open: Callable[[Path], Any]
    """A reader: ``reader.item(row, segment, shape, dtype)`` gives the features of one segment."""
    check: Callable[[], object]


PACKINGS = {
    "parquet": Packing(".parquet", write_parquet, ParquetReader, check_parquet),
    "webdataset": Packing(".tar", write_tar, TarReader, lambda: None),
}


def kept_lines(folder: Path, suffix: str, task: "Task", jobs: Sequence[Job]) -> dict[Path, Line]:
    """The manifest's lines of recordings in shards all of whose recordings are up to date, by target."""
    wanted = {job.path: job for job in jobs}
    lines = [line for line in read_manifest(folder) or [] if str(line.get("file")).endswith(suffix)]
    stale = {line["file"] for line in lines if not _is_current(line, wanted.get(line["path"]), task)}
    stale |= {file for file in {line["file"] for line in lines} if not (folder / file).is_file()}
    return {wanted[line["path"]].target: line for line in lines if line["file"] not in stale}


def _is_current(line: Line, job: Optional[Job], task: "Task") -> bool:
    if job is None:
        return False
    try:
        expected = task.expected(job)
    except OSError:
        return False
    return bool(line.get("made") == digest_of([expected]))


def pack(folder: Path, packing: Packing, items: Sequence[Item], used: Iterable[str]) -> Iterator[list[Line]]:
    """Write shards; give the lines of each, once it is there.

    Args:
        folder: of the results.
        packing: their format.
        items: the recordings.
        used: names of shards that stay.
    """
    number = 1 + max((int(Path(name).stem.rpartition("-")[2]) for name in used), default=-1)
    for group in _groups(items):
        name = f"features-{number:06d}{packing.suffix}"
        packing.write(folder / name, ((item.description, item.arrays()) for item in group))
        lines = []
        for row, item in enumerate(group):
            expected = {key: item.description[key] for key in ORIGIN}
            lines.append({**line_of(item.description, name), "row": row, "made": digest_of([expected])})
        yield lines
        number += 1


def _groups(items: Sequence[Item]) -> Iterator[list[Item]]:
    group: list[Item] = []
    size = 0
    for item in items:
        group.append(item)
        size += item.path.stat().st_size
        if size >= SHARD_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group
