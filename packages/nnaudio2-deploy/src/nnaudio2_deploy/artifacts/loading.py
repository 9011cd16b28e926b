"""Loading of artifacts, after all checks that need no execution."""

import hashlib
import os
from pathlib import Path
from typing import Union

from ..errors import ArtifactError, about, first_line
from ..regular_files import open_regular
from .artifact import Artifact
from .description import Description, find_description
from .formats import carrier_of, format_named
from .formats.format import Format
from .stream_artifact import StreamArtifact

MAX_BYTES = 2**31
"""Size of the largest file that is read."""


def inspect(path: Union[str, Path]) -> Description:
    """Description of an artifact, checked but not run.

    Raises:
        ArtifactError: if the file is damaged or was not made by :func:`save`.

    Example:
        >>> from nnaudio2_core import MelSpectrogram
        >>> from nnaudio2_deploy import save
        >>> _ = save(MelSpectrogram(sr=16000, n_fft=512), "mel.pt", "torchscript")
        >>> inspect("mel.pt").input
        {'x': {'batch': None, 'time': None}}
    """
    return read(Path(path))[0]


def load(path: Union[str, Path], trust: bool = False) -> Artifact:
    """Load an artifact, after its digest and its content have been checked.

    No Python object is unpickled, and a file that could do more than compute with tensors is refused.

    Returns:
        An :class:`Artifact` to call, or a :class:`StreamArtifact` with ``start``, ``step`` and ``finish`` for
        a module that was saved with steps.

    Args:
        path: a file made by :func:`save`.
        trust: whether you trust who made the file: machine code that it brings may run (AOTInductor packages
            are such code), and it may have any operator.

    Raises:
        ArtifactError: if the file is damaged, foreign or hostile, or native and not trusted.

    Example:
        >>> import torch
        >>> from nnaudio2_core import STFT
        >>> from nnaudio2_deploy import save
        >>> _ = save(STFT(n_fft=512, sr=16000), "stft.pt", "torchscript")
        >>> stft = load("stft.pt")
        >>> x = torch.randn(3, 16000)
        >>> y = stft.runtime.inverse(stft(x), length=16000)
        >>> bool((y - x).abs().max() < 1e-5)
        True
    """
    path = Path(path)
    description, payload, form = trusted(path, trust)
    return _opened(path, description, payload, form, tried=trust)


def load_here(path: Path) -> Artifact:
    """The same for a process that may end: nothing is tried in another one before."""
    return _opened(path, *trusted(path, False), tried=True)


def trusted(path: Path, trust: bool) -> tuple[Description, bytes, Format]:
    """Description, payload and format of a file; an ArtifactError if it is machine code and not trusted."""
    description, payload = read(path)
    form = format_named(description.format, trust)
    if form.native and not trust:
        raise ArtifactError(
            f"{path} is machine code ({description.format}), which can do anything: load it with "
            "trust=True (--trust) if you trust whoever made it"
        )
    return description, payload, form


def _opened(path: Path, description: Description, payload: bytes, form: Format, tried: bool) -> Artifact:
    with about(str(path)):
        try:
            payload = form.checked(payload)
            if not tried:
                form.try_out(payload, description)
            if description.state is not None:
                return StreamArtifact.of(description, form.open_steps(payload, len(description.output)))
            opened = form.open(payload, description.call)
        except ArtifactError:
            raise
        except Exception as error:
            raise ArtifactError(f"its runtime cannot load it: {first_line(error)}") from error
    return Artifact(description, opened.runtime, opened.call)


def read(path: Path) -> tuple[Description, bytes]:
    """The description and the payload of a file, whose digests match."""
    with about(str(path)):
        try:
            with open_regular(path) as stream:
                size = os.fstat(stream.fileno()).st_size
                if size > MAX_BYTES:
                    raise ArtifactError(f"it has {size} bytes, and {MAX_BYTES} are the most")
                file = stream.read(size)
        except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
            raise ArtifactError(f"it cannot be read ({getattr(error, 'strerror', error)})") from error
        description, start = find_description(file)
        carrier = carrier_of(description.format)
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
