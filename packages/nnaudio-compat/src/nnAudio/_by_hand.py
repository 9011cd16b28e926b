"""What has to be done by hand where a file that uses the legacy package moves to nnaudio2_core."""

from typing import List

import libcst as cst
import libcst.matchers as m
from libcst.metadata import ParentNodeProvider

from ._deprecation import replacements
from ._legacy_names import CORE, STAYING, Legacy, Note, dotted, roof_and_name

HELPERS = ("nnAudio.utils", "nnAudio.librosa_functions")
GAUSSIAN = m.Tuple([m.Element(m.SimpleString('"gaussian"') | m.SimpleString("'gaussian'")), m.AtLeastN(n=0)])
# Attributes that core has under other names, or only where kernels are trained.
ATTRIBUTES = {
    *("stride", "pad_amount", "kernel_width", "bins2freq", "bin_list", "num_samples", "w_sum"),
    *("wsin", "wcos", "window_mask", "kernel_sin_inv", "kernel_cos_inv", "kernel_sin", "kernel_cos"),
    *("mel_basis", "gammatone_basis", "melspec_layer", "m_mfcc", "lenghts", "lowpass_filter"),
    *("cqt_kernels_real", "cqt_kernels_imag", "freq2logfreq_matrix", "quef2logfreq_matrix"),
}


class Leftovers(Legacy):
    """Takes notes of what the rewriting does not touch; changes nothing."""

    def __init__(self, starred: bool) -> None:
        super().__init__()
        self.starred = starred
        self.derived: List[str] = []

    def note(self, node: cst.CSTNode, text: str) -> None:
        self.notes.append(Note(self.line(node), text))

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        module = dotted(node.module)
        if module not in HELPERS:
            return False
        if isinstance(node.names, cst.ImportStar):
            self.note(node, f"{module} stays; the warnings of its functions say what {CORE} has")
        else:
            for name in (dotted(alias.name) for alias in node.names):
                if name in STAYING:
                    self.note(node, f"{module}.{name} stays; {CORE} has {replacements[name]}")
        return False

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_Annotation(self, node: cst.Annotation) -> bool:
        return False

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        bases = [roof_and_name(self.qualified(base.value))[1] for base in node.bases]
        self.derived.append(next((name for name in bases if name), ""))
        return True

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        self.derived.pop()
        return updated_node

    def visit_Name(self, node: cst.Name) -> bool:
        self._note_use(node)
        return True

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        if self._note_use(node) or self.qualified(node):
            return False
        called = m.matches(
            self.get_metadata(ParentNodeProvider, node), m.Call(func=m.MatchIfTrue(lambda f: f is node))
        )
        if node.attr.value in ATTRIBUTES and not called:
            name = node.attr.value
            self.note(
                node,
                f"{name}, if it is that of a module of nnAudio: {CORE} may have it where it is trained alone",
            )
        node.value.visit(self)
        return False

    def _note_use(self, node: cst.CSTNode) -> bool:
        """Whether a node is a legacy class; noted where it is no callee: its arguments are elsewhere."""
        _, name = roof_and_name(self.qualified(node))
        parent = self.get_metadata(ParentNodeProvider, node, None)
        if name and not (isinstance(parent, cst.Call) and parent.func is node):
            self.note(
                node, f"{name} is not called here: where it is, see that neither verbose nor device is given"
            )
        return bool(name)

    def visit_Call(self, node: cst.Call) -> bool:
        _, name = roof_and_name(self.qualified(node.func))
        if name.startswith("CQT") and any(m.matches(arg.value, GAUSSIAN) for arg in node.args):
            self.note(node, 'a window ("gaussian", att) is SciPy\'s ("gaussian", std) there: convert att')
        keywords = {arg.keyword.value for arg in node.args if arg.keyword is not None}
        if not name and "refresh_win" in keywords:
            self.note(node, f"refresh_win is no argument in {CORE}")
        if self.derived and self.derived[-1] and dotted(node.func) == "super().__init__":
            said = f"{self.derived[-1]}.__init__ takes neither verbose nor device, and most arguments by name"
            self.note(node, said)
        return True
