"""Notes of the changes to make by hand in a file that uses the legacy package."""

from typing import List

import libcst as cst
import libcst.matchers as m
from libcst.metadata import ParentNodeProvider

from ._legacy_names import CORE, LegacyNames, class_name, dotted

HELPER_MODULES = ("nnAudio.utils", "nnAudio.librosa_functions")
GAUSSIAN = m.Tuple([m.Element(m.SimpleString('"gaussian"') | m.SimpleString("'gaussian'")), m.AtLeastN(n=0)])
# Attributes that core has under other names, or only where kernels are trained.
ATTRIBUTES = {
    *("stride", "pad_amount", "kernel_width", "bins2freq", "bin_list", "num_samples", "w_sum"),
    *("wsin", "wcos", "window_mask", "kernel_sin_inv", "kernel_cos_inv", "kernel_sin", "kernel_cos"),
    *("mel_basis", "gammatone_basis", "melspec_layer", "m_mfcc", "lenghts", "lowpass_filter"),
    *("cqt_kernels_real", "cqt_kernels_imag", "freq2logfreq_matrix", "quef2logfreq_matrix"),
}


class ManualChanges(LegacyNames):
    """A pass that notes uses which the rewriting leaves as they are; it changes nothing."""

    def __init__(self, starred: bool) -> None:
        super().__init__()
        self.starred = starred
        self.derived: List[str] = []

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        module = dotted(node.module)
        if module not in HELPER_MODULES:
            return False
        if isinstance(node.names, cst.ImportStar):
            self.note(node, f"{module} is kept; its functions warn and name their replacements")
        else:
            for alias in node.names:
                self.note_helper(node, module, dotted(alias.name))
        return False

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_Annotation(self, node: cst.Annotation) -> bool:
        return False

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        bases = [class_name(self.qualified(base.value)) for base in node.bases]
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
            text = f"{name}: modules of {CORE} have this nnAudio attribute only when trained, or not at all"
            self.note(node, text)
        node.value.visit(self)
        return False

    def _note_use(self, node: cst.CSTNode) -> bool:
        """Whether a node is a legacy class; noted unless it is called here, where its arguments are seen."""
        name = class_name(self.qualified(node))
        parent = self.get_metadata(ParentNodeProvider, node, None)
        if name and not (isinstance(parent, cst.Call) and parent.func is node):
            text = f"{name} is referenced, not called, here; drop verbose= and device= wherever it is called"
            self.note(node, text)
        return bool(name)

    def visit_Call(self, node: cst.Call) -> bool:
        name = class_name(self.qualified(node.func))
        if name.startswith("CQT") and any(m.matches(arg.value, GAUSSIAN) for arg in node.args):
            text = f'convert the att of a window ("gaussian", att): {CORE} takes SciPy\'s ("gaussian", std)'
            self.note(node, text)
        keywords = {arg.keyword.value for arg in node.args if arg.keyword is not None}
        if not name and "refresh_win" in keywords:
            self.note(node, f"refresh_win is not an argument in {CORE}")
        if self.derived and self.derived[-1] and dotted(node.func) == "super().__init__":
            text = f"{self.derived[-1]}.__init__ takes neither verbose nor device, and most arguments by name"
            self.note(node, text)
        return True
