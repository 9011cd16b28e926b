"""Samples of recordings; unusable ones are refused before any work is done."""

import os
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import BinaryIO, Optional

import numpy as np
import numpy.typing as npt
import soundfile

from ..errors import UserError, printable
from ..regular_files import absence, open_regular
from .declared import counts_samples, shortfall

MAX_SECONDS = 30
"""Longer recordings are cut to this, so that the report stays a page that opens at once."""

MIN_RATE = 4000
"""Below this sampling rate, Hz, the mel bands of the demo would be narrower than its Fourier bins."""

BLOCK = 2**12
"""Samples read at a time to count those of a file that cannot be decoded to its end."""

UNKNOWN_LENGTH = 2**63 - 1
"""Length that libsndfile reports for a FLAC file written to a pipe."""

LICENCE = "https://creativecommons.org/licenses/by/4.0/"

SHIPPED = {
    "sir_duke_fast": (
        "A trumpet recording by Stefan Balke, from librosa's documentation examples, licensed under CC BY 4.0"
    ),
    "snare-accelerate": (
        "Accelerating snare hits, made by Brian McFee from freesound sample 176345 by sakebeats (CC0), "
        "from librosa's documentation examples, licensed under CC BY 4.0"
    ),
}
"""The recordings inside the package, each with its attribution."""


@dataclass(frozen=True)
class Recording:
    """A mono recording, and the changes that made it mono and short."""

    name: str
    samples: npt.NDArray[np.float32]
    sr: int
    channels: int
    seconds_in_file: float
    attribution: str

    @property
    def seconds(self) -> float:
        """Duration of what is used, s."""
        return len(self.samples) / self.sr

    @property
    def remarks(self) -> list[str]:
        """Changes to the samples that a reader of the report must know."""
        said = []
        if self.channels > 1:
            said.append(f"mixed down to mono: the mean of {self.channels} channels")
        if self.seconds_in_file > self.seconds:
            said.append(f"cut to its first {self.seconds:g} s of {self.seconds_in_file:.1f} s")
        return said


def read_recording(audio: str) -> Recording:
    """Read a shipped recording by name, or any file that libsndfile knows.

    Args:
        audio: a name in ``SHIPPED``, or the path of a wav, flac, ogg or mp3 file.

    Raises:
        UserError: if there is no such file, or it holds nothing that can be analysed.
    """
    path = Path(audio)
    if audio in SHIPPED and not os.path.isfile(path):
        shipped = resources.files("nnaudio2_deploy") / "audio" / f"{audio}.ogg"
        with resources.as_file(shipped) as file:
            return _read_file(file, audio, SHIPPED[audio])
    if os.path.isdir(path):
        raise UserError(f"--audio {audio} is a folder: name one audio file in it")
    if not os.path.exists(path):
        names = " or ".join(SHIPPED)
        raise UserError(f"--audio {audio} {absence(path)}: check the path, or use the shipped {names}")
    # a name of other bytes than UTF-8 could not be written into the report
    return _read_file(path, printable(os.fsencode(path.name).decode("utf-8", "replace")), "")


def _read_file(path: Path, name: str, attribution: str) -> Recording:
    table, sr, total = read_samples(path, name, MAX_SECONDS)
    if sr < MIN_RATE:
        raise UserError(
            f"{name} is sampled at {sr} Hz, at least {MIN_RATE} Hz are needed here: resample it first"
        )
    return Recording(
        name=name,
        samples=table.mean(axis=1, dtype=np.float32),
        sr=sr,
        channels=table.shape[1],
        seconds_in_file=max(total, len(table)) / sr,
        attribution=attribution,
    )


def read_samples(
    path: Path, name: str, max_seconds: Optional[int] = None
) -> tuple[npt.NDArray[np.float32], int, int]:
    """Samples, sampling rate in Hz, and how many samples the file has.

    Args:
        path: a file that libsndfile knows.
        name: what the messages call it.
        max_seconds: where to stop; None for the whole file.

    Shape:
        returns: ``(time, channels)``

    Raises:
        UserError: if it cannot be read, holds less than it declares, is empty, or has NaN or infinite
            samples.
    """
    try:
        # libsndfile would refuse some names that the system allows, so it gets the open file
        with open_regular(path) as stream:
            missing, counted = shortfall(stream), counts_samples(stream)
            if missing is not None:
                raise UserError(f"{name} is cut short: {missing}: get it again")
            table, sr, total = _decoded(stream, name, max_seconds)
    except FileNotFoundError as error:
        raise UserError(f"{name} {absence(path)}: check the path") from error
    except OSError as error:
        raise UserError(f"{name} cannot be opened ({error.strerror}): check its permissions") from error
    except (RuntimeError, TypeError) as error:  # TypeError: soundfile's answer to headerless .raw
        raise UserError(
            f"{name} cannot be read as audio: give a wav, flac, ogg or mp3 file, "
            f"or convert it first, e.g. ffmpeg -i {name} converted.wav"
        ) from error
    if counted and len(table) < (total if max_seconds is None else min(total, max_seconds * sr)):
        raise UserError(f"{name} is cut short: {len(table)} samples of {total} can be read: get it again")
    _check_samples(name, table, sr)
    return table, sr, total


def _decoded(
    stream: BinaryIO, name: str, max_seconds: Optional[int]
) -> tuple[npt.NDArray[np.float32], int, int]:
    with _opened(stream) as file:
        sr, total = int(file.samplerate), int(file.frames)
        wanted = -1 if max_seconds is None else max_seconds * sr
        if total == UNKNOWN_LENGTH:
            raise UserError(
                f"{name} declares no length, as it was written to a pipe, and libsndfile cannot read it: "
                f"convert it first, e.g. flac -d {name}, or ffmpeg -i {name} converted.wav"
            )
        with suppress(RuntimeError):
            return file.read(wanted, dtype="float32", always_2d=True), sr, total
    with _opened(stream) as file:
        count = 0
        with suppress(RuntimeError):
            while read := len(file.read(BLOCK, dtype="float32", always_2d=True)):
                count += read
    raise UserError(f"{name} is damaged or cut short: {count} samples of {total} can be read: get it again")


def _opened(stream: BinaryIO) -> soundfile.SoundFile:
    stream.seek(0)
    return soundfile.SoundFile(stream)


def _check_samples(name: str, table: npt.NDArray[np.float32], sr: int) -> None:
    if len(table) == 0:
        raise UserError(f"{name} is empty (0 samples): give a recording with sound in it")
    bad = ~np.isfinite(table).all(axis=1)
    if bad.any():
        first = int(bad.argmax())
        raise UserError(
            f"{name} has {int(bad.sum())} samples that are NaN or infinite, the first at {first / sr:.3f} s: "
            "repair them or export the file again"
        )


def check_length(name: str, samples: int, min_samples: int, sr: int) -> None:
    """Refuse a clip that is shorter than the transforms need."""
    if samples < min_samples:
        raise UserError(
            f"{name} has {samples} samples, at least {min_samples} are needed ({min_samples / sr:.2f} s "
            f"at {sr} Hz): give a longer recording"
        )
