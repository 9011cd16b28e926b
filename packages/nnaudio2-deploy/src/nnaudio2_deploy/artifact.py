"""Saving a module as one file that carries its own description, and loading what is found sound."""

import contextlib
import copy
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Optional, Union

import torch
from torch import Tensor, nn

from nnaudio2_core import Transform
from nnaudio2_core.__about__ import __version__

from .atomic import write_atomically
from .comparison import errors_on, inverse_errors_on, samples_of
from .description import Description, find_description
from .errors import ArtifactError
from .formats import format_named
from .formats.format import Format, Opened, Result
from .interface import Interface, interface_of
from .outputs import latency_of, output_of
from .rebuilding import plain, transforms_in, without_complex_numbers
from .signals import signals

MAX_BYTES = 2**31
"""Larger files are refused unread."""


@dataclass(frozen=True)
class Artifact:
    """A loaded artifact: call it with the input that its description names."""

    description: Description
    runtime: Any
    """The runtime's own object: a ``torch.jit.ScriptModule``, an ``onnxruntime.InferenceSession``, ..."""
    _call: Callable[[Tensor], Result]

    def __call__(self, x: Tensor) -> Result:
        """The result for an input, or one tensor for each if the module returns several."""
        return self._call(x)


def save(
    module: nn.Module,
    path: Union[str, Path],
    format: str,
    *,
    call: Optional[dict[str, Any]] = None,
    example: Optional[Tensor] = None,
    sr: Optional[float] = None,
) -> Description:
    """Save a transform, or a model with transforms inside, for another runtime; the file is written last.

    The module is taken as it evaluates on the CPU, compared there with what it became, and refused if the
    error is above the format's bound.

    Args:
        module: a transform, or any module whose first argument is a waveform.
        path: the file; an older one stays if anything fails.
        format: ``"torchscript"`` or ``"onnx"``.
        call: arguments of the call after the first, which become fixed; None means their defaults, and
            one-sided spectra for an ``iSTFT``.
        example: an input of a model whose input is not ``(batch, time)`` but ``(batch, ..., time)``.
        sr: sampling rate, Hz, of what does not know it.

    Returns:
        What the file says of itself, see :func:`inspect`.

    Raises:
        ArtifactError: if the module cannot be saved like this; the message names the obstacle.

    Example:
        >>> import torch
        >>> from nnaudio2_core import MelSpectrogram
        >>> description = save(MelSpectrogram(sr=16000, n_fft=512), "mel.pt", "torchscript")
        >>> description.output
        [{'batch': None, 'bins': 128, 'frames': None}]
        >>> load("mel.pt")(torch.zeros(1, 16000)).shape
        torch.Size([1, 128, 32])
    """
    form = format_named(format)
    module = copy.deepcopy(module).cpu().eval()
    name = type(module).__name__
    with _about(f"{name} cannot be saved as {format}"):
        interface = interface_of(module, call, example, sr)
        lowered = without_complex_numbers(module)
        ready = lowered if form.engine == "conv" else module
        payload = _built(form, ready, interface)
        form.check(payload)
        opened = form.open(payload, interface.call)
        inputs = signals(interface)
        parity = errors_on(opened.call, partial(module, **interface.call), inputs)
        parity |= inverse_errors_on(opened.runtime, module, inputs)
        worst = max(parity, key=lambda signal: parity[signal])
        if not parity[worst] <= form.bound:
            raise ArtifactError(
                f"it differs from eager mode by {parity[worst]:.1e} of the maximum on the signal {worst}, "
                f"and {form.bound:.0e} is allowed"
            )
        output = output_of(module, interface)
        rebuildable = isinstance(module, Transform) and not list(module.parameters())
        description = Description(
            name=name,
            config=plain(module.config) if isinstance(module, Transform) else None,
            transforms={
                place: {"class": type(transform).__name__, "config": plain(transform.config)}
                for place, transform in transforms_in(module).items()
                if place
            },
            call=interface.call,
            version=__version__,
            torch=str(torch.__version__),
            format=format,
            opset=form.opset,
            engine=_engine_of(ready),
            sr=interface.sr,
            input={interface.name: interface.axes},
            output=output,
            min_samples=interface.shortest if interface.takes_waveform else None,
            min_frames=None if interface.takes_waveform else interface.shortest,
            max_time=None,
            hop_length=interface.hop_length,
            latency=latency_of(lowered, interface, output[0]),
            bound=form.bound,
            parity=parity,
            samples=None if rebuildable else samples_of(partial(module, **interface.call), inputs),
            payload_bytes=len(payload),
            sha256=hashlib.sha256(payload).hexdigest(),
        )
        file = form.carrier.attach(payload, description.to_text())
    write_atomically(Path(path), file)
    return description


def _built(form: Format, module: nn.Module, interface: Interface) -> bytes:
    """The payload; whatever the exporter objects to becomes an ArtifactError with its innermost reason."""
    try:
        return form.build(module, interface)
    except ArtifactError:
        raise
    except Exception as error:
        reason: BaseException = error
        while reason.__cause__ is not None:
            reason = reason.__cause__
        raise ArtifactError(f"{type(reason).__name__}: {reason}") from error


def _engine_of(module: nn.Module) -> Optional[str]:
    """``"fft"`` if any transform has it."""
    engines = {getattr(transform, "engine", None) for transform in transforms_in(module).values()}
    return next((engine for engine in ("fft", "conv") if engine in engines), None)


def inspect(path: Union[str, Path]) -> Description:
    """What an artifact says of itself, found sound but not run.

    Raises:
        ArtifactError: if the file is damaged or was not made by :func:`save`.

    Example:
        >>> from nnaudio2_core import MelSpectrogram
        >>> _ = save(MelSpectrogram(sr=16000, n_fft=512), "mel.pt", "torchscript")
        >>> inspect("mel.pt").input
        {'x': {'batch': None, 'time': None}}
    """
    return read(Path(path))[0]


def load(path: Union[str, Path], trust: bool = False) -> Artifact:
    """Load an artifact, after its digest and its content have been checked.

    No Python object is unpickled, and what a file could do besides computing with tensors is refused.

    Args:
        path: a file made by :func:`save`.
        trust: whether machine code that the file brings may run; AOTInductor packages are such code.

    Raises:
        ArtifactError: if the file is damaged, foreign or hostile, or native and not trusted.

    Example:
        >>> import torch
        >>> from nnaudio2_core import STFT
        >>> _ = save(STFT(n_fft=512, sr=16000), "stft.pt", "torchscript")
        >>> stft = load("stft.pt")
        >>> x = torch.randn(3, 16000)
        >>> y = stft.runtime.inverse(stft(x), length=16000)
        >>> bool((y - x).abs().max() < 1e-5)
        True
    """
    description, payload = read(Path(path))
    form = format_named(description.format)
    if form.native and not trust:
        raise ArtifactError(
            f"{path} is machine code ({description.format}), which can do anything: load it with "
            "trust=True if you trust whoever made it"
        )
    with _about(str(path)):
        opened = open_payload(form, payload, description)
    return Artifact(description, opened.runtime, opened.call)


def open_payload(form: Format, payload: bytes, description: Description) -> Opened:
    """Check and load a payload; whatever the runtime objects to becomes an ArtifactError."""
    form.check(payload)
    try:
        return form.open(payload, description.call)
    except Exception as error:
        raise ArtifactError(f"its runtime cannot load it: {error}") from error


def read(path: Path) -> tuple[Description, bytes]:
    """The description and the payload of a file, whose digests match."""
    with _about(str(path)):
        try:
            size = path.stat().st_size
            if size > MAX_BYTES:
                raise ArtifactError(f"it has {size} bytes, and {MAX_BYTES} are the most")
            file = path.read_bytes()
        except OSError as error:
            raise ArtifactError(f"it cannot be read ({error.strerror})") from error
        description, start = find_description(file)
        carrier = format_named(description.format).carrier
        payload = carrier.detach(file, start)
        if len(payload) != description.payload_bytes:
            raise ArtifactError(
                f"its payload has {len(payload)} bytes, its description says {description.payload_bytes}"
            )
        if hashlib.sha256(payload).hexdigest() != description.sha256:
            raise ArtifactError("its payload does not match the digest in its description: it is damaged")
        if carrier.attach(payload, file[start:]) != file:
            raise ArtifactError("its description stands at another place than its format wants")
    return description, payload


@contextlib.contextmanager
def _about(subject: str) -> Iterator[None]:
    """Put the subject in front of what is said of it."""
    try:
        yield
    except ArtifactError as error:
        raise ArtifactError(f"{subject}: {error}") from error
