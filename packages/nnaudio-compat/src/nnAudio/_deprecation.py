"""The first use of each legacy name warns once, at the user's line; ``device=`` of old scripts works."""

import functools
import sys
import warnings
from typing import Any, Callable, Set, TypeVar

Class = TypeVar("Class", bound=type)
Function = TypeVar("Function", bound=Callable[..., Any])


class NnAudioDeprecationWarning(DeprecationWarning):
    """A name or argument of the legacy nnAudio was used; the message says what has taken its place."""


_warned: Set[str] = set()


def _warn_of(name: str, replacement: str) -> None:
    """Warn at the line that called the caller of this function, unless that line is ours."""
    user = sys._getframe(2).f_globals.get("__name__", "")
    if name in _warned or user.partition(".")[0] == __package__:
        return
    _warned.add(name)
    message = f"nnAudio's {name} is deprecated, use {replacement}; see `python -m nnAudio.migrate --help`"
    warnings.warn(message, NnAudioDeprecationWarning, stacklevel=3)


def deprecated_class(replacement: str) -> Callable[[Class], Class]:
    """Class decorator: constructing warns once, and ``device`` is taken although no signature has it."""

    def decorate(cls: Class) -> Class:
        build = cls.__init__  # type: ignore[misc]

        @functools.wraps(build)
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            _warn_of(cls.__name__, replacement)
            device = kwargs.pop("device", None)
            build(self, *args, **kwargs)
            if device is not None:
                message = f"device is no argument of {cls.__name__} any more, use .to({device!r})"
                warnings.warn(message, NnAudioDeprecationWarning, stacklevel=2)
                self.to(device)

        cls.__init__ = __init__  # type: ignore[misc]
        return cls

    return decorate


def deprecated_function(replacement: str) -> Callable[[Function], Function]:
    """Decorator: the first call warns."""

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            _warn_of(function.__name__, replacement)
            return function(*args, **kwargs)

        return wrapper  # type: ignore[return-value]

    return decorate
