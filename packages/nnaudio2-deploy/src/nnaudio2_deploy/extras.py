"""Packages that only an extra brings, and the one line that says so where one is missing."""

import contextlib
from collections.abc import Iterator

from .errors import UserError


class MissingExtra(UserError):
    """A package of an extra is not installed; the message names both."""


@contextlib.contextmanager
def extra(name: str, user: str, kind: type[Exception] = MissingExtra) -> Iterator[None]:
    """Run imports of what an extra brings; a failing one becomes an error that says how to install it.

    Args:
        name: the extra, e.g. ``"onnx"``.
        user: what needs the packages, the subject of the message.
        kind: the error to raise.

    Example:
        >>> with extra("demo", "nnaudio2 demo"):
        ...     import no_such_package
        Traceback (most recent call last):
        nnaudio2_deploy.extras.MissingExtra: nnaudio2 demo needs no_such_package: pip install ...
    """
    try:
        yield
    except ImportError as error:
        package = error.name.partition(".")[0] if error.name else str(error)
        raise kind(f"{user} needs {package}: pip install 'nnaudio2-deploy[{name}]'") from error
