"""Errors that the user can put right, and suggestions for misspelt names."""

import contextlib
import linecache
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches


class UserError(Exception):
    """Something the user can put right; the message is one line that says what and how."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class ArtifactError(UserError):
    """A file is not a sound artifact, or a module cannot become one; the message says why."""


def printable(text: str) -> str:
    r"""The text with escapes for characters that steer a terminal; the names of files may have any.

    Example:
        >>> print(printable("take\x1b[2J 1.wav"))
        take\x1b[2J 1.wav
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


@contextlib.contextmanager
def about(subject: str) -> Iterator[None]:
    """Prefix the message of an :class:`ArtifactError` with a subject."""
    try:
        yield
    except ArtifactError as error:
        raise ArtifactError(f"{subject}: {error}") from error


def first_line(error: BaseException) -> str:
    """First line of an error's message, without the advice that follows.

    An error of TorchScript's compiler says which line of code it means, one of its interpreter ends with the
    reason.
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    if lines[0].startswith("The following operation failed in the TorchScript interpreter"):
        return lines[-1]
    place = next(
        (re.fullmatch(r'File "(.+)", line (\d+).*', line) for line in lines if line[:4] == "File"), None
    )
    if place is None:
        return lines[0]
    code = linecache.getline(place[1], int(place[2])).strip()
    marked = next((at for at, line in enumerate(lines) if line.endswith("<--- HERE")), 0)
    if marked > 0:
        code = lines[marked - 1]
    return f"{lines[0].rstrip(':')}: {code!r} in {place[1]}, line {place[2]}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Suggest the known name that was perhaps meant, or list all of them."""
    by_lower = {each.lower(): each for each in known}
    close = get_close_matches(name.lower(), by_lower, n=1)
    close += [lower for lower in by_lower if name and lower.startswith(name.lower())]
    if close:
        return f"did you mean {by_lower[close[0]]}?"
    return f"choose one of {', '.join(by_lower.values())}"
