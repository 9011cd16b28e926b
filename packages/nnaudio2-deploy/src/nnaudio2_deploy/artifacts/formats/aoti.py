"""AOTInductor: a package of machine code for this kind of processor, which runs without Python."""

import tempfile
from pathlib import Path
from typing import Any, Optional

import torch
from torch import Tensor, nn

from ..interface import Interface
from ..steps import Steps
from .exported_reshapes import with_single_reshapes
from .format import Built, Format, Opened
from .quiet import quiet
from .recurrent import check_recurrent
from .wrapped import exported, exported_step, least_lengths, shortest_of


class Aoti(Format):
    """Compiled for any batch and time; loading it runs its machine code."""

    name = "aoti"
    complex_numbers = True
    bound = 1e-4
    native = True

    def build(self, module: nn.Module, interface: Interface, max_time: Optional[int]) -> Built:
        """Export, compile and package."""
        check_recurrent(module, interface)
        program = exported(module, interface)
        return Built(
            _compiled(program), shortest_of(program, interface), least=least_lengths(program, interface)
        )

    def build_steps(self, steps: Steps) -> Built:
        """The same for a step."""
        return Built(_compiled(exported_step(steps)), 1)

    def checked(self, payload: bytes) -> bytes:
        """Return the payload: machine code cannot be checked, only trusted."""
        return payload

    def open(self, payload: bytes, call: dict[str, Any]) -> Opened:
        """Unpack and load."""
        with tempfile.TemporaryDirectory(prefix="nnaudio2-") as folder:
            path = Path(folder) / "package.pt2"
            path.write_bytes(payload)
            module = torch._inductor.aoti_load_package(str(path))

        @torch.no_grad()
        def run(*inputs: Tensor) -> Any:
            return module(*(x.contiguous() for x in inputs))  # as compiled; the code does not check strides

        return Opened(module, run)


def _compiled(program: torch.export.ExportedProgram) -> bytes:
    """The package of a graph."""
    with tempfile.TemporaryDirectory(prefix="nnaudio2-") as folder:
        path = str(Path(folder) / "package.pt2")
        # The loggers report that torch calls its own FFT, not a compiled one.
        with quiet("torch._inductor", "torch.utils.cpp_extension"):
            torch._inductor.aoti_compile_and_package(with_single_reshapes(program), package_path=path)
        return Path(path).read_bytes()
