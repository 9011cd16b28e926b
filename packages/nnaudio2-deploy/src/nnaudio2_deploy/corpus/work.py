"""Features of one file: the work of every worker, on any machine."""

import inspect
import json
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Optional

import torch
from torch import Tensor, nn

from nnaudio2_core.__about__ import __version__

from ..artifacts.atomic import check_names, write_atomically
from ..errors import UserError
from ..transforms import waveform_transforms, with_tuples
from .announced import announces_length
from .picture_label import is_labelled, labelled
from .plan import Job
from .recordings import read_samples
from .stores import STORES, Store

RATES = ("sr", "fs")
"""Names that transforms have for the sampling rate, Hz."""


@dataclass(frozen=True)
class Task:
    """Work to do on every file. ``arguments`` are JSON, so that tasks can be compared and hashed."""

    transform: str
    arguments: str
    format: str
    plot: bool

    @property
    def store(self) -> Store:
        """Format of the files with features."""
        return STORES[self.format]

    def features_path(self, job: Job) -> Path:
        """Path of the features of a job."""
        return job.target.with_name(job.target.name + self.store.suffix)

    def picture_path(self, job: Job) -> Path:
        """Path of their picture."""
        return job.target.with_name(job.target.name + ".png")

    def expected(self, job: Job) -> dict[str, Any]:
        """The part of a description that changes where features are out of date."""
        file = job.source.stat()
        return {
            "nnaudio2": __version__,
            "transform": self.transform,
            "arguments": json.loads(self.arguments),
            "source": {"name": job.source.name, "bytes": file.st_size, "modified_ns": file.st_mtime_ns},
        }

    def is_done(self, job: Job) -> bool:
        """True if the features, and their picture, exist and were made of the same file in the same way."""
        path = self.features_path(job)
        if not os.path.exists(path):
            return False
        try:
            expected = self.expected(job)
        except OSError:
            return False  # the file is gone; a worker will report it
        if self.plot and not is_labelled(self.picture_path(job), json.dumps(expected)):
            return False
        stored = self.store.read(path)
        return stored is not None and expected.items() <= stored.items()


@dataclass(frozen=True)
class FileOutcome:
    """Result for one file; ``error`` is None on success."""

    source: str
    error: Optional[str]


FileOutcomes = Generator[FileOutcome, None, None]


def process(task: Task, job: Job) -> FileOutcome:
    """Compute and write the features of one file; failures are outcomes, not exceptions."""
    try:
        with _one_thread(), torch.no_grad():
            _compute(task, job)
    except (UserError, ValueError, RuntimeError, OSError, MemoryError) as error:
        return FileOutcome(str(job.source), str(error).strip() or type(error).__name__)
    except Exception as error:  # unforeseen; one odd file must not stop the others
        return FileOutcome(str(job.source), f"{type(error).__name__}: {error}")
    return FileOutcome(str(job.source), None)


def _compute(task: Task, job: Job) -> None:
    _check_names(task, job)
    expected = task.expected(job)  # before reading: a file that changes meanwhile is out of date
    table, sr, announced = read_samples(job.source, job.source.name)
    if len(table) < announced and announces_length(job.source):
        raise UserError(
            f"{job.source.name} is cut short: {len(table)} samples of {announced} can be read: get it again"
        )
    module = build(task.transform, task.arguments, sr)
    samples = torch.from_numpy(table).mean(1)
    result = module(samples)
    _check_result(job.source.name, samples, result)
    path = task.features_path(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    description = {**expected, "config": module.config, "sr": sr, "channels": table.shape[1]}
    if task.plot:
        from .feature_plot import draw  # with matplotlib

        picture = labelled(draw(module, sr, result), json.dumps(expected))
        write_atomically(task.picture_path(job), picture)
    task.store.write(path, result.numpy(), json.loads(json.dumps(description)))


def _check_result(name: str, samples: Tensor, result: Tensor) -> None:
    """Refuse a result with NaN or infinite numbers, which finite samples give if they overflow float32."""
    bad = result.numel() - int(result.isfinite().sum())
    if bad:
        raise UserError(
            f"{name} gives {bad} of {result.numel()} numbers that are NaN or infinite: its loudest sample is "
            f"{float(samples.abs().max()):.3g}; scale it to at most 1"
        )


def _check_names(task: Task, job: Job) -> None:
    """Refuse, before any work, a recording whose result would have a name that no folder can hold."""
    try:
        check_names(task.features_path(job))
        if task.plot:
            check_names(task.picture_path(job))
    except OSError as error:
        raise UserError(f"its result cannot be written ({error.strerror}): give it a shorter name") from error


@lru_cache(maxsize=4)
def build(transform: str, arguments: str, sr: int) -> Any:
    """The module for files of one sampling rate.

    Raises:
        UserError: if the arguments do not suit it.
    """
    given: dict[str, Any] = with_tuples(json.loads(arguments))
    kind = waveform_transforms()[transform]
    (rate,) = [name for name in RATES if name in inspect.signature(kind).parameters]
    if given.setdefault(rate, sr) != sr:
        raise UserError(
            f"the file is sampled at {sr} Hz, {rate} is {given[rate]}: resample it, or leave {rate} out"
        )
    try:
        module: nn.Module = kind(**given)
    except (ValueError, TypeError) as error:
        raise UserError(f"{transform} at {sr} Hz: {error}") from error
    return module.eval()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Use one thread for each file: the workers run in parallel, and results never depend on them."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
