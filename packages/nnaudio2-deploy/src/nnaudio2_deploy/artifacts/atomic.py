"""Atomic writes: a file is there whole, or not at all."""

import errno
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Optional

from ..regular_files import check_regular

PREFIX, SUFFIX = ".nnaudio2-", ".part"
"""Parts of the names of unfinished files, without the final name, which may have the longest length."""

LEFT_OVER = 3600.0
"""Age in seconds after which an unfinished file is known to be abandoned."""


def check_place(path: Path) -> None:
    """Try, before any work, whether a file could be written; leaves nothing behind.

    Raises:
        OSError: if there is a folder, a device or a pipe, or no folder for it that may be written to.
    """
    target, _ = _target(path)
    descriptor, part = _unfinished(target.parent)
    os.close(descriptor)
    os.unlink(part)


def check_names(path: Path) -> None:
    """Raise an OSError if a file or folder of the path is missing and has too long a name to be made."""
    missing = []
    while not os.path.lexists(path) and path != path.parent:
        missing.append(path.name)
        path = path.parent
    for name in missing:
        with suppress(FileNotFoundError):
            (path / name).lstat()


def write_atomically(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` in one step: until then, and after any failure, an older file stays.

    The new file has the permissions of the older one. A link stays a link: the file that it names is written.

    Raises:
        OSError: if :func:`check_place` does, or the disk is full.
    """
    with unfinished(path) as file:
        file.write(content)


@contextmanager
def unfinished(path: Path) -> Iterator[BinaryIO]:
    """A new file, open for writing, which takes the place of ``path`` at the end unless there is an error.

    Raises:
        OSError: as :func:`write_atomically`.
    """
    target, older = _target(path)
    descriptor, part = _unfinished(target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if older is not None:
                _give(part, older)
            yield file
            file.flush()
            os.fsync(descriptor)
        os.replace(part, target)
    except BaseException:
        os.unlink(part)
        raise


def remove_left_overs(folder: Path) -> None:
    """Delete unfinished files in ``folder`` that a power failure or a killed process left."""
    with suppress(OSError):  # there may be no such folder
        for part in list(folder.glob(f"{PREFIX}*{SUFFIX}")):
            with suppress(OSError):  # it may be somebody else's, or just be finished
                if time.time() - part.lstat().st_mtime > LEFT_OVER:
                    shutil.rmtree(part) if part.is_dir() else part.unlink()


def _target(path: Path) -> tuple[Path, Optional[os.stat_result]]:
    """The place that a path leads to through links, and what is known of the file there."""
    try:
        target = Path(os.path.realpath(path))
        found = target.stat()
    except FileNotFoundError:
        return target, None
    except ValueError as error:  # a name with a zero byte
        raise OSError(errno.EINVAL, str(error)) from error
    check_regular(found)
    return target, found


def _unfinished(folder: Path) -> tuple[int, str]:
    """A new empty file, open; the system sets the permissions that new files have."""
    part = str(folder / f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.open(part, flags, 0o666), part


def _give(part: str, older: os.stat_result) -> None:
    """The owner, where that is allowed, and the permissions of an older file."""
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(part, older.st_uid, older.st_gid)
    os.chmod(part, stat.S_IMODE(older.st_mode) & 0o777)
