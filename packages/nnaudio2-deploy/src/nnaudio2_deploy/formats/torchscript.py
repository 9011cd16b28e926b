"""TorchScript: one zip archive for ``torch.jit.load`` in Python and C++."""

import io
from typing import Any

import torch
from torch import Tensor, nn

from ..carriers import ZIP
from ..interface import Interface
from ..script import script_module, without_deprecation
from .format import Format, Opened


class TorchScript(Format):
    """Every method that scripts, and every argument, as in eager mode."""

    name = "torchscript"
    suffix = ".pt"
    engine = "fft"
    bound = 1e-5
    carrier = ZIP

    def build(self, module: nn.Module, interface: Interface) -> bytes:
        """Script and save."""
        buffer = io.BytesIO()
        scripted = script_module(module)
        with without_deprecation():
            torch.jit.save(scripted, buffer)
        return buffer.getvalue()

    def check(self, payload: bytes) -> None:
        """TorchScript has an unpickler of its own, which knows tensors and its own classes alone."""

    def open(self, payload: bytes, call: dict[str, Any]) -> Opened:
        """Load on the CPU."""
        with without_deprecation():
            module = torch.jit.load(io.BytesIO(payload), map_location="cpu")

        @torch.no_grad()
        def run(x: Tensor) -> Any:
            return module(x, **call)

        return Opened(module, run)
