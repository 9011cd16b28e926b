"""The file that a run of the bench leaves behind, and reading it again."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from .machine import Machine
from .row import Row


@dataclass(frozen=True)
class Results:
    """One run: where it ran, and the rows of each part."""

    machine: Machine
    parts: Mapping[str, Sequence[Row]]
    quick: bool

    @property
    def rows(self) -> "list[Row]":
        """Those of all parts."""
        return [row for rows in self.parts.values() for row in rows]

    def save(self, path: Path) -> None:
        """As JSON, whole or not at all."""
        write_whole(path, json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n")

    @classmethod
    def load(cls, path: Path) -> "Results":
        """What :meth:`save` wrote."""
        found = json.loads(path.read_text(encoding="utf-8"))
        parts = {name: [Row(**row) for row in rows] for name, rows in found["parts"].items()}
        return cls(Machine(**found["machine"]), parts, found["quick"])


def write_whole(path: Path, text: str) -> None:
    """Write beside the file, then take its place: no reader ever sees a half."""
    beside = path.with_name(path.name + ".part")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)
