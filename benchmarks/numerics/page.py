"""The numerics page as Markdown: the template with its comments replaced by tables."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ..machine import Machine
from ..table import line
from .comparison import Comparison
from .librosa_ends import Experiment
from .recovered import Recovered

TEMPLATE = Path(__file__).with_name("template.md")
HEADINGS = ["transform", "against", "ours", "max", "rms", "worst bin", "bound", "what is left"]
MEASURES = ("maximum", "rms", "worst_bin")


def page(parts: Mapping[str, str]) -> str:
    """The template with every ``<!-- name -->`` replaced; a part too few or too many is an error."""
    text = TEMPLATE.read_text(encoding="utf-8")
    names = re.findall(r"<!-- (\w+) -->", text)
    if sorted(names) != sorted(parts):
        raise ValueError(f"the template has the parts {sorted(names)}, got {sorted(parts)}")
    return re.sub(r"<!-- (\w+) -->", lambda match: parts[match[1]], text)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns of numbers stand to the right."""
    lines = [list(row) for row in rows]
    numbers = [all(re.fullmatch(r"\**[-+.e\d]+\**", row[i]) for row in lines) for i in range(len(headings))]
    marks = ["---:" if number else "---" for number in numbers]
    return "\n".join([line(headings), line(marks), *map(line, lines)])


def versions(machine: Machine) -> str:
    found = ", ".join(
        package for package in machine.packages() if not package.startswith(("specux", "cicuetea"))
    )
    return f"Measured on {machine.date[:10]} with {found}; {machine.system}."


def comparisons(rows: Iterable[Comparison]) -> str:
    return table(HEADINGS, map(cells, rows))


def cells(row: Comparison) -> "list[str]":
    """One line; the number that the bound is for in bold."""
    numbers = [
        f"**{value:.1e}**" if name == row.bounded else f"{value:.1e}"
        for name, value in ((name, getattr(row.difference, name)) for name in MEASURES)
    ]
    transform = f"`{row.transform}`" + (f", {row.setting}" if row.setting else "")
    return [transform, row.against, row.precision, *numbers, f"{row.bound:.0e}", row.why]


def experiments(rows: Iterable[Experiment]) -> str:
    headings = ["signal", "whole clip", "its middle", "with silence around it", "and half the spectrum"]
    return table(
        headings,
        (
            [row.signal, *(f"{value:.1e}" for value in (row.whole, row.inside, row.silence, row.half))]
            for row in rows
        ),
    )


def recovered(rows: Iterable[Recovered]) -> str:
    headings = ["transform", "signal", "whole", "half a frame from the ends", "asked for", "others, whole"]
    return table(
        headings,
        (
            [
                f"`{row.transform}`",
                row.signal,
                f"{row.whole:.1f}",
                f"{row.inside:.1f}",
                f"{row.floor:.1f}",
                ", ".join(f"{name} {value:.1f}" for name, value in row.peers.items()),
            ]
            for row in rows
        ),
    )
