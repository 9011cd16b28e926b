"""The oldest import path of the legacy package, with the names of ``nnAudio.features``."""

from ._deprecation import warn_user as _warn_user
from .features import *  # noqa: F403

_warn_user(
    "nnAudio.Spectrogram is the oldest import path of nnAudio: use nnAudio.features, or better nnaudio2_core",
    Warning,
)
