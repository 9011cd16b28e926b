"""ONNX: a graph without complex numbers, for onnxruntime and other runtimes."""

import contextlib
import io
from collections.abc import Iterator
from typing import Any, Optional

import numpy as np
import onnx
import onnx_ir as ir
import onnxruntime
import torch
from onnx_ir.passes import common as passes
from onnxscript.optimizer import fold_constants
from torch import Tensor, nn

from ...errors import ArtifactError
from ..interface import Interface
from ..parity import one_or_all
from ..steps import Step, Steps
from .format import Built, Format, Opened
from .onnx_arctangent import arctangent
from .onnx_lengths import with_any_length
from .onnx_reshapes import with_constant_shapes
from .operators import TRUST
from .quiet import quiet
from .recurrent import traced_example
from .wrapped import Wrapped, check_sizes, dynamic_shapes, least_lengths, shortest_of

OPSETS = (18, 20)
"""The versions of operators to choose from."""

FORBIDDEN = {"STFT", "DFT"}
"""Operators that onnxruntime runs hundreds of times slower than a convolution."""

MOST_FOLDED = 2**26
"""Numbers of a constant that is computed when the file is made; more are left to the runtime."""

REPEATING = {"Loop", "Scan", "SequenceMap"}
"""Operators that may repeat without end."""


class Onnx(Format):
    """Dynamic batch and time, one file."""

    name = "onnx"
    bound = 1e-4
    opset = OPSETS[-1]
    opsets = OPSETS

    def build(self, module: nn.Module, interface: Interface, max_time: Optional[int]) -> Built:
        """Export, and have onnx check the result.

        Raises:
            ArtifactError: if a node is one that runtimes run badly.
        """
        example, each_step = traced_example(module, interface)
        model, program = self._exported(
            Wrapped(module, interface.call),
            interface.with_further(example),
            dynamic_shapes=dynamic_shapes(interface, str),
            input_names=[interface.name, *(each.name for each in interface.further)],
        )
        check_sizes(program, "ONNX", negative=True)
        if each_step:
            with_any_length(model, module, interface, example)
        return Built(
            _serialized(model), shortest_of(program, interface), least=least_lengths(program, interface)
        )

    def build_steps(self, steps: Steps) -> Built:
        """The same for a step, of fixed shapes, with the tensors of the state by their names."""
        results = [f"output{i or ''}" for i in range(len(steps.results))]
        model, _ = self._exported(
            Step(steps),
            (steps.block, *steps.state),
            input_names=["block", *steps.names],
            output_names=[*results, *(f"new_{name}" for name in steps.names)],
        )
        return Built(_serialized(model), 1)

    def _exported(
        self, module: nn.Module, inputs: tuple[Tensor, ...], **names: Any
    ) -> tuple[ir.Model, torch.export.ExportedProgram]:
        """The model, and the graph that it was made of."""
        with quiet("torch.onnx"), contextlib.redirect_stdout(io.StringIO()), torch.no_grad():
            program = torch.onnx.export(
                module,
                inputs,
                dynamo=True,
                opset_version=self.opset,
                external_data=False,
                verbose=False,
                optimize=False,
                custom_translation_table={torch.ops.aten.atan2.default: arctangent},
                **names,
            )
        assert program is not None
        assert program.exported_program is not None
        return program.model, program.exported_program

    def checked(self, payload: bytes) -> bytes:
        """Refuse a model that reads other files, that onnx finds unsound, or that may have no end."""
        try:
            model = onnx.load_from_string(payload)
        except Exception as error:
            raise ArtifactError(f"onnx cannot read its payload: {error}") from error
        if not self.trust:
            _check_operators(model)
        try:
            onnx.checker.check_model(model)
        except Exception as error:
            raise ArtifactError(f"onnx refuses its payload: {error}") from error
        if any(
            tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in parts_in(model, onnx.TensorProto)
        ):
            raise ArtifactError("its payload reads tensors from another file")
        return payload

    def open(self, payload: bytes, call: dict[str, Any]) -> Opened:
        """A session on the CPU."""
        # Constants were folded when the file was made; to fold others, a stranger's, could fill the memory.
        session = onnxruntime.InferenceSession(
            payload, providers=["CPUExecutionProvider"], disabled_optimizers=["ConstantFolding"]
        )
        names = [each.name for each in session.get_inputs()]

        def run(*inputs: Tensor) -> Any:
            arrays = [np.ascontiguousarray(x.detach().numpy()) for x in inputs]
            results = session.run(None, dict(zip(names, arrays, strict=True)))
            return one_or_all([torch.from_numpy(result) for result in results])

        return Opened(session, run)


def _serialized(model: ir.Model) -> bytes:
    """The file of a model that onnx finds sound, without the nodes that runtimes run badly."""
    with quiet("torch.onnx"), contextlib.redirect_stdout(io.StringIO()):
        made = simplified(model)
    onnx.checker.check_model(made, full_check=True)
    found = FORBIDDEN & {node.op_type for node in made.graph.node}
    if found:
        raise ArtifactError(f"its graph has the ONNX operator {', '.join(sorted(found))}")
    return bytes(made.SerializeToString())


def simplified(model: ir.Model) -> onnx.ModelProto:
    """Fold constants and drop what is computed twice or never used.

    What torch.onnx does by default takes an addition of 1e-8 for one of zero and leaves it out, and with it
    what keeps a logarithm finite (onnxscript 0.7).
    """
    fold_constants(model, input_size_limit=MOST_FOLDED, output_size_limit=MOST_FOLDED)
    with_constant_shapes(model)
    for clean in (
        passes.RemoveUnusedNodesPass(),
        passes.RemoveUnusedOpsetsPass(),
        passes.LiftConstantsToInitializersPass(lift_all_constants=True, size_limit=0),
        passes.DeduplicateInitializersPass(),
        passes.CommonSubexpressionEliminationPass(),
    ):
        clean(model)
    return ir.serde.serialize_model(model)


def _check_operators(model: onnx.ModelProto) -> None:
    """Raise an ArtifactError for functions, which may double what they call, loops, and others' operators."""
    if model.functions:
        raise ArtifactError(f"its payload has functions of its own; {TRUST}")
    for node in parts_in(model, onnx.NodeProto):
        if node.domain not in ("", "ai.onnx") or node.op_type in REPEATING:
            name = ".".join(filter(None, (node.domain, node.op_type)))
            raise ArtifactError(f"its payload has the operator {name}; {TRUST}")


def parts_in(message: Any, kind: type[Any]) -> Iterator[Any]:
    """Every message of a kind anywhere in a model, also in subgraphs and functions."""
    if isinstance(message, kind):
        yield message
    for _, value in message.ListFields():
        for part in [value] if hasattr(value, "ListFields") else value if hasattr(value, "add") else ():
            yield from parts_in(part, kind)
