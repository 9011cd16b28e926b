"""Checks of untrusted zip archives and pickles, before torch reads them."""

import io
import pickletools
import re
import zipfile

from ...errors import ArtifactError, first_line

MAX_EXPANSION = 2**26
"""Bytes by which the members may exceed the archive: torch packs only code, which is small."""

# What torch's own writer needs for tensors, containers and TorchScript objects.
_OPCODES = re.compile(
    "PROTO|STOP|MARK|GLOBAL|REDUCE|BUILD|NEWOBJ|BINPERSID|(LONG_)?BIN(PUT|GET)|NONE|NEWTRUE|NEWFALSE|BININT[12]?"
    "|LONG1|BINFLOAT|BINUNICODE|(EMPTY_)?TUPLE|TUPLE[123]|EMPTY_(LIST|DICT)|APPENDS?|SETITEMS?"
)
_GLOBALS = re.compile(
    r"__torch__(?!\.torch\.classes\b)[\w.]* \w+|torch\.jit\._pickle \w+|collections OrderedDict"
    r"|torch \w+Storage|torch\._utils _rebuild_(tensor_v2|parameter)"
)


def members_of(payload: bytes, expected: str) -> dict[str, bytes]:
    """Content of each member by its name in the archive's one folder.

    Args:
        payload: a zip archive.
        expected: a regular expression that every name must match.

    Raises:
        ArtifactError: if it is damaged, has unexpected members, or unpacks to too much.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            entries = archive.infolist()
            names = [entry.filename.partition("/")[2] for entry in entries]
            for entry, name in zip(entries, names, strict=True):
                if not re.fullmatch(expected, name, re.ASCII):
                    raise ArtifactError(f"its payload has the unexpected member {entry.filename!r}")
            if len(set(names)) < len(names):
                raise ArtifactError("its payload has two members of the same name")
            total = sum(entry.file_size for entry in entries)
            if total > len(payload) + MAX_EXPANSION:
                raise ArtifactError(f"its payload of {len(payload)} bytes would unpack to {total}")
            return {name: _content(archive, entry) for entry, name in zip(entries, names, strict=True)}
    except ArtifactError:
        raise
    except Exception as error:  # zipfile and the libraries below it raise a dozen kinds
        raise ArtifactError(f"its payload is not a sound zip archive: {first_line(error)}") from error


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """A member of the size that it declares; what it would unpack to beyond that is not unpacked."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # which unpack as a whole
        raise ArtifactError(f"its payload has the member {entry.filename!r} in a compression of its own")
    with archive.open(entry) as file:
        content = file.read(entry.file_size) if entry.file_size else b""
        # Of what goes on, the reader of zipfile says nothing: the sizes of the archive are its end.
    if len(content) != entry.file_size:
        raise ArtifactError(f"its payload has the member {entry.filename!r}, shorter than it says")
    return content


def packed(members: dict[str, bytes]) -> bytes:
    """A new archive of these members, for torch to read instead of the one that they came from.

    Zip readers look for the directory in different places, so one file can be one archive to Python and
    another to torch. The new archive is the same to both.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(f"archive/{name}"), content)
    return out.getvalue()


def check_pickle(name: str, content: bytes) -> None:
    """Raise an ArtifactError unless a pickle builds nothing but tensors and TorchScript objects."""
    try:
        for opcode, argument, _ in pickletools.genops(content):
            if not _OPCODES.fullmatch(opcode.name):
                raise ArtifactError(f"the pickle {name} in its payload uses {opcode.name}")
            if opcode.name == "GLOBAL" and not _GLOBALS.fullmatch(str(argument)):
                raise ArtifactError(f"the pickle {name} in its payload names {argument!r}")
    except (ValueError, IndexError, UnicodeError) as error:
        raise ArtifactError(f"the pickle {name} in its payload is damaged: {error}") from error
