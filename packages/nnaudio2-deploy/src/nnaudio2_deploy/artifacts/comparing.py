"""Comparison of a payload with eager mode before it becomes a file, signal by signal."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Optional

from torch import Tensor, nn

from ..errors import ArtifactError, first_line
from .formats.quiet import ONE_AT_A_TIME
from .interface import Interface
from .parity import MOST_ALLOWED, SCATTER, Allowance, allowed_on, as_points, errors_on
from .tolerance import accepted


@dataclass(frozen=True)
class Parity:
    """The errors of a payload against the module, within what is allowed."""

    errors: dict[str, float]
    allowed: dict[str, float]
    left_out: dict[str, int]
    samples: Optional[dict[str, Any]] = None
    """Results at some places, where no config rebuilds the module."""


def compared(
    call: Callable[[Tensor], Any],
    eager: Callable[[Tensor], Any],
    reference: nn.Module,
    interface: Interface,
    inputs: dict[str, Tensor],
    bound: float,
    tolerances: Mapping[str, float],
    inverse: Mapping[str, float] = MappingProxyType({}),
) -> Parity:
    """The errors of a payload on every signal.

    Args:
        call: the payload in its runtime.
        eager: what it is compared with.
        reference: the module whose error in float32 against float64 is the scatter of round-off.
        interface: its input.
        inputs: the signals.
        bound: error allowed, where the scatter is not more.
        tolerances: errors that the user accepts.
        inverse: errors of the method ``inverse``.

    Raises:
        ArtifactError: if an error is above what is allowed.
    """
    allowances = allowed_on(inputs, bound, reference, interface)
    left_out = {
        name: one.left_out for name, one in allowances.items() if one.left_out > 0 and name not in tolerances
    }
    call, eager = as_points(call, interface), as_points(eager, interface)
    errors = errors_on(call, eager, inputs, left_out) | dict(inverse)
    allowed = dict.fromkeys(errors, bound)
    allowed |= {name: one.error for name, one in allowances.items()} | accepted(tolerances, errors)
    for signal, error in errors.items():
        if not error <= allowed[signal]:
            raise ArtifactError(_too_far(signal, error, allowed[signal], allowances))
    return Parity(errors, allowed, left_out)


def _too_far(signal: str, error: float, allowed: float, allowances: Mapping[str, Allowance]) -> str:
    own = allowances[signal].own if signal in allowances else 0.0
    magnified = f" (float32 itself is {own:.2g} from float64 there)" if SCATTER * own > MOST_ALLOWED else ""
    return (
        f"it differs from eager mode by {error:.2e} of the maximum on the signal {signal}, "
        f"and {allowed:.3g} is allowed{magnified}; tolerance says how much may be"
    )


@contextlib.contextmanager
def exporting() -> Iterator[None]:
    """Turn whatever an exporter objects to into an ArtifactError with its innermost reason."""
    try:
        with ONE_AT_A_TIME:
            yield
    except ArtifactError:
        raise
    except Exception as error:
        reason: BaseException = error
        while reason.__cause__ is not None:
            reason = reason.__cause__
        raise ArtifactError(f"{type(reason).__name__}: {first_line(reason)}") from error


@contextlib.contextmanager
def running() -> Iterator[None]:
    """Turn whatever a runtime objects to into an ArtifactError."""
    try:
        yield
    except ArtifactError:
        raise
    except Exception as error:
        raise ArtifactError(f"it was made, but running it failed: {first_line(error)}") from error
