"""TorchScript: one zip archive for ``torch.jit.load`` in Python and C++."""

import io
import warnings
from typing import Any, Optional

import torch
from torch import Tensor, nn
from torch.jit._recursive import wrap_cpp_module

from ...errors import ArtifactError
from ..interface import Interface
from ..steps import Steps
from .format import Built, Format, Opened, OpenedSteps
from .quiet import ONE_AT_A_TIME
from .torchscript_check import check_operators, checked_torchscript


def scripted(module: nn.Module) -> bytes:
    """The archive of a module as TorchScript, made without torch's notice that TorchScript is deprecated."""
    buffer = io.BytesIO()
    with ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"`torch\.jit\.")
        torch.jit.save(torch.jit.script(module), buffer)
    return buffer.getvalue()


class TorchScript(Format):
    """Every method that scripts, and every argument, as in eager mode."""

    name = "torchscript"
    complex_numbers = True
    bound = 1e-5

    def build(self, module: nn.Module, interface: Interface, max_time: Optional[int]) -> Built:
        """Script and save."""
        return Built(scripted(module), interface.shortest)

    def build_steps(self, steps: Steps) -> Built:
        """Script and save; ``start`` and ``step`` take and return a state of its own structure."""
        for name in ("start", "step"):
            method = getattr(type(steps.module), name)
            if not hasattr(method, "_torchscript_modifier"):
                raise ArtifactError(f"{name} must be decorated with @torch.jit.export for torchscript")
        return Built(scripted(steps.module), 1)

    def checked(self, payload: bytes) -> bytes:
        """See :mod:`.torchscript_check`."""
        return checked_torchscript(payload, self.trust)

    def open(self, payload: bytes, call: dict[str, Any]) -> Opened:
        """Load on the CPU."""
        module = self._loaded(payload)

        @torch.no_grad()
        def run(*inputs: Tensor) -> Any:
            return module(*inputs, **call)

        return Opened(module, run)

    def open_steps(self, payload: bytes, results: int) -> OpenedSteps:
        """Load on the CPU; a state keeps its structure, and a stream of any blocks has its own end."""
        module = self._loaded(payload)

        @torch.no_grad()
        def step(block: Tensor, state: Any) -> Any:
            return module.step(block, state)

        return OpenedSteps(module, module.start, step, getattr(module, "finish", None))

    def _loaded(self, payload: bytes) -> Any:
        """As ``torch.jit.load`` does it, but keep hold of the unit that has every function."""
        unit = torch._C.CompilationUnit()
        read: Any = torch._C.import_ir_module_from_buffer  # whose annotations are not up to date
        loaded = read(unit, payload, torch.device("cpu"), {}, False)
        if not self.trust:
            check_operators(unit)
        return wrap_cpp_module(loaded)
