"""Check of untrusted exported programs: only a graph of torch's operators on tensors passes.

``torch.export.load`` is not made for untrusted files. It unpickles (weights, constants and example inputs, if
the archive says so), loads machine code (if the archive has any), evaluates sizes with ``sympify``, which is
``eval``, and puts guards and the names of inputs into Python code that it executes. What passes here has
no pickle, no machine code and no guard, sizes that are plain arithmetic, and names that are names.
"""

import ast
import json
import re
from typing import Any

from ...errors import ArtifactError
from .archive import members_of, packed
from .operators import TRUST, is_listed
from .quiet import ONE_AT_A_TIME

_MEMBERS = (
    r"models/model\.json|data/weights/(model_weights_config\.json|weight_\d+)"
    r"|data/constants/(model_constants_config\.json|tensor_\d+)|data/sample_inputs/model\.pt"
    r"|archive_format|archive_version|byteorder|\.data/(serialization_id|version)"
)
_TENSOR_OPERATOR = re.compile(r"torch\.ops\.aten\.(\w+)\.(?!(\w*_)?out$)\w+")
_SIZE_OPERATOR = re.compile(
    r"torch\.sym_(max|min|not|float|int|ite|sqrt)"
    r"|_operator\.(add|sub|mul|floordiv|truediv|mod|neg|pow|eq|ne|lt|le|gt|ge|and_|or_|getitem)"
)
_OTHER_OPERATOR = re.compile(r"torch\.ops\.\w+\.\w+\.\w+")
"""Operators that trust permits; functions of Python are none."""
_PLAIN = re.compile(r"[\w.+-]*")
_TREE_TYPES = {None, "builtins.tuple", "builtins.list", "builtins.dict"}
_SIZE_FUNCTION = re.compile(
    "Symbol|Integer|Float|Rational|Add|Mul|Pow|Max|Min|(Python)?Mod|(Floor|Clean|Ceil)Div|ModularIndexing|Where"
    "|(Floor|Ceil|Trunc|Round)ToInt|ToFloat|(Int|Float)TrueDiv"
)
_LONGEST_SIZE, _MOST_POWERS, _HIGHEST_POWER = 4096, 4, 4
"""Characters of a size, and number and exponents of its powers: torch evaluates sizes as it reads them."""
_ARITHMETIC = (ast.Expression, ast.Constant, ast.UnaryOp, ast.USub, ast.Load)


def checked_exported(payload: bytes, trust: bool = False) -> bytes:
    """A new archive of the same members; an ArtifactError if it could do more than compute with tensors.

    ``trust`` permits operators that are not listed.
    """
    members = members_of(payload, _MEMBERS)
    for name, content in members.items():
        if name == "data/sample_inputs/model.pt" and content:
            raise ArtifactError("its payload has example inputs, which are a pickle")
        if name.endswith(".json"):
            try:
                _check(json.loads(content), "", trust)
            except (ValueError, SyntaxError, LookupError, TypeError, RecursionError) as error:
                raise ArtifactError(f"{name} in its payload cannot be read: {error}") from error
    return packed(members)


def _check(value: Any, key: str, trust: bool) -> None:
    """Walk through JSON; ``key`` is the name under which a value stands."""
    if isinstance(value, dict):
        if value.get("use_pickle"):
            raise ArtifactError("its payload has pickled tensors")
        for name, entry in value.items():
            _check_string(name, "name")
            _check(entry, name, trust)
    elif isinstance(value, list):
        for entry in value:
            _check(entry, key, trust)
    elif isinstance(value, str) and key == "target":
        _check_operator(value, trust)
    elif isinstance(value, str):
        _check_string(value, key)


def _check_operator(target: str, trust: bool) -> None:
    found = _TENSOR_OPERATOR.fullmatch(target)
    if (found and is_listed(found[1])) or _SIZE_OPERATOR.fullmatch(target):
        return
    if not _OTHER_OPERATOR.fullmatch(target):
        raise ArtifactError(f"its payload has {target!r:.80} for an operator, which is not allowed")
    if not trust:
        raise ArtifactError(f"its payload has the operator {target!r:.80}; {TRUST}")


def _check_string(text: str, key: str) -> None:
    if key == "expr_str":
        sound = _is_size(text)
    elif key == "guards_code":
        sound = False
    elif key in ("in_spec", "out_spec"):
        sound = _is_tree(json.loads(text)[1])
    else:
        sound = _PLAIN.fullmatch(text) is not None
    if not sound:
        raise ArtifactError(f"its payload has {text!r:.80} for {key or 'a value'}, which is not allowed")


def _is_tree(tree: Any) -> bool:
    return (
        tree["type"] in _TREE_TYPES
        and (tree["context"] is None or re.fullmatch(r'[\w\[\]", ]*', tree["context"]) is not None)
        and all(_is_tree(child) for child in tree["children_spec"])
    )


def _is_size(text: str) -> bool:
    """Calls of known functions on numbers, and symbols with a name; no number that takes long to compute."""
    if len(text) > _LONGEST_SIZE:
        return False
    powers = 0
    with ONE_AT_A_TIME:  # Python 3.11 counts the depth of all threads' parsers together
        tree = ast.parse(text, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            strings = [a for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if not _SIZE_FUNCTION.fullmatch(name) or (strings and name != "Symbol"):
                return False
            powers += name == "Pow"
            if name == "Pow" and not (_is_low_power(node) and powers <= _MOST_POWERS):
                return False
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if not re.fullmatch(r"\w+", node.value):
                return False
        elif isinstance(node, ast.Name):
            if not _SIZE_FUNCTION.fullmatch(node.id) and not re.fullmatch(r"[a-z]+\d+", node.id):
                return False
        elif not isinstance(node, (*_ARITHMETIC, ast.keyword)):
            return False
    return True


def _is_low_power(call: ast.Call) -> bool:
    """True if the exponent of ``Pow`` is a small whole number: powers of powers have no end of digits."""
    exponent = call.args[1] if len(call.args) == 2 and not call.keywords else None
    if isinstance(exponent, ast.Call) and ast.unparse(exponent.func) == "Integer" and len(exponent.args) == 1:
        exponent = exponent.args[0]
    if isinstance(exponent, ast.UnaryOp):
        exponent = exponent.operand
    value = exponent.value if isinstance(exponent, ast.Constant) else None
    return type(value) is int and value <= _HIGHEST_POWER
