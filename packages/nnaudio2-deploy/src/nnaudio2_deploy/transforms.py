"""The public transforms of ``nnaudio2_core`` by name, and their arguments from a command line or JSON."""

import ast
import inspect
from collections.abc import Sequence
from typing import Any

from torch import Tensor

import nnaudio2_core as core
from nnaudio2_core import Transform

from .errors import UserError, nearest


def public_transforms() -> dict[str, type[Transform]]:
    """Every transform and inverse, in alphabetical order."""
    found = {
        name: value
        for name, value in vars(core).items()
        if isinstance(value, type) and issubclass(value, Transform) and value is not Transform
    }
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def waveform_transforms() -> dict[str, type[Transform]]:
    """Transforms that make one tensor of a waveform."""
    return {name: each for name, each in public_transforms().items() if _makes_one_of_a_waveform(each)}


def _makes_one_of_a_waveform(transform: type[Transform]) -> bool:
    signature = inspect.signature(transform.forward)
    return "x" in signature.parameters and signature.return_annotation is Tensor


ALIASES = {"mel": "MelSpectrogram", "gammatone": "Gammatonegram"}
"""Short names of transforms."""


def find_transform(name: str, known: dict[str, type[Transform]], given_as: str = "") -> type[Transform]:
    """The transform of that name, upper and lower case being the same.

    Args:
        name: what the user wrote.
        known: the transforms to choose from.
        given_as: what stands before the name in the message, e.g. ``--transform``.

    Raises:
        UserError: if there is none; the message suggests the nearest.

    Example:
        >>> find_transform("cqt", public_transforms()).__name__
        'CQT'
    """
    by_lower = {each.lower(): each for each in known}
    by_lower |= {short: whole for short, whole in ALIASES.items() if whole in known}
    if name.lower() not in by_lower:
        raise UserError(f"{given_as or 'the transform'} {name} is not known: {nearest(name, known)}")
    return known[by_lower[name.lower()]]


def parse_arguments(transform: type[Transform], settings: Sequence[str]) -> dict[str, Any]:
    """Keyword arguments of ``transform`` from texts such as ``["n_bins=96", "center=false"]``.

    Values are Python's numbers, tuples and strings; ``true``, ``false`` and ``none`` may be lower case, and
    strings need no quotes.

    Raises:
        UserError: for anything but ``name=value``, or a name or value that the transform does not take.

    Example:
        >>> parse_arguments(core.CQT, ["n_bins=96", "window=('kaiser', 8.0)", "center=false"])
        {'n_bins': 96, 'window': ('kaiser', 8.0), 'center': False}
    """
    known = inspect.signature(transform).parameters
    arguments: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not name:
            raise UserError(f"--set {setting} has no value: write it as name=value, e.g. --set n_bins=96")
        if name not in known:
            raise UserError(
                f"--set {setting}: {transform.__name__} has no argument {name}: {nearest(name, known)}"
            )
        if name in arguments:
            raise UserError(f"--set {name} is given twice, {arguments[name]!r} and {text}")
        value = parse_value(text)
        if not _is_plain(value):
            raise UserError(
                f"--set {setting}: {name} must be a number, a text, true, false, none or a tuple of these, "
                f"got {text}"
            )
        # bool("no") is True: a switch that is not understood must not be switched on
        if isinstance(known[name].default, bool) and not isinstance(value, bool):
            raise UserError(f"--set {setting}: {name} must be true or false, got {text}")
        arguments[name] = value
    return arguments


def front_end_transform(name: str, settings: Sequence[str]) -> tuple[type[Transform], dict[str, Any]]:
    """Class and arguments of a known front end, with those of the command line in place of its own.

    Raises:
        UserError: if there is no front end of that name, or a setting does not fit.

    Example:
        >>> made, arguments = front_end_transform("whisper", ["clip_length=none"])
        >>> made.__name__, arguments["n_bands"]
        ('FrontEnd', 80)
    """
    known = core.front_ends()
    if name not in known:
        raise UserError(f"--front-end {name} is not known: {nearest(name, known)}")
    usual = core.front_end(name)
    return type(usual), {**usual.config, **parse_arguments(type(usual), settings)}


def parse_value(text: str) -> Any:
    """A Python literal, or else the text itself."""
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):  # the last two for brackets in brackets
        return text


def _is_plain(value: Any) -> bool:
    """True for values that JSON can hold, unlike sets, complex numbers and bytes."""
    if isinstance(value, (tuple, list)):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (bool, int, float, str))


def with_tuples(value: Any) -> Any:
    """Arguments as JSON keeps them, with tuples for its lists: a sequence in a config is a tuple."""
    if isinstance(value, dict):
        return {key: with_tuples(entry) for key, entry in value.items()}
    return tuple(map(with_tuples, value)) if isinstance(value, list) else value
