"""Check of an input against a description; runtimes have obscure errors, or return garbage."""

from collections.abc import Iterable
from typing import Any, Optional

from torch import Tensor

from .description import Axes, Description


def check_input(x: Any, description: Description) -> None:
    """Raise unless an artifact takes the input.

    Raises:
        TypeError: if it is not a tensor, or has another dtype.
        ValueError: if it is not on the CPU, has another shape, or is too short or too long.
    """
    name, axes = description.first
    _check_tensor(name, x, description.dtype)
    fixed = list(axes.values())
    if x.dim() != len(fixed) or any(
        size not in (None, found) for size, found in zip(fixed, x.shape, strict=True)
    ):
        raise ValueError(f"{name} must have the shape ({_shape(axes, fixed)}), got {tuple(x.shape)}")
    for axis, found in zip(axes, x.shape, strict=True):
        _check_size(name, axis, found, description)


def _check_size(name: str, axis: str, found: int, description: Description) -> None:
    least, most = description.range_of(axis)
    if found < least:
        raise ValueError(f"{name} must have {axis} >= {least}, got {found}")
    if most is not None and found > most:
        raise ValueError(f"{name} must have {axis} <= {most}, got {found}")


def _check_tensor(name: str, x: Any, dtype: str) -> None:
    if not isinstance(x, Tensor):
        raise TypeError(f"{name} must be a torch.Tensor, got {type(x).__name__}")
    if str(x.dtype) != f"torch.{dtype}":
        cure = f"torch.view_as_real({name})" if x.is_complex() else f"{name}.to(torch.{dtype})"
        raise TypeError(f"{name} must have the dtype torch.{dtype}, got {x.dtype}: convert it with {cure}")
    if x.device.type != "cpu":
        raise ValueError(f"{name} must be on the CPU, got {x.device}: move it with {name}.cpu()")


def further_in_order(
    x: Tensor, given: tuple[Any, ...], named: dict[str, Any], description: Description
) -> list[Tensor]:
    """The inputs after the first, given by place or by name, in the order of the description.

    Raises:
        TypeError: if one is missing, unknown, given twice, not a tensor, or of another dtype.
        ValueError: if it is not on the CPU, or its sizes are not those that the first input has.
    """
    names = list(description.further)
    inputs = {**dict(zip(names, given, strict=False)), **named}
    if len(given) + len(named) != len(names) or inputs.keys() != set(names):
        expected = ", ".join(description.input)
        raise TypeError(f"an artifact must be called with {expected}, each of them once")
    _, first = description.first
    sizes = {axis: size for axis, size in zip(first, x.shape, strict=True) if first[axis] is None}
    for name in names:
        _check_further(name, inputs[name], sizes, description)
    return [inputs[name] for name in names]


def _check_further(name: str, x: Any, sizes: dict[str, int], description: Description) -> None:
    """Raise unless the artifact takes the input, and add its sizes that vary to those of the others."""
    _check_tensor(name, x, description.further[name]["dtype"])
    axes = description.input[name]
    expected = [sizes.get(axis) if size is None else size for axis, size in axes.items()]
    if x.dim() != len(axes) or any(
        size not in (None, found) for size, found in zip(expected, x.shape, strict=True)
    ):
        raise ValueError(
            f"{name} must have the shape ({_shape(axes, expected)}) beside the inputs before it, "
            f"got {tuple(x.shape)}"
        )
    for axis, size, found in zip(axes, expected, x.shape, strict=True):
        if size is None:
            _check_size(name, axis, found, description)
            sizes[axis] = found


def _shape(axes: Axes, sizes: Iterable[Optional[int]]) -> str:
    return ", ".join(
        axis if size is None else f"{axis}={size}" for axis, size in zip(axes, sizes, strict=True)
    )


def check_state(state: Any, description: Description) -> None:
    """Raise unless a state has the tensors that a description says, in their order.

    Raises:
        TypeError: if it is not a sequence of tensors, or one has another dtype.
        ValueError: if there are more or fewer, or one has another shape.
    """
    expected = description.state or []
    if not isinstance(state, (tuple, list)) or not all(isinstance(each, Tensor) for each in state):
        raise TypeError(
            f"state must be the tuple of tensors that start or step returned, got {type(state).__name__}"
        )
    if len(state) != len(expected):
        raise ValueError(f"state must have {len(expected)} tensors, got {len(state)}")
    for found, each in zip(state, expected, strict=True):
        if str(found.dtype) != f"torch.{each['dtype']}":
            raise TypeError(f"state must have {each['name']} of torch.{each['dtype']}, got {found.dtype}")
        if list(found.shape) != each["shape"]:
            raise ValueError(
                f"state must have {each['name']} of shape {tuple(each['shape'])}, got {tuple(found.shape)}, "
                "which is one of another stream"
            )


def shortest_shape(description: Description, name: Optional[str] = None) -> list[int]:
    """Shape of the smallest input of a name; None means the first one."""
    axes = description.first[1] if name is None else description.input[name]
    return [size or description.range_of(axis)[0] or 1 for axis, size in axes.items()]
