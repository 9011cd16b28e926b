"""Base class of the legacy modules: state under the legacy names, and hidden engines."""

import copy
from contextlib import contextmanager
from time import time
from typing import Any, Callable, Dict, Iterator, Optional

import torch
from torch import Tensor, nn

from ._engine import Engine

ENGINES = ("_fast", "_fast_inverse", "_solver")


class LegacyModule(nn.Module):
    """A module with the kernels of the legacy package, and perhaps an engine that gives the same results.

    Engines are attributes and not children, so that code which lists, counts or replaces the parts of a
    module finds those of the legacy package. Modules that the legacy package pickled have none.
    """

    _fast: Optional[Engine]

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
        """A copy whose engines are children: TorchScript compiles no other modules."""
        twin = copy.copy(self)
        twin._modules = {**self._modules, **self._engines()}
        return twin

    def _engines(self) -> Dict[str, nn.Module]:
        return {name: vars(self)[name] for name in ENGINES if vars(self).get(name) is not None}


def is_unmodified(module: nn.Module, cls: type) -> bool:
    """Whether a part is still an unpatched instance of ``cls`` without hooks."""
    hooks = (
        module._forward_hooks,
        module._forward_pre_hooks,
        module._backward_hooks,
        module._backward_pre_hooks,
    )
    return type(module) is cls and "forward" not in vars(module) and not any(hooks)


@contextmanager
def timed(verbose: bool, created: str, creating: str = "", gap: str = "") -> Iterator[None]:
    """Print the lines of the legacy package before and after a step of a constructor."""
    start = time()
    if verbose and creating:
        print(f"Creating {creating} ...", end="\r")
    yield
    if verbose:
        print(f"{created} created, {gap}time used = {time() - start:.4f} seconds")
