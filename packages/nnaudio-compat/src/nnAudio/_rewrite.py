"""Rewriting of Python source that uses the legacy package for nnaudio2_core."""

import inspect
from typing import List, Optional, Sequence, Set, Tuple, Union

import libcst as cst
from libcst.metadata import MetadataWrapper

import nnaudio2_core as core

from . import features
from ._legacy_names import (
    CLASS_MODULES,
    CLASSES,
    CORE,
    HELPERS,
    RENAMED,
    ROY,
    LegacyNames,
    Note,
    class_name,
    dotted,
)
from ._manual_changes import ManualChanges

# Arguments to drop: they have no effect in the legacy package, and would have one in core.
IDLE = {
    "MFCC": ("norm",),
    "iCQT": ("n_iter",),  # the direct solver takes the place of iterations
    **dict.fromkeys(("CQT2010", "CQT2010v2", "VQT"), ("window", "fmax")),
}


def rewrite(source: bytes) -> Tuple[bytes, List[Note]]:
    """The source for nnaudio2_core, and notes of the changes to make by hand.

    Raises:
        SyntaxError: if it is not Python.
    """
    wrapper = MetadataWrapper(_parsed(source).visit(_OneName()))
    uses = _Uses()
    wrapper.visit(uses)
    manual = ManualChanges(uses.starred)
    wrapper.visit(manual)
    rewriter = _Rewriter(uses)
    module = wrapper.visit(rewriter)
    return module.bytes, sorted({*uses.notes, *manual.notes, *rewriter.notes})


def _parsed(source: bytes) -> cst.Module:
    try:
        return cst.parse_module(source)
    except (cst.ParserSyntaxError, ValueError, LookupError) as error:  # of an encoding, or of its name
        raise SyntaxError(str(error)) from error


class _OneName(cst.CSTTransformer):
    """nnAudio 2.0.3 (Roy et al.) imports as nnAudio2; its modules and classes have the names of nnAudio."""

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return cst.Name("nnAudio") if original_node.value == "nnAudio2" else updated_node


class _Uses(LegacyNames):
    """First pass: collect the names that a file takes from the legacy package."""

    def __init__(self) -> None:
        super().__init__()
        self.names: Set[str] = set()
        self.imports_numpy = False
        self.classes_by_path = self.keeps_legacy = False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        self.starred |= dotted(node.module) in CLASS_MODULES and isinstance(node.names, cst.ImportStar)
        return True

    def visit_Import(self, node: cst.Import) -> bool:
        self.imports_numpy |= any(dotted(alias.name) == "numpy" for alias in node.names)
        return True

    def visit_Name(self, node: cst.Name) -> None:
        self.names.add(node.value)

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        qualified = self.qualified(node)
        if not qualified:
            return True
        if qualified in CLASS_MODULES or class_name(qualified):
            self.classes_by_path |= dotted(node).startswith("nnAudio.")
            return False
        self.keeps_legacy |= dotted(node).startswith("nnAudio.")
        module, _, name = qualified.rpartition(".")
        self.note_helper(node, module, name)
        return False


class _Rewriter(LegacyNames):
    """Last pass: rewrite imports, names and calls."""

    def __init__(self, uses: _Uses) -> None:
        super().__init__()
        self.uses, self.starred = uses, uses.starred

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        name = class_name(self.qualified(original_node))
        if not name:
            return updated_node
        root = dotted(original_node).split(".")[0]
        return cst.Attribute(cst.Name(CORE if root == "nnAudio" else root), cst.Name(CLASSES[name]))

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        if original_node.value in RENAMED and class_name(self.qualified(original_node)):
            return cst.Name(RENAMED[original_node.value])
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        name = class_name(self.qualified(original_node.func))
        if not name:
            return updated_node
        if any(arg.star for arg in original_node.args):
            text = f"{name} is given * or ** arguments: drop verbose and device if they are among them"
            self.note(original_node, text)
        if name == "VQT":
            text = "VQT uses exact kernels; algorithm='octaves' gives the numbers of nnAudio"
            self.note(original_node, text)
        return _call(name, updated_node)

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> Union[cst.SimpleStatementLine, cst.FlattenSentinel[cst.SimpleStatementLine]]:
        """Put each import on a line of its own where one has become several."""
        statements = updated_node.body
        if len(original_node.body) > 1 or len(statements) < 2:
            return updated_node
        lines = [cst.SimpleStatementLine([statement]) for statement in statements]
        lines[0] = lines[0].with_changes(leading_lines=updated_node.leading_lines)
        lines[-1] = lines[-1].with_changes(trailing_whitespace=updated_node.trailing_whitespace)
        return cst.FlattenSentinel(lines)

    def leave_ImportFrom(
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> Union[cst.ImportFrom, cst.FlattenSentinel[cst.BaseSmallStatement], cst.RemovalSentinel]:
        module = dotted(original_node.module)
        if original_node.relative or module not in {"nnAudio", *CLASS_MODULES}:
            return updated_node
        if isinstance(original_node.names, cst.ImportStar):
            return _statements(self._instead_of_star())
        lines, classes, kept = [], [], []
        for alias in original_node.names:
            name = dotted(alias.name)
            new_name = f" as {dotted(alias.asname.name)}" if alias.asname is not None else ""
            if f"{module}.{name}" in CLASS_MODULES:
                lines.append(f"import {CORE}{new_name or f' as {name}'}")
            elif module in CLASS_MODULES and name in CLASSES:
                classes.append(CLASSES[name] + new_name)
            else:
                kept.append(name + new_name)
                self.note_helper(original_node, module, name)
        if classes:
            lines.append(f"from {CORE} import {', '.join(classes)}")
        if kept:
            lines.append(f"from {module} import {', '.join(kept)}")
        if kept and not classes and len(lines) == 1:
            return updated_node
        return _statements(lines)

    def _instead_of_star(self) -> List[str]:
        """Imports of the names that a file takes from a star import, one for each module."""
        classes = sorted(CLASSES[name] for name in CLASSES.keys() & self.uses.names)
        helpers = sorted(HELPERS & self.uses.names)
        lines = [f"from {CORE} import {', '.join(classes)}"] if classes else []
        if helpers:
            lines.append(f"from nnAudio.utils import {', '.join(helpers)}")
        if "np" in self.uses.names and not self.uses.imports_numpy:
            lines.append("import numpy as np")
        return lines

    def leave_Import(
        self, original_node: cst.Import, updated_node: cst.Import
    ) -> Union[cst.Import, cst.FlattenSentinel[cst.BaseSmallStatement], cst.RemovalSentinel]:
        names = [(dotted(alias.name), alias.asname) for alias in original_node.names]
        if not any(name == "nnAudio" or name in CLASS_MODULES for name, _ in names):
            return updated_node
        lines: List[str] = []
        for name, asname in names:
            suffix = "" if asname is None else f" as {dotted(asname.name)}"
            if name in CLASS_MODULES or (name == "nnAudio" and self.uses.classes_by_path):
                lines.append(f"import {CORE}{suffix}")
                if self.uses.keeps_legacy and not suffix:
                    lines.append("import nnAudio")
            else:
                lines.append(f"import {name}{suffix}")
        return _statements(list(dict.fromkeys(lines)))


def _statements(
    lines: Sequence[str],
) -> Union[cst.FlattenSentinel[cst.BaseSmallStatement], cst.RemovalSentinel]:
    if not lines:
        return cst.RemoveFromParent()
    parsed = [cst.ensure_type(cst.parse_statement(line), cst.SimpleStatementLine) for line in lines]
    return cst.FlattenSentinel([statement.body[0] for statement in parsed])


def _call(name: str, call: cst.Call) -> cst.BaseExpression:
    """A constructor's call without arguments that core lacks, and by name where core is keyword-only."""
    legacy = ROY[name] if name in ROY else list(inspect.signature(getattr(features, name)).parameters)
    ours = inspect.signature(getattr(core, CLASSES[name])).parameters
    kept: List[cst.Arg] = []
    device: Optional[cst.BaseExpression] = None
    by_position = True
    for position, arg in enumerate(call.args):
        if arg.star or (arg.keyword is None and position >= len(legacy)):
            kept.append(arg)
            continue
        keyword = legacy[position] if arg.keyword is None else arg.keyword.value
        if keyword == "device":
            device = arg.value
        if keyword in IDLE.get(name, ()) or (keyword in legacy and keyword not in ours):
            by_position = False
            continue
        if keyword == "device":
            continue
        here = list(ours)[position : position + 1] == [keyword]
        free = here and ours[keyword].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        by_position = by_position and arg.keyword is None and free
        kept.append(arg if by_position or arg.keyword is not None else _named(arg, keyword))
    if kept:
        kept[-1] = kept[-1].with_changes(comma=call.args[-1].comma)
    made = call.with_changes(args=kept)
    if device is None:
        return made
    return cst.Call(cst.Attribute(made, cst.Name("to")), [cst.Arg(device)])


def _named(arg: cst.Arg, keyword: str) -> cst.Arg:
    tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return arg.with_changes(keyword=cst.Name(keyword), equal=tight)
