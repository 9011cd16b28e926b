"""Saving a module as one file that carries its own description, once it has been seen to agree."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional, Union

import torch
from torch import Tensor, nn

from nnaudio2_core.__about__ import __version__

from ..errors import ArtifactError, about, first_line
from .atomic import write_atomically
from .description import Axes, Description
from .evaluated import evaluated
from .formats import carrier_of, format_named
from .formats.format import Built, Format
from .interface import Interface, interface_of, running_interface
from .outputs import latency_of, output_of
from .parity import allowed_on, as_points, eager_call, errors_on, inverse_errors_on, samples_of
from .rebuilding import is_of_core, plain, transforms_in, without_complex_numbers
from .seeded_signals import DEFAULT_RATE, signals
from .tolerance import accepted, tolerances_of

DEFAULT_SECONDS = 10
"""Memory is planned for clips of this length, where it has to be planned."""


def save(
    module: nn.Module,
    path: Union[str, Path],
    format: str,
    *,
    call: Optional[dict[str, Any]] = None,
    example: Optional[Tensor] = None,
    sr: Optional[float] = None,
    max_time: Optional[int] = None,
    tolerance: Union[float, Mapping[str, float], None] = None,
) -> Description:
    """Save a transform, or a model with transforms inside, for another runtime; the file is written last.

    The module is taken as it evaluates on the CPU, compared there with what it became, and refused if the
    error is above the format's bound.

    Args:
        module: a transform, or any module whose first argument is a waveform of any length, and which
            returns a tensor or a tuple of tensors.
        path: the file; an older one stays if anything fails.
        format: ``"torchscript"``, ``"export"``, ``"aoti"``, ``"onnx"`` or ``"executorch"``.
        call: arguments of the call after the first, which become fixed; None means their defaults, and
            one-sided spectra for an ``iSTFT``.
        example: an input of a model whose input is not ``(batch, time)`` but ``(batch, ..., time)``, or is of
            another dtype than its parameters; only its inner axes and its dtype matter.
        sr: sampling rate, Hz, of what does not know it.
        max_time: longest input, samples or frames, for ``"executorch"`` alone; None means ten seconds.
        tolerance: largest error against eager mode that is accepted, of the maximum, > 0: one for all
            signals, or by their names (``{"silence": 10.0}``). Where there is none it is the format's bound,
            or thirty times the error of float32 itself where that is more.

    Returns:
        What the file says of itself, see :func:`inspect`.

    Raises:
        ArtifactError: if the module cannot be saved like this, or the file not written; the message names
            the obstacle.

    Example:
        >>> import torch
        >>> from nnaudio2_core import MelSpectrogram
        >>> from nnaudio2_deploy import load
        >>> description = save(MelSpectrogram(sr=16000, n_fft=512), "mel.pt", "torchscript")
        >>> description.output
        [{'batch': None, 'bins': 128, 'frames': None}]
        >>> load("mel.pt")(torch.zeros(1, 16000)).shape
        torch.Size([1, 128, 32])
    """
    form, path = format_named(format), Path(path)
    tolerances = tolerances_of(tolerance)
    if path.is_dir() or not path.parent.is_dir():
        raise ArtifactError(f"{path} cannot be written: it is a folder, or in none that exists")
    module = evaluated(module)
    with about(f"{type(module).__name__} cannot be saved as {format}"):
        interface = interface_of(module, call, example, sr)
        interface, output = _tried(module, interface)
        longest = _longest(form, interface, max_time)
        ready = without_complex_numbers(module) if form.engine == "conv" else module
        built = _built(form, ready, interface, longest)
        interface = interface.at_least(built.shortest)
        description = _described(form, module, interface, output, built, longest, tolerances)
        file = carrier_of(format).attach(built.payload, description.to_text())
    try:
        write_atomically(path, file)
    except OSError as error:
        raise ArtifactError(f"{path} cannot be written ({error.strerror})") from error
    return description


def _described(
    form: Format,
    module: nn.Module,
    interface: Interface,
    output: list[Axes],
    built: Built,
    longest: Optional[int],
    tolerances: Mapping[str, float],
) -> Description:
    """What there is to say, the error on each signal included; an error above what is allowed is raised."""
    inputs, eager = signals(interface, longest), eager_call(module, interface)
    parity = _parity(form, module, interface, built.payload, inputs)
    allowed = dict.fromkeys(parity, form.bound) | allowed_on(inputs, form.bound, module, interface)
    allowed |= accepted(tolerances, parity)
    for signal, error in parity.items():
        if not error <= allowed[signal]:
            raise ArtifactError(
                f"it differs from eager mode by {error:.2e} of the maximum on the signal {signal}, "
                f"and {allowed[signal]:.3g} is allowed; tolerance says how much may be"
            )
    lowered = without_complex_numbers(module)
    transform = module if is_of_core(module) else None
    rebuildable = transform is not None and not list(transform.parameters())
    return Description(
        name=type(module).__name__,
        config=None if transform is None else plain(transform.config),
        transforms={
            place: {"class": type(part).__name__, "config": plain(part.config)}
            for place, part in transforms_in(module).items()
            if part is not transform
        },
        call=interface.call,
        version=__version__,
        torch=str(torch.__version__),
        format=form.name,
        opset=form.opset,
        delegate=built.delegate,
        engine=_engine_of(lowered if form.engine == "conv" else module),
        sr=interface.sr,
        input={interface.name: interface.axes},
        output=output,
        min_samples=interface.shortest if interface.takes_waveform else None,
        min_frames=None if interface.takes_waveform else interface.shortest,
        max_time=longest,
        hop_length=interface.hop_length,
        latency=latency_of(lowered, interface, output[0]),
        allowed=allowed,
        parity=parity,
        samples=None if rebuildable else samples_of(eager, inputs),
        payload_bytes=len(built.payload),
        sha256=hashlib.sha256(built.payload).hexdigest(),
        dtype=str(interface.dtype).removeprefix("torch."),
    )


def _parity(
    form: Format, module: nn.Module, interface: Interface, payload: bytes, inputs: dict[str, Tensor]
) -> dict[str, float]:
    """The error of a payload on each signal, and of its inverse if it has one."""
    payload = form.checked(payload)
    try:
        opened = form.open(payload, interface.call)
        call = as_points(opened.call) if interface.angles else opened.call
        errors = errors_on(call, eager_call(module, interface), inputs)
        return errors | inverse_errors_on(opened.runtime, module, inputs)
    except ArtifactError:
        raise
    except Exception as error:
        raise ArtifactError(f"it was made, but running it failed: {first_line(error)}") from error


def _tried(module: nn.Module, interface: Interface) -> tuple[Interface, list[Axes]]:
    """The interface with the shortest input that the module runs on, and what it returns."""
    try:
        if not is_of_core(module):
            interface = running_interface(module, interface)
        return interface, output_of(module, interface)
    except ArtifactError:
        raise
    except Exception as error:
        shape = ", ".join(axis if size is None else str(size) for axis, size in interface.axes.items())
        raise ArtifactError(
            f"module must take an input ({shape}) of any length, and does not run on those that were tried: "
            f"{first_line(error)} (example is for inputs of more axes, or of another dtype)"
        ) from error


def _longest(form: Format, interface: Interface, max_time: Optional[int]) -> Optional[int]:
    """The longest input that memory is planned for: ten seconds if nothing else is said."""
    if not form.plans_memory:
        if max_time is not None:
            raise ArtifactError(f"max_time must be None for {form.name}, which takes any length")
        return None
    hop = 1 if interface.takes_waveform else interface.hop_length or 1
    ten_seconds = int(DEFAULT_SECONDS * (interface.sr or DEFAULT_RATE)) // hop
    longest = max(ten_seconds, 2 * interface.shortest) if max_time is None else max_time
    if longest <= interface.shortest:
        raise ArtifactError(f"max_time must be > the shortest input, {interface.shortest}, got {longest}")
    return longest


def _built(form: Format, module: nn.Module, interface: Interface, max_time: Optional[int]) -> Built:
    """The payload; whatever the exporter objects to becomes an ArtifactError with its innermost reason."""
    try:
        return form.build(module, interface, max_time)
    except ArtifactError:
        raise
    except Exception as error:
        reason: BaseException = error
        while reason.__cause__ is not None:
            reason = reason.__cause__
        raise ArtifactError(f"{type(reason).__name__}: {first_line(reason)}") from error


def _engine_of(module: nn.Module) -> Optional[str]:
    """``"fft"`` if any transform has it."""
    engines = {getattr(transform, "engine", None) for transform in transforms_in(module).values()}
    return next((engine for engine in ("fft", "conv") if engine in engines), None)
