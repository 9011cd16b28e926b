"""Shapes of results behind a recurrent layer, in which torch.onnx writes the length of the example."""

import onnx_ir as ir
import torch
from torch import Tensor, nn

from ..interface import Interface
from ..parity import tensors_of


def with_any_length(model: ir.Model, module: nn.Module, interface: Interface, example: Tensor) -> None:
    """Take the lengths of the example out of the shapes that torch.onnx writes behind a recurrent layer."""
    with torch.no_grad():
        call = interface.called(module)
        sizes = [
            [tuple(y.shape) for y in tensors_of(call(x))]
            for x in (example, interface.noise(3, interface.samples))
        ]
    for value in (value for node in model.graph for value in node.outputs):
        value.shape = None
    for value, small, large in zip(model.graph.outputs, *sizes, strict=True):
        value.shape = ir.Shape([a if a == b else None for a, b in zip(small, large, strict=True)])
