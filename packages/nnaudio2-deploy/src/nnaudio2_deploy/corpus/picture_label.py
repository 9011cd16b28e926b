"""A description inside a PNG, by which a picture is known to be up to date."""

import struct
import zlib
from pathlib import Path

from ..regular_files import open_regular

HEAD = 33
"""Bytes before the second chunk of a PNG: its signature and its header."""


def labelled(png: bytes, text: str) -> bytes:
    """Write ``text`` into a picture as its PNG description.

    Args:
        png: the picture.
        text: Latin-1.
    """
    return png[:HEAD] + _text_chunk(text) + png[HEAD:]


def is_labelled(path: Path, text: str) -> bool:
    """True if there is a picture whose description is ``text``."""
    chunk = _text_chunk(text)
    try:
        with open_regular(path) as stream:
            return stream.read(HEAD + len(chunk))[HEAD:] == chunk
    except OSError:
        return False


def _text_chunk(text: str) -> bytes:
    content = b"tEXt" + b"Description\0" + text.encode("latin-1")
    return struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
