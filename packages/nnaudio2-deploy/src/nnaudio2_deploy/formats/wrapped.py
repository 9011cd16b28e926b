"""A module with its further arguments fixed, and its graph for any batch and length."""

from typing import Any

import torch
from torch import Tensor, nn

from ..interface import Interface


class Wrapped(nn.Module):
    """One tensor in: runtimes have no optional arguments."""

    def __init__(self, module: nn.Module, call: dict[str, Any]) -> None:
        super().__init__()
        self.module = module
        self.call = call

    def forward(self, x: Tensor) -> Any:
        """The module's result."""
        return self.module(x, **self.call)


def exported(module: nn.Module, interface: Interface) -> torch.export.ExportedProgram:
    """The module as a graph, its batch and its time or frames left open."""
    dynamic = torch.export.Dim.DYNAMIC
    axes = {0: dynamic, interface.long_axis: dynamic}
    with torch.no_grad():
        return torch.export.export(
            Wrapped(module, interface.call), (interface.example(),), dynamic_shapes={"x": axes}
        )
