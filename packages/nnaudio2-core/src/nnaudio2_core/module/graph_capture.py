"""Detect that a graph is being captured."""

import torch


def capturing_graph() -> bool:
    """True if a graph is being captured (``torch.export``, ``torch.compile``, ``torch.jit.trace``).

    A graph for clips of any length must not branch on the length of the example.
    """
    if torch.jit.is_scripting():
        return False
    return torch.compiler.is_compiling() or torch.jit.is_tracing()
