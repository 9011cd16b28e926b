"""Recordings named in a text file."""

import os
import sys
from pathlib import Path

from ..errors import UserError


def listed(file: Path) -> list[tuple[Path, Path]]:
    """The recordings of a list, each with its path in the corpus.

    A line is a path, relative to the folder of the list; ``-`` as the list is standard input, and paths are
    then relative to the current folder. Empty lines and lines that start with ``#`` mean nothing. A path
    below that folder keeps its folders in the results, another one only its name.

    Raises:
        UserError: if the list cannot be read, names nothing, or names a folder.
    """
    standard = str(file) == "-"
    folder = Path() if standard else file.parent
    try:
        text = sys.stdin.read() if standard else file.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"--list {file} cannot be read ({error.strerror}): check the path") from error
    except UnicodeDecodeError as error:
        raise UserError(f"--list {file} is not a text in UTF-8: give one path on each line") from error
    lines = [line.strip() for line in text.splitlines()]
    sources = [folder / line for line in lines if line and not line.startswith("#")]
    if not sources:
        raise UserError(f"--list {file} names no recording: give one path on each line")
    for source in sources:
        if source.is_dir():
            raise UserError(f"--list {file}: {source} is a folder: name the files in it")
    return [(source, _inside(source, folder)) for source in sources]


def _inside(source: Path, folder: Path) -> Path:
    try:
        return Path(os.path.abspath(source)).relative_to(os.path.abspath(folder))
    except ValueError:
        return Path(source.name)
