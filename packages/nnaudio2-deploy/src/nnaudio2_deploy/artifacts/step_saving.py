"""Saving of a module with steps: build, stream whole clips, compare, describe."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor

from ..errors import ArtifactError
from .comparing import Parity, compared, exporting, running
from .described import entries_of
from .description import Axes, Description
from .formats.format import Built, Format
from .parity import samples_of
from .rebuilding import is_of_core
from .steps import Steps, is_stream
from .stepwise import Stepwise, as_long_as, reference_of, stream_signals
from .stream_artifact import StreamArtifact


def saved_steps(form: Format, steps: Steps, tolerances: Mapping[str, float]) -> tuple[Built, Description]:
    """The payload of a module with steps, and its description, once both agree with eager mode."""
    results = steps.results
    if steps.size is None and form.name != "torchscript":
        raise ArtifactError(
            f"block must be given for {form.name}, whose graphs have fixed shapes, as in "
            "Stream(transform, block=...)"
        )
    if any(tensor.is_complex() for tensor in results) and not form.complex_numbers:
        raise ArtifactError(
            f"return_complex must be False for {form.name}, whose runtimes have no complex numbers"
        )
    made = steps if form.complex_numbers else steps.without_complex_numbers()
    with exporting():
        built = form.build_steps(made)
    description = _described(form, made, built, [_axes_of(steps, result) for result in results])
    payload = form.checked(built.payload)
    with running():
        artifact = StreamArtifact.of(description, form.open_steps(payload, len(results)))
        parity = _compared(form, steps, artifact, tolerances)
    return built, replace(
        description,
        allowed=parity.allowed,
        parity=parity.errors,
        samples=parity.samples,
        left_out=parity.left_out,
    )


def _compared(
    form: Format, steps: Steps, artifact: StreamArtifact, tolerances: Mapping[str, float]
) -> Parity:
    """Stream every signal; compare with the transform of the whole clip, or with a model's own steps."""
    inputs = stream_signals(steps.interface, steps.batch_size, steps.size)
    reference = reference_of(steps)
    call, eager = as_long_as(artifact, reference, steps.axis)
    parity = compared(call, eager, reference, steps.interface, inputs, form.bound, tolerances)
    if _is_rebuilt(steps.module):
        return parity
    return replace(parity, samples=samples_of(Stepwise(steps), artifact, inputs, parity.allowed))


def _is_rebuilt(module: Any) -> bool:
    """True for a stream that the config of its transform rebuilds."""
    return is_stream(module) and is_of_core(module.transform) and not list(module.parameters())


def _axes_of(steps: Steps, result: Tensor) -> Axes:
    """Names and sizes of the axes of a result."""
    inner = iter(["bins", "parts"] if is_stream(steps.module) else [])
    long = "time" if steps.interface.takes_waveform != is_stream(steps.module) else "frames"
    named: Axes = {}
    for axis, size in enumerate(result.shape):
        name = "batch" if axis == 0 else long if axis == steps.axis else next(inner, f"axis{axis}")
        named[name] = size
    if steps.size is None:
        named |= {"batch": None, long: None}
    return named


def _described(form: Format, steps: Steps, built: Built, output: list[Axes]) -> Description:
    """The description of the file, without the errors."""
    module: Any = steps.module
    transform = module.transform if is_stream(module) and is_of_core(module.transform) else None
    return Description(
        **entries_of(form, module, transform, steps.interface, built),
        call={},
        input={"block": steps.interface.axes},
        output=output,
        min_samples=None,
        min_frames=None,
        max_time=None,
        latency=steps.latency,
        allowed={},
        parity={},
        samples=None,
        state=steps.described_state(),
        block=steps.size,
        delay=steps.delay,
        remaining=steps.remaining,
        time_axis=steps.axis,
    )
