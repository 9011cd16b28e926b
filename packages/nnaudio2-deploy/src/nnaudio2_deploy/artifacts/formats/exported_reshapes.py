"""Reshapes of an exported graph, one where there were several."""

import torch
from torch import fx

RESHAPES = (torch.ops.aten.view.default, torch.ops.aten.reshape.default)


def with_single_reshapes(program: torch.export.ExportedProgram) -> torch.export.ExportedProgram:
    """A program in which no reshape follows another: of several only the last one counts.

    A compiler fuses what stands before and after them, and divides by sizes for each reshape between to find
    the place of each number: without these divisions LFCC takes two fifths of the time.
    """
    graph = program.graph_module.graph
    if any(_overwrites(node) for node in graph.nodes):  # a copy would then be more than a reshape
        return program
    for node in list(graph.nodes):
        if node.target not in RESHAPES:
            continue
        source = node.args[0]
        while source.target in RESHAPES:
            source = source.args[0]
        if source is not node.args[0]:
            node.target = torch.ops.aten.reshape.default
            node.update_arg(0, source)
    graph.eliminate_dead_code()
    program.graph_module.recompile()
    return program


def _overwrites(node: fx.Node) -> bool:
    schema = getattr(node.target, "_schema", None)
    return schema is not None and bool(schema.is_mutable)
