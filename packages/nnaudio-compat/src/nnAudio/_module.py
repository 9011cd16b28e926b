"""What every legacy class shares: state of the legacy names, and an engine that stays out of sight."""

from typing import Any, Dict, Optional

import torch
from torch import nn

from ._stand_in import StandIn


class LegacyModule(nn.Module):
    """A module that holds the kernels of the legacy package and may have an engine of core beside them."""

    _fast: Optional[StandIn]

    def __init__(self) -> None:
        super().__init__()
        self._fast = None

    def keep(self, name: str, values: Any, trainable: bool) -> None:
        """Register a parameter or a buffer, in the type that ``values`` have."""
        if trainable:
            self.register_parameter(name, nn.Parameter(torch.as_tensor(values)))
        else:
            self.register_buffer(name, torch.as_tensor(values))

    def __setstate__(self, state: Dict[str, Any]) -> None:
        """Also of modules that the legacy package pickled: with no engine, they compute with kernels."""
        super().__setstate__(state)  # type: ignore[no-untyped-call]
        if "_fast" not in self._modules:
            self.__dict__.setdefault("_fast", None)

    def __repr__(self) -> str:
        shown = type(self).__new__(type(self))
        visible = {name: child for name, child in self._modules.items() if not isinstance(child, StandIn)}
        shown.__dict__ = {**self.__dict__, "_modules": visible}
        return nn.Module.__repr__(shown)
