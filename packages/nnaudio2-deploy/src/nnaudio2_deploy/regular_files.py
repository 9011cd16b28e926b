"""Opening files that end: a pipe may wait for ever, and a device may have no end."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

_NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Flags of ``os.open``: do not wait for a writer of a pipe, and change no line ends on Windows."""


def open_regular(path: Path) -> BinaryIO:
    """An open regular file, also through links.

    Raises:
        OSError: if it is anything else, or cannot be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | _NO_WAITING)
    try:
        check_regular(os.fstat(descriptor))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def check_regular(found: os.stat_result) -> None:
    """Raise an OSError for a folder, a pipe, a device or a socket."""
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "Not a regular file")


def absence(path: Path) -> str:
    """End of a message about a path that leads to nothing."""
    return "is a link to a place that does not exist" if os.path.islink(path) else "does not exist"
