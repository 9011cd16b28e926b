"""Reshapes of an ONNX graph to constant shapes, so that no node computes sizes for them."""

from typing import Optional

import numpy as np
import onnx_ir as ir


def with_constant_shapes(model: ir.Model) -> None:
    """Give each ``Reshape`` a constant shape, where all sizes but one are constants or those of its input.

    torch.onnx computes each size by several nodes, which may take longer than the arithmetic between them.
    Of ``Reshape`` after ``Reshape`` only the last one counts.
    """
    for node in model.graph:
        if node.op_type != "Reshape":
            continue
        source = _source(node.inputs[0])
        shape = _constant_shape(node.outputs[0], source)
        if source is not None and shape is not None:
            node.replace_input_with(0, source)
            node.replace_input_with(1, _constant(model.graph, shape))
            node.attributes.pop("allowzero", None)


def _source(value: Optional[ir.Value]) -> Optional[ir.Value]:
    """The value before any number of ``Reshape``."""
    while value is not None:
        producer = value.producer()
        if producer is None or producer.op_type != "Reshape":
            return value
        value = producer.inputs[0]
    return None


def _constant_shape(result: ir.Value, source: Optional[ir.Value]) -> Optional[tuple[int, ...]]:
    """The shape of a ``Reshape``: 0 for the size of the source, -1 for one that follows from the others."""
    if result.shape is None or source is None or source.shape is None:
        return None
    if 0 in result.shape:  # would be taken for the size of the source
        return None
    given = [None if isinstance(size, int) else size.value for size in source.shape]
    shape = []
    for place, size in enumerate(result.shape):
        if isinstance(size, int):
            shape.append(size)
        else:
            same = place < len(given) and size.value is not None and size.value == given[place]
            shape.append(0 if same else -1)
    return tuple(shape) if shape.count(-1) <= 1 else None


def _constant(graph: ir.Graph, shape: tuple[int, ...]) -> ir.Value:
    name = "shape_" + "_".join(str(size).replace("-", "n") for size in shape)
    if name not in graph.initializers:
        numbers = ir.tensor(np.array(shape, dtype=np.int64), name=name)
        kind, sizes = ir.TensorType(ir.DataType.INT64), ir.Shape([len(shape)])
        graph.register_initializer(ir.Value(name=name, type=kind, shape=sizes, const_value=numbers))
    return graph.initializers[name]
