"""The rows as a table in the terminal and as Markdown."""

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from .machine import Machine
from .row import HEADINGS, Row

Parts = Mapping[str, Sequence[Row]]

LEGEND = """\
Each line is one transform of ours beside one peer, timed in turn in one process: the median of at least
seven rounds after a warm-up, fewer where a peer needs many seconds. `ratio` is ours by the peer's, below 1
where ours is faster or smaller; `target` is the largest ratio (or amount) that we promise. Errors are the
largest difference from a float64 reference as a share of its maximum, unless the note says otherwise. A line
without a peer shows what ours costs alone.
"""


def show(parts: Parts, console: Console) -> None:
    """Print one table for each part; columns that are empty throughout are left out."""
    for name, rows in parts.items():
        lines = [row.cells() for row in rows]
        table = Table(title=name, title_justify="left", box=box.SIMPLE_HEAD)
        columns = [i for i in range(len(HEADINGS)) if any(line[i] for line in lines)]
        for i in columns:
            table.add_column(HEADINGS[i], justify="right" if 3 <= i <= 6 or i in (8, 9) else "left")
        for line in lines:
            table.add_row(*(line[i] for i in columns))
        console.print(table)


def summary(parts: Parts, quick: bool) -> str:
    """How many promises were kept."""
    if quick:
        return "a quick run on tiny problems: the times mean nothing"
    met = [row.met for rows in parts.values() for row in rows if row.met is not None]
    return f"{sum(met)} of {len(met)} targets met"


def markdown(parts: Parts, machine: Machine, quick: bool) -> str:
    """A page: the machine, how to read it, a table for each part."""
    page = ["# Results of the bench", "", *machine.lines(), ""]
    if machine.busy and not quick:
        page += [
            "**Preliminary: the machine was busy with other work, which distorts times and ratios.**",
            "",
        ]
    page += [LEGEND, f"**{summary(parts, quick)}**", ""]
    for name, rows in parts.items():
        page += [f"## {name}", "", line(HEADINGS), "|" + " --- |" * len(HEADINGS)]
        page += [line(row.cells()) for row in rows]
        page.append("")
    return "\n".join(page)


def line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
