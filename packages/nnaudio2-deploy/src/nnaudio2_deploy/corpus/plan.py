"""Plan of a run: audio files, and the place of the features of each."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import UserError
from ..regular_files import absence

SUFFIXES = (".aif", ".aiff", ".au", ".caf", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".w64", ".wav")
"""Suffixes of audio files in a folder; a file that is named is always tried."""

OTHER_AUDIO = (".aac", ".ac3", ".amr", ".ape", ".m4a", ".m4b", ".mka", ".mpc", ".tta", ".wma", ".wv")
"""Audio that libsndfile cannot read."""


@dataclass(frozen=True)
class Job:
    """An audio file and the place of its features, without the suffix of their format."""

    source: Path
    target: Path
    path: str = ""
    """Path of the file in its corpus, with slashes."""
    label: str | None = None
    """The folder of the corpus that it is in, if labels are wanted."""


@dataclass
class Plan:
    """The jobs, and the files and folders that are not among them."""

    jobs: list[Job] = field(default_factory=list)
    unreadable: dict[Path, str] = field(default_factory=dict)
    """Folders that cannot be looked into, and why."""
    passed_over: Counter[str] = field(default_factory=Counter)
    """Numbers of files for each suffix in ``OTHER_AUDIO``."""


def plan(
    inputs: Sequence[Path], out: Path, listed: Iterable[tuple[Path, Path]] = (), labels: bool = False
) -> Plan:
    """A job for each file, and for each audio file in a folder and the folders in it, in order of names.

    ``corpus/a/b.wav``, found in ``corpus``, goes to ``out/a/b.wav``, a suffix to be added. Links to folders
    are followed, but for those to a folder that they are in.

    Args:
        inputs: files, and folders to look for some.
        out: folder of the results.
        listed: files of a list, each with its path in the corpus.
        labels: label each recording by the first folder of its path in the corpus.

    Raises:
        UserError: if an input does not exist, there is no audio, two files would share a place, or a file
            that needs a label is in no folder.
    """
    found = Plan()
    jobs: dict[Path, Job] = {}
    for source, path in [*_sources(inputs, found), *listed]:
        target = out / path
        job = jobs.setdefault(target, Job(source, target, path.as_posix()))
        if os.path.realpath(job.source) != os.path.realpath(source):
            raise UserError(
                f"{job.source} and {source} would both be written to {target}.*: "
                "name a folder that holds both, or run them into two folders"
            )
    if not jobs:
        named = ", ".join(map(str, inputs)) or "the list"
        beside = [f"; {folder}: {reason}" for folder, reason in found.unreadable.items()]
        beside += [f"; {number} {suffix} passed over" for suffix, number in found.passed_over.items()]
        raise UserError(f"there is no audio in {named}: looked for {', '.join(SUFFIXES)}{''.join(beside)}")
    found.jobs = [_labelled(job) if labels else job for job in jobs.values()]
    return found


def _sources(inputs: Sequence[Path], found: Plan) -> Iterator[tuple[Path, Path]]:
    """Files, each with its path in its corpus."""
    for given in inputs:
        if not os.path.exists(given):
            raise UserError(f"{given} {absence(given)}: check the path")
        if not os.path.isdir(given):
            yield given, Path(given.name)
            continue
        for source in _audio_in(given, (), found):
            yield source, source.relative_to(given)


def _labelled(job: Job) -> Job:
    folder, inside, _ = job.path.partition("/")
    if not inside:
        raise UserError(
            f"{job.source} has no label: --labels takes that of the first folder below the one you name, "
            "and this file is in none"
        )
    return replace(job, label=folder)


def _audio_in(folder: Path, above: tuple[str, ...], found: Plan) -> Iterator[Path]:
    real = os.path.realpath(folder)
    if real in above:  # a link in a circle
        return
    try:
        with os.scandir(folder) as entries:
            names = sorted((Path(entry.path), _is_folder(entry)) for entry in entries)
    except OSError as error:
        found.unreadable[folder] = f"the folder cannot be read ({error.strerror}): check its permissions"
        return
    for path, is_folder in names:
        suffix = path.suffix.lower()
        if path.name.startswith("."):
            continue
        if is_folder:
            yield from _audio_in(path, (*above, real), found)
        # a link that leads nowhere is a failure, pipes and devices are not recordings
        elif suffix in SUFFIXES and (os.path.isfile(path) or not os.path.exists(path)):
            yield path
        elif suffix in OTHER_AUDIO:
            found.passed_over[suffix] += 1


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to a place without permission: reading it will report that
        return Path(entry.name).suffix.lower() not in SUFFIXES
