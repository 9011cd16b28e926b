"""Checks before any work: sampling rates, arguments of the transform, options that must suit both."""

from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Optional

import numpy as np
import soundfile
import torch

from ..errors import UserError
from ..regular_files import open_regular
from .description import axes, frame_axes
from .plan import Job
from .progress import progress
from .statistics import Statistics
from .values import check_scale
from .work import Task, build

SECONDS = 0.25
"""Length of the noise that options are tried on."""


def found_rates(jobs: Sequence[Job]) -> Generator[tuple[int, Job], None, None]:
    """The sampling rates of the files, Hz, each with the first file that has it, as they are found.

    Files that cannot be read are left out: they will be among the failures.
    """
    found: set[int] = set()
    with progress("sampling rates", len(jobs)) as advance:
        for job in jobs:
            sr = _rate_of(job.source)
            if sr is not None and sr not in found:
                found.add(sr)
                yield sr, job
            advance()


def _rate_of(path: Path) -> Optional[int]:
    try:
        with open_regular(path) as stream:
            return int(soundfile.info(stream).samplerate)
    except (OSError, RuntimeError, TypeError):
        return None


def check_work(task: Task, jobs: Sequence[Job], mixed_rates: bool, statistics: Optional[Statistics]) -> None:
    """Look for a rate that suits the arguments, and try the options at it, so that wrong ones fail at once.

    Args:
        task: the work.
        jobs: the files.
        mixed_rates: files may have several sampling rates.
        statistics: what to normalise by, if that is known already.

    Raises:
        UserError: the first there was, if the arguments fit none of the files that can be read.
    """
    first: Optional[UserError] = None
    with closing(found_rates(jobs)) as found:
        for sr in _rates(task, found, mixed_rates):
            try:
                module = build(task.transform, task.arguments, sr)
            except UserError as error:
                first = first or error
                continue
            _try(task, module, sr, statistics)
            return
    if first is not None:
        raise first


def _rates(task: Task, found: Iterable[tuple[int, Job]], mixed_rates: bool) -> Iterable[int]:
    """The rates to try; several of the files are read only as far as they are asked for."""
    if task.options.reading.sr is not None:
        return [task.options.reading.sr]
    if mixed_rates:
        return (sr for sr, _ in found)
    rates = dict(found)
    if len(rates) > 1:
        each = ", ".join(f"{sr} Hz ({job.source})" for sr, job in sorted(rates.items()))
        raise UserError(
            f"the files have {len(rates)} sampling rates: {each}: give --sr to resample them, or "
            "--mixed-rates to keep each"
        )
    return rates


def _try(task: Task, module: Any, sr: int, statistics: Optional[Statistics]) -> None:
    options, needed = task.options, int(getattr(module, "min_samples", 1))
    if options.reading.segment is not None:
        length = round(options.reading.segment * sr)
        if length < needed:
            raise UserError(
                f"--segment {options.reading.segment:g} has {length} samples at {sr} Hz, and "
                f"{task.transform} needs {needed}: give at least {needed / sr:.4g}"
            )
    if options.storing.scale == "linear" and statistics is None:
        return
    noise = np.random.default_rng(0).standard_normal((1, 1, max(needed, round(SECONDS * sr))), np.float32)
    with torch.no_grad():
        features = module(torch.from_numpy(0.1 * noise)).numpy()
    check_scale(options.storing, features, task.transform)
    if statistics is not None:
        statistics.normalised(features, frame_axes(axes(module, features.ndim)))
