"""The module that artifacts are made of and compared with: a copy, as it evaluates on the CPU."""

import copy
from typing import Any

from torch import nn

from ..errors import ArtifactError, first_line


def evaluated(module: Any) -> nn.Module:
    """A copy of a module on the CPU, in evaluation mode; the module itself stays as it is.

    Raises:
        ArtifactError: if it is no module, or one that cannot be copied.
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
