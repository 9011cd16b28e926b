"""Warnings about what a user did, each given once, at the user's line."""

import sys
import warnings
from types import FrameType
from typing import Set

# The distributions of this project; their frames lie between the user's line and the warning.
_OURS = ("nnaudio2_core", "nnaudio2_deploy", "nnAudio")

told: Set[str] = set()


def warn_user(message: str) -> None:
    """Give a UserWarning at the nearest line outside of this project, once in a process for each message.

    Saving, loading and lowering build a module again from its config, which must not repeat its warning.
    """
    if message in told:
        return
    frame = sys._getframe(1)
    while _is_ours(frame) and frame.f_back is not None:
        frame = frame.f_back
    name = frame.f_globals.get("__name__", "<unknown>")
    warnings.warn_explicit(message, UserWarning, frame.f_code.co_filename, frame.f_lineno, name)
    told.add(message)  # not before: a filter may make the warning an error


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] in _OURS
