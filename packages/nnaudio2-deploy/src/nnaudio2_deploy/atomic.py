"""Files that are there whole, or not at all."""

import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` in one step: until then, and after any failure, an older file stays.

    Raises:
        OSError: if the folder is missing or full, or may not be written to.
    """
    descriptor, part = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
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


def _umask() -> int:
    """What the process withholds from new files; the system only tells by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
