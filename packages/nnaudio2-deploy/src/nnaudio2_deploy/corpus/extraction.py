"""The command ``nnaudio2 features``: check, plan, skip finished files, run the rest, report."""

import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Optional

from ..artifacts.atomic import remove_left_overs
from ..errors import UserError, printable
from ..extras import extra
from ..transforms import find_transform, front_end_transform, parse_arguments, waveform_transforms
from .claim import claimed
from .clips import check_resampling
from .interruptions import terminations_interrupt
from .listed import listed
from .manifest import NAME as MANIFEST
from .manifest import Line, failed_line, line_of, write_manifest
from .options import NONE, Options, check_reading
from .plan import Job, Plan, plan
from .preparation import check_work
from .progress import progress
from .runners import RUNNERS
from .shards import ITEMS, PACKINGS, Item, Packing, kept_lines, pack
from .statistics import Moments, Statistics, digest_of
from .stores import STORES
from .work import FULL, FileOutcome, FileOutcomes, Task

STATISTICS = "statistics.npz"


@dataclass(frozen=True)
class Request:
    """Recordings, transform, options and output of a run; see ``nnaudio2 features --help``."""

    inputs: Sequence[Path]
    """Audio files, and folders to look for some."""
    transform: Optional[str]
    """A name of :mod:`nnaudio2_core`, upper and lower case being the same; None for a front end."""
    settings: Sequence[str]
    """Arguments of it, as ``name=value``."""
    out: Path
    """Folder of the results."""
    front_end: Optional[str] = None
    """Name of a known front end; None for a transform."""
    list_file: Optional[Path] = None
    """A text file that names recordings."""
    options: Options = NONE
    mixed_rates: bool = False
    """Files may have several sampling rates."""
    normalize: Optional[str] = None
    """``"corpus"``, or a file with the statistics of another run."""
    plot: bool = False
    """Draw each result."""
    format: str = "npz"
    """A key of ``STORES`` or ``PACKINGS``."""
    engine: str = "embedded"
    """A key of ``RUNNERS``."""
    workers: Optional[int] = None
    """Files at a time, >= 1; None for one for each processor."""


@dataclass
class Summary:
    """Numbers of files skipped, computed, not tried and passed over by suffix, and the failures."""

    skipped: int = 0
    computed: int = 0
    not_tried: int = 0
    failures: list[FileOutcome] = field(default_factory=list)
    passed_over: Mapping[str, int] = field(default_factory=dict)


def extract(request: Request) -> Summary:
    """Compute one transform of many audio files.

    Raises:
        UserError: if it cannot be done as asked; nothing is written then.
    """
    packing = PACKINGS.get(request.format)
    task = _task(request, packing)
    files = listed(request.list_file) if request.list_file is not None else []
    place = request.out / ITEMS if packing else request.out
    found = plan(request.inputs, place, files, request.options.labels)
    given = request.normalize
    known = None if given is None or given == "corpus" else Statistics.load(Path(given))
    check_work(task, found.jobs, request.mixed_rates, known)
    _make_folder(request.out)
    with terminations_interrupt(), claimed(request.out):
        for folder in {request.out, *(job.target.parent for job in found.jobs)}:
            remove_left_overs(folder)
        return _Run(request, task, found, packing).run(known)


def _task(request: Request, packing: Optional[Packing]) -> Task:
    if request.transform is not None and request.front_end is None:
        cls = find_transform(request.transform, waveform_transforms(), "--transform")
        arguments = parse_arguments(cls, request.settings)
    elif request.front_end is not None and request.transform is None:
        cls, arguments = front_end_transform(request.front_end, request.settings)
    else:
        raise UserError("either --transform or --front-end must be given")
    check_reading(request.options.reading)
    if request.options.reading.sr is not None:
        check_resampling()
    (packing or STORES[request.format]).check()
    RUNNERS[request.engine].check()
    if request.plot:
        if packing is not None:
            raise UserError(f"--plot draws a picture beside each file: not with --format {request.format}")
        with extra("corpus", "--plot"):
            import_module("matplotlib")
    format = request.format if packing is None else "npz"
    return Task(cls.__name__, json.dumps(arguments), format, request.plot, request.options)


class _Run:
    """A run in a folder that is claimed."""

    def __init__(self, request: Request, task: Task, found: Plan, packing: Optional[Packing]) -> None:
        self.request, self.task, self.found, self.packing = request, task, found, packing
        self.out, self.runner = request.out, RUNNERS[request.engine]
        self.lines: dict[Path, Line] = {}
        self.summary = Summary(passed_over=found.passed_over)

    def run(self, statistics: Optional[Statistics]) -> Summary:
        """Compute what is not there, write the manifest, and the shards if there are to be some."""
        jobs: Sequence[Job] = self.found.jobs
        if self.request.normalize is not None:
            jobs = self._normalise(jobs, statistics)
        items = self._look(jobs)
        waiting = [job for job in jobs if job.target not in self.lines and job.target not in items]
        self.summary.skipped = len(jobs) - len(waiting)
        try:
            with closing(self._outcomes(self.task, waiting, self.task.transform)) as outcomes:
                for outcome in outcomes:
                    if outcome.found is not None:
                        self.summary.computed += 1
                        self._keep(items, outcome.job, outcome.found)
            if self.packing is not None:
                self._pack(self.packing, [items[job.target] for job in jobs if job.target in items])
        except OSError as error:  # of a shard; those of a file are outcomes
            self._not_written(self.out, error)
        finally:
            self._write_manifest()
        unreadable = [FileOutcome(Job(folder, folder), why) for folder, why in self.found.unreadable.items()]
        self.summary.failures = sorted([*self.summary.failures, *unreadable], key=lambda each: each.source)
        return self.summary

    def _look(self, jobs: Sequence[Job]) -> dict[Path, Item]:
        """Put what is there into the lines of the manifest; return the items that await packing."""
        items: dict[Path, Item] = {}
        if self.packing is not None:
            self.lines = kept_lines(self.out, self.packing.suffix, self.task, jobs)
        with progress("looking", len(jobs)) as advance:
            for job in jobs:
                description = None if job.target in self.lines else self.task.done(job)
                if description is not None:
                    self._keep(items, job, description)
                advance()
        return items

    def _keep(self, items: dict[Path, Item], job: Job, description: dict[str, Any]) -> None:
        path = self.task.features_path(job)
        if self.packing is None:
            self.lines[job.target] = line_of(description, path.relative_to(self.out).as_posix())
        else:
            items[job.target] = Item(job, description, path)

    def _outcomes(self, task: Task, jobs: Sequence[Job], description: str) -> FileOutcomes:
        """The outcomes as they come; failures are kept, and a full disk ends the run."""
        if not jobs:
            return
        left = len(jobs)
        running = self.runner.run(task, jobs, self.request.workers)
        with progress(description, left) as advance, closing(running):  # ends the workers
            for outcome in running:
                left -= 1
                advance(outcome.error is not None)
                if outcome.error is not None:
                    self.summary.failures.append(outcome)
                yield outcome
                if outcome.full_disk:
                    self.summary.not_tried = left
                    return

    def _normalise(self, jobs: Sequence[Job], statistics: Optional[Statistics]) -> Sequence[Job]:
        """Put the statistics beside the results and into the task; return the jobs that can be done."""
        path = self.out / STATISTICS
        if statistics is None:
            measuring = self.task.measuring()
            made_of = digest_of(_expected(measuring, jobs))
            statistics = _known(path, made_of)
        if statistics is None:
            with closing(self._outcomes(measuring, jobs, "statistics")) as outcomes:
                found = {outcome.job.target: outcome.found for outcome in outcomes}
            moments = {target: Moments.from_json(each) for target, each in found.items() if each is not None}
            jobs = [job for job in jobs if job.target in moments]
            if not jobs:
                return jobs
            statistics = Statistics.over((moments[job.target] for job in jobs), made_of)
        try:
            statistics.save(path)
        except OSError as error:
            raise UserError(
                f"{path} cannot be written ({error.strerror}): make room, or choose another folder"
            ) from error
        self.task = self.task.normalising(path, statistics)
        return jobs

    def _pack(self, packing: Packing, items: Sequence[Item]) -> None:
        kept = {line["file"] for line in self.lines.values()}
        by_path = {item.job.path: item for item in items}
        self._write_manifest()  # without the shards that are made anew, whose names may come again
        for lines in pack(self.out, packing, items, kept):
            self.lines |= {by_path[line["path"]].job.target: line for line in lines}
            self._write_manifest()
            for line in lines:
                by_path[line["path"]].path.unlink()
        named = {line["file"] for line in self.lines.values()}
        for path in self.out.glob(f"features-*{packing.suffix}"):
            if path.name not in named:
                path.unlink()  # what replaces it is in the manifest
        if not self.summary.not_tried:
            shutil.rmtree(self.out / ITEMS, ignore_errors=True)

    def _write_manifest(self) -> None:
        failed = {outcome.job.target: failed_line(outcome) for outcome in self.summary.failures}
        lines = {**failed, **self.lines}
        try:
            write_manifest(self.out, [lines[job.target] for job in self.found.jobs if job.target in lines])
        except OSError as error:
            self._not_written(self.out / MANIFEST, error)

    def _not_written(self, path: Path, error: OSError) -> None:
        outcome = FileOutcome(Job(path, path), f"cannot be written: {error}", full_disk=error.errno in FULL)
        self.summary.failures.append(outcome)


def _expected(task: Task, jobs: Sequence[Job]) -> Iterable[dict[str, Any]]:
    for job in jobs:
        with suppress(OSError):  # the file is gone; a worker will report it
            yield task.expected(job)


def _known(path: Path, made_of: str) -> Optional[Statistics]:
    """Statistics that were made of the same files in the same way."""
    try:
        found = Statistics.load(path)
    except UserError:
        return None
    return found if found.made_of == made_of else None


def report(summary: Summary, out: Path) -> None:
    """Print failures and untried files on stderr, and the numbers on stdout."""
    for failure in summary.failures:
        print(printable(f"{failure.source}: {failure.error}"), file=sys.stderr)
    if summary.passed_over:
        each = ", ".join(f"{number} {suffix}" for suffix, number in sorted(summary.passed_over.items()))
        print(f"passed over: {each}; convert them first, e.g. with ffmpeg, to flac", file=sys.stderr)
    if summary.not_tried or any(failure.full_disk for failure in summary.failures):
        print(
            f"the disk is full: stopped with {summary.not_tried} files not tried; make room, then run the "
            "same command again",
            file=sys.stderr,
        )
    said = [f"{summary.computed} computed", f"{summary.skipped} there already"]
    if summary.failures:
        said.append(f"{len(summary.failures)} failed")
    print(f"{', '.join(said)}; in {printable(str(out))}")


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write to --out {out} ({error.strerror}): choose another folder") from error
