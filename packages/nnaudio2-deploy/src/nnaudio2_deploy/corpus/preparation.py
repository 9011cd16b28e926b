"""Checks before any work: sampling rates, arguments of the transform, options that must suit both."""

from collections.abc import Sequence
from typing import Any, Optional

import numpy as np
import soundfile
import torch

from ..errors import UserError
from ..regular_files import open_regular
from .description import axes, frame_axes
from .plan import Job
from .statistics import Statistics
from .values import check_scale
from .work import Task, build

SECONDS = 0.25
"""Length of the noise that options are tried on."""


def check_rates(jobs: Sequence[Job]) -> dict[int, Job]:
    """The sampling rates of the files, Hz, each with the first file that has it.

    Files that cannot be read are left out: they will be among the failures.
    """
    found: dict[int, Job] = {}
    for job in jobs:
        try:
            with open_regular(job.source) as stream:
                sr = int(soundfile.info(stream).samplerate)
        except (OSError, RuntimeError, TypeError):
            continue
        found.setdefault(sr, job)
    return found


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
    reading = task.options.reading
    if reading.sr is not None:
        rates = {reading.sr: jobs[0]}
    else:
        rates = check_rates(jobs)
        if len(rates) > 1 and not mixed_rates:
            each = ", ".join(f"{sr} Hz ({job.source})" for sr, job in sorted(rates.items()))
            raise UserError(
                f"the files have {len(rates)} sampling rates: {each}: give --sr to resample them, or "
                "--mixed-rates to keep each"
            )
    errors: list[UserError] = []
    for sr in rates:
        module = _built(task, sr, errors)
        if module is not None:
            _try(task, module, sr, statistics)
            return
    for first in errors:
        raise first


def _built(task: Task, sr: int, errors: list[UserError]) -> Any:
    """The transform for a rate; or None, and the error is kept."""
    try:
        return build(task.transform, task.arguments, sr)
    except UserError as error:
        errors.append(error)
        return None


def _try(task: Task, module: Any, sr: int, statistics: Optional[Statistics]) -> None:
    options, needed = task.options, int(getattr(module, "min_samples", 1))
    if options.reading.segment is not None:
        length = round(options.reading.segment * sr)
        if length < needed:
            raise UserError(
                f"--segment {options.reading.segment:g} has {length} samples at {sr} Hz, and "
                f"{task.transform} "
                f"needs {needed}: give at least {needed / sr:.4g}"
            )
    if options.storing.scale == "linear" and statistics is None:
        return
    noise = np.random.default_rng(0).standard_normal((1, 1, max(needed, round(SECONDS * sr))), np.float32)
    with torch.no_grad():
        features = module(torch.from_numpy(0.1 * noise)).numpy()
    check_scale(options.storing, features, task.transform)
    if statistics is not None:
        statistics.normalised(features, frame_axes(axes(module, features.ndim)))
