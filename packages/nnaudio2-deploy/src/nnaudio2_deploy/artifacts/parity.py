"""Comparison of an artifact with eager mode, or with samples kept of its results."""

import copy
from collections.abc import Callable, Sequence
from math import inf, isfinite
from typing import Any, NamedTuple, Optional

import torch
from torch import Tensor, nn

import nnaudio2_core as core
from nnaudio2_core import Transform

from ..measures import relative_error, relative_errors
from .interface import Interface

BOTH = 3.0
"""Without magnification, two float32 results may differ by this many single-result errors."""

PLACES = 24
"""Numbers of each tensor that are kept for a module that no config rebuilds."""

MOST_TENSORS = MOST_PLACES = 192
"""Numbers of all tensors of a result, as many as fit into a description."""

SCATTER = 30.0
"""Single-result errors by which two float32 results may differ if round-off is magnified."""

MOST_ALLOWED = 0.1
"""Largest error allowed, of the maximum. Values that float32 does not determine are left out instead of
allowing more."""

MOST_LEFT_OUT = 0.5
"""Largest part of the values that may be left out: a comparison of fewer says nothing."""

Result = Tensor | tuple[Tensor, ...]
"""Of a module: one tensor, or several."""


class Allowance(NamedTuple):
    """The error that is allowed on a signal."""

    error: float
    """Relative to the maximum."""
    left_out: int
    """How many values may have a larger one."""
    own: float
    """Error of eager mode in float32; 0 where it is unknown."""


def tensors_of(result: Any) -> list[Tensor]:
    """One tensor or several, as a list."""
    return list(result) if isinstance(result, (tuple, list)) else [result]


def one_or_all(results: Sequence[Tensor]) -> Result:
    """One tensor by itself, several as a tuple."""
    return results[0] if len(results) == 1 else tuple(results)


def real_tensors_of(result: Any) -> list[Tensor]:
    """The same, a complex tensor as pairs of real and imaginary part on a last axis of 2."""
    return [torch.view_as_real(x) if x.is_complex() else x for x in tensors_of(result)]


def error_between(result: Any, expected: Any, left_out: int = 0) -> float:
    """Largest error of any tensor, relative to its maximum, but for the ``left_out`` largest.

    It is infinite where shapes or kinds differ.
    """
    errors = _errors_between(result, expected)
    if errors is None:
        return inf
    kept = errors.sort().values[: max(0, errors.numel() - left_out)] if left_out > 0 else errors
    return float(kept.max()) if kept.numel() > 0 else 0.0


def _errors_between(result: Any, expected: Any) -> Optional[Tensor]:
    """The error of every value, relative to the maximum of its tensor; None where shapes or kinds differ."""
    kinds = [[(x.shape, x.is_complex()) for x in tensors_of(each)] for each in (result, expected)]
    if kinds[0] != kinds[1]:
        return None
    pairs = zip(real_tensors_of(result), real_tensors_of(expected), strict=True)
    return torch.cat([relative_errors(ours, theirs).flatten() for ours, theirs in pairs])


def as_points(call: Callable[[Tensor], Any], interface: Interface) -> Callable[[Tensor], Any]:
    """A call whose angles become points, see :attr:`Interface.points`; others unchanged."""
    points = interface.points
    return call if points is None else lambda x: points(call(x), x)


def eager_call(module: nn.Module, interface: Interface) -> Callable[[Tensor], Any]:
    """A module with the arguments of its interface, to be compared."""
    return as_points(interface.called(module), interface)


def errors_on(
    call: Callable[[Tensor], Any],
    eager: Callable[[Tensor], Any],
    inputs: dict[str, Tensor],
    left_out: Optional[dict[str, int]] = None,
) -> dict[str, float]:
    """The error on each signal, but for so many values."""
    counts = left_out or {}
    with torch.no_grad():
        return {name: error_between(call(x), eager(x), counts.get(name, 0)) for name, x in inputs.items()}


def allowed_on(
    inputs: dict[str, Tensor], bound: float, module: nn.Module, interface: Interface
) -> dict[str, Allowance]:
    """The error allowed on each signal: the bound, or the scatter of float32 where that is more.

    Griffin-Lim's steps feed round-off back, and a model may take the logarithm or the phase of a value near
    zero. Eager mode in float32 is then itself far from float64, and another order of sums gives another
    result, as far away.
    """
    own = _own_errors(inputs, module, interface)
    transform = getattr(module, "stands_for", module)
    magnified = not isinstance(transform, Transform) or bool(getattr(transform, "n_iter", 0))
    return {name: _allowance(errors, bound, magnified) for name, errors in own.items()}


def _allowance(own: Optional[Tensor], bound: float, magnified: bool) -> Allowance:
    """Of the errors of float32 itself; of None, where they are unknown, and infinite ones the bound."""
    largest = float(own.max()) if own is not None and own.numel() > 0 else 0.0
    if own is None or largest == inf:
        return Allowance(bound, 0, largest)
    allowed = max(bound, (SCATTER if magnified or largest > bound else BOTH) * largest)
    most = max(bound, MOST_ALLOWED)
    if allowed <= most:
        return Allowance(allowed, 0, largest)
    left_out = int(BOTH * int((own > MOST_ALLOWED / SCATTER).sum()))
    if left_out > MOST_LEFT_OUT * own.numel():
        return Allowance(bound, 0, largest)
    return Allowance(most, left_out, largest)


def _own_errors(
    inputs: dict[str, Tensor], module: nn.Module, interface: Interface
) -> dict[str, Optional[Tensor]]:
    """Error of float64 against eager mode in float32, value by value, relative to the latter's maximum.

    None where it is unknown: other types of a model, random results, no float64.
    """
    if interface.dtype != torch.float32:
        return dict.fromkeys(inputs)
    eager = eager_call(module, interface)
    try:
        exact = eager_call(copy.deepcopy(module).double(), interface)
        with torch.no_grad():
            own = {name: _own_error(eager, exact, x) for name, x in inputs.items()}
    except Exception:  # constants of its own, in float32
        return dict.fromkeys(inputs)
    again = errors_on(eager, eager, inputs)
    return {name: error if again[name] == 0 else None for name, error in own.items()}


def _own_error(eager: Callable[[Tensor], Any], exact: Callable[[Tensor], Any], x: Tensor) -> Optional[Tensor]:
    double = [y.float() for y in real_tensors_of(exact(x.double()))]
    return _errors_between(double, real_tensors_of(eager(x)))


def inverse_errors_on(runtime: Any, module: nn.Module, inputs: dict[str, Tensor]) -> dict[str, float]:
    """The error of the method ``inverse`` on the transform of each signal; nothing where there is none."""
    if not (type(module) is core.STFT and hasattr(runtime, "inverse") and not module.obstacle):
        return {}
    onesided = module.freq_bins == module.n_fft // 2 + 1
    if not onesided and module.freq_bins < module.n_fft:
        return {}
    errors = {}
    with torch.no_grad():
        for name, x in inputs.items():
            arguments = module(x, "Complex"), onesided, x.size(-1)
            expected = module.inverse(*arguments)
            errors[f"{name}, inverse"] = error_between(runtime.inverse(*arguments), expected)
    return errors


def samples_of(
    eager: Callable[[Tensor], Any],
    call: Callable[[Tensor], Any],
    inputs: dict[str, Tensor],
    allowed: dict[str, float],
) -> dict[str, Any]:
    """Some numbers of the result of each signal, its shape and peak, small enough for a description.

    Where the artifact, ``call``, differs by more than is allowed, which only values that are left out do,
    None stands for a number.
    """
    with torch.no_grad():
        return {
            name: _samples(real_tensors_of(eager(x)), real_tensors_of(call(x)), allowed[name])
            for name, x in inputs.items()
        }


def _samples(result: list[Tensor], artifact: list[Tensor], allowed: float) -> list[dict[str, Any]]:
    places = min(PLACES, MOST_PLACES // len(result))
    samples = [_sample(part, places) for part in result]
    for sample, part, other in zip(samples, result, artifact, strict=True):
        apart = relative_errors(other, part).flatten()[_places(part.numel(), places)].tolist()
        values = zip(sample["values"], apart, strict=True)
        sample["values"] = [None if error > allowed else value for value, error in values]
    return samples


def _sample(result: Tensor, places: int) -> dict[str, Any]:
    finite = result.isfinite()
    values = result.double().flatten()[_places(result.numel(), places)].tolist()
    peak = result.double().abs().where(finite, 0.0).flatten()
    return {
        "shape": list(result.shape),
        "not_finite": int((~finite).sum()),
        "peak": float(peak.max()) if peak.numel() > 0 else 0.0,
        "values": [value if isfinite(value) else str(value) for value in values],  # JSON has no NaN
    }


def _places(size: int, count: int) -> Tensor:
    """Seeded places of so many values; none of none."""
    return torch.randint(
        max(1, size), (count if size > 0 else 0,), generator=torch.Generator().manual_seed(0)
    )


def sampled_errors_on(
    call: Callable[[Tensor], Any], samples: dict[str, Any], inputs: dict[str, Tensor]
) -> dict[str, float]:
    """The error on each signal, at the places that were kept."""
    with torch.no_grad():
        results = {name: real_tensors_of(call(x)) for name, x in inputs.items()}
    return {name: _sampled_error(result, samples.get(name)) for name, result in results.items()}


def _sampled_error(result: list[Tensor], expected: Optional[list[dict[str, Any]]]) -> float:
    if expected is None or [list(part.shape) for part in result] != [part["shape"] for part in expected]:
        return inf
    pairs = [(_sample(part, len(kept["values"])), kept) for part, kept in zip(result, expected, strict=True)]
    if any(ours["not_finite"] != theirs.get("not_finite", 0) for ours, theirs in pairs):
        return inf
    return max(relative_error(*_numbers(ours, theirs)) for ours, theirs in pairs)


def _numbers(ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[Tensor, Tensor]:
    """The numbers to compare; the peak is the first and largest of them, unless any number is left out."""
    pairs = list(zip(ours["values"], theirs["values"], strict=True))
    kept = [pair for pair in pairs if pair[1] is not None]
    peaks = (ours["peak"] if len(kept) == len(pairs) else theirs["peak"], theirs["peak"])
    numbers = torch.tensor([[float(a), float(b)] for a, b in (peaks, *kept)], dtype=torch.float64)
    return numbers[:, 0], numbers[:, 1]
