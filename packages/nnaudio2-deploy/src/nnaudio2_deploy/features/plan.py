"""Which files, and where the features of each go."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError

SUFFIXES = (".aif", ".aiff", ".au", ".caf", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".w64", ".wav")
"""What is taken for audio in a folder; a file that is named is always tried."""


@dataclass(frozen=True)
class Job:
    """An audio file and the place of its features, without the suffix of their format."""

    source: Path
    target: Path


def plan(inputs: Sequence[Path], out: Path) -> list[Job]:
    """A job for each file, and for each audio file in a folder and the folders in it, in order of names.

    ``corpus/a/b.wav``, found in ``corpus``, goes to ``out/a/b.wav``, a suffix to be added.

    Raises:
        UserError: if an input does not exist, there is no audio, or two files would share a place.
    """
    jobs: dict[Path, Job] = {}
    for given in inputs:
        if not given.exists():
            raise UserError(f"{given} does not exist: check the path")
        for source in _audio_in(given) if given.is_dir() else [given]:
            target = out / (source.relative_to(given) if given.is_dir() else source.name)
            job = jobs.setdefault(target, Job(source, target))
            if job.source.resolve() != source.resolve():
                raise UserError(
                    f"{job.source} and {source} would both be written to {target}.*: "
                    "name a folder that holds both, or run them into two folders"
                )
    if not jobs:
        named = ", ".join(map(str, inputs))
        raise UserError(f"there is no audio in {named}: looked for {', '.join(SUFFIXES)}")
    return list(jobs.values())


def _audio_in(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
    )
