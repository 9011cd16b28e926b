"""Adapters: a function of another library that computes one of our transforms, and its arguments."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from ..extras import MissingExtra

Arguments = Mapping[str, Any]
Values = Mapping[tuple[str, Any], Arguments]


class PeerMissing(MissingExtra):
    """A library to compare with cannot be imported; the message says why and what to do."""


class NoCounterpart(ValueError):
    """A library cannot do what an argument of ours says; the message names it."""


@dataclass(frozen=True)
class Translation:
    """Names and values of our arguments in another library; the unmentioned ones are the same there.

    ``names`` maps ours to theirs. ``values`` maps a pair of our name and value to their arguments, where the
    meaning is one and the words are two. ``fixed`` are ours that they have no argument for, with the one
    value that they take; ``always`` are theirs that we have no argument for; ``lacking`` are our values that
    they do not know. ``unheard`` are ours that change no number.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    fixed: Arguments = field(default_factory=dict)
    always: Arguments = field(default_factory=dict)
    lacking: frozenset[tuple[str, Any]] = frozenset()
    unheard: frozenset[str] = frozenset()

    def __call__(self, config: Arguments) -> dict[str, Any]:
        """Their arguments for the ``config`` of a transform of ours.

        Raises:
            NoCounterpart: if they cannot do what ``config`` says.
        """
        theirs = dict(self.always)
        for name, value in config.items():
            if name in self.fixed and value == self.fixed[name]:
                continue
            if name in self.fixed or _among(self.lacking, name, value):
                raise NoCounterpart(f"no {name}={value!r}")
            if _among(self.values, name, value):
                theirs.update(self.values[name, value])
            elif name not in self.unheard:
                theirs[self.names.get(name, name)] = value
        return theirs

    def lines(self) -> list[tuple[str, str]]:
        """The differences, ours and theirs, as one would write them in a call."""
        renamed = [(ours, theirs) for ours, theirs in self.names.items() if ours != theirs]
        reworded = [
            (f"{name}={value!r}", _spelt(theirs))
            for (name, value), theirs in self.values.items()
            if theirs != {name: value}
        ]
        fixed = [(f"{name}={value!r}", "always so") for name, value in self.fixed.items()]
        always = [("always so", _spelt({name: value})) for name, value in self.always.items()]
        return renamed + reworded + fixed + always


def _among(pairs: Container[tuple[str, Any]], name: str, value: Any) -> bool:
    """True if the pair is one of ``pairs``; lists, such as those of frequencies, are in none."""
    return not isinstance(value, (list, dict)) and (name, value) in pairs


def _spelt(arguments: Arguments) -> str:
    return ", ".join(f"{name}={_value(value)}" for name, value in arguments.items())


def _value(value: Any) -> str:
    return f"torch.{value.__name__}" if callable(value) else repr(value)


@dataclass(frozen=True)
class Peer:
    """A function of another library, called with our config and the inputs of our forward.

    ``build`` takes their arguments as a dict and returns a function of the inputs, so that one-time work is
    not part of the time of a call.
    """

    library: str
    function: str
    translation: Translation
    build: Callable[[dict[str, Any]], Callable[..., Tensor]]

    def __call__(self, config: Arguments, *inputs: Any) -> Tensor:
        """Their result for our config and inputs."""
        return self.built(config)(*inputs)

    def built(self, config: Arguments) -> Callable[..., Tensor]:
        """The function that takes the inputs, for our config."""
        return self.build(self.translation(config))
