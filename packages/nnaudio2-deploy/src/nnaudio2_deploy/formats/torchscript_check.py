"""TorchScript from strangers: its code may compute, and do nothing else.

``torch.jit.load`` reads the archive in C++: its unpickler knows tensors, containers and the classes in
the archive, and its code can call torch's operators alone. Two of these touch files.
"""

import ast

from ..errors import ArtifactError
from .archive import check_pickle, members_of

_MEMBERS = (
    r"data\.pkl|constants\.pkl|version|byteorder|(data|constants)/\d+|code/[\w./<>-]+\.py(\.debug_pkl)?"
    r"|\.data/(serialization_id|version)|\.format_version|\.storage_alignment"
)
_TOUCH_FILES = {"save", "from_file"}
_NAMESPACES = {"prim", "aten"}


def check_torchscript(payload: bytes) -> None:
    """Raise an ArtifactError for an archive that is not plain TorchScript over torch's own operators."""
    for name, content in members_of(payload, _MEMBERS).items():
        if name.endswith("pkl"):
            check_pickle(name, content)
        elif name.endswith(".py"):
            _check_code(name, content)


def _check_code(name: str, content: bytes) -> None:
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ArtifactError(f"the code {name} in its payload cannot be read: {error}") from error
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    for names in map(_dotted, attributes):
        touches = names[:1] in (["torch"], ["ops"]) and names[-1] in _TOUCH_FILES
        if touches or (names[0] == "ops" and names[1] not in _NAMESPACES):
            raise ArtifactError(f"the code {name} in its payload calls {'.'.join(names)}")
    allowed = {id(node.value) for node in attributes}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in ("torch", "ops") and id(node) not in allowed:
            raise ArtifactError(f"the code {name} in its payload passes torch's operators around")


def _dotted(node: ast.Attribute) -> list[str]:
    """``["torch", "nn", "x"]`` of ``torch.nn.x``; the first is empty where there is no name at the root."""
    if isinstance(node.value, ast.Attribute):
        return [*_dotted(node.value), node.attr]
    return [node.value.id if isinstance(node.value, ast.Name) else "", node.attr]
