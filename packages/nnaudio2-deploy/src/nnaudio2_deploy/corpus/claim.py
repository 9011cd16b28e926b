"""One run at a time in a folder of results."""

import errno
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import UserError

NAME = ".nnaudio2-running"
"""File in the folder that the running command has locked, and that names it."""


TAKEN = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)
"""Errors of a lock that another process holds."""


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold the folder; the system releases it where the process ends, however it does.

    Raises:
        UserError: if another run holds it.
    """
    path = folder / NAME
    descriptor = _locked(path)
    while not _is_at(descriptor, path):  # the run before has just deleted it
        os.close(descriptor)
        descriptor = _locked(path)
    try:
        with suppress(OSError):  # a full disk: the file then names nobody
            os.truncate(descriptor, 0)
            os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode())
        yield
    finally:
        with suppress(OSError):
            path.unlink()  # while it is locked; Windows cannot, and the file stays
        os.close(descriptor)


def _locked(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise UserError(
            f"cannot write to --out {path.parent} ({error.strerror}): choose another folder"
        ) from error
    try:
        _lock(descriptor)
    except OSError as error:
        if error.errno not in TAKEN:
            return descriptor  # some network file systems have no locks
        who = os.read(descriptor, 200).decode("utf-8", "replace") or "a process"
        os.close(descriptor)
        raise UserError(
            f"another run is writing to {path.parent} ({who}): wait until it ends, or choose another folder"
        ) from error
    return descriptor


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, 2**20, os.SEEK_SET)  # beyond the text, which others may then read
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
