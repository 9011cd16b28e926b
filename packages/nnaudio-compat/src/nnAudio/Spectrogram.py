"""The oldest import path of the legacy package: everything that ``nnAudio.features`` has."""

import warnings

from .features import *  # noqa: F403

warnings.warn(
    "nnAudio.Spectrogram is the oldest import path of nnAudio: use nnAudio.features, or better nnaudio2_core",
    Warning,
    stacklevel=2,
)
