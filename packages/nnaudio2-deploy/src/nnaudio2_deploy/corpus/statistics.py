"""Mean and deviation of each row of features over a corpus, merged file by file."""

import hashlib
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..artifacts.atomic import write_atomically
from ..errors import UserError
from ..regular_files import open_regular

Array = npt.NDArray[np.float64]

SMALLEST = 1e-8
"""A deviation below this, of the largest one, counts as none: its row becomes 0."""


@dataclass(frozen=True)
class Moments:
    """Number of frames, mean of each row, and sum of squared differences from it.

    Shape:
        mean, squares: ``(rows,)``, or ``(rows, 2)`` for pairs
    """

    count: int
    mean: Array
    squares: Array

    @classmethod
    def of(cls, features: npt.NDArray[np.floating], others: tuple[int, ...]) -> "Moments":
        """Those of one recording, over the axes ``others``: segments, channels, frames."""
        mean = features.mean(others, dtype=np.float64)
        squares = ((features - np.expand_dims(mean, others)) ** 2).sum(others)
        return cls(features.size // mean.size, mean, squares)

    def merged(self, other: "Moments") -> "Moments":
        """Those of both together (Chan, Golub and LeVeque, 1983)."""
        count = self.count + other.count
        gap = other.mean - self.mean
        mean = self.mean + gap * (other.count / count)
        squares = self.squares + other.squares + gap**2 * (self.count * other.count / count)
        return Moments(count, mean, squares)

    def as_json(self) -> dict[str, Any]:
        """The moments as JSON, which other processes take."""
        return {"count": self.count, "mean": self.mean.tolist(), "squares": self.squares.tolist()}

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> "Moments":
        """The moments that :meth:`as_json` gave."""
        return cls(int(given["count"]), np.array(given["mean"]), np.array(given["squares"]))


@dataclass(frozen=True)
class Statistics:
    """Means and standard deviations of rows, and a digest of their origin.

    Shape:
        mean, deviation: ``(rows,)``, or ``(rows, 2)``
    """

    mean: Array
    deviation: Array
    frames: int
    made_of: str
    """Digest of the transform, the options and the files; empty in a file made elsewhere."""

    @classmethod
    def over(cls, moments: Iterable[Moments], made_of: str) -> "Statistics":
        """Of the moments of all files, in their order: sums in another order differ in the last digit."""
        first, *others = moments
        for each in others:
            first = first.merged(each)
        return cls(first.mean, np.sqrt(first.squares / first.count), first.count, made_of)

    def normalised(self, features: npt.NDArray[np.floating], others: tuple[int, ...]) -> Array:
        """Features less the mean, over the deviation; a row that never changes becomes 0.

        The axes ``others`` are segments, channels, frames.

        Raises:
            UserError: if they have other rows.
        """
        rows = tuple(size for axis, size in enumerate(features.shape) if axis not in others)
        if self.mean.shape != rows:
            raise UserError(f"the statistics are of features with rows {self.mean.shape}, these have {rows}")
        moving = self.deviation > SMALLEST * max(self.deviation.max(), np.finfo(np.float64).tiny)
        scale = np.divide(1.0, self.deviation, out=np.zeros_like(self.deviation), where=moving)
        centred = features.astype(np.float64) - np.expand_dims(self.mean, others)
        return np.asarray(centred * np.expand_dims(scale, others))

    @property
    def digest(self) -> str:
        """A digest of the numbers."""
        return hashlib.sha256(self.mean.tobytes() + self.deviation.tobytes()).hexdigest()[:16]

    def save(self, path: Path) -> None:
        """Write an ``.npz`` with ``mean``, ``deviation``, ``frames`` and ``made_of``."""
        buffer = io.BytesIO()
        np.savez(
            buffer,
            mean=self.mean,
            deviation=self.deviation,
            frames=np.array(self.frames),
            made_of=np.array(self.made_of),
        )
        write_atomically(path, buffer.getvalue())

    @classmethod
    def load(cls, path: Path) -> "Statistics":
        """The statistics in a file that :meth:`save` wrote.

        Raises:
            UserError: if it cannot be read, or is not such a file.
        """
        try:
            with open_regular(path) as stream, np.load(stream, allow_pickle=False) as file:
                mean, deviation = (np.asarray(file[name], np.float64) for name in ("mean", "deviation"))
                frames, made_of = int(file["frames"]), str(file["made_of"])
        except OSError as error:
            raise UserError(f"{path} cannot be read ({error.strerror}): check the path") from error
        except Exception as error:  # numpy, zipfile and zlib raise many kinds for damaged or foreign files
            raise UserError(f"{path} holds no statistics: name the statistics.npz of a run") from error
        if mean.shape != deviation.shape or not (np.isfinite(mean).all() and (deviation >= 0).all()):
            raise UserError(f"{path} holds no statistics: name the statistics.npz of a run")
        return cls(mean, deviation, frames, made_of)


def digest_of(expected: Iterable[dict[str, Any]]) -> str:
    """A digest of all files of a corpus, the transform and the options."""
    found = hashlib.sha256()
    for each in expected:
        found.update(json.dumps(each, sort_keys=True).encode())
    return found.hexdigest()[:16]
