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
    roots = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            roots += node.value.id in ("torch", "ops")
            wrong = node.attr in _TOUCH_FILES if node.value.id == "torch" else node.attr not in _NAMESPACES
            if node.value.id in ("torch", "ops") and wrong:
                raise ArtifactError(f"the code {name} in its payload calls {node.value.id}.{node.attr}")
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            below = node.value.value
            if isinstance(below, ast.Name) and below.id == "ops" and node.attr in _TOUCH_FILES:
                raise ArtifactError(f"the code {name} in its payload calls ops.{node.value.attr}.{node.attr}")
    names = sum(isinstance(node, ast.Name) and node.id in ("torch", "ops") for node in ast.walk(tree))
    if names != roots:
        raise ArtifactError(f"the code {name} in its payload passes torch's operators around")
