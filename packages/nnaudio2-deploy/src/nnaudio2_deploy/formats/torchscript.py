"""TorchScript: one zip archive for ``torch.jit.load`` in Python and C++."""

import io
from typing import Any, Optional

import torch
from torch import Tensor, nn

from ..carriers import ZIP
from ..interface import Interface
from ..script import script_module, without_deprecation
from .format import Built, Format, Opened
from .torchscript_check import check_torchscript


class TorchScript(Format):
    """Every method that scripts, and every argument, as in eager mode."""

    name = "torchscript"
    engine = "fft"
    bound = 1e-5
    carrier = ZIP

    def build(self, module: nn.Module, interface: Interface, max_time: Optional[int]) -> Built:
        """Script and save."""
        buffer = io.BytesIO()
        scripted = script_module(module)
        with without_deprecation():
            torch.jit.save(scripted, buffer)
        return Built(buffer.getvalue(), interface.shortest)

    def check(self, payload: bytes) -> None:
        """See :mod:`.torchscript_check`."""
        check_torchscript(payload)

    def open(self, payload: bytes, call: dict[str, Any]) -> Opened:
        """Load on the CPU."""
        with without_deprecation():
            module = torch.jit.load(io.BytesIO(payload), map_location="cpu")

        @torch.no_grad()
        def run(x: Tensor) -> Any:
            return module(x, **call)

        return Opened(module, run)
