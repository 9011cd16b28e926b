"""Comparison of the length that an audio file declares with its content, to refuse incomplete recordings.

libsndfile reads what is there of a WAV, AIFF or Ogg file and says nothing of the rest.
"""

import os
import re
import struct
from typing import BinaryIO, NamedTuple, Optional


class Chunks(NamedTuple):
    """Layout of a container that consists of chunks: a name, a size, that many bytes."""

    first: int
    """Offset of the first chunk."""
    name: int
    """Bytes of a name."""
    size: str
    """Struct format of a size."""
    counted: int = 0
    """Bytes of name and size that the size includes."""
    multiple: int = 2
    """Chunks are padded to a multiple of this."""
    data: bytes = b"data"
    """Start of the name of the chunk with the samples."""


CONTAINERS = {
    b"RIFF": Chunks(12, 4, "<I"),
    b"RIFX": Chunks(12, 4, ">I"),
    b"RF64": Chunks(12, 4, "<I"),
    b"BW64": Chunks(12, 4, "<I"),
    b"FORM": Chunks(12, 4, ">I", data=b"SSND"),
    b"caff": Chunks(8, 4, ">q", multiple=1),
    b"riff": Chunks(40, 16, "<Q", counted=24, multiple=8),  # Wave64
}

UNKNOWN = 0x7FFF_F000
"""Sizes of 32 bits from here on stand for unknown ones: sox and ffmpeg write them to pipes."""

MOST_CHUNKS = 10_000
"""Chunks looked at, so that a file of empty ones ends soon."""

LONGEST_PAGE = 27 + 255 + 255 * 255
"""Bytes of a page of Ogg."""

COUNTED_MPEG = re.compile(rb"(Xing|Info)\0\0\0[\x01\x03\x05\x07\x09\x0b\x0d\x0f]")
"""The tag in the first frame of an MP3, with the flag that says that a number of frames follows."""


def shortfall(stream: BinaryIO) -> Optional[str]:
    """What is missing of the samples that the file declares; None where nothing is, or none are declared.

    For WAV, RF64, Wave64, AIFF, CAF and AU the bytes of samples, for Ogg the mark of the last page. FLAC and
    MP3 declare samples, which only decoding can count.
    """
    size = stream.seek(0, os.SEEK_END)
    start = _read(stream, 0, 12)
    if start[:4] == b"OggS":
        return _missing_page(stream, size)
    if start[:4] in (b".snd", b"dns."):
        offset, declared = struct.unpack(">II" if start[:1] == b"." else "<II", start[4:].ljust(8, b"\0"))
        return _missing_bytes(offset, declared, size, UNKNOWN)
    if start[:4] in CONTAINERS:
        return _missing_chunk(stream, CONTAINERS[start[:4]], size)
    return None


def counts_samples(stream: BinaryIO) -> bool:
    """False for an MP3 without a number of frames: libsndfile guesses its length from the first one."""
    start = _read(stream, 0, 10)
    size = 0
    if start.startswith(b"ID3"):
        for byte in start[6:]:  # seven bits each
            size = size << 7 | byte & 0x7F
        size += len(start)
    frame = _read(stream, size, 256)
    is_mpeg = len(frame) > 1 and frame[0] == 0xFF and frame[1] >= 0xE0
    return not is_mpeg or COUNTED_MPEG.search(frame) is not None


def _missing_chunk(stream: BinaryIO, chunks: Chunks, size: int) -> Optional[str]:
    head = chunks.name + struct.calcsize(chunks.size)
    at, long_size = chunks.first, None
    for _ in range(MOST_CHUNKS):
        if at + head > size:
            return None
        found = _read(stream, at, head)
        (declared,) = struct.unpack(chunks.size, found[chunks.name :])
        declared -= chunks.counted
        if found.startswith(b"ds64"):  # of RF64: the sizes that do not fit into 32 bits
            long_size = int.from_bytes(_read(stream, at + head + 8, 8), "little")
        if found.startswith(chunks.data):
            if long_size is not None and declared == 0xFFFF_FFFF:
                return _missing_bytes(at + head, long_size, size, 2**63)
            return _missing_bytes(at + head, declared, size, UNKNOWN if chunks.size[1] == "I" else 2**63)
        if declared < 0:
            return None
        at += head + declared + -declared % chunks.multiple
    return None


def _missing_bytes(start: int, declared: int, size: int, unknown: int) -> Optional[str]:
    there = max(0, size - start)
    if declared <= there or declared >= unknown:
        return None
    return f"{there} of the {declared} bytes of samples that it declares are there"


def _missing_page(stream: BinaryIO, size: int) -> Optional[str]:
    """An Ogg stream ends with a page that is marked as its last."""
    tail = _read(stream, max(0, size - 2 * LONGEST_PAGE), 2 * LONGEST_PAGE)
    page = tail[tail.rfind(b"OggS") :]
    segments = page[27 : 27 + page[26]] if len(page) > 26 else b""
    whole = len(page) > 26 and len(page) >= 27 + page[26] + sum(segments)
    if not whole:
        return "its last page is not complete"
    return None if page[5] & 4 else "its last page is not marked as the end of the stream"


def _read(stream: BinaryIO, at: int, count: int) -> bytes:
    stream.seek(at)
    return stream.read(count)
