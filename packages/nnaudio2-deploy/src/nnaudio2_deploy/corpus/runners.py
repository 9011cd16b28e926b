"""Runners of the workers: processes on this machine, or a Ray cluster."""

import json
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Optional

from ..extras import extra
from .plan import Job
from .processes import embedded
from .work import FileOutcome, FileOutcomes, Task, process


@dataclass(frozen=True)
class Runner:
    """Runs jobs. ``run`` gives the outcomes as they come, and ends its workers when it is closed.

    The number of workers may be None: one for each processor that there is for this process.
    """

    run: Callable[[Task, Sequence[Job], Optional[int]], FileOutcomes]
    check: Callable[[], object]
    """Raises MissingExtra if what it needs is not installed."""


DIED = "its worker died, perhaps out of memory: run the command again, with fewer workers"


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere unless asked for
    with extra("ray", "--engine ray"):
        import ray
        import ray.data
    return ray


def on_ray(task: Task, jobs: Sequence[Job], workers: Optional[int]) -> FileOutcomes:
    """A Ray Data job, on the cluster of ``RAY_ADDRESS`` or a local one that ends with it.

    All machines must see the audio and the output under the same paths.
    """
    ray = _ray()
    logging.getLogger("ray.data").setLevel(logging.ERROR)  # the command has a progress bar of its own
    started = not ray.is_initialized()
    if started:
        # a cluster that is there already has its own number of processors
        processors = None if os.environ.get("RAY_ADDRESS") else workers
        ray.init(num_cpus=processors, log_to_driver=False, logging_level=logging.ERROR)
    try:
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = context.print_on_execution_start = False
        context.max_errored_blocks = -1  # a worker that dies loses its files, not the job
        rows = [_row(job) for job in jobs]
        data = ray.data.from_items(rows, override_num_blocks=min(len(rows), 1000))
        missing = {row["target"]: job for row, job in zip(rows, jobs, strict=True)}
        at_a_time = None if workers is None else min(workers, len(rows))
        done = data.map(partial(_process_row, task), num_cpus=1, concurrency=at_a_time)
        for row in done.iter_rows():
            yield FileOutcome(
                missing.pop(row["target"]), row["error"] or None, json.loads(row["found"]), row["full_disk"]
            )
        yield from (FileOutcome(job, DIED) for job in missing.values())
    finally:
        if started:
            ray.shutdown()


def _row(job: Job) -> dict[str, Any]:
    source, target = (str(path.absolute()) for path in (job.source, job.target))
    return {"source": source, "target": target, "path": job.path, "label": job.label or ""}


def _process_row(task: Task, row: dict[str, Any]) -> dict[str, Any]:
    job = Job(Path(row["source"]), Path(row["target"]), row["path"], row["label"] or None)
    outcome = process(task, job)
    found = json.dumps(outcome.found)  # as text: rows of one job must have the same columns
    return {
        "target": row["target"],
        "error": outcome.error or "",
        "found": found,
        "full_disk": outcome.full_disk,
    }


RUNNERS = {"embedded": Runner(embedded, check=lambda: None), "ray": Runner(on_ray, check=_ray)}
