"""Base class of all transforms: a config that rebuilds the module."""

import functools
import inspect
from typing import TYPE_CHECKING, Any, Callable, Dict, Tuple

import torch

from .constants import Constants
from .plain_values import plain, plain_copy


class Transform(Constants):
    """Base of all transforms: ``type(m)(**m.config)`` builds the same module.

    :meth:`__init_subclass__` wraps the constructor of every subclass: it keeps its arguments as
    :attr:`config`, and it computes on the CPU before the module moves to the default device.
    ``torch.device`` as a context is honoured, ``"meta"`` included: there a transform only computes shapes.
    ``.to_empty(device=...)`` then builds the constants from the config; trained parameters stay undefined
    until ``load_state_dict``.
    """

    __jit_unused_properties__ = ["config"]

    if TYPE_CHECKING:  # TorchScript would take a declared attribute into the scripted module
        _config: Dict[str, Any]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in vars(cls):
            cls.__init__ = _keeping_config(cls.__init__)  # type: ignore[method-assign]

    @property
    def config(self) -> Dict[str, Any]:
        """The constructor arguments that rebuild this module: ``type(m)(**m.config)``; a copy."""
        return {
            name: plain_copy(value) if isinstance(value, (list, tuple, dict)) else value
            for name, value in self._config.items()
        }

    def extra_repr(self) -> str:
        """The arguments that differ from their defaults."""
        parameters = inspect.signature(type(self).__init__).parameters
        defaults = {name: parameter.default for name, parameter in parameters.items()}
        return ", ".join(
            f"{name}={value!r}" for name, value in self._config.items() if value != defaults.get(name)
        )

    def build_constants_again(self) -> None:
        """Refill all constants, those of parts included, from the config."""
        constants = dict(type(self)(**self._config).named_buffers(remove_duplicate=False))
        for name, buffer in self.named_buffers(remove_duplicate=False):
            buffer.copy_(constants[name])


def _keeping_config(construct: Callable[..., None]) -> Callable[..., None]:
    """Wrap a constructor: it keeps its arguments, and computes on the CPU whatever the default device.

    The arguments are those of the outermost constructor. A constructor that passes ``*args`` on leaves the
    config to the one that takes them by name.
    """
    signature = inspect.signature(construct)
    own = construct.__module__.split(".")[0] == __name__.split(".")[0]
    takes_names = all(
        parameter.kind != parameter.VAR_POSITIONAL for parameter in signature.parameters.values()
    )

    @functools.wraps(construct)
    def __init__(self: Transform, *args: Any, **kwargs: Any) -> None:
        if takes_names and "_config" not in vars(self):
            vars(self)["_config"] = _arguments(signature, self, args, kwargs, own)
        device = torch.get_default_device()
        if device.type == "cpu":
            construct(self, *args, **kwargs)
            return
        with torch.device("cpu"):
            construct(self, *args, **kwargs)
        self.to(device)

    return __init__


def _arguments(
    signature: inspect.Signature,
    module: Transform,
    args: Tuple[Any, ...],
    kwargs: Dict[str, Any],
    own: bool,
) -> Dict[str, Any]:
    """All arguments by name, defaults included; empty for a wrong call, which raises its own error.

    Of an ``own`` constructor of this package they are plain values; another one may take arrays.
    """
    try:
        bound = signature.bind(module, *args, **kwargs)
    except TypeError:
        return {}
    bound.apply_defaults()
    named: Dict[str, Any] = {}
    for name, value in list(bound.arguments.items())[1:]:
        named.update(
            value if signature.parameters[name].kind == inspect.Parameter.VAR_KEYWORD else {name: value}
        )
    return {name: plain_copy(value) if own else plain(value) for name, value in named.items()}
