"""Features of one file: the work of every worker, on any machine."""

import errno
import inspect
import json
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Optional

import torch
from torch import Tensor, nn

from nnaudio2_core.__about__ import __version__

from ..artifacts.atomic import check_names, write_atomically
from ..errors import UserError
from ..transforms import waveform_transforms, with_tuples
from .clips import clips
from .description import arrays_beside, axes, described, frame_axes, kept_axes
from .options import NONE, Options
from .picture_label import is_labelled, labelled
from .plan import Job
from .recordings import read_samples
from .statistics import Moments, Statistics
from .stores import STORES, Store
from .values import exponent, stored

RATES = ("sr", "fs")
"""Names that transforms have for the sampling rate, Hz."""

FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""Errors of a full disk or an exhausted quota, which every other file would meet as well."""


@dataclass(frozen=True)
class Task:
    """Work to do on every file. ``arguments`` are JSON, so that tasks can be compared and hashed."""

    transform: str
    arguments: str
    format: str
    plot: bool
    options: Options = NONE
    statistics: Optional[str] = None
    """Path of the statistics that the options name by their digest."""
    only_measured: bool = False
    """Gather the moments of the features and write nothing."""

    @property
    def store(self) -> Store:
        """Format of the files with features."""
        return STORES[self.format]

    def measuring(self) -> "Task":
        """The task of the pass that gathers moments, the same for every format of the features."""
        storing = replace(self.options.storing, dtype="float32", statistics=None)
        options = replace(self.options, storing=storing)
        return replace(self, format="npz", options=options, plot=False, statistics=None, only_measured=True)

    def normalising(self, path: Path, statistics: Statistics) -> "Task":
        """The task that normalises by statistics that are saved at a path."""
        storing = replace(self.options.storing, statistics=statistics.digest)
        return replace(self, options=replace(self.options, storing=storing), statistics=str(path.absolute()))

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
            "format": self.format,
            "options": self.options.as_json(),
            "source": {"name": job.source.name, "bytes": file.st_size, "modified_ns": file.st_mtime_ns},
        }

    def done(self, job: Job) -> Optional[dict[str, Any]]:
        """The description of features, and their picture, that were made of the same file in the same way."""
        path = self.features_path(job)
        if not os.path.exists(path):
            return None
        try:
            expected = self.expected(job)
        except OSError:
            return None  # the file is gone; a worker will report it
        if self.plot and not is_labelled(self.picture_path(job), _label(expected)):
            return None
        found = self.store.read(path)
        return found if found is not None and expected.items() <= found.items() else None


@dataclass(frozen=True)
class FileOutcome:
    """Result for one file; ``error`` is None on success."""

    job: Job
    error: Optional[str]
    found: Optional[dict[str, Any]] = None
    """The description of the features, or their moments."""
    full_disk: bool = False

    @property
    def source(self) -> str:
        """Path of the file."""
        return str(self.job.source)


FileOutcomes = Generator[FileOutcome, None, None]


def process(task: Task, job: Job) -> FileOutcome:
    """Compute and write the features of one file; failures are outcomes, not exceptions."""
    try:
        with _one_thread(), torch.no_grad():
            return FileOutcome(job, None, _compute(task, job))
    except (OSError, UserError, ValueError, RuntimeError, MemoryError) as error:
        full = isinstance(error, OSError) and error.errno in FULL
        return FileOutcome(job, str(error).strip() or type(error).__name__, full_disk=full)
    except Exception as error:  # unforeseen; one odd file must not stop the others
        return FileOutcome(job, f"{type(error).__name__}: {error}")


def _compute(task: Task, job: Job) -> dict[str, Any]:
    """Write the features and return their description; or return their moments."""
    _check_names(task, job)
    options, name = task.options, job.source.name
    expected = task.expected(job)  # before reading: a file that changes meanwhile is out of date
    table, file_sr, _ = read_samples(job.source, name)
    samples, starts = clips(table, file_sr, options.reading, name)
    sr = options.reading.sr or file_sr
    module = build(task.transform, task.arguments, sr)
    result = module(torch.from_numpy(samples))
    _check_result(name, samples, result)
    named = axes(module, result.dim())
    others = frame_axes(named)
    values = stored(result.numpy(), others, exponent(module), options.storing, _loaded(task), name)
    if task.only_measured:
        return Moments.of(values, others).as_json()
    path = task.features_path(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    if task.plot:
        from .feature_plot import draw  # with matplotlib

        leading = ("segment", "channel", "harmonic")  # the first of each is drawn
        first = tuple(0 if axis in leading else slice(None) for axis in named)
        picture = labelled(draw(module, sr, result[first]), _label(expected))
        write_atomically(task.picture_path(job), picture)
    kept = kept_axes(named, options.reading)
    values = values.reshape([size for axis, size in zip(named, values.shape, strict=True) if axis in kept])
    found = {**expected, **described(module, job, sr, file_sr, table.shape, values, kept)}
    if "segment" in kept:
        found["starts"] = starts.tolist()
    stored_as: dict[str, Any] = json.loads(json.dumps(found))
    task.store.write(path, {"features": values, **arrays_beside(module, values, kept, starts)}, stored_as)
    return stored_as


def _label(expected: dict[str, Any]) -> str:
    """Label of a picture: the origin of the features, in whatever format they are."""
    return json.dumps({name: value for name, value in expected.items() if name != "format"})


def _loaded(task: Task) -> Optional[Statistics]:
    return None if task.statistics is None else _statistics(task.statistics, task.options.storing.statistics)


@lru_cache(maxsize=1)
def _statistics(path: str, digest: Optional[str]) -> Statistics:
    found = Statistics.load(Path(path))
    if found.digest != digest:
        raise UserError(f"{path} was changed while the features were computed: run the command again")
    return found


def _check_result(name: str, samples: Any, result: Tensor) -> None:
    """Refuse a result with NaN or infinite numbers, which finite samples give if they overflow float32."""
    bad = result.numel() - int(result.isfinite().sum())
    if bad:
        raise UserError(
            f"{name} gives {bad} of {result.numel()} numbers that are NaN or infinite: its loudest sample is "
            f"{float(abs(samples).max()):.3g}; scale it to at most 1"
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
            f"the file is sampled at {sr} Hz, {rate} is {given[rate]}: resample it with "
            f"--sr {given[rate]}, or leave {rate} out"
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
