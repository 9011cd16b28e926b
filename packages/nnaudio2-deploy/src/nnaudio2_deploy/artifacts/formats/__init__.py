"""Formats by name, imported at their first use with the packages that they need.

The carriers stand here, so that reading a description needs none of these packages.
"""

import contextlib
import importlib

from ...errors import ArtifactError
from ...extras import extra
from ..carriers import APPENDED, ONNX, ZIP, Carrier
from .format import Format

FORMATS = {
    "torchscript": ("torchscript", "TorchScript", ZIP),
    "export": ("exported", "Exported", ZIP),
    "aoti": ("aoti", "Aoti", ZIP),
    "onnx": ("onnx", "Onnx", ONNX),
    "executorch": ("executorch", "Executorch", APPENDED),
}

EXTRAS = ("onnx", "executorch")
"""Formats that need the extra of their name; the others need only torch."""


def format_named(name: str, trust: bool = False) -> Format:
    """A format by its name; ``trust`` permits its files to have any operator.

    Raises:
        ArtifactError: if there is none, or a package that it needs is missing.
    """
    module, made, _ = _entry(name)
    with extra(name, f"format {name!r}", ArtifactError) if name in EXTRAS else contextlib.nullcontext():
        form: Format = getattr(importlib.import_module(f".{module}", __name__), made)(trust)
    return form


def carrier_of(name: str) -> Carrier:
    """Carrier of the description in files of a format.

    Raises:
        ArtifactError: if there is no such format.
    """
    return _entry(name)[2]


def _entry(name: str) -> tuple[str, str, Carrier]:
    if name not in FORMATS:
        raise ArtifactError(f"format must be one of {', '.join(map(repr, FORMATS))}, got {name!r}")
    return FORMATS[name]
