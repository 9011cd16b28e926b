"""Base class of the formats."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Optional

from torch import Tensor, nn

from ..description import Description
from ..interface import Interface
from ..parity import Result, one_or_all, tensors_of
from ..steps import Steps


class Opened(NamedTuple):
    """A payload in its runtime."""

    runtime: Any
    """The runtime's own object."""
    call: Callable[..., Result]
    """Takes the input, or the block and the tensors of the state."""


class OpenedSteps(NamedTuple):
    """A payload of a module with steps in its runtime."""

    runtime: Any
    """The runtime's own object."""
    start: Optional[Callable[[int], Any]]
    """Makes a state for so many clips; None if the description has the only one."""
    step: Callable[[Tensor, Any], tuple[Result, Any]]
    finish: Optional[Callable[[Any], Tensor]]
    """The results after the last block; None if those of blocks of zeros are."""


class Built(NamedTuple):
    """Result of building a module."""

    payload: bytes
    shortest: int
    """Shortest input that it takes, along time or frames."""
    delegate: Optional[str] = None
    """Backend that runs it inside of the runtime."""
    portable: tuple[str, ...] = ()
    """Operators that the backend does not take."""
    fallback: Optional[str] = None
    """Reason why the backend does not take the whole graph."""
    least: Mapping[str, int] = MappingProxyType({})
    """Least sizes of the lengths that the first input does not have."""


class Format(ABC):
    """Conversion of a module to bytes, and of bytes to a callable."""

    name: str
    bound: float
    """Error allowed against the eager module, relative to the maximum."""
    complex_numbers: bool = False
    """True if the runtime has complex numbers; otherwise every transform uses the engine without them."""
    native: bool = False
    """True if loading runs machine code from the file."""
    opset: Optional[int] = None
    opsets: tuple[int, ...] = ()
    """Versions of operators to choose from."""
    plans_memory: bool = False
    """True if the runtime must know the longest input."""

    def __init__(self, trust: bool = False) -> None:
        """``trust`` permits operators that are not known to be safe in files of strangers."""
        self.trust = trust

    def check_interface(self, interface: Interface) -> None:  # noqa: B027
        """Raise ArtifactError, before any work, if the runtime cannot take inputs of these axes."""

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
        """Return a payload that is safe to open, repacked where its runtime could read it differently from
        the check; raise ArtifactError if it could do more than compute with tensors.
        """

    def try_out(self, payload: bytes, description: Description) -> None:  # noqa: B027
        """Raise ArtifactError if opening or running what :meth:`checked` returned would end the process."""

    @abstractmethod
    def open(self, payload: bytes, call: dict[str, Any]) -> Opened:
        """Load what :meth:`checked` returned; ``call`` has the arguments after the input."""

    @abstractmethod
    def build_steps(self, steps: Steps) -> Built:
        """The payload of a module with steps: block and state in, result and state out."""

    def open_steps(self, payload: bytes, results: int) -> OpenedSteps:
        """Load what :meth:`checked` returned of a module with steps, which has so many results."""
        runtime, call = self.open(payload, {})

        def step(block: Tensor, state: tuple[Tensor, ...]) -> tuple[Result, tuple[Tensor, ...]]:
            outputs = tensors_of(call(block, *state))
            return one_or_all(outputs[:results]), tuple(outputs[results:])

        return OpenedSteps(runtime, None, step, None)
