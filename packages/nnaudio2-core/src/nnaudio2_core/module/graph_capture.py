"""Modes of a call: a graph is being captured, or a gradient is needed."""

import torch
from torch import Tensor
from torch.autograd import forward_ad


def capturing_graph() -> bool:
    """True if a graph is being captured (``torch.export``, ``torch.compile``, ``torch.jit.trace``).

    A graph for clips of any length must not branch on the length of the example.
    """
    if torch.jit.is_scripting():
        return False
    return torch.compiler.is_compiling() or torch.jit.is_tracing()


def tracing() -> bool:
    """True under ``torch.jit.trace``, where sizes are tensors and comparisons would become constants."""
    if torch.jit.is_scripting():
        return False
    return bool(torch.jit.is_tracing())


def needs_gradient(x: Tensor) -> bool:
    """True if the result of an operation on ``x`` is part of a gradient's graph."""
    return torch.is_grad_enabled() and x.requires_grad


def needs_derivative(x: Tensor) -> bool:
    """True if a gradient or a forward-mode derivative is taken of an operation on ``x``."""
    if torch.jit.is_scripting():
        return needs_gradient(x)
    # Forward mode anywhere counts: unpack_dual would raise an error within vmap, and miss an outer jvp.
    return needs_gradient(x) or forward_ad._current_level >= 0


def needs_own_gradient(x: Tensor) -> bool:
    """True if a gradient of ours replaces that of autograd: not in a compiled graph."""
    return needs_gradient(x) and not torch.compiler.is_compiling()
