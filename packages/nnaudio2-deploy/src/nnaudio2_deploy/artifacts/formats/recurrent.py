"""Recurrent layers over an input's own length, which torch.export takes for that of the example."""

from typing import Any, Optional

import torch
from torch import Tensor, nn

from ...errors import ArtifactError
from ..interface import Interface

FEW = 6
"""Steps that a traced example has more than necessary: each of them is traced by itself."""


def recurrent_over_input(module: nn.Module, interface: Interface) -> Optional[str]:
    """Class of a recurrent layer whose sequence is as long as the input; None if there is none.

    The number of frames that a transform makes of an input is an expression, which torch.export leaves open.
    """
    layers = [part for part in module.modules() if isinstance(part, nn.RNNBase)]
    if not layers or interface.long_name is None:
        return None
    found: list[str] = []
    time = interface.samples

    def note(layer: Any, inputs: tuple[Any, ...]) -> None:
        x = inputs[0] if inputs else None
        if isinstance(x, Tensor) and x.size(1 if layer.batch_first and x.dim() == 3 else 0) == time:
            found.append(type(layer).__name__)

    hooks = [layer.register_forward_pre_hook(note) for layer in layers]
    try:
        with torch.no_grad():
            interface.called(module)(interface.noise(1, time))
    finally:
        for hook in hooks:
            hook.remove()
    return next(iter(found), None)


def check_recurrent(module: nn.Module, interface: Interface) -> None:
    """Raise an ArtifactError for such a layer."""
    name = recurrent_over_input(module, interface)
    if name is not None:
        raise ArtifactError(
            f"torch.export takes the length of an input for a constant where nn.{name} runs along it: save "
            "the model as torchscript or onnx, or for a fixed length (dynamic_axes)"
        )


def traced_example(module: nn.Module, interface: Interface) -> tuple[Tensor, bool]:
    """An input of two items, as short as may be if each of its steps is traced, and whether it is."""
    if recurrent_over_input(module, interface) is None:
        return interface.example(), False
    return interface.noise(2, 2 * interface.shortest_waveform + FEW), True
