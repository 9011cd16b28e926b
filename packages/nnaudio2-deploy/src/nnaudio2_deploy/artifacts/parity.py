"""Comparison of an artifact with eager mode, or with samples kept of its results."""

import copy
from collections.abc import Callable
from functools import partial
from math import inf, isfinite
from typing import Any, Optional

import torch
from torch import Tensor, nn

import nnaudio2_core as core
from nnaudio2_core import Transform

from ..measures import relative_error
from .interface import Interface

BOTH = 3.0
"""Without magnification, two float32 results may differ by this many single-result errors."""

PLACES = 24
"""Numbers of each tensor that are kept for a module that no config rebuilds."""

MOST_TENSORS = MOST_PLACES = 192
"""Numbers of all tensors of a result, as many as fit into a description."""

SCATTER = 30.0
"""Where round-off is magnified, two float32 results may differ by this many single-result errors."""


def tensors_of(result: Any) -> list[Tensor]:
    """One tensor or several, as a list."""
    return list(result) if isinstance(result, (tuple, list)) else [result]


def real_tensors_of(result: Any) -> list[Tensor]:
    """The same, a complex tensor as pairs of real and imaginary part on a last axis of 2."""
    return [torch.view_as_real(x) if x.is_complex() else x for x in tensors_of(result)]


def error_between(result: Any, expected: Any) -> float:
    """Largest error of any tensor, relative to its maximum; infinite where shapes or kinds differ."""
    kinds = [[(x.shape, x.is_complex()) for x in tensors_of(each)] for each in (result, expected)]
    if kinds[0] != kinds[1]:
        return inf
    ours, theirs = real_tensors_of(result), real_tensors_of(expected)
    return max(relative_error(a, b) for a, b in zip(ours, theirs, strict=True))


def as_points(call: Callable[[Tensor], Any]) -> Callable[[Tensor], Any]:
    """A call whose angles become points on the unit circle, where half a turn is next to minus half."""
    return lambda x: torch.stack([call(x).cos(), call(x).sin()], -1)


def eager_call(module: nn.Module, interface: Interface) -> Callable[[Tensor], Any]:
    """A module with the arguments of its interface, to be compared."""
    call = partial(module, **interface.call)
    return as_points(call) if interface.angles else call


def errors_on(
    call: Callable[[Tensor], Any], eager: Callable[[Tensor], Any], inputs: dict[str, Tensor]
) -> dict[str, float]:
    """The error on each signal."""
    with torch.no_grad():
        return {name: error_between(call(x), eager(x)) for name, x in inputs.items()}


def allowed_on(
    inputs: dict[str, Tensor], bound: float, module: nn.Module, interface: Interface
) -> dict[str, float]:
    """The error allowed on each signal: the bound, or the scatter of float32 where that is more.

    Griffin-Lim's steps feed round-off back, the phase of a value near zero is round-off, and a model may take
    the logarithm of one. Eager mode in float32 is then itself far from float64, and another order of sums
    gives another result, as far away.
    """
    if not isinstance(module, Transform):
        own = _own_errors_of_model(inputs, module, interface)
        return {name: max(bound, SCATTER * error) for name, error in own.items()}
    own = _own_errors(inputs, module, interface)
    magnified = interface.angles or bool(getattr(module, "n_iter", 0))
    least = 0.0 if magnified else bound
    return {
        name: max(bound, (SCATTER if error > least else BOTH) * error) if error < inf else bound
        for name, error in own.items()
    }


def _own_errors(inputs: dict[str, Tensor], module: nn.Module, interface: Interface) -> dict[str, float]:
    """Error of float64 against eager mode in float32, relative to the latter (absolute where that is 0)."""
    eager, exact = (eager_call(each, interface) for each in (module, copy.deepcopy(module).double()))
    return errors_on(
        lambda x: [y.float() for y in real_tensors_of(exact(x.double()))],
        lambda x: real_tensors_of(eager(x)),
        inputs,
    )


def _own_errors_of_model(
    inputs: dict[str, Tensor], module: nn.Module, interface: Interface
) -> dict[str, float]:
    """The same for a model; zero where it is unknown: other types, random results, no float64."""
    if interface.dtype != torch.float32:
        return dict.fromkeys(inputs, 0.0)
    eager = eager_call(module, interface)
    try:
        own = _own_errors(inputs, module, interface)
    except Exception:  # constants of its own, in float32
        own = dict.fromkeys(inputs, 0.0)
    again = errors_on(eager, eager, inputs)
    return {name: error if error < inf and again[name] == 0 else 0.0 for name, error in own.items()}


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


def samples_of(eager: Callable[[Tensor], Any], inputs: dict[str, Tensor]) -> dict[str, Any]:
    """Some numbers of the result of each signal, its shape and peak, small enough for a description."""
    with torch.no_grad():
        return {name: _samples(real_tensors_of(eager(x))) for name, x in inputs.items()}


def _samples(result: list[Tensor]) -> list[dict[str, Any]]:
    return [_sample(part, min(PLACES, MOST_PLACES // len(result))) for part in result]


def _sample(result: Tensor, places: int) -> dict[str, Any]:
    finite = result.isfinite()
    values = result.flatten()[_places(result.numel(), places)].tolist()
    return {
        "shape": list(result.shape),
        "not_finite": int((~finite).sum()),
        "peak": float(result.abs().where(finite, 0.0).max()),
        "values": [value if isfinite(value) else str(value) for value in values],  # JSON has no NaN
    }


def _places(size: int, count: int) -> Tensor:
    return torch.randint(size, (count,), generator=torch.Generator().manual_seed(0))


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
    return max(relative_error(_numbers(ours), _numbers(theirs)) for ours, theirs in pairs)


def _numbers(sample: dict[str, Any]) -> Tensor:
    """The numbers to compare; the peak is the first and largest of them."""
    return torch.tensor([float(value) for value in (sample["peak"], *sample["values"])], dtype=torch.float64)
