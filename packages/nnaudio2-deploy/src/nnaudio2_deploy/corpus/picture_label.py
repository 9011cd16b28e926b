"""A text inside a PNG, which tells whether the picture is up to date."""

import struct
import zlib
from pathlib import Path

HEAD = 33
"""Bytes before the second chunk of a PNG: its signature and its header."""


def labelled(png: bytes, text: str) -> bytes:
    """A picture that says ``text`` of itself, where programs that show such things look for it.

    Args:
        png: the picture.
        text: Latin-1.
    """
    return png[:HEAD] + _text_chunk(text) + png[HEAD:]


def is_labelled(path: Path, text: str) -> bool:
    """Whether there is a picture, and what it says of itself is ``text``."""
    chunk = _text_chunk(text)
    try:
        with path.open("rb") as stream:
            return stream.read(HEAD + len(chunk))[HEAD:] == chunk
    except OSError:
        return False


def _text_chunk(text: str) -> bytes:
    content = b"tEXt" + b"Description\0" + text.encode("latin-1")
    return struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
