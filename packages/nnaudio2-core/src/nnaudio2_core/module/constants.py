"""Base class of modules that hold derived constants."""

from typing import Any, Callable

import torch
from torch import Tensor, nn


class Constants(nn.Module):
    """Base of modules with derived constants.

    A constant is a buffer that moves with the module but keeps its dtype under ``.half()`` and the like: the
    precision of a transform follows its input, not its module. Constants are not part of the state dict.
    """

    def constant_buffer(self, name: str, value: Tensor) -> None:
        """Register a derived constant."""
        self.register_buffer(name, value, persistent=False)

    def build_constants_again(self) -> None:
        """Refill the constants after ``to_empty`` from the meta device; a transform refills its parts."""

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "Constants":
        kept = [self._buffers[name] for name in self._non_persistent_buffers_set]
        constants = {id(buffer) for buffer in kept}
        was_meta = any(buffer.is_meta for buffer in self.buffers())

        def only_move(tensor: Tensor) -> Tensor:
            moved = fn(tensor)
            # Keep values and dtype, even where fn returns an empty tensor.
            return tensor.to(moved.device) if id(tensor) in constants and not tensor.is_meta else moved

        super()._apply(only_move, recurse)  # type: ignore[no-untyped-call]
        if was_meta and not any(buffer.is_meta for buffer in self.buffers()):
            self.build_constants_again()
        return self


def parameter(values: Any) -> nn.Parameter:
    """A trainable quantity, in torch's default dtype."""
    return nn.Parameter(torch.as_tensor(values).to(torch.get_default_dtype()))


def frozen(values: Any) -> Tensor:
    """The values of :func:`parameter` as a constant: float32, whatever torch's default dtype is."""
    return torch.as_tensor(values).float().clone()
