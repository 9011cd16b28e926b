"""Who runs the workers: processes on this machine, or Ray on as many machines as it has."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Optional

from ..errors import UserError
from .plan import Job
from .work import Outcome, Task, process

Outcomes = Generator[Outcome, None, None]


@dataclass(frozen=True)
class Engine:
    """Runs jobs. ``run`` gives the outcomes as they come, and ends its workers when it is closed.

    The number of workers may be None: one for each processor.
    """

    run: Callable[[Task, Sequence[Job], Optional[int]], Outcomes]
    check: Callable[[], object]
    """Raises UserError if what it needs is not installed."""


DIED = "its worker died, perhaps out of memory: run the command again, with fewer workers"


def embedded(task: Task, jobs: Sequence[Job], workers: Optional[int]) -> Outcomes:
    """Processes on this machine; with one worker or one file, this process."""
    workers = min(len(jobs), workers or os.cpu_count() or 1)
    if workers <= 1:
        yield from map(partial(process, task), jobs)
        return
    # forked processes would inherit torch's threads in an unknown state
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_ignore_interrupts)
    try:
        with _started_processes_ignore_interrupts():
            running = {pool.submit(process, task, job): job for job in jobs}
        for future in as_completed(running):
            broken = isinstance(future.exception(), BrokenExecutor)
            yield Outcome(str(running[future].source), DIED) if broken else future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _started_processes_ignore_interrupts() -> Iterator[None]:
    """From their first instant where the system hands that down: the terminal interrupts all, one answers."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is interrupted, and may say what happens then
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere unless asked for
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise UserError("--engine ray needs Ray: pip install nnaudio2-deploy[ray]") from error
    return ray


def on_ray(task: Task, jobs: Sequence[Job], workers: Optional[int]) -> Outcomes:
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
        rows = [{"source": str(job.source.absolute()), "target": str(job.target.absolute())} for job in jobs]
        data = ray.data.from_items(rows, override_num_blocks=min(len(rows), 1000))
        missing = {row["target"]: str(job.source) for row, job in zip(rows, jobs, strict=True)}
        at_a_time = None if workers is None else min(workers, len(rows))
        done = data.map(partial(_process_row, task), num_cpus=1, concurrency=at_a_time)
        for row in done.iter_rows():
            yield Outcome(missing.pop(row["target"]), row["error"] or None)
        yield from (Outcome(source, DIED) for source in missing.values())
    finally:
        if started:
            ray.shutdown()


def _process_row(task: Task, row: dict[str, Any]) -> dict[str, Any]:
    outcome = process(task, Job(Path(row["source"]), Path(row["target"])))
    return {"target": row["target"], "error": outcome.error or ""}


ENGINES = {"embedded": Engine(embedded, check=lambda: None), "ray": Engine(on_ray, check=_ray)}
