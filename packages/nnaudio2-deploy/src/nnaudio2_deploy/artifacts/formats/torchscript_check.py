"""Check of untrusted TorchScript: its code may only compute.

``torch.jit.load`` reads the archive in C++: its unpickler knows tensors, containers and the classes in the
archive, and its code can call only torch's operators, of which the listed ones pass. The code is looked at
twice: as text, because a ``__setstate__`` runs while the file is loaded, and as the operators that torch
made of it, because the text is parsed here by Python and there by torch.
"""

import ast
import re
from collections.abc import Iterator
from typing import Any

from ...errors import ArtifactError
from .archive import check_pickle, members_of, packed
from .operators import TRUST, is_listed
from .quiet import ONE_AT_A_TIME

_MEMBERS = (
    r"data\.pkl|constants\.pkl|version|byteorder|(data|constants)/\d+|code/[\w./<>-]+\.py(\.debug_pkl)?"
    r"|\.data/(serialization_id|version)|\.format_version|\.storage_alignment"
)
_TEXT = re.compile(rb"[\n -~]*")
"""Characters that torch writes. Python and torch would read other line ends and encodings differently."""

_TOUCH_FILES = {"save", "from_file"}
_NAMESPACES = {"prim", "aten"}
_LANGUAGE = re.compile(
    r"prim::(Constant|If|Loop|Enter|Exit|CallFunction|CallMethod|CreateObject|[GS]etAttr|RaiseException"
    r"|(Tuple|List|Dict)(Construct|Unpack|Index|Slice)|StringIndex|ModuleContainerIndex|NumToTensor"
    r"|Uninitialized|isinstance|unchecked_(unwrap_optional|cast)|Enum(Name|Value)|is_\w+|requires_grad|abs|data"
    r"|device|dtype|id|index|itemsize|layout|max|min|name|nbytes|rangelist|tolist|type)"
)


def checked_torchscript(payload: bytes, trust: bool = False) -> bytes:
    """A new archive of the same members; an ArtifactError if it is not plain TorchScript over torch's own
    operators. ``trust`` permits operators that touch files.
    """
    members = members_of(payload, _MEMBERS)
    for name, content in members.items():
        if name.endswith("pkl"):
            check_pickle(name, content)
        elif name.endswith(".py"):
            _check_code(name, content, trust)
    return packed(members)


def check_operators(unit: Any) -> None:
    """Raise an ArtifactError unless every function of a compilation unit computes, and does nothing else."""
    for function in unit.get_functions():
        for node in _nodes(function.graph):
            namespace, _, name = node.kind().partition("::")
            if not ((namespace == "aten" and is_listed(name, True)) or _LANGUAGE.fullmatch(node.kind())):
                raise ArtifactError(f"the code of its payload has the operator {node.kind()}; {TRUST}")


def _nodes(block: Any) -> Iterator[Any]:
    for node in block.nodes():
        yield node
        for inner in node.blocks():
            yield from _nodes(inner)


def _check_code(name: str, content: bytes, trust: bool) -> None:
    if not _TEXT.fullmatch(content):
        raise ArtifactError(f"the code {name} in its payload has characters that torch does not write")
    if b"__setstate__" in content:  # whatever stands around it: Python and torch may read that otherwise
        raise ArtifactError(f"the code {name} in its payload has __setstate__, which runs while it is loaded")
    try:
        with ONE_AT_A_TIME:  # Python 3.11 counts the depth of all threads' parsers together
            tree = ast.parse(content.decode("ascii"))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ArtifactError(f"the code {name} in its payload cannot be read: {error}") from error
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    for names in map(_dotted, attributes):
        touches = names[:1] in (["torch"], ["ops"]) and names[-1] in _TOUCH_FILES
        if not trust and (touches or (names[0] == "ops" and names[1] not in _NAMESPACES)):
            raise ArtifactError(f"the code {name} in its payload calls {'.'.join(names)}; {TRUST}")
        if names[:3] == ["__torch__", "torch", "classes"]:
            raise ArtifactError(f"the code {name} in its payload names a class in C++, {'.'.join(names)}")
    allowed = {id(node.value) for node in attributes}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in ("torch", "ops") and id(node) not in allowed:
            raise ArtifactError(f"the code {name} in its payload passes torch's operators around")


def _dotted(node: ast.Attribute) -> list[str]:
    """``["torch", "nn", "x"]`` of ``torch.nn.x``; the first is empty without a name at the root."""
    if isinstance(node.value, ast.Attribute):
        return [*_dotted(node.value), node.attr]
    return [node.value.id if isinstance(node.value, ast.Name) else "", node.attr]
