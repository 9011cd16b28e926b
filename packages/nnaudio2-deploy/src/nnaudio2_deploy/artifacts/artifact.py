"""A loaded artifact: one call from input to result."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from .description import Description
from .input_check import check_input, further_in_order
from .parity import Result


@dataclass(frozen=True)
class Artifact:
    """A loaded artifact: call it with the input that its description names."""

    description: Description
    runtime: Any
    """The runtime's own object: a ``torch.jit.ScriptModule``, an ``onnxruntime.InferenceSession``, ..."""
    _call: Callable[..., Any]

    def __call__(self, x: Tensor, *further: Tensor, **named: Tensor) -> Result:
        """The result for an input, or one tensor for each if the module returns several.

        Args:
            x: a tensor on the CPU, with the dtype, the axes and the length that the description says.
            further: the inputs after it, if the description has more than one, by place or by name.

        Raises:
            TypeError: if it is not a tensor, has another dtype, or another number of inputs is given.
            ValueError: if it is not on the CPU, has another shape, or is too short or too long.

        Example:
            >>> import torch
            >>> from nnaudio2_core import STFT
            >>> from nnaudio2_deploy import load, save
            >>> _ = save(STFT(n_fft=512), "stft.pt", "torchscript")
            >>> load("stft.pt")(torch.zeros(16000))
            Traceback (most recent call last):
            ValueError: x must have the shape (batch, time), got (16000,)
        """
        check_input(x, self.description)
        result: Result = self._call(x, *further_in_order(x, further, named, self.description))
        return result
