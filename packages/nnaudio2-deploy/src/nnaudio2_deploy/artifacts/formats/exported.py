"""torch.export: a .pt2 archive for ``torch.export.load``."""

import io
from typing import Any, Optional

import torch
from torch import Tensor, nn

from ..interface import Interface
from ..steps import Steps
from .exported_check import checked_exported
from .format import Built, Format, Opened
from .quiet import ONE_AT_A_TIME
from .recurrent import check_recurrent
from .wrapped import check_sizes, exported, exported_step, least_lengths, shortest_of


class Exported(Format):
    """Dynamic batch and time; the graph can be optimised, compiled or lowered where it is loaded."""

    name = "export"
    complex_numbers = True
    bound = 1e-5

    def build(self, module: nn.Module, interface: Interface, max_time: Optional[int]) -> Built:
        """Export and save."""
        check_recurrent(module, interface)
        program = exported(module, interface)
        check_sizes(program, "torch.export.save")
        return Built(
            _packed(program), shortest_of(program, interface), least=least_lengths(program, interface)
        )

    def build_steps(self, steps: Steps) -> Built:
        """The same for a step."""
        return Built(_packed(exported_step(steps)), 1)

    def checked(self, payload: bytes) -> bytes:
        """See :mod:`.exported_check`."""
        return checked_exported(payload, self.trust)

    def open(self, payload: bytes, call: dict[str, Any]) -> Opened:
        """The program as a module."""
        with ONE_AT_A_TIME:  # torch has one table for the file that it reads
            module = torch.export.load(io.BytesIO(payload)).module()

        @torch.no_grad()
        def run(*inputs: Tensor) -> Any:
            with torch.autocast("cpu", enabled=False):  # the graph is of one type
                return module(*inputs)

        return Opened(module, run)


def _packed(program: torch.export.ExportedProgram) -> bytes:
    """The archive of a graph.

    Example inputs would be the only pickle in it, and guards (which run only with example inputs; ranges of
    sizes are checked without) its only Python code. Stack traces name local paths.
    """
    program.example_inputs = None
    program._guards_code = []
    _forget_sources(program.graph_module)
    buffer = io.BytesIO()
    torch.export.save(program, buffer)
    return buffer.getvalue()


def _forget_sources(module: torch.fx.GraphModule) -> None:
    for part in module.modules():
        for node in part.graph.nodes if isinstance(part, torch.fx.GraphModule) else ():
            for key in ("stack_trace", "nn_module_stack", "source_fn_stack", "torch_fn", "from_node"):
                node.meta.pop(key, None)
