"""Entries of a description that a module with steps and one without have in common."""

import hashlib
from typing import Any, Optional

import torch
from torch import nn

from nnaudio2_core import Transform
from nnaudio2_core.__about__ import __version__

from .formats.format import Built, Format
from .interface import Interface
from .rebuilding import engine_of, plain, transforms_in


def entries_of(
    form: Format, module: nn.Module, transform: Optional[Transform], interface: Interface, built: Built
) -> dict[str, Any]:
    """Origin of a file and of its payload, by the names of :class:`.Description`.

    Args:
        form: the format.
        module: what is saved.
        transform: what a config rebuilds of it: the module itself, or that of a stream; None for a model.
        interface: its input.
        built: the payload.
    """
    return {
        "name": type(module if transform is None else transform).__name__,
        "config": None if transform is None else plain(transform.config),
        "transforms": {
            place: {"class": type(part).__name__, "config": plain(part.config)}
            for place, part in transforms_in(module).items()
            if part is not transform
        },
        "version": __version__,
        "torch": str(torch.__version__),
        "format": form.name,
        "opset": form.opset,
        "delegate": built.delegate,
        "engine": engine_of(module, form.complex_numbers),
        "sr": interface.sr,
        "hop_length": interface.hop_length,
        "portable": list(built.portable),
        "fallback": built.fallback,
        "payload_bytes": len(built.payload),
        "sha256": hashlib.sha256(built.payload).hexdigest(),
        "dtype": str(interface.dtype).removeprefix("torch."),
    }
