"""Place of the frames of a transform in its padded waveform: what a stream must know about it."""

from typing import NamedTuple


class FrameGeometry(NamedTuple):
    """Frame ``k`` begins at sample ``k * hop`` of the padded waveform."""

    hop: int
    """Samples between frames."""
    width: int
    """Samples that computing one frame takes."""
    seen: int
    """Samples of a frame, from its first on, that matter; the rest may be anything finite."""
    before: int
    """Samples of padding before the clip; if negative, samples left out."""
    after: int
    """Samples of padding after the clip; if negative, samples left out."""
    pad_mode: str
    """``"constant"``, ``"replicate"``, ``"reflect"``, or ``"mirror"``, which repeats the end sample."""
    first_centre: int
    """Sample of the clip on which frame 0 is centred."""
    min_samples: int
    """Fewest samples of a clip."""


def frames_of_clip(geometry: FrameGeometry, time: int) -> int:
    """Frames of a whole clip of ``time`` samples, which may be too short for one."""
    spare = time + geometry.before + geometry.after - geometry.width
    return 1 + spare // geometry.hop if spare >= 0 else 0


def first_need(geometry: FrameGeometry) -> int:
    """Samples of the clip after which frame 0 can be computed, and is known to exist."""
    seen, existing = geometry.seen, geometry.width - geometry.after
    return (seen if seen > existing else existing) - geometry.before


def final_frames(geometry: FrameGeometry, time: int) -> int:
    """Frames that are final once the first ``time`` samples of a clip are known.

    The first frame of a reflected clip waits until the samples that its padding mirrors are known.
    """
    spare = time - first_need(geometry)
    return 1 + spare // geometry.hop if spare >= 0 and time >= left_need(geometry) else 0


def left_need(geometry: FrameGeometry) -> int:
    """First samples of a clip that determine its padding on the left."""
    if geometry.before <= 0:
        return -geometry.before
    if geometry.pad_mode == "reflect":
        return geometry.before + 1
    if geometry.pad_mode == "mirror":
        return geometry.before
    return 0 if geometry.pad_mode == "constant" else 1


def right_need(geometry: FrameGeometry) -> int:
    """Last samples of a clip that determine its padding on the right."""
    if geometry.after <= 0:
        return 0
    if geometry.pad_mode == "reflect":
        return geometry.after + 1
    if geometry.pad_mode == "mirror":
        return geometry.after
    return 0 if geometry.pad_mode == "constant" else 1
