"""Worker processes on this machine: one that dies harms no other, and none outlives its parent."""

import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import wait
from typing import Any, Optional

from .interruptions import ignore_interruptions, interruptions_ignored
from .plan import Job
from .work import FileOutcome, FileOutcomes, Task, process

DIED = "its worker died, and again with no other one running: perhaps it needs more memory than there is"

SPAWN = get_context("spawn")
"""Forked processes would inherit torch's threads in an unknown state."""

MOST = 61 if sys.platform == "win32" else sys.maxsize
"""Windows waits for 64 things at a time."""

LOOK_AGAIN = 1.0
"""Seconds; Windows may not report a worker that dies while it starts."""


def processors() -> int:
    """Number of processors for this process: batch systems and containers give a part of a machine."""
    if hasattr(os, "sched_getaffinity"):  # Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def embedded(task: Task, jobs: Sequence[Job], workers: Optional[int]) -> FileOutcomes:
    """Processes on this machine; with one worker or one file, this process.

    A file whose worker dies is tried again, by itself, when all others are done: there is more memory then.
    """
    workers = min(len(jobs), workers or processors(), MOST)
    if workers <= 1:
        yield from map(partial(process, task), jobs)
        return
    died: list[Job] = []
    yield from _shared_out(task, jobs, workers, died.append)
    died_again: list[Job] = []
    yield from _shared_out(task, died, 1, died_again.append)
    yield from (FileOutcome(job, DIED) for job in died_again)


def _shared_out(task: Task, jobs: Sequence[Job], workers: int, died: Callable[[Job], None]) -> FileOutcomes:
    """The outcomes as they come; the other jobs go to ``died``."""
    waiting, busy = deque(jobs), list[_Worker]()
    try:
        while waiting or busy:
            while waiting and len(busy) < workers:
                busy.append(_Worker(task))
                busy[-1].give(waiting.popleft())
            for worker in _ready(busy):
                job, outcome = worker.job, worker.answer()
                if outcome and waiting:
                    worker.give(waiting.popleft())
                else:
                    busy.remove(worker)
                    worker.end()
                if outcome:
                    yield outcome
                else:
                    died(job)
    finally:
        for worker in busy:
            worker.pipe.close()  # before waiting for any, so that they finish their files in parallel
        for worker in busy:
            worker.end()


class _Worker:
    """A process that does one job after the other."""

    job: Job

    def __init__(self, task: Task) -> None:
        self.pipe, its_end = SPAWN.Pipe()
        self.process = SPAWN.Process(target=_serve, args=(task, its_end))
        with interruptions_ignored():  # the terminal interrupts every process; only the parent answers
            self.process.start()
        its_end.close()

    def give(self, job: Job) -> None:
        self.job = job
        with suppress(OSError):  # it has died, which answer() will tell
            self.pipe.send(job)

    def answer(self) -> Optional[FileOutcome]:
        """Outcome of the job, None if the process died."""
        try:
            return self.pipe.recv() if self.pipe.poll() else None
        except (EOFError, OSError):
            return None

    def end(self) -> None:
        self.pipe.close()
        self.process.join()


def _ready(workers: Sequence[_Worker]) -> list[_Worker]:
    """Workers that have answered or died."""
    heard = wait([worker.pipe for worker in workers], LOOK_AGAIN)
    return [worker for worker in workers if worker.pipe in heard or not worker.process.is_alive()]


def _serve(task: Task, pipe: Any) -> None:
    """Do jobs until the other end of the pipe is closed, by its owner or because that process ended."""
    ignore_interruptions()
    with suppress(EOFError, OSError):
        while True:
            pipe.send(process(task, pipe.recv()))
