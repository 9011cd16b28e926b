"""Saving a module as one file: take it, build, compare, describe, write."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Optional, Union

from torch import Tensor, nn

from nnaudio2_core import GriffinLimCQT

from ..errors import ArtifactError, about, first_line
from .atomic import check_place, write_atomically
from .comparing import Parity, compared, exporting, running
from .described import entries_of
from .description import Axes, Description
from .evaluated import evaluated
from .formats import carrier_of, format_named
from .formats.format import Built, Format
from .interface import Interface, interface_of
from .named_axes import NamedAxes
from .outputs import latency_of, output_of
from .parity import as_points, inverse_errors_on, samples_of
from .rebuilding import is_of_core, transforms_in, without_complex_numbers
from .seeded_signals import DEFAULT_RATE, signals
from .shortest_input import running_interface
from .step_saving import saved_steps
from .steps import has_steps, steps_of
from .tolerance import tolerances_of

DEFAULT_SECONDS = 10
"""Length of the clips that memory is planned for, where it has to be planned."""


@dataclass(frozen=True)
class _Source:
    """A module to save, and its properties that are known before it is built."""

    module: nn.Module
    interface: Interface
    output: list[Axes]
    max_time: Optional[int]
    """Longest input, where the format plans its memory."""


def save(
    module: nn.Module,
    path: Union[str, Path],
    format: str,
    *,
    call: Optional[dict[str, Any]] = None,
    example: Optional[Tensor] = None,
    inputs: Optional[Mapping[str, Tensor]] = None,
    dynamic_axes: Optional[NamedAxes] = None,
    sr: Optional[float] = None,
    max_time: Optional[int] = None,
    tolerance: Union[float, Mapping[str, float], None] = None,
    opset: Optional[int] = None,
    trust: bool = False,
    batch_size: int = 1,
) -> Description:
    """Save a transform, a stream, or a model with transforms inside, for another runtime.

    A copy of the module in evaluation mode on the CPU is built, compared with its result, and refused if the
    error is above the format's bound. The file is written last.

    A module with the methods ``start(batch_size)`` and ``step(block, state)`` is saved as a stream: each call
    of the file takes a block and the tensors of a state, and returns the results and the tensors after them.

    Args:
        module: a transform, or any module whose first argument is a waveform of any length, and which
            returns a tensor or a tuple of tensors; or a ``Stream``, or any module with these methods.
        path: the file; an older one stays if anything fails.
        format: ``"torchscript"``, ``"export"``, ``"aoti"``, ``"onnx"`` or ``"executorch"``.
        call: arguments of the call after the first, which become fixed; None means their defaults.
        example: an input of a model whose input is ``(batch, ..., time)``, or has another dtype than its
            parameters; only its inner axes and its dtype matter. Of a model with steps, a block, whose
            length matters too; None means ``(batch, model.block)``.
        inputs: examples of further inputs (lengths, a mask, a second signal) by the names of the arguments
            after the first, in their order; ``example`` is needed too. Their first axis is the batch; an axis
            as long as the last one of ``example`` follows it, others are fixed. Integers ``(batch,)`` of
            which the largest is that length are lengths; of others the range of the example is tried.
        dynamic_axes: the axes that vary, for every input by its name, with a name for each, as
            ``torch.onnx.export`` takes them; all others have the sizes of ``example`` and ``inputs``, on
            which the model must run. ``{"x": {0: "batch", 1: "frames"}}`` is for ``(batch, frames,
            features)``, ``{"x": {0: "time"}}`` for ``(time,)``, ``{"x": {}}`` for a fixed shape. Axes of one
            name have one size. ``"batch"`` counts items that do not depend on one another, ``"time"``
            samples, any other name steps. The first input has the batch and at most one length, along which
            test signals run. None means ``(batch, ..., time)``, of which the first and the last axis vary.
        sr: sampling rate, Hz, for a module that does not know it.
        max_time: longest input, samples or frames, only for ``"executorch"``; None means ten seconds, or the
            length of ``example`` for a model that neither transforms nor makes a waveform. Lengths that only
            further inputs have are up to those of their examples.
        tolerance: largest accepted error against eager mode, relative to the maximum, > 0: one for all
            signals, or one for each name (``{"silence": 10.0}``). None means the format's bound, or thirty
            times the error of float32 itself where that is more.
        opset: version of ONNX's operators, 18 or 20; None means 20. Other formats have none.
        trust: whether the model may have operators that :func:`load` refuses in files of strangers; the file
            then needs ``load(path, trust=True)``.
        batch_size: clips in each block, >= 1, only for modules with steps.

    Returns:
        The description in the file, see :func:`inspect`.

    Raises:
        ArtifactError: if the module cannot be saved like this, or the file cannot be written; the message
            names the obstacle.

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
    form, tolerances = _with_opset(format_named(format, trust), opset), tolerances_of(tolerance)
    path = _writable(Path(path))
    module = evaluated(module)
    with about(f"{type(module).__name__} cannot be saved as {format}"):
        if has_steps(module):
            _check_no_call(call, max_time, inputs, dynamic_axes)
            built, description = saved_steps(form, steps_of(module, example, sr, batch_size), tolerances)
        else:
            if batch_size != 1:
                raise ArtifactError(f"batch_size must be 1 for a module without steps, got {batch_size!r}")
            interface = interface_of(module, call, example, sr, inputs, dynamic_axes)
            form.check_interface(interface)
            source = _taken(form, module, interface, max_time)
            built = _built(form, source)
            source = replace(source, interface=source.interface.at_least(built.shortest, built.least))
            parity = _compared(form, source, built, tolerances)
            description = _described(form, source, built, parity)
        file = carrier_of(format).attach(built.payload, description.to_text())
    _write(path, file)
    return description


def _check_no_call(
    call: Optional[dict[str, Any]],
    max_time: Optional[int],
    inputs: Optional[Mapping[str, Tensor]],
    dynamic_axes: Optional[NamedAxes],
) -> None:
    if dynamic_axes is not None:
        raise ArtifactError("dynamic_axes must be None for a module with steps, whose blocks have one shape")
    if inputs:
        raise ArtifactError("inputs must be None for a module with steps, which takes a block and a state")
    if call is not None:
        raise ArtifactError("call must be None for a module with steps, which takes a block and a state")
    if max_time is not None:
        raise ArtifactError("max_time must be None for a module with steps, whose blocks have one length")


def _with_opset(form: Format, opset: Optional[int]) -> Format:
    if opset is not None and opset not in form.opsets:
        choices = " or ".join(map(str, form.opsets)) or "None"
        raise ArtifactError(f"opset must be {choices} for {form.name}, got {opset!r}")
    form.opset = form.opset if opset is None else opset
    return form


def _writable(path: Path) -> Path:
    try:
        check_place(path)
    except OSError as error:
        raise ArtifactError(f"{path} cannot be written ({error.strerror})") from error
    return path


def _taken(form: Format, module: nn.Module, interface: Interface, max_time: Optional[int]) -> _Source:
    """Run the module: the shortest input that it takes, and the axes of what it returns."""
    try:
        if not is_of_core(module):
            interface = running_interface(module, interface)
        output, has_complex = output_of(module, interface)
    except ArtifactError:
        raise
    except Exception as error:
        shape = ", ".join(axis if size is None else str(size) for axis, size in interface.axes.items())
        length = "" if interface.long_name is None else " of any length"
        raise ArtifactError(
            f"module must take an input ({shape}){length}, and does not run on those that were tried: "
            f"{first_line(error)} (example is for inputs of more axes or of another dtype, dynamic_axes for "
            "other axes that vary)"
        ) from error
    if has_complex and not form.complex_numbers:
        raise ArtifactError(
            f"return_complex must be False for {form.name}, whose runtimes have no complex numbers; "
            "real and imaginary part are then a last axis of 2, as torch.view_as_real makes it in a model"
        )
    interface = replace(interface, lengths=_lengths(form, interface))
    return _Source(module, interface, output, _longest(form, interface, max_time))


def _lengths(form: Format, interface: Interface) -> dict[str, tuple[int, Optional[int]]]:
    """Least and largest size of the lengths that the first input does not have."""
    lengths: dict[str, tuple[int, Optional[int]]] = {}
    for name, (least, most) in interface.lengths.items():
        lengths[name] = (least, most if form.plans_memory else None)
        if form.plans_memory and most is not None and most <= max(least, 2):
            raise ArtifactError(
                f"inputs must have an example with {name} > {max(least, 2)} for {form.name}, which plans "
                f"memory for that of the example, got {most}"
            )
    return lengths


def _longest(form: Format, interface: Interface, max_time: Optional[int]) -> Optional[int]:
    """The longest input that memory is planned for, ten seconds by default."""
    if not form.plans_memory:
        if max_time is not None:
            raise ArtifactError(f"max_time must be None for {form.name}, which takes any length")
        return None
    if interface.long_name is None:
        if max_time is not None:
            raise ArtifactError("max_time must be None for an input of fixed length")
        return None
    own = interface.takes_waveform or interface.named
    step = interface.step if own else interface.hop_length or 1
    usual = int(DEFAULT_SECONDS * (interface.sr or DEFAULT_RATE)) // step
    if step == 1 and interface.usual is not None:
        usual = interface.usual
    longest = max(usual, 2 * interface.shortest) if max_time is None else max_time
    if longest <= interface.shortest:
        raise ArtifactError(f"max_time must be > the shortest input, {interface.shortest}, got {longest}")
    return longest


def _built(form: Format, source: _Source) -> Built:
    """The payload; whatever the exporter objects to becomes an ArtifactError with its innermost reason."""
    if not form.complex_numbers and any(
        isinstance(part, GriffinLimCQT) for part in transforms_in(source.module).values()
    ):
        # Each step is an analysis and an inverse; two of them keep torch's exporter busy for many minutes.
        raise ArtifactError(
            f"GriffinLimCQT is for formats with complex numbers, not {form.name}: its steps make a graph "
            "that is too large to export; save it as torchscript, or run it after the model"
        )
    module = source.module if form.complex_numbers else without_complex_numbers(source.module)
    with exporting():
        return form.build(module, source.interface, source.max_time)


def _compared(form: Format, source: _Source, built: Built, tolerances: Mapping[str, float]) -> Parity:
    """Run the payload on every signal; an error above what is allowed is raised."""
    module, interface = source.module, source.interface
    inputs = signals(interface, source.max_time)
    payload = form.checked(built.payload)
    with running():
        opened = form.open(payload, interface.call)
        inverse = inverse_errors_on(opened.runtime, module, inputs)
        eager, call = interface.called(module), interface.runtime(opened.call)
        parity = compared(call, eager, module, interface, inputs, form.bound, tolerances, inverse)
        if is_of_core(module) and not list(module.parameters()):
            return parity
        calls = as_points(eager, interface), as_points(call, interface)
        return replace(parity, samples=samples_of(*calls, inputs, parity.allowed))


def _described(form: Format, source: _Source, built: Built, parity: Parity) -> Description:
    """The description of the file."""
    module, interface = source.module, source.interface
    transform = module if is_of_core(module) else None
    long, lengths = interface.long_name, {name: list(ends) for name, ends in interface.lengths.items()}
    if long is not None and long not in ("time", "frames"):
        lengths = {long: [interface.shortest, source.max_time], **lengths}
    return Description(
        **entries_of(form, module, transform, interface, built),
        call=interface.call,
        input={interface.name: interface.axes, **{each.name: each.axes for each in interface.further}},
        further={each.name: each.described() for each in interface.further},
        output=source.output,
        lengths=lengths,
        min_samples=interface.shortest if long == "time" else None,
        min_frames=interface.shortest if long == "frames" else None,
        max_time=source.max_time,
        latency=latency_of(module, interface, source.output[0]),
        allowed=parity.allowed,
        parity=parity.errors,
        samples=parity.samples,
        left_out=parity.left_out,
        step=interface.step,
    )


def _write(path: Path, file: bytes) -> None:
    try:
        write_atomically(path, file)
    except OSError as error:
        raise ArtifactError(f"{path} cannot be written ({error.strerror})") from error
