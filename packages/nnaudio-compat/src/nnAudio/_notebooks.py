"""The code of a Jupyter notebook as one Python file, and back: names of one cell are used in others."""

import json
import re
from typing import Any, Dict, List, Tuple

MARK = "__nnaudio_cell__"
BEFORE = re.compile(rf"^{MARK} = \d+\n", re.MULTILINE)
"""Line before the code of each cell; a statement, which no rewriting removes."""

IPYTHON = re.compile(
    r"^(?P<indent>[ \t]*)(?P<line>(?:%[\w%]|\?|!(?!=)|[\w.]+ *= *(?:%\w|!)).*|[\w.]+\?+)$", re.MULTILINE
)
"""A line that is not Python; unlike an operator that begins a line, ``%`` has its word right after it."""

PYTHON_CELL = re.compile(r"%%(?:time|timeit|capture|prun)\b")
"""First line of a cell whose other lines are Python."""

HIDDEN = re.compile(r"^(?P<indent>[ \t]*)pass  # nnaudio: (?P<line>.*)$", re.MULTILINE)


def code_of(notebook: Any) -> str:
    """Source of all code cells, IPython's own lines hidden in comments.

    Raises:
        ValueError: if it is not a notebook.
    """
    try:
        sources = [(number, _source(cell)) for number, cell in _cells(notebook)]
    except (KeyError, TypeError) as error:
        raise ValueError("it is not a notebook") from error
    return "".join(f"{MARK} = {number}\n{_hidden(source)}\n" for number, source in sources)


def with_code(notebook: Dict[str, Any], code: str) -> str:
    """The notebook as JSON with the sources of its code cells replaced; outputs stay."""
    sources = BEFORE.split(code)[1:]
    for (_, cell), source in zip(_cells(notebook), sources, strict=True):
        lines = HIDDEN.sub(r"\g<indent>\g<line>", source[:-1]).splitlines(keepends=True)
        cell["source"] = lines if isinstance(cell["source"], list) else "".join(lines)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def place(code: str, line: int) -> str:
    """Number of a code cell, and line in it, both from 1, for a line of the joined code."""
    number, start = 0, 0
    for at, text in enumerate(code.splitlines()[:line], 1):
        if text.startswith(f"{MARK} = "):
            number, start = int(text.rpartition(" ")[2]), at
    return f"cell {number}:{line - start}"


def _cells(notebook: Dict[str, Any]) -> List[Tuple[int, Dict[str, Any]]]:
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return list(enumerate(code, 1))


def _source(cell: Dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _hidden(source: str) -> str:
    if source.startswith("%%") and not PYTHON_CELL.match(source):  # of another language
        return "\n".join(f"pass  # nnaudio: {line}" for line in source.split("\n"))
    return IPYTHON.sub(r"\g<indent>pass  # nnaudio: \g<line>", source)
