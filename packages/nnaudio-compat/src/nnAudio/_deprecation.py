"""Decorators of the legacy classes and functions, and warnings that point at the user's line."""

import functools
import inspect
import sys
import warnings
from types import FrameType
from typing import Any, Callable, Dict, Set, Type, TypeVar

import torch

Class = TypeVar("Class", bound=type)
Function = TypeVar("Function", bound=Callable[..., Any])


class NnAudioDeprecationWarning(DeprecationWarning):
    """A name or argument of the legacy nnAudio was used; the message names its replacement."""


# The names that have been used, and the replacement of every name.
_used: Set[str] = set()
replacements: Dict[str, str] = {}


def _is_ours(frame: FrameType) -> bool:
    return frame.f_globals.get("__name__", "").partition(".")[0] in (__package__, "importlib")


def warn_user(message: str, category: Type[Warning]) -> None:
    """Warn at the nearest line outside of this package and of ``importlib``."""
    frame = sys._getframe(1)
    while _is_ours(frame) and frame.f_back is not None:
        frame = frame.f_back
    scope = frame.f_globals
    registry = scope.setdefault("__warningregistry__", {})
    name = scope.get("__name__", "<unknown>")
    warnings.warn_explicit(message, category, frame.f_code.co_filename, frame.f_lineno, name, registry)


def _use(name: str) -> None:
    """Warn of the first use of a name, unless this package is the user (the caller's caller)."""
    if name not in _used and not _is_ours(sys._getframe(2)):
        _used.add(name)
        replacement = f"use {replacements[name]}, or let `python -m nnAudio.migrate` show you how"
        warn_user(f"nnAudio's {name} is deprecated, {replacement}", NnAudioDeprecationWarning)


def deprecated_class(replacement: str) -> Callable[[Class], Class]:
    """Class decorator: the first construction warns, and ``device`` is taken though no signature has it.

    Kernels are computed on the CPU, whatever torch's default device is, and moved to that device.
    """

    def decorate(cls: Class) -> Class:
        replacements[cls.__name__] = replacement
        build = cls.__init__  # type: ignore[misc]
        signature = inspect.signature(build)

        @functools.wraps(build)
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            _use(cls.__name__)
            default = torch.get_default_device()
            if "device" in signature.parameters:  # even its default value outranks torch's default device
                device, default = None, torch.device("cpu")
            else:
                device = kwargs.pop("device", None)
            with torch.device("cpu"):
                build(self, *args, **kwargs)
            if device is not None:
                message = f"device is not an argument of {cls.__name__} any more, use .to({device!r})"
                warn_user(message, NnAudioDeprecationWarning)
                self.to(device)
            elif default.type != "cpu":
                self.to(default)

        __init__.__signature__ = signature  # type: ignore[attr-defined]
        cls.__init__ = __init__  # type: ignore[misc]
        return cls

    return decorate


def deprecated_function(replacement: str) -> Callable[[Function], Function]:
    """Decorator: the first call warns."""

    def decorate(function: Function) -> Function:
        replacements[function.__name__] = replacement

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            _use(function.__name__)
            return function(*args, **kwargs)

        return wrapper  # type: ignore[return-value]

    return decorate
