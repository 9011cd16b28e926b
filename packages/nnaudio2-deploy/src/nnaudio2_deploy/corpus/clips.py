"""The clips of a recording: channels, resampling, segments."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import UserError
from ..extras import extra
from .options import Channels, Reading

Samples = npt.NDArray[np.float32]

QUALITY = "VHQ"
"""soxr's best. A tone is within 1e-5 of its amplitude up to half of the lower Nyquist frequency, within 1e-3
up to 0.9 of it; what would be an alias is below 1e-7."""


def clips(table: Samples, sr: int, reading: Reading, name: str) -> tuple[Samples, npt.NDArray[np.float64]]:
    """The clips of a recording, and where each starts.

    Args:
        table: samples of all channels.
        sr: their rate, Hz.
        reading: what to make of them.
        name: what the messages call the recording.

    Shape:
        table: ``(time, channels)``
        returns: ``(segments, channels, time)`` and ``(segments,)``, s. Without segments, there is one; where
        channels are not kept, there is one. The last segment is the first that reaches the end of the
        recording, with zeros after it.

    Raises:
        UserError: if there is no such channel.
    """
    rate = reading.sr or sr
    channels = resampled(_channels(table, reading.channels, name), sr, rate)
    if reading.segment is None:
        return channels[None], np.zeros(1)
    seconds = (reading.segment, reading.segment_hop or reading.segment)
    length, hop = (max(1, round(value * rate)) for value in seconds)
    time = channels.shape[1]
    count = 1 + max(0, -(-(time - length) // hop))
    padded = np.pad(channels, [(0, 0), (0, max(0, (count - 1) * hop + length - time))])
    windows = np.lib.stride_tricks.sliding_window_view(padded, length, axis=1)[:, ::hop][:, :count]
    starts = np.arange(count) * hop / rate
    return np.array(windows.transpose(1, 0, 2), order="C"), starts  # a view could not be written to


def resampled(samples: Samples, old: int, new: int) -> Samples:
    """The samples at another rate, by soxr; unchanged if it is the same.

    Shape:
        samples: ``(channels, time)``
        returns: ``(channels, round(time * new / old))``
    """
    if old == new:
        return samples
    soxr = check_resampling()
    table: Samples = soxr.resample(samples.T, old, new, quality=QUALITY)
    return np.asarray(table.T, np.float32, order="C")


def check_resampling() -> Any:
    """soxr; a MissingExtra if it is not installed."""
    with extra("corpus", "--sr"):
        import soxr
    return soxr


def _channels(table: Samples, channels: Channels, name: str) -> Samples:
    if channels == "mono":
        return np.asarray(table.mean(1, dtype=np.float32)[None])
    if channels == "keep":
        return np.ascontiguousarray(table.T)
    if channels >= table.shape[1]:
        raise UserError(
            f"{name} has {table.shape[1]} channels, --channel {channels} (from 0) is none of them"
        )
    return np.ascontiguousarray(table[:, channels][None])
