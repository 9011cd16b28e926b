"""What every legacy class shares: state of the legacy names, and an engine that stays out of sight."""

import copy
from typing import Any, Callable, Dict, Optional

import torch
from torch import Tensor, nn

from ._stand_in import StandIn

ENGINES = ("_fast", "_fast_inverse", "_solver")


class LegacyModule(nn.Module):
    """A module that holds the kernels of the legacy package and may have an engine of core beside them.

    Engines are attributes and no children, so that whoever lists, counts or replaces the parts of a module
    finds those of the legacy package. Modules that the legacy package pickled have none.
    """

    _fast: Optional[StandIn]

    def __init__(self) -> None:
        super().__init__()
        self._fast = None

    def _keep(self, name: str, values: Any, trainable: bool) -> None:
        """Register a parameter or a buffer, in the type that ``values`` have."""
        if trainable:
            self.register_parameter(name, nn.Parameter(torch.as_tensor(values)))
        else:
            self.register_buffer(name, torch.as_tensor(values))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ENGINES:
            self.__dict__[name] = value
        else:
            super().__setattr__(name, value)

    def __setstate__(self, state: Dict[str, Any]) -> None:
        super().__setstate__(state)  # type: ignore[no-untyped-call]
        self.__dict__.setdefault("_fast", None)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "LegacyModule":
        for engine in self._engines().values():
            engine._apply(fn)
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        return self

    def __prepare_scriptable__(self) -> "LegacyModule":
        """A twin whose engine is a child: TorchScript knows of no other modules."""
        twin = copy.copy(self)
        twin._modules = {**self._modules, **self._engines()}
        return twin

    def _engines(self) -> Dict[str, nn.Module]:
        return {name: vars(self)[name] for name in ENGINES if vars(self).get(name) is not None}


def as_made(module: nn.Module, cls: type) -> bool:
    """Whether a part is what the class around it made: calling it would do no more than its arithmetic."""
    hooks = (
        module._forward_hooks,
        module._forward_pre_hooks,
        module._backward_hooks,
        module._backward_pre_hooks,
    )
    return type(module) is cls and "forward" not in vars(module) and not any(hooks)
