"""Progress of a run: a bar on a terminal, elsewhere a line every so often."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

EVERY = 30.0
"""Seconds between two lines."""


class Advance(Protocol):
    """Counts one more file; ``failed`` says how it ended."""

    def __call__(self, failed: bool = False) -> None:
        """Count it."""


@contextmanager
def progress(description: str, total: int) -> Iterator[Advance]:
    """Show on stderr how many of ``total`` files are done."""
    console = Console(stderr=True)
    if console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bars:
            bar = bars.add_task(description, total=total)
            yield lambda failed=False: bars.advance(bar)
        return
    yield _Lines(description, total)


class _Lines:
    """Writes a line when the last one, or the start, is ``EVERY`` seconds ago."""

    def __init__(self, description: str, total: int) -> None:
        self.description, self.total = description, total
        self.done = self.failed = 0
        self.start = self.said = time.monotonic()

    def __call__(self, failed: bool = False) -> None:
        self.done += 1
        self.failed += failed
        now = time.monotonic()
        if now - self.said < EVERY or self.done == self.total:
            return
        self.said = now
        left = (now - self.start) / self.done * (self.total - self.done)
        failures = f", {self.failed} failed" if self.failed else ""
        text = (
            f"{self.description}: {self.done} of {self.total} files{failures}, about {_duration(left)} left"
        )
        print(text, file=sys.stderr, flush=True)


def _duration(seconds: float) -> str:
    """A duration in words.

    Example:
        >>> _duration(4000)
        '1 h 7 min'
    """
    if seconds < 59.5:
        return f"{round(seconds)} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
