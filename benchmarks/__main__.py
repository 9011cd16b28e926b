"""``hatch run bench [NAMES...] [--quick] [--threads N] [--out FILE] [--busy]``; ``hatch run bench --page``.

Each ``bench_NAME.py`` in this folder has a function ``rows(quick: bool)`` that gives its :class:`Row` s. A
full run leaves them in results.json and makes results.md and the results page of the site from that;
``--page`` only makes those two. On a busy machine a full run needs ``--busy``, and its page says Preliminary.
"""

import argparse
import sys
import traceback
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Optional

import torch
from rich.console import Console

from nnaudio2_core import keep_freed_memory

from . import headlines, page, table
from .machine import this_machine
from .results import Results
from .row import Row
from .timing import failure

HERE = Path(__file__).resolve().parent
NAMES = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
RESULTS = HERE / "results.json"
DOCS = HERE.parent / "docs"


def arguments(given: Optional[Sequence[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="hatch run bench", description="Speed and error compared with the peers."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"parts to run: {', '.join(NAMES)}; all")
    parser.add_argument("--quick", action="store_true", help="tiny problems, to see that all works")
    parser.add_argument("--threads", type=int, default=2, help="threads of torch and the peers (default 2)")
    parser.add_argument("--out", type=Path, help="JSON to write; a full run goes to results.json by default")
    parser.add_argument(
        "--page", action="store_true", help="measure nothing: make the pages from results.json"
    )
    parser.add_argument("--busy", action="store_true", help="make the page though other programs are running")
    options = parser.parse_args(given)
    unknown = [name for name in options.names if name not in NAMES]
    if unknown:
        parser.error(f"NAME must be one of {', '.join(NAMES)}, got {unknown[0]}")
    if options.page and (options.names or options.quick or options.out):
        parser.error("--page measures nothing and goes with no other argument")
    if options.threads < 1:
        parser.error(f"--threads must be >= 1, got {options.threads}")
    if options.out is None and not options.names and not options.quick:
        options.out = RESULTS
    return options


def rows_of(name: str, quick: bool) -> Iterator[Row]:
    """The rows of one part; after a failure, a last row with the reason."""
    try:
        yield from import_module(f"{__package__}.bench_{name}").rows(quick=quick)
    except Exception as problem:  # the other parts still count
        traceback.print_exc()
        yield Row(name, "", None, note=failure(problem))


def main(given: Optional[Sequence[str]] = None) -> int:
    """Return 1 if a part could not run, else 0, whatever the times and errors."""
    options = arguments(given)
    if options.page:
        return make_page()
    torch.set_num_threads(options.threads)
    keep_freed_memory()
    machine = this_machine()
    if options.out == RESULTS and machine.busy and not options.busy:
        sys.exit(
            f"other programs use {machine.load:.1f} of {machine.cores} cores, and times would mean little: "
            "wait a minute or stop them, or give --busy for a preliminary page"
        )
    console = Console() if sys.stdout.isatty() else Console(width=220)
    parts: dict[str, list[Row]] = {}
    with console.status("") as status:
        for name in options.names or NAMES:
            parts[name] = []
            for row in rows_of(name, options.quick):
                parts[name].append(row)
                status.update(f"{name}: {row.transform}, {row.case}")
            table.show({name: parts[name]}, console)
    results = Results(machine, parts, options.quick)
    for line in machine.lines():
        console.print(line, highlight=False)
    console.print(table.summary(results.rows, options.quick))
    if options.out is not None:
        results.save(options.out)
        console.print(f"written to {options.out}", highlight=False)
    if options.out == RESULTS:
        make_page()
    return int(any(row.ours is None for row in results.rows))


def make_page() -> int:
    """Write results.md, the results page with its pictures, and the table of README.md from the last run."""
    results = Results.load(RESULTS)
    page.write_figures(results, HERE / "results.md")
    page.write(results, DOCS / "benchmarks.md", DOCS / "pictures")
    headlines.update(HERE.parent / "README.md", results.rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
