"""The manifest of a folder of features: one line of JSON for each recording."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from ..artifacts.atomic import write_atomically
from ..regular_files import open_regular

if TYPE_CHECKING:  # reading a manifest needs nothing that a worker needs
    from .work import FileOutcome

NAME = "manifest.jsonl"

Line = dict[str, Any]

ORIGIN = ("nnaudio2", "transform", "arguments", "format", "options", "source")
"""Entries of a description that change where features are out of date."""

LEFT_OUT = {"config", *ORIGIN} - {"source"}
"""Entries of a description that are the same for all files of a run, and stand in each file."""


def line_of(description: Mapping[str, Any], file: str) -> Line:
    """The line of a recording whose features are in ``file``, a path in the folder with slashes."""
    kept = {name: value for name, value in description.items() if name not in LEFT_OUT}
    return {**kept, "file": file, "error": None}


def failed_line(outcome: "FileOutcome") -> Line:
    """The line of a recording that failed, with the reason."""
    return {"path": outcome.job.path or outcome.source, "file": None, "error": outcome.error}


def write_manifest(folder: Path, lines: Iterable[Line]) -> None:
    """Replace the manifest of a folder."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    write_atomically(folder / NAME, text.encode())


def read_manifest(folder: Path) -> Optional[list[Line]]:
    """The lines, None if there is no manifest or it is damaged."""
    try:
        with open_regular(folder / NAME) as stream:
            lines = [json.loads(line) for line in stream]
    except (OSError, ValueError):
        return None
    return lines if all(isinstance(line, dict) for line in lines) else None
