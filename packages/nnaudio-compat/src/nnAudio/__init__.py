"""The legacy nnAudio API on top of nnaudio2-core.

Code written for nnAudio 0.3.4 runs unchanged: names, arguments, checkpoints, numbers and ``__version__`` are
the same. ``nnaudio2_version`` is the version of this package.
"""

from importlib import import_module, metadata
from typing import Any

from nnaudio2_core.__about__ import __version__ as nnaudio2_version

from ._deprecation import NnAudioDeprecationWarning as NnAudioDeprecationWarning
from ._deprecation import warn_user

__version__ = "0.3.4"

_SUBMODULES = ("Spectrogram", "features", "librosa_functions", "utils")


def __getattr__(name: str) -> Any:
    """Import a submodule at its first use."""
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _look_for_the_legacy_distribution() -> None:
    try:
        legacy = metadata.version("nnAudio")
    except metadata.PackageNotFoundError:
        return
    message = (
        f"nnAudio {legacy} and nnaudio-compat {nnaudio2_version} are both installed and share their files: "
        "run `pip uninstall nnAudio nnaudio-compat`, then `pip install nnaudio-compat`"
    )
    warn_user(message, RuntimeWarning)


_look_for_the_legacy_distribution()
