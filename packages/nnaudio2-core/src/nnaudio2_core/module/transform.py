"""What every transform shares: its config, and constants that keep their precision and place."""

import functools
import inspect
from typing import TYPE_CHECKING, Any, Callable, Dict, Tuple

import torch
from torch import Tensor, nn

from .arguments import plain


class Transform(nn.Module):
    """Base of all transforms.

    The arguments of the constructor are kept as :attr:`config`. A subclass registers derived constants with
    :meth:`constant_buffer`. Constants move with the module but keep their dtype under ``.half()``
    and the like: the precision of a transform follows its input, not its module.

    ``torch.device`` as a context is honoured, ``"meta"`` included: there a transform only computes shapes.
    ``.to_empty(device=...)`` brings it to life with its constants built anew; trained parameters wait for
    ``load_state_dict``.
    """

    __jit_unused_properties__ = ["config"]

    if TYPE_CHECKING:  # TorchScript would take a declared attribute into the scripted module
        _config: Dict[str, Any]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in vars(cls):
            cls.__init__ = _remembering(cls.__init__)  # type: ignore[method-assign]

    @property
    def config(self) -> Dict[str, Any]:
        """The constructor arguments that rebuild this module: ``type(m)(**m.config)``."""
        return dict(self._config)

    def constant_buffer(self, name: str, value: Tensor) -> None:
        """Register a derived constant: not saved in the state dict, immune to dtype conversion."""
        self.register_buffer(name, value, persistent=False)

    def extra_repr(self) -> str:
        """The arguments that differ from their defaults."""
        parameters = inspect.signature(type(self).__init__).parameters
        defaults = {name: parameter.default for name, parameter in parameters.items()}
        return ", ".join(
            f"{name}={value!r}" for name, value in self._config.items() if value != defaults.get(name)
        )

    def build_constants_again(self) -> None:
        """Fill the constants, those of parts included, with what the config says."""
        constants = dict(type(self)(**self._config).named_buffers(remove_duplicate=False))
        for name, buffer in self.named_buffers(remove_duplicate=False):
            buffer.copy_(constants[name])

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "Transform":
        kept = [self._buffers[name] for name in self._non_persistent_buffers_set]
        constants = {id(buffer) for buffer in kept}
        was_meta = any(buffer.is_meta for buffer in self.buffers())

        def only_move(tensor: Tensor) -> Tensor:
            moved = fn(tensor)
            # Values and dtype are not to change, not even where fn has only an empty tensor to give.
            return tensor.to(moved.device) if id(tensor) in constants and not tensor.is_meta else moved

        super()._apply(only_move, recurse)  # type: ignore[no-untyped-call]
        if was_meta and not any(buffer.is_meta for buffer in self.buffers()):
            self.build_constants_again()
        return self


def _remembering(construct: Callable[..., None]) -> Callable[..., None]:
    """A constructor that keeps its arguments and computes on the CPU, whatever the default device is.

    The arguments are those of the outermost constructor, which rebuild the module; a constructor that hands
    on ``*args`` leaves that to the one that takes them by name.
    """
    signature = inspect.signature(construct)
    takes_names = all(
        parameter.kind != parameter.VAR_POSITIONAL for parameter in signature.parameters.values()
    )

    @functools.wraps(construct)
    def __init__(self: Transform, *args: Any, **kwargs: Any) -> None:
        if "_modules" not in vars(self):
            nn.Module.__init__(self)
        if takes_names and "_config" not in vars(self):
            self._config = _arguments(signature, self, args, kwargs)
        device = torch.get_default_device()
        if device.type == "cpu":
            construct(self, *args, **kwargs)
            return
        with torch.device("cpu"):
            construct(self, *args, **kwargs)
        self.to(device)

    return __init__


def _arguments(
    signature: inspect.Signature, module: Transform, args: Tuple[Any, ...], kwargs: Dict[str, Any]
) -> Dict[str, Any]:
    """All arguments by name, defaults included; none where the call is wrong, which it then says itself."""
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
    return {name: plain(value) for name, value in named.items()}


def parameter(values: Any) -> nn.Parameter:
    """A trained quantity, in torch's default dtype."""
    return nn.Parameter(torch.as_tensor(values).to(torch.get_default_dtype()))


def frozen(values: Any) -> Tensor:
    """What :func:`parameter` makes, not to be trained: float32 whatever torch's default is."""
    return torch.as_tensor(values).float().clone()
