"""Results of a run of the bench, and their file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from nnaudio2_deploy.artifacts.atomic import write_atomically

from .machine import Machine
from .row import Row


@dataclass(frozen=True)
class Results:
    """One run: its machine, and the rows of each part."""

    machine: Machine
    parts: Mapping[str, Sequence[Row]]
    quick: bool

    @property
    def rows(self) -> "list[Row]":
        """Rows of all parts."""
        return [row for rows in self.parts.values() for row in rows]

    def save(self, path: Path) -> None:
        """Write JSON, atomically."""
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"
        write_atomically(path, text.encode())

    @classmethod
    def load(cls, path: Path) -> "Results":
        """Read a file of :meth:`save`."""
        found = json.loads(path.read_text(encoding="utf-8"))
        parts = {name: [Row(**row) for row in rows] for name, rows in found["parts"].items()}
        return cls(Machine(**found["machine"]), parts, found["quick"])
