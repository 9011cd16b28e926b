"""Output of a module, found by running it: named axes, and the latency of a frame."""

from typing import Any, Optional

import torch
from torch import Tensor, nn

import nnaudio2_core as core

from ..errors import ArtifactError
from .description import Axes
from .interface import Interface
from .parity import MOST_TENSORS, real_tensors_of, tensors_of
from .rebuilding import is_of_core, transforms_in, without_complex_numbers


def output_of(module: nn.Module, interface: Interface) -> tuple[list[Axes], bool]:
    """The axes of each tensor that a module returns (None where the size varies), and whether any is complex.

    Raises:
        ArtifactError: if it returns anything else, or too many.
    """
    samples = interface.samples
    inputs = interface.noise(2, samples), interface.noise(3, 2 * samples)
    sizes, larger = (interface.sizes_of(x) for x in inputs)
    known = {axis: (size, larger[axis]) for axis, size in sizes.items()}
    with torch.no_grad():
        results = [tensors_in(interface.called(module)(x)) for x in inputs]
    names, varying = (["bins", "parts"] if is_of_core(module) else []), "frames"
    if isinstance(module, core.NSGT) and module.sliced:
        names, varying = ["bins", "frames", "parts"], "slices"
    axes = [_axes(pair, known, interface, names, varying) for pair in zip(*results, strict=True)]
    return axes, any(tensor.is_complex() for tensor in results[0])


def tensors_in(result: Any) -> list[Tensor]:
    """The tensors that a module returned; an ArtifactError for anything else, or for too many."""
    tensors = tensors_of(result)
    other = next((part for part in tensors if not isinstance(part, Tensor)), None)
    if other is not None or not 1 <= len(tensors) <= MOST_TENSORS:
        found = f"{len(tensors)} tensors" if other is None else type(result).__name__
        within = "" if other is None or other is result else f" with {type(other).__name__} in it"
        raise ArtifactError(
            f"module must return a tensor, or a tuple or list of 1 to {MOST_TENSORS}, got {found}{within}"
        )
    return tensors


def _axes(
    pair: tuple[Tensor, Tensor],
    known: dict[str, tuple[int, int]],
    interface: Interface,
    names: list[str],
    varying: str,
) -> Axes:
    """Axes of one tensor, of which a smaller and a larger one are given.

    Args:
        pair: the two.
        known: the two sizes of each axis that varies in the inputs.
        interface: the inputs.
        names: of axes with a fixed size.
        varying: name of one that grows with a waveform.
    """
    axes: Axes = {}
    fixed = iter(names)
    for axis, sizes in enumerate(zip(*(x.shape for x in pair), strict=True)):
        if sizes[0] == sizes[1]:
            axes[next(fixed, f"axis{axis}")] = sizes[0]
            continue
        same = next((name for name, found in known.items() if found == sizes), None)
        other = varying if interface.takes_waveform else "time" if _grows(sizes, known, interface) else ""
        name = same or other
        axes[name if name and name not in axes else f"axis{axis}"] = None
    return axes


def _grows(sizes: tuple[int, int], known: dict[str, tuple[int, int]], interface: Interface) -> bool:
    """True if there are as many steps as in the input, or more: a waveform that is made of frames."""
    long = known.get(interface.long_name or "", (0, 0))
    return sizes[1] - sizes[0] >= long[1] - long[0]


def latency_of(module: nn.Module, interface: Interface, output: Axes) -> Optional[int]:
    """Samples after a frame's own, number ``frame * hop_length``, that the frame depends on.

    Args:
        module: its copy without complex numbers is run, as an FFT over several frames would spread rounding
            errors.
        interface: its input.
        output: axes of its first result.

    Returns:
        None where nothing is known: for an inverse, for frames that are not those of one transform, and
        where a frame depends on the whole clip.
    """
    if any(isinstance(part, core.NSGT) for part in transforms_in(module).values()):
        return None
    hop = interface.hop_length
    count = next((getattr(part, "n_frames", None) for part in transforms_in(module).values()), None)
    ends_in_time = list(interface.axes)[-1:] == ["time"]
    differentiable = ends_in_time and interface.dtype.is_floating_point
    if hop is None or count is None or "frames" not in output or not differentiable:
        return None
    real = without_complex_numbers(module)
    x = interface.example().requires_grad_()
    frame = count(x.size(-1)) // 2
    with torch.enable_grad():
        result = real_tensors_of(interface.called(real)(x))[0]
        axis = list(output).index("frames")
        if result.size(axis) != count(x.size(-1)) or not result.requires_grad:
            return None
        (slope,) = torch.autograd.grad(result.select(axis, frame).square().sum(), x)
    last = max(slope.reshape(-1, x.size(-1)).abs().amax(0).nonzero().flatten().tolist(), default=0)
    return None if last == x.size(-1) - 1 else max(0, last - frame * hop)
