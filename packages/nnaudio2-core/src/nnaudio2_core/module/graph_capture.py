"""Detect that a graph is being captured."""

import torch


def capturing_graph() -> bool:
    """Whether a graph is being captured (``torch.export``, ``torch.compile``, ``torch.jit.trace``).

    A graph for clips of any length must not depend on how long this one happens to be.
    """
    if torch.jit.is_scripting():
        return False
    return torch.compiler.is_compiling() or torch.jit.is_tracing()
