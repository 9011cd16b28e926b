"""The command ``nnaudio2 features``: check, plan, skip finished files, run the rest, report."""

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Optional

import soundfile
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..artifacts.atomic import remove_left_overs
from ..errors import UserError, printable
from ..extras import extra
from ..regular_files import open_regular
from ..transforms import find_transform, front_end_transform, parse_arguments, waveform_transforms
from .interruptions import terminations_interrupt
from .plan import Job, plan
from .runners import RUNNERS
from .stores import STORES
from .work import FileOutcome, Task, build


@dataclass(frozen=True)
class Summary:
    """Numbers of files skipped, computed and passed over by suffix, and the failures."""

    skipped: int
    computed: int
    failures: list[FileOutcome]
    passed_over: Mapping[str, int]


def extract(
    inputs: Sequence[Path],
    transform: str,
    settings: Sequence[str],
    out: Path,
    *,
    front_end: Optional[str] = None,
    plot: bool = False,
    format: str = "npz",
    engine: str = "embedded",
    workers: Optional[int] = None,
) -> Summary:
    """Compute one transform of many audio files; see ``nnaudio2 features --help``.

    Args:
        inputs: audio files, and folders to look for some.
        transform: a name of :mod:`nnaudio2_core`, upper and lower case being the same.
        settings: arguments of it, as ``name=value``.
        front_end: name of a known front end instead of a transform.
        out: folder of the results.
        plot: also draw each result.
        format: ``"npz"`` or ``"zarr"``.
        engine: ``"embedded"`` or ``"ray"``.
        workers: files at a time, >= 1; None for one for each processor.

    Raises:
        UserError: if it cannot be done as asked; nothing is written then.
    """
    if front_end is None:
        cls = find_transform(transform, waveform_transforms(), "--transform")
        arguments = parse_arguments(cls, settings)
    else:
        cls, arguments = front_end_transform(front_end, settings)
    STORES[format].check()
    RUNNERS[engine].check()
    if plot:
        with extra("corpus", "--plot"):
            import_module("matplotlib")
    found = plan(inputs, out)
    jobs = found.jobs
    task = Task(cls.__name__, json.dumps(arguments), format, plot)
    _try_arguments(task, jobs)
    _make_folder(out)
    for folder in {job.target.parent for job in jobs}:
        remove_left_overs(folder)

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with terminations_interrupt(), bars as progress:
        waiting = [job for job in progress.track(jobs, description="looking") if not task.is_done(job)]
        outcomes = []
        bar = progress.add_task(cls.__name__, total=len(waiting))
        if waiting:
            with closing(RUNNERS[engine].run(task, waiting, workers)) as running:  # ends the workers
                for outcome in running:
                    outcomes.append(outcome)
                    progress.advance(bar)
    failed = [each for each in outcomes if each.error]
    unreadable = [FileOutcome(str(folder), reason) for folder, reason in found.unreadable.items()]
    failures = sorted([*failed, *unreadable], key=lambda each: each.source)
    return Summary(len(jobs) - len(waiting), len(outcomes) - len(failed), failures, found.passed_over)


def report(summary: Summary, out: Path) -> None:
    """Print failures and untried files on stderr, and the numbers on stdout."""
    for failure in summary.failures:
        print(printable(f"{failure.source}: {failure.error}"), file=sys.stderr)
    if summary.passed_over:
        each = ", ".join(f"{number} {suffix}" for suffix, number in sorted(summary.passed_over.items()))
        print(f"passed over: {each}; convert them first, e.g. with ffmpeg, to flac", file=sys.stderr)
    said = [f"{summary.computed} computed", f"{summary.skipped} there already"]
    if summary.failures:
        said.append(f"{len(summary.failures)} failed")
    print(f"{', '.join(said)}; in {printable(str(out))}")


def _try_arguments(task: Task, jobs: Sequence[Job]) -> None:
    """Look for a file whose rate suits the arguments, so that wrong arguments fail at once.

    Raises:
        UserError: the first there was, if they fit none of the files that can be read.
    """
    errors: dict[int, UserError] = {}
    for job in jobs:
        try:
            with open_regular(job.source) as stream:
                sr = int(soundfile.info(stream).samplerate)
        except (OSError, RuntimeError, TypeError):
            continue  # the file will be among the failures
        if sr in errors:
            continue
        try:
            build(task.transform, task.arguments, sr)
            return
        except UserError as error:
            errors[sr] = error
    for first in errors.values():
        raise first


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write to --out {out} ({error.strerror}): choose another folder") from error
