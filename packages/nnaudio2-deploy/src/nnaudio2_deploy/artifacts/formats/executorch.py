"""ExecuTorch: a .pte program for phones and small devices, one clip at a time, XNNPACK where it can."""

import json
import sys
import tempfile
import threading
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Optional

import torch
from torch import Tensor, nn

from ...errors import ArtifactError, first_line
from ..description import Description
from ..input_check import shortest_shape
from ..interface import Interface
from ..isolated import in_child
from ..parity import allowed_on, as_points, eager_call, error_between, errors_on, one_or_all, tensors_of
from ..seeded_signals import signals
from ..steps import Step, Steps
from ..stepwise import stream_signals
from .format import Built, Format, Opened, OpenedSteps
from .quiet import quiet
from .wrapped import exported, exported_step, least_lengths, shortest_of

with quiet("torch.utils._pytree"):
    from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
    from executorch.exir import to_edge_transform_and_lower
    from executorch.exir.passes.constant_prop_pass import constant_prop_pass
    from executorch.runtime import Runtime, Verification


TRIED_STEPS = 4
"""Steps that a program is tried on."""


class Executorch(Format):
    """Memory is planned ahead, for one clip up to a stated length."""

    name = "executorch"
    bound = 1e-4
    plans_memory = True

    def check_interface(self, interface: Interface) -> None:
        """Each call is for one item, which is found along the first axis."""
        for name, axes in [(interface.name, interface.axes), *((x.name, x.axes) for x in interface.further)]:
            if "batch" in list(axes)[1:]:
                raise ArtifactError(
                    f"dynamic_axes must have batch as the first axis of {name} for executorch, which runs "
                    "one item at a time: exchange the axes in the model, or leave batch out"
                )

    def build(self, module: nn.Module, interface: Interface, max_time: Optional[int]) -> Built:
        """Export, fold constants, hand to XNNPACK what it takes, plan the memory.

        XNNPACK takes some graphs that it then cannot lower, or cannot run at every length; those go to it
        operator by operator, or are left to the portable kernels.
        """
        recurrent = [type(part).__name__ for part in module.modules() if isinstance(part, nn.RNNBase)]
        if recurrent and interface.long_name is not None:  # its exporter would fail after minutes of work
            raise ArtifactError(f"ExecuTorch has no operator for nn.{recurrent[0]} over any number of frames")
        # With oneDNN, torch would decide by the length of the example how to convolve, and bound all others.
        with quiet(), torch.backends.mkldnn.flags(enabled=False):
            program = exported(module, interface, max_time=max_time, batch=1)
            shortest = shortest_of(program, interface)
            least = least_lengths(program, interface)
            wanted = interface.at_least(shortest, least)
            built = self._built(
                program, shortest, lambda payload: self._try(payload, module, wanted, max_time)
            )
            return built._replace(least=least)

    def build_steps(self, steps: Steps) -> Built:
        """The same for a step."""
        with quiet(), torch.backends.mkldnn.flags(enabled=False):
            return self._built(exported_step(steps), 1, lambda payload: self._try_steps(payload, steps))

    def _built(
        self, program: torch.export.ExportedProgram, shortest: int, check: Callable[[bytes], None]
    ) -> Built:
        """The program with as much of it delegated to XNNPACK as passes the check."""
        _check_sizes(program)
        folded = _with_own_constants(constant_prop_pass(program.run_decompositions({})))
        folded = _without_idle_slices(folded)
        whole, failure = self._delegated(folded, False, check)
        if whole is not None:
            return Built(whole[0], shortest, "XNNPACK", whole[1])
        parts, _ = self._delegated(folded, True, check)
        if parts is not None:
            return Built(parts[0], shortest, "XNNPACK", parts[1], failure)
        payload, portable = self._lowered(folded, [])
        return Built(payload, shortest, None, portable, failure)

    def _delegated(
        self, program: torch.export.ExportedProgram, one_by_one: bool, check: Callable[[bytes], None]
    ) -> tuple[Optional[tuple[bytes, tuple[str, ...]]], Optional[str]]:
        """The program with XNNPACK in it, or the reason why it cannot be made, run, or trusted."""
        try:
            lowered = self._lowered(program, [XnnpackPartitioner(per_op_mode=one_by_one)])
            check(lowered[0])
        except Exception as error:
            return None, f"{type(error).__name__}: {first_line(error)}"[:200]
        return lowered, None

    def _lowered(
        self, program: torch.export.ExportedProgram, partitioners: list[Any]
    ) -> tuple[bytes, tuple[str, ...]]:
        """The program, and the operators in it that no partitioner took."""
        edge = to_edge_transform_and_lower(program, partitioner=partitioners)
        nodes = [node for node in edge.exported_program().graph.nodes if node.op == "call_function"]
        names = {str(getattr(node.target, "__name__", "")) for node in nodes}
        portable = {name for name in names if name.startswith(("aten.", "dim_order_ops."))}
        return bytes(edge.to_executorch().buffer), tuple(sorted(portable))

    def _try(self, payload: bytes, module: nn.Module, interface: Interface, max_time: Optional[int]) -> None:
        opened = self.open(payload, interface.call)
        inputs = signals(interface, max_time)
        allowed = allowed_on(inputs, self.bound, module, interface)
        left_out = {name: one.left_out for name, one in allowed.items()}
        call = as_points(interface.runtime(opened.call), interface)
        errors = errors_on(call, eager_call(module, interface), inputs, left_out)
        if not all(error <= allowed[name].error for name, error in errors.items()):
            raise ArtifactError(
                f"the ExecuTorch program differs from eager mode by {max(errors.values()):.1e}"
            )

    def _try_steps(self, payload: bytes, steps: Steps) -> None:
        """Compare some steps with those of eager mode."""
        noise = stream_signals(steps.interface, steps.batch_size, steps.size)["noise"]
        axis = steps.interface.long_axis
        blocks = cycle(noise.split(steps.block.size(axis), axis))
        eager, opened = Step(steps), self.open_steps(payload, len(steps.results))
        ours = theirs = tuple(steps.state)
        for block in islice(blocks, TRIED_STEPS):
            result, ours = opened.step(block, ours)
            with torch.no_grad():
                outputs = eager(block, *theirs)
            expected, theirs = outputs[: -len(theirs) or None], outputs[len(outputs) - len(theirs) :]
            error = error_between([*tensors_of(result), *ours], [*expected, *theirs])
            if not error <= self.bound:
                raise ArtifactError(f"the ExecuTorch program differs from eager mode by {error:.1e}")

    def checked(self, payload: bytes) -> bytes:
        """Return the payload: it holds operators and numbers, no code."""
        return payload

    def try_out(self, payload: bytes, description: Description) -> None:
        """Run it in another process: the runtime aborts on many malformed programs."""
        with tempfile.TemporaryDirectory(prefix="nnaudio2-") as folder:
            path = Path(folder, "program.pte")
            path.write_bytes(payload)
            in_child("run_program", str(path), json.dumps(_smallest_inputs(description)))

    def open(self, payload: bytes, call: dict[str, Any]) -> Opened:
        """The method ``forward``, called for each item of a batch."""
        method, execute = _method(payload)
        meta = method.metadata
        most = [meta.input_tensor_meta(place).sizes()[0] for place in range(meta.num_inputs())]

        def run(*inputs: Tensor) -> Any:
            # Inputs with more items than the program takes are split; each item meets all of the others.
            split = [x.split(1) if len(x) > size else (x,) for x, size in zip(inputs, most, strict=True)]
            count = max(map(len, split))
            items = zip(*(parts * (count // len(parts)) for parts in split), strict=True)
            results = [execute([x.contiguous() for x in item]) for item in items]
            if count == 1:
                return one_or_all(results[0])
            return one_or_all([torch.cat(parts) for parts in zip(*results, strict=True)])

        return Opened(method, run)

    def open_steps(self, payload: bytes, results: int) -> OpenedSteps:
        """The method ``forward``, of the batch that it was made for."""
        method, execute = _method(payload)

        def step(block: Tensor, state: tuple[Tensor, ...]) -> Any:
            outputs = execute([x.contiguous() for x in (block, *state)])
            return one_or_all(outputs[:results]), tuple(outputs[results:])

        return OpenedSteps(method, None, step, None)


def _method(payload: bytes) -> tuple[Any, Callable[[list[Tensor]], list[Tensor]]]:
    """The method ``forward`` of a program, and a call of it that returns tensors of their own."""
    program = Runtime.get().load_program(payload, verification=Verification.InternalConsistency)
    method = program.load_method("forward")
    lock = threading.Lock()  # its memory serves one call at a time

    def execute(inputs: list[Tensor], _memory: bytes = payload) -> list[Tensor]:
        # The program reads in _memory, but does not own it.
        with lock:
            return [y.clone() for y in method.execute(inputs)]

    return method, execute


def _smallest_inputs(description: Description) -> list[tuple[list[int], str, int]]:
    """Shape, dtype and value of each input of a program."""
    state = [(each["shape"], each["dtype"], 0) for each in description.state or []]
    further = [
        (shortest_shape(description, name), kind["dtype"], 1 if kind["range"] is None else kind["range"][1])
        for name, kind in description.further.items()
    ]
    return [(shortest_shape(description), description.dtype, 0), *further, *state]


def _with_own_constants(program: torch.export.ExportedProgram) -> torch.export.ExportedProgram:
    """Constants that share no memory: of a part of a tensor XNNPACK would read its beginning."""
    for name, value in program.constants.items():
        if isinstance(value, Tensor):
            program.constants[name] = value.clone(memory_format=torch.contiguous_format)
    return program


def _without_idle_slices(program: torch.export.ExportedProgram) -> torch.export.ExportedProgram:
    """A program without slices from the beginning to the end of an axis, each of which would be a copy."""
    graph = program.graph_module.graph
    for node in list(graph.nodes):
        if node.target is torch.ops.aten.slice.Tensor and node.args[2:] in ((), (0,), (0, sys.maxsize)):
            node.replace_all_uses_with(node.args[0])
            graph.erase_node(node)
    program.graph_module.recompile()
    return program


def _check_sizes(program: torch.export.ExportedProgram) -> None:
    """Raise an error that names the missing operator; ExecuTorch's own assertion does not."""
    targets = {node.target for node in program.graph.nodes if node.op == "call_function"}
    missing = targets & {torch.sym_max, torch.sym_min}
    if missing:
        names = ", ".join(sorted(getattr(target, "__name__", "") for target in missing))
        raise ArtifactError(f"ExecuTorch has no {names} of sizes")
