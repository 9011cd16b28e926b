"""Comparison of an artifact with eager mode, or with kept results, signal by signal."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Union

import torch
from torch import nn

from nnaudio2_core import Stream

from ..errors import ArtifactError, about, first_line
from .artifact import Artifact
from .description import Description
from .evaluated import evaluated
from .input_check import shortest_shape
from .interface import Interface, interface_from
from .isolated import in_child
from .loading import load, trusted
from .parity import as_points, eager_call, errors_on, inverse_errors_on, sampled_errors_on
from .rebuilding import rebuild
from .seeded_signals import signals
from .shortest_input import MOST_SAMPLES
from .steps import blocks_interface, is_stream, steps_of
from .stepwise import as_long_as, reference_of, stream_signals
from .stream_artifact import StreamArtifact

MOST_NUMBERS = 2**24
"""Numbers in one item of an input that a file is tried on."""

EAGER, KEPT = "eager mode", "results kept in the file"
"""The two references of a comparison."""


@dataclass(frozen=True)
class Report:
    """Errors of an artifact, and the bounds that they must keep."""

    description: Description
    errors: dict[str, float]
    """Error on each signal, relative to the maximum (absolute where the maximum is 0)."""
    compared_with: str
    """``"eager mode"``, or ``"results kept in the file"``."""

    @property
    def passed(self) -> bool:
        """True if every error is within the allowed one."""
        allowed = self.description.allowed
        return all(error <= allowed.get(signal, 0.0) for signal, error in self.errors.items())


def verify(path: Union[str, Path], module: Optional[nn.Module] = None, trust: bool = False) -> Report:
    """Run an artifact on seeded signals and compare it with eager mode.

    The signals are a tone, noise, an impulse, silence, the shortest allowed clip, a long one and a batch; the
    last three only if the file takes them. A stream goes through them block by block and is compared with the
    transform of the whole clip, a model with steps with its own steps.

    Args:
        path: a file made by :func:`save`.
        module: the module to compare with, in evaluation mode on the CPU; None means one rebuilt from the
            config. Without a config (a model, trained kernels) the comparison is with results that the file
            keeps, at some seeded places of each.
        trust: see :func:`load`. Without it, and without ``module``, the file runs in a process of its own,
            with limits of time and memory.

    Raises:
        ArtifactError: if the file cannot be loaded or run, or the module cannot be copied.

    Example:
        >>> from nnaudio2_core import CQT
        >>> from nnaudio2_deploy import save
        >>> _ = save(CQT(sr=16000, fmin=100, n_bins=24), "cqt.pt", "torchscript")
        >>> report = verify("cqt.pt")
        >>> report.passed, max(report.errors.values()) < 1e-5
        (True, True)
    """
    path = Path(path)
    module = None if module is None else evaluated(module)
    description, _, _ = trusted(path, trust)
    if module is None and not trust:
        with about(str(path)):
            answer = in_child("verify", str(path))
        return Report(description, answer["errors"], answer["compared_with"])
    artifact = load(path, trust)
    with about(str(path)):
        return Report(description, *errors_of(artifact, module, trust))


def errors_of(
    artifact: Artifact, module: Optional[nn.Module], trust: bool = False
) -> tuple[dict[str, float], str]:
    """Error of an artifact on each signal, and with what it was compared."""
    description = artifact.description
    try:
        if isinstance(artifact, StreamArtifact):
            return _stream_errors(artifact, module, trust)
        interface = interface_from(description)
        if interface.long_name is not None:
            _check_size(interface.shortest_waveform, trust)
        if description.config is None:
            _check_numbers(description, interface, trust)
        inputs = signals(interface, description.max_time)
        call = as_points(interface.runtime(artifact), interface)
        if module is None and description.config is not None and description.samples is None:
            module = rebuild(description.name, description.config)
        if module is None:
            return sampled_errors_on(call, description.samples or {}, inputs), KEPT
        errors = errors_on(call, eager_call(module, interface), inputs, description.left_out)
        return errors | inverse_errors_on(artifact.runtime, module, inputs), EAGER
    except Exception as error:
        raise ArtifactError(f"it loads, but running it failed: {first_line(error)}") from error


def _check_size(samples: int, trust: bool) -> None:
    if samples > MOST_SAMPLES and not trust:
        raise ArtifactError(f"its shortest input has more than {MOST_SAMPLES} samples")


def _check_numbers(description: Description, interface: Interface, trust: bool) -> None:
    """Raise unless one item of each input is small enough for test signals."""
    sizes = {name: least for name, (least, _) in interface.lengths.items()}
    sizes[interface.long_name or ""] = interface.samples
    for name, axes in description.input.items():
        numbers = math.prod(size or sizes.get(axis, 1) for axis, size in axes.items())
        if numbers > MOST_NUMBERS and not trust:
            raise ArtifactError(
                f"signals for {name} would fill the memory: an item has more than {MOST_NUMBERS} numbers"
            )


def _stream_errors(
    artifact: StreamArtifact, module: Optional[nn.Module], trust: bool
) -> tuple[dict[str, float], str]:
    """The same for a stream: its results joined, against the transform of the whole clip."""
    description = artifact.description
    _check_size(math.prod(shortest_shape(description)), trust)
    _, axes = description.first
    batch_size, dtype = axes["batch"] or 1, getattr(torch, description.dtype)
    if module is None and description.config is not None:
        transform = rebuild(description.name, description.config)
        steps = steps_of(Stream(transform, description.stream_block), None, description.sr, batch_size)
    elif module is not None:
        example = None if is_stream(module) else torch.zeros(shortest_shape(description), dtype=dtype)
        steps = steps_of(module, example, description.sr, batch_size)
    else:
        inputs = stream_signals(blocks_interface(axes, dtype, description.sr), batch_size, description.block)
        return sampled_errors_on(artifact, description.samples or {}, inputs), KEPT
    _check_size(steps.interface.shortest_waveform, trust)
    inputs = stream_signals(steps.interface, batch_size, steps.size)
    if module is None and description.samples is not None:
        return sampled_errors_on(artifact, description.samples, inputs), KEPT
    pair = as_long_as(artifact, reference_of(steps), steps.axis)
    call, eager = (as_points(each, steps.interface) for each in pair)
    return errors_on(call, eager, inputs, description.left_out), EAGER
