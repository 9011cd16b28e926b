"""What every format does."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, NamedTuple, Optional

from torch import Tensor, nn

from ..interface import Interface

Result = Tensor | tuple[Tensor, ...]


class Opened(NamedTuple):
    """A payload in its runtime."""

    runtime: Any
    """The runtime's own object."""
    call: Callable[[Tensor], Result]


class Built(NamedTuple):
    """What a module became."""

    payload: bytes
    shortest: int
    """Shortest input that it takes, along time or frames."""
    delegate: Optional[str] = None
    """What runs it inside of the runtime."""


class Format(ABC):
    """How a module becomes bytes, and how bytes become something to call."""

    name: str
    bound: float
    """Error allowed against the eager module, relative to the maximum."""
    complex_numbers: bool = False
    """Whether the runtime has complex numbers; without them every transform uses the engine without."""
    native: bool = False
    """Whether loading runs machine code that the file brings."""
    opset: Optional[int] = None
    plans_memory: bool = False
    """Whether the runtime wants to know the longest input."""

    @abstractmethod
    def build(self, module: nn.Module, interface: Interface, max_time: Optional[int]) -> Built:
        """The payload, as the runtime's own writer makes it.

        Args:
            module: one without complex numbers, where the runtime has none.
            interface: what it takes.
            max_time: longest input, samples or frames; None where ``plans_memory`` is false.
        """

    @abstractmethod
    def checked(self, payload: bytes) -> bytes:
        """The payload as it is safe to open, made anew where its own runtime might read it otherwise than
        the check did; an ArtifactError if it could do anything but compute with tensors.
        """

    @abstractmethod
    def open(self, payload: bytes, call: dict[str, Any]) -> Opened:
        """Load what :meth:`checked` returned; ``call`` has the arguments after the input."""
