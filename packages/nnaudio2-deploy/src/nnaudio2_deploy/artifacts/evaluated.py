"""Copies of modules in evaluation mode on the CPU, from which artifacts are made."""

import copy
from typing import Any

from torch import nn
from torch.nn.utils import parametrize

from ..errors import ArtifactError, first_line


def evaluated(module: Any) -> nn.Module:
    """A copy of a module on the CPU, in evaluation mode; the module itself stays as it is.

    Raises:
        ArtifactError: if it is not a module, or cannot be copied.
    """
    if not isinstance(module, nn.Module):
        raise ArtifactError(f"module must be a torch.nn.Module, got {module!r:.60}")
    try:
        return _plain_weights(copy.deepcopy(module).cpu().eval())
    except Exception as error:
        raise ArtifactError(
            f"module must be one that copy.deepcopy copies, and {type(module).__name__} is not: "
            f"{first_line(error)} (after training, torch.nn.utils.weight_norm is not copied: "
            "torch.nn.utils.remove_weight_norm takes it away)"
        ) from error


def _plain_weights(module: nn.Module) -> nn.Module:
    """Weights in the place of their parametrizations, which TorchScript does not compile."""
    for part in list(module.modules()):
        if parametrize.is_parametrized(part):
            parametrized: Any = part.parametrizations
            weights = {name: getattr(part, name).detach().clone() for name in parametrized}
            # remove_parametrizations would change the class that the copy has in common with the original.
            part.__class__ = type(part).__bases__[0]
            del part._modules["parametrizations"]
            for name, weight in weights.items():
                part.register_parameter(name, nn.Parameter(weight))
    return module
