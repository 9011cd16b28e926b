"""Copies of modules in evaluation mode on the CPU, from which artifacts are made."""

import copy
from typing import Any

from torch import nn

from ..errors import ArtifactError, first_line


def evaluated(module: Any) -> nn.Module:
    """A copy of a module on the CPU, in evaluation mode; the module itself stays as it is.

    Raises:
        ArtifactError: if it is not a module, or cannot be copied.
    """
    if not isinstance(module, nn.Module):
        raise ArtifactError(f"module must be a torch.nn.Module, got {module!r:.60}")
    try:
        return copy.deepcopy(module).cpu().eval()
    except Exception as error:
        raise ArtifactError(
            f"module must be one that copy.deepcopy copies, and {type(module).__name__} is not: "
            f"{first_line(error)} (after training, torch.nn.utils.weight_norm is not copied; "
            "torch.nn.utils.parametrizations.weight_norm is)"
        ) from error
