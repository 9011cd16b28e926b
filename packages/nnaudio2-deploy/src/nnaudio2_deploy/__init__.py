"""Save transforms and models for other runtimes, load and verify the files; the command ``nnaudio2``.

Names are imported at their first use, so that the command's help and the shell's completion need no torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .artifacts.artifact import Artifact as Artifact
    from .artifacts.description import Description as Description
    from .artifacts.loading import inspect as inspect
    from .artifacts.loading import load as load
    from .artifacts.saving import save as save
    from .artifacts.stream_artifact import StreamArtifact as StreamArtifact
    from .artifacts.verification import Report as Report
    from .artifacts.verification import verify as verify
    from .corpus.feature_dataset import FeatureDataset as FeatureDataset
    from .crosschecks.run import crosscheck as crosscheck
    from .demo.clean_run import Call as Call
    from .demo.clean_run import CleanRun as CleanRun
    from .demo.clean_run import run_in_clean_process as run_in_clean_process
    from .errors import ArtifactError as ArtifactError

_NAMES = {
    "artifacts.description": ["Description"],
    "artifacts.artifact": ["Artifact"],
    "artifacts.loading": ["inspect", "load"],
    "artifacts.saving": ["save"],
    "artifacts.stream_artifact": ["StreamArtifact"],
    "artifacts.verification": ["Report", "verify"],
    "corpus.feature_dataset": ["FeatureDataset"],
    "crosschecks.run": ["crosscheck"],
    "demo.clean_run": ["Call", "CleanRun", "run_in_clean_process"],
    "errors": ["ArtifactError"],
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
