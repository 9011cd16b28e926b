"""Append a text to a file so that its runtime ignores it: zip comment, ONNX metadata, or trailing bytes.

The bytes before it are the payload, exactly as the runtime's own writer made them.
"""

from collections.abc import Callable
from typing import NamedTuple

from ..errors import ArtifactError

MAX_TEXT = 65535
"""Bytes; the longest comment that a zip archive can have."""

_WINDOW, _STEP = 4096, 4093
"""Bytes that torch's zip reader looks at to find the directory, and how far apart its windows begin."""

_END_OF_DIRECTORY = b"PK\x05\x06"
_METADATA = 14
"""Number of the field ``metadata_props`` in ONNX's ModelProto."""


class Carrier(NamedTuple):
    """A pair of functions: attach a text to a payload, and detach it."""

    attach: Callable[[bytes, bytes], bytes]
    detach: Callable[[bytes, int], bytes]
    """From the file and the place where its text begins, the payload."""


def _attach_to_zip(payload: bytes, text: bytes) -> bytes:
    """Make it the comment of the archive; the two bytes before a comment are its length."""
    if payload[-22:-18] != _END_OF_DIRECTORY:
        raise ArtifactError("it is not a zip archive, or has a comment already")
    # torch's reader steps backwards from the end of the file and fails where a step would lead before its
    # beginning. So that it does not, the last window begins at 0 where the directory is before it.
    last = max(0, len(payload) + len(text) - _WINDOW) % _STEP
    if last > len(payload) - 22:
        text += b" " * (_STEP - last)  # JSON allows spaces at its end
    if len(text) > MAX_TEXT:
        raise ArtifactError(f"its description has {len(text)} bytes, and {MAX_TEXT} are the most")
    return payload[:-2] + len(text).to_bytes(2, "little") + text


def _detach_from_zip(file: bytes, start: int) -> bytes:
    return file[: start - 2] + b"\0\0"


def _protobuf_field(number: int, content: bytes) -> bytes:
    """A length-delimited field."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _onnx_property(text: bytes) -> bytes:
    """One more entry of the repeated field: fields of a message may follow each other in any order."""
    return _protobuf_field(_METADATA, _protobuf_field(1, b"nnaudio2") + _protobuf_field(2, text))


def _detach_from_onnx(file: bytes, start: int) -> bytes:
    text = file[start:]
    return file[: start - (len(_onnx_property(text)) - len(text))]


ZIP = Carrier(_attach_to_zip, _detach_from_zip)
ONNX = Carrier(lambda payload, text: payload + _onnx_property(text), _detach_from_onnx)
APPENDED = Carrier(lambda payload, text: payload + text, lambda file, start: file[:start])
