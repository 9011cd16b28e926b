"""The rows as tables, in the terminal and in Markdown."""

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from .row import HEADINGS, Row

NUMBERS = (3, 4, 5, 6, 8, 9)  # columns that stand to the right


def shown_columns(lines: Sequence[Sequence[str]]) -> "list[int]":
    """Columns that are not empty throughout."""
    return [i for i in range(len(HEADINGS)) if any(line[i] for line in lines)]


def show(parts: Mapping[str, Sequence[Row]], console: Console) -> None:
    """Print one table for each part that has rows."""
    for name, rows in parts.items():
        lines = [row.cells() for row in rows]
        table = Table(title=name, title_justify="left", box=box.SIMPLE_HEAD)
        columns = shown_columns(lines)
        for i in columns:
            table.add_column(HEADINGS[i], justify="right" if i in NUMBERS else "left")
        for line in lines:
            table.add_row(*(line[i] for i in columns))
        if lines:
            console.print(table)


def summary(rows: Sequence[Row], quick: bool) -> str:
    """Number of promises that were kept."""
    if quick:
        return "a quick run on tiny problems: the times mean nothing"
    met = [row.met for row in rows if row.met is not None]
    return f"{sum(met)} of {len(met)} targets met"


def markdown(rows: Sequence[Row]) -> str:
    """One table; columns that are empty throughout are left out."""
    lines = [row.cells() for row in rows]
    columns = shown_columns(lines)
    marks = ["---:" if i in NUMBERS else "---" for i in columns]
    return "\n".join(
        [
            line([HEADINGS[i] for i in columns]),
            "| " + " | ".join(marks) + " |",
            *(line([cells[i] for i in columns]) for cells in lines),
        ]
    )


def line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
