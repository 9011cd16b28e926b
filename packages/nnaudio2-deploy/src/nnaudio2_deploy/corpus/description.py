"""Description beside the features of a recording: their origin, and the meaning of their axes."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy.typing as npt

from nnaudio2_core import frame_times

from ..regular_files import open_regular
from .options import Reading
from .plan import Job

Array = npt.NDArray[Any]

BYTES = 2**20
"""Read at a time for a digest."""


def axes(module: Any, number: int) -> tuple[str, ...]:
    """Names of the axes of a transform's result.

    A part is the real or the imaginary one, or the cosine or the sine of a phase; a stack holds neighbouring
    frames.

    Args:
        module: the transform.
        number: how many axes the result of ``(segments, channels, time)`` has.
    """
    frames_last = getattr(module, "frames_last", True)
    inner = ["row", "frame", "part"] if frames_last else ["frame", "row", "part"]
    if "harmonics" in module.config:
        last = module.config.get("harmonics_last", False)
        inner.insert(2 if last else 0 if frames_last else 1, "harmonic")
    elif not frames_last and number > 4:
        inner = ["frame", "stack", "row"]
    return ("segment", "channel", *inner[: number - 2])


def frame_axes(named: Sequence[str]) -> tuple[int, ...]:
    """The axes along which statistics are taken."""
    along = ("segment", "channel", "frame", "stack")
    return tuple(number for number, axis in enumerate(named) if axis in along)


def kept_axes(named: Sequence[str], reading: Reading) -> list[str]:
    """The axes that are stored: segments if the recording was cut, channels if they are kept."""
    left_out = set()
    if reading.segment is None:
        left_out.add("segment")
    if reading.channels != "keep":
        left_out.add("channel")
    return [axis for axis in named if axis not in left_out]


def described(
    module: Any, job: Job, sr: int, file_sr: int, shape: tuple[int, ...], values: Array, kept: Sequence[str]
) -> dict[str, Any]:
    """The part of a description that follows from the recording and the result.

    Args:
        module: the transform.
        job: the recording.
        sr: rate at which it was transformed, Hz.
        file_sr: its own rate, Hz.
        shape: of its samples, ``(time, channels)``.
        values: the stored features.
        kept: names of their axes.
    """
    time, channels = shape
    return {
        "config": module.config,
        "path": job.path,
        "label": job.label,
        "sr": sr,
        "file_sr": file_sr,
        "channels": channels,
        "duration": time / file_sr,
        "shape": list(values.shape),
        "axes": list(kept),
        "dtype": str(values.dtype),
        "sha256": digest(job.source),
    }


def arrays_beside(module: Any, values: Array, kept: Sequence[str], starts: Array) -> dict[str, Array]:
    """Times of frames (s, from the start of the clip), frequencies of rows (Hz), starts of segments (s).

    Each is there only if the features have such an axis and the transform such numbers.
    """
    found: dict[str, Array] = {}
    with suppress(TypeError, ValueError):  # a transform whose frames have no times
        found["times"] = frame_times(module, values.shape[kept.index("frame")]).numpy()
    frequencies = getattr(module, "frequencies", None)
    if frequencies is not None and frequencies.shape[-1] == values.shape[kept.index("row")]:
        found["frequencies"] = frequencies.detach().double().numpy()
    if "segment" in kept:
        found["starts"] = starts
    return found


def digest(path: Path) -> str:
    """SHA-256 of the content of a file."""
    found = hashlib.sha256()
    with open_regular(path) as stream:
        while block := stream.read(BYTES):
            found.update(block)
    return found.hexdigest()
