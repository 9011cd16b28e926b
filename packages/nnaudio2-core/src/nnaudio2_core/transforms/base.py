"""What every transform shares: its config, constants that keep their precision, and argument checks."""

import functools
import inspect
import operator
import reprlib
from typing import Any, Callable, Dict

import numpy as np
import torch
from torch import Tensor, nn

# 2 GB in float64. Kernels of 16 384 samples, which are among the largest in use, need half of it.
MOST_NUMBERS = 2**28


class Transform(nn.Module):
    """Base of all transforms.

    A subclass calls :meth:`remember` first thing in its constructor and registers derived constants
    with :meth:`constant_buffer`. Constants move with the module but keep their dtype under ``.half()``
    and the like: the precision of a transform follows its input, not its module.

    ``torch.device`` as a context is honoured, ``"meta"`` included: there a transform only computes shapes.
    ``.to_empty(device=...)`` brings it to life with its constants built anew; trained parameters wait for
    ``load_state_dict``.
    """

    __jit_unused_properties__ = ["config"]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in vars(cls):
            cls.__init__ = _built_on_the_cpu(cls.__init__)  # type: ignore[method-assign]

    def remember(self, arguments: Dict[str, Any]) -> None:
        """Keep the constructor arguments out of ``locals()`` and call ``nn.Module.__init__``."""
        super().__init__()
        names = [name for name in inspect.signature(type(self).__init__).parameters if name != "self"]
        self._config = {name: plain(arguments[name]) for name in names}

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
        return ", ".join(
            f"{name}={value!r}" for name, value in self._config.items() if value != parameters[name].default
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


def _built_on_the_cpu(construct: Callable[..., None]) -> Callable[..., None]:
    """A constructor that computes on the CPU and then moves the module to torch's default device."""

    @functools.wraps(construct)
    def __init__(self: Transform, *args: Any, **kwargs: Any) -> None:
        device = torch.get_default_device()
        if device.type == "cpu":
            construct(self, *args, **kwargs)
            return
        with torch.device("cpu"):
            construct(self, *args, **kwargs)
        self.to(device)

    return __init__


def require_int(name: str, value: Any, minimum: int, maximum: int = 2**31 - 1) -> int:
    """``value`` as an int, or a ValueError (TypeError for a wrong type) that names the argument."""
    try:
        number = None if isinstance(value, bool) else int(operator.index(value))
    except TypeError:
        number = None
    if number is None:
        raise TypeError(f"{name} must be an integer, got {shown(value)}")
    if number < minimum:
        raise ValueError(f"{name} must be >= {minimum}, got {shown(number)}")
    if number > maximum:
        raise ValueError(f"{name} must be <= {maximum}, got {shown(number)}")
    return number


def require_choice(name: str, value: Any, choices: "tuple[str, ...]") -> str:
    """``value`` if it is one of ``choices``, or an error that names the argument and the choices."""
    listed = ", ".join(map(repr, choices))
    if not isinstance(value, str):
        raise TypeError(f"{name} must be one of {listed}, got {shown(value)}")
    if value not in choices:
        raise ValueError(f"{name} must be one of {listed}, got {shown(value)}")
    return value


def require_bool(name: str, value: Any) -> bool:
    """``value`` as a bool (0 and 1 count), or a TypeError that names the argument."""
    if isinstance(value, (bool, np.bool_)) or (isinstance(value, int) and value in (0, 1)):
        return bool(value)
    raise TypeError(f"{name} must be True or False, got {shown(value)}")


def require_number(
    name: str,
    value: Any,
    above: float = -float("inf"),
    at_least: float = -float("inf"),
    at_most: float = float("inf"),
) -> float:
    """``value`` as a finite float within bounds, or an error that names the argument."""
    if isinstance(value, (bool, str)) or not hasattr(type(value), "__float__"):
        raise TypeError(f"{name} must be a number, got {shown(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"{name} must be a number, got {shown(value)}") from None
    if abs(number) == float("inf") or number != number:
        raise ValueError(f"{name} must be finite, got {shown(value)}")
    if not number > above:
        raise ValueError(f"{name} must be > {above:g}, got {shown(value)}")
    if not number >= at_least:
        raise ValueError(f"{name} must be >= {at_least:g}, got {shown(value)}")
    if not number <= at_most:
        raise ValueError(f"{name} must be <= {at_most:g}, got {shown(value)}")
    return number


def require_room(names: str, numbers: int) -> None:
    """A ValueError that names the arguments, before a table of that many numbers exhausts the memory."""
    if numbers > MOST_NUMBERS:
        raise ValueError(
            f"{names} must be smaller: a table of {shown(numbers)} numbers, more than {MOST_NUMBERS}, is "
            "not built"
        )


def shown(value: Any) -> str:
    """``repr``, but short: what was given may be anything."""
    if isinstance(value, int) and value.bit_length() > 128:
        return f"an integer of {value.bit_length()} bits"
    return reprlib.repr(value)


def plain(value: Any) -> Any:
    """NumPy's and torch's scalars as Python's own; other values as they are."""
    return value.item() if getattr(value, "shape", None) == () else value


def parameter(values: Any) -> nn.Parameter:
    """A trained quantity, in torch's default dtype."""
    return nn.Parameter(torch.as_tensor(values).to(torch.get_default_dtype()))
