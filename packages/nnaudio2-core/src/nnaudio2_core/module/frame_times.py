"""Time of each frame of a transform."""

from typing import Any

import torch
from torch import Tensor

from .arguments import require_int


def frame_times(transform: Any, n_frames: int) -> Tensor:
    """Time of the middle of each frame, in seconds from the clip's first sample.

    Args:
        transform: any transform of this package that has a sampling rate: all but ``iSTFT``,
            ``GriffinLim`` and those of frames (``AmplitudeToDB``, ``Deltas``, ``PCEN``); an ``NSGT`` only
            with ``layout="matrix"`` and without slices. For an inverse these are the times of its input
            frames.
        n_frames: number of frames, >= 0, such as ``X.shape[-1]`` of a spectrogram.

    Shape:
        returns: ``(n_frames,)``, float64

    Raises:
        TypeError: if ``transform`` has no sampling rate or no frames.
        ValueError: if ``n_frames`` is negative.

    Example:
        >>> from nnaudio2_core import STFT, frame_times
        >>> frame_times(STFT(n_fft=512, hop_length=128, sr=16000), 3)
        tensor([0.0000, 0.0080, 0.0160], dtype=torch.float64)
        >>> frame_times(STFT(n_fft=512, hop_length=128, sr=16000, center=False), 2)
        tensor([0.0160, 0.0240], dtype=torch.float64)

    Source: the frame alignment that each transform documents.
    """
    missing = [name for name in ("sr", "hop_length", "first_centre") if not hasattr(transform, name)]
    if missing:
        raise TypeError(f"transform must have {missing[0]}, got {type(transform).__name__}")
    frames = torch.arange(require_int("n_frames", n_frames, 0), dtype=torch.float64, device="cpu")
    times: Tensor = (transform.first_centre + transform.hop_length * frames) / transform.sr
    return times
