"""Atomic writes: a file is there whole, or not at all."""

import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

PREFIX, SUFFIX = ".nnaudio2-", ".part"
"""Parts of the names of unfinished files, without the final name, which may have the longest length."""

LEFT_OVER = 3600.0
"""Age in seconds after which an unfinished file is known to be abandoned."""


def write_atomically(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` in one step: until then, and after any failure, an older file stays.

    Raises:
        OSError: if the folder is missing or full, or may not be written to.
    """
    descriptor, part = tempfile.mkstemp(prefix=PREFIX, suffix=SUFFIX, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(part, 0o666 & ~_umask())
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise


def remove_left_overs(folder: Path) -> None:
    """Delete unfinished files in ``folder`` that a power failure or a killed process left."""
    for part in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with suppress(OSError):  # it may be somebody else's, or just be finished
            if time.time() - part.lstat().st_mtime > LEFT_OVER:
                shutil.rmtree(part) if part.is_dir() else part.unlink()


def _umask() -> int:
    """Permissions withheld from new files; the system returns them only when they are set."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
