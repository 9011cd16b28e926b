"""Script, serialize, verify and demonstrate nnaudio2 transforms; the command ``nnaudio2``.

Names are imported when they are first used: the command's help and the shell's completion do without torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .crosschecks.run import crosscheck as crosscheck
    from .description import Description as Description
    from .errors import ArtifactError as ArtifactError
    from .loading import Artifact as Artifact
    from .loading import inspect as inspect
    from .loading import load as load
    from .saving import save as save
    from .script import Call as Call
    from .script import CleanRun as CleanRun
    from .script import run_in_clean_process as run_in_clean_process
    from .script import save_scripted as save_scripted
    from .script import script_module as script_module
    from .verification import Report as Report
    from .verification import verify as verify

_NAMES = {
    "crosschecks.run": ["crosscheck"],
    "description": ["Description"],
    "errors": ["ArtifactError"],
    "loading": ["Artifact", "inspect", "load"],
    "saving": ["save"],
    "script": ["Call", "CleanRun", "run_in_clean_process", "save_scripted", "script_module"],
    "verification": ["Report", "verify"],
}
__all__ = [name for names in _NAMES.values() for name in names]


def __getattr__(name: str) -> Any:
    for module, names in _NAMES.items():
        if name in names:
            value = getattr(import_module(f".{module}", __name__), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
