"""The formats by name; each is imported when it is asked for, with the packages that it needs."""

import importlib

from ..errors import ArtifactError
from .format import Format

FORMATS = {
    "torchscript": ("torchscript", "TorchScript"),
    "export": ("exported", "Exported"),
    "aoti": ("aoti", "Aoti"),
    "onnx": ("onnx", "Onnx"),
    "executorch": ("executorch", "Executorch"),
}


def format_named(name: str) -> Format:
    """A format by its name.

    Raises:
        ArtifactError: if there is none, or a package that it needs is missing.
    """
    if name not in FORMATS:
        raise ArtifactError(f"format must be one of {', '.join(map(repr, FORMATS))}, got {name!r}")
    module, made = FORMATS[name]
    try:
        form: Format = getattr(importlib.import_module(f".{module}", __name__), made)()
    except ImportError as error:
        raise ArtifactError(
            f"format {name!r} needs {error.name}: pip install 'nnaudio2-deploy[{name}]'"
        ) from error
    return form
