"""A module with fixed further arguments, and its graph for any batch and length."""

import math
import operator
import re
from collections.abc import Callable
from typing import Any, Optional

import torch
from torch import Tensor, nn

from ...errors import ArtifactError
from ..description import Axes
from ..interface import Interface
from ..steps import Step, Steps
from .quiet import quiet

_CONSTANT = re.compile(
    r"size\(\)\[(\d+)\] as dynamic but your code specialized it to be a constant \((\d+)\)"
)


class Wrapped(nn.Module):
    """Wrapper that takes only inputs, as runtimes have no optional arguments."""

    def __init__(self, module: nn.Module, call: dict[str, Any]) -> None:
        super().__init__()
        self.module = module
        self.call = call

    def forward(self, x: Tensor, *further: Tensor) -> Any:
        """The module's result."""
        return self.module(x, *further, **self.call)


def dynamic_shapes(interface: Interface, size_of: Callable[[str], Any]) -> dict[str, Any]:
    """The arguments of :class:`Wrapped` with what stands for each size that varies; None for a fixed one."""

    def varying(axes: Axes) -> dict[int, Any]:
        sizes = {place: size_of(axis) for place, axis in enumerate(axes) if axes[axis] is None}
        return {place: size for place, size in sizes.items() if size is not None}

    shapes: dict[str, Any] = {"x": varying(interface.axes)}
    if interface.further:
        shapes["further"] = tuple(varying(each.axes) for each in interface.further)
    return shapes


def exported(
    module: nn.Module, interface: Interface, batch: Optional[int] = None, max_time: Optional[int] = None
) -> torch.export.ExportedProgram:
    """The module as a graph, for any length up to ``max_time`` and, unless it is said, any batch."""
    dimension, axis = torch.export.Dim.DYNAMIC, interface.long_axis
    example = interface.example()
    shapes = dynamic_shapes(interface, lambda _: dimension)
    if batch is not None:
        longest = {name: most for name, (_, most) in interface.lengths.items()}
        shapes = dynamic_shapes(
            interface, lambda name: None if name == "batch" else dimension(max=longest.get(name, max_time))
        )
        example = example[:batch] if "batch" in interface.axes else example
        example = example.narrow(axis, 0, min(example.size(axis), max_time or example.size(axis)))
        example = example.contiguous()
    with quiet(), torch.no_grad():  # torch warns of its own layers' weights
        wrapped, inputs = Wrapped(module, interface.call), interface.with_further(example)
        try:
            return torch.export.export(wrapped, inputs, dynamic_shapes=shapes)
        except torch._dynamo.exc.UserError as error:
            found = _CONSTANT.search(str(error))
            if found is None:
                raise
            raise ArtifactError(
                f"torch.export takes axis {found[1]} of an input for a constant, {found[2]}, because the "
                "model computes with it: save it as torchscript, or with that axis fixed (dynamic_axes)"
            ) from error


def exported_step(steps: Steps) -> torch.export.ExportedProgram:
    """A step as a graph, of fixed shapes."""
    with quiet(), torch.no_grad():
        return torch.export.export(Step(steps), (steps.block, *steps.state))


def check_sizes(program: torch.export.ExportedProgram, format: str, negative: bool = False) -> None:
    """Raise an ArtifactError that names a size which a format cannot compute, and what computes the same.

    Args:
        program: the graph.
        format: whose writer or runtime cannot.
        negative: whether quotients of negative sizes are among them, instead of roundings of fractions.
    """
    for node in program.graph.nodes:
        name = getattr(node.target, "__name__", "") if node.op == "call_function" else ""
        first = node.args[0] if node.args else None
        below = isinstance(first, torch.fx.Node) and first.target is operator.neg
        if negative and node.target is operator.floordiv and below:
            name, found = "-T // n", True
        else:
            found = not negative and node.target in (math.ceil, math.floor, math.trunc, round)
        if found:
            raise ArtifactError(
                f"a size in it is computed by {name}, which {format} does not do as Python does: for the "
                "number of hops in T samples write (T + hop - 1) // hop"
            )


def shortest_of(program: torch.export.ExportedProgram, interface: Interface) -> int:
    """The shortest input of a graph, which may want more than the module: one frame is a case of its own
    to ``torch.export``, and a graph is for two or more.
    """
    if interface.long_name is None:
        return interface.shortest
    fewest = 1 if interface.takes_waveform else 2
    return max(interface.shortest, fewest, _least_of(program, 0, interface.long_axis, "its length"))


def least_lengths(program: torch.export.ExportedProgram, interface: Interface) -> dict[str, int]:
    """The least sizes, in a graph, of the lengths that the first input does not have."""
    return {
        axis: _least_of(program, place, list(each.axes).index(axis), axis)
        for place, each in enumerate(interface.further, 1)
        for axis in each.axes
        if axis in interface.lengths
    }


def _least_of(program: torch.export.ExportedProgram, place: int, axis: int, what: str) -> int:
    """The least size of an axis of an input."""
    name = program.graph_signature.user_inputs[place]
    node = next(node for node in program.graph.nodes if node.name == name)
    size = node.meta["val"].shape[axis]
    if not isinstance(size, torch.SymInt):
        raise ArtifactError(f"torch.export takes {what} for a constant, {size}")
    return int(program.range_constraints[size.node.expr].lower)
