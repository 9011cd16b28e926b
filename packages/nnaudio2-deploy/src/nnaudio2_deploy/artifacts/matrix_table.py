"""The matrix as a table for a terminal and as a page."""

import platform
from collections.abc import Sequence
from importlib import metadata

import torch
from rich.table import Table
from rich.text import Text

from .matrix import SECONDS, Cell

LEFT_OPEN = (
    "\\* Except on signals where eager mode in float32 is itself far from float64, as any order of sums is. "
    "The errors there:"
)


def as_table(cells: Sequence[Cell]) -> Table:
    """The cells for a terminal, reasons numbered below."""
    headings, rows, notes = _laid_out(cells)
    table = Table(
        *headings,
        title="Error against eager mode, relative to the maximum; speed relative to eager mode",
        caption=Text(
            "\n".join(f"[{number}] {note}" for number, note in enumerate(notes, 1)), "table.caption"
        ),
        caption_justify="left",
    )
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def as_markdown(cells: Sequence[Cell]) -> str:
    """The cells as a page, reasons numbered below."""
    headings, rows, notes = _laid_out(cells)
    lines = [
        "# Transforms and formats",
        "",
        "Largest error against eager mode over all signals, relative to the maximum, and speed relative to",
        f"eager mode (2× = twice as fast) on one clip of {SECONDS} s with {torch.get_num_threads()} threads.",
        f"Made by `nnaudio2 matrix --out docs/matrix.md` with {', '.join(_versions())}.",
        "",
        *("| " + " | ".join(row) + " |" for row in (headings, ["---"] * len(headings), *rows)),
    ]
    starred = [cell for cell in cells if cell.left_open]
    if starred:
        lines += [
            "",
            LEFT_OPEN,
            "",
            *(f"- {cell.transform}, {cell.format}: {_listed(cell)}" for cell in starred),
        ]
    if notes:
        lines += ["", "Why not:", "", *(f"{number}. {note}" for number, note in enumerate(notes, 1))]
    return "\n".join(lines) + "\n"


def _listed(cell: Cell) -> str:
    return ", ".join(f"{signal} {error:.0e}" for signal, error in cell.left_open.items())


def _laid_out(cells: Sequence[Cell]) -> tuple[list[str], list[list[str]], list[str]]:
    """Headings, rows, and the reasons that the rows refer to."""
    formats = list(dict.fromkeys(cell.format for cell in cells))
    notes = list(dict.fromkeys(cell.reason for cell in cells if cell.reason))
    texts = {
        (cell.transform, cell.format): f"no [{notes.index(cell.reason) + 1}]" if cell.reason else str(cell)
        for cell in cells
    }
    subjects = dict.fromkeys(cell.transform for cell in cells)
    rows = [[subject, *(texts[subject, form] for form in formats)] for subject in subjects]
    return ["Transform", *formats], rows, notes


def _versions() -> list[str]:
    names = ("torch", "onnxruntime", "executorch")
    return [f"Python {platform.python_version()}", *(f"{name} {_version(name)}" for name in names)]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:  # an extra
        return "missing"
