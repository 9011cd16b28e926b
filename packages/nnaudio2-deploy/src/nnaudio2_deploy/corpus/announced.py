"""Detection of audio files whose announced length can be trusted."""

import re
from pathlib import Path

from ..regular_files import open_regular

COUNTED = re.compile(rb"(Xing|Info)\0\0\0[\x01\x03\x05\x07\x09\x0b\x0d\x0f]")
"""The tag in the first frame of an MP3, with the flag that says that a number of frames follows."""


def announces_length(path: Path) -> bool:
    """False for an MP3 without such a tag: what libsndfile tells of it is a guess from its first frame."""
    with open_regular(path) as stream:
        start = stream.read(10)
        size = 0
        if start.startswith(b"ID3"):
            for byte in start[6:]:  # seven bits each
                size = size << 7 | byte & 0x7F
            size += len(start)
        stream.seek(size)
        frame = stream.read(256)
    is_mpeg = len(frame) > 1 and frame[0] == 0xFF and frame[1] >= 0xE0
    return not is_mpeg or COUNTED.search(frame) is not None
