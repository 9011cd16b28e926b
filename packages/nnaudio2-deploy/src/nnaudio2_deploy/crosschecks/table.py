"""Tables of the cross-check: the errors, and the meaning of arguments elsewhere."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..measures import say_error
from ..transforms import public_transforms
from .run import Comparison, CrossCheck
from .subjects import SUBJECTS


def show(report: CrossCheck, console: Console, every: bool = False) -> None:
    """Print both tables; ``every`` gives each set of arguments a line of its own."""
    console.print(_errors(report, every))
    console.print(_arguments())
    for line in (*_notes(), *(f"Not compared: {each}." for each in report.lacking)):
        console.print(line, highlight=False, markup=False)


def _errors(report: CrossCheck, every: bool) -> Table:
    signals = list(report.comparisons[0].errors)
    table = _table("Errors")
    table.add_column("Transform", no_wrap=True)
    table.add_column("Peer", no_wrap=True)
    table.add_column("Arguments" if every else "Sets")
    for heading in (*(["Worst"] if every else signals), "Bound"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for group in _grouped(report.comparisons):
        for some in [[one] for one in group] if every else [group]:
            subject = some[0].subject
            worst = [max(one.errors[signal] for one in some) for signal in signals]
            table.add_row(
                subject.name,
                some[0].peer.library,
                _spelt(some[0]) if every else str(len(some)),
                *map(say_error, [max(worst)] if every else worst),
                f"{subject.bound:.0e}",
                "" if max(worst) <= subject.bound else Text("above", style="bold red"),
            )
    table.caption = f"Not compared with torch or torchaudio: {', '.join(not_compared())}."
    return table


def _grouped(comparisons: Sequence[Comparison]) -> Iterator[list[Comparison]]:
    """Comparisons of one transform with one peer, in the order of the subjects."""

    def key(one: Comparison) -> tuple[int, int]:
        return SUBJECTS.index(one.subject), one.subject.peers.index(one.peer)

    for _, group in groupby(sorted(comparisons, key=key), key):
        yield list(group)


def _spelt(comparison: Comparison) -> str:
    return " ".join(f"{name}={value}" for name, value in comparison.arguments.items())


def _arguments() -> Table:
    table = _table("Arguments that do not have the same name and meaning")
    table.add_column("Ours")
    table.add_column("Theirs")
    for subject in SUBJECTS:
        for peer in subject.peers:
            lines = peer.translation.lines()
            if lines:
                table.add_row(f"[bold]{subject.name}", f"[bold]{peer.function}")
            for ours, theirs in lines:
                table.add_row(f"  {ours}", theirs)
            table.add_section()
    return table


def _notes() -> Iterator[str]:
    yield "An error is the largest difference over the maximum, the worst of all sets of arguments; but of"
    for measure, group in groupby((each for each in SUBJECTS if each.measure), lambda each: each.measure):
        yield f"  {', '.join(each.name for each in group)}: {measure}"


def not_compared() -> list[str]:
    """Our transforms that are not compared with torch or torchaudio."""
    compared = {s.name for s in SUBJECTS if any(peer.library != "librosa" for peer in s.peers)}
    return [name for name in public_transforms() if name not in compared]


def _table(title: str) -> Table:
    return Table(
        title=title, title_justify="left", title_style="bold", caption_justify="left", box=box.SIMPLE_HEAD
    )
