"""Names of the legacy package in a Python file."""

from typing import List, NamedTuple, Optional

import libcst as cst
import libcst.matchers as m
from libcst.metadata import ParentNodeProvider, PositionProvider, QualifiedNameProvider, QualifiedNameSource

import nnaudio2_core as core

from . import features
from ._deprecation import replacements

RENAMED = {"Griffin_Lim": "GriffinLim", "Combined_Frequency_Periodicity": "CombinedFrequencyPeriodicity"}
ROY = {
    "iCQT": [
        *("sr", "hop_length", "fmin", "fmax", "n_bins", "bins_per_octave", "filter_scale", "norm", "window"),
        *("center", "pad_mode", "n_iter", "verbose"),
    ]
}
"""Classes that only nnAudio 2.0.3 (Roy et al.) has, and their arguments in order."""

CLASSES = {
    name: RENAMED.get(name, name) for name in features.__dict__ if hasattr(core, RENAMED.get(name, name))
} | {name: name for name in ROY}
HELPERS = set(replacements) - set(CLASSES)
# Modules of the legacy package that hold the classes; core has them all in nnaudio2_core.
CLASS_MODULES = {"nnAudio.Spectrogram", "nnAudio.features"} | {
    f"nnAudio.features.{name}" for name in ("cfp", "cqt", "gammatone", "griffin_lim", "mel", "stft", "vqt")
}
CORE = "nnaudio2_core"


class Note(NamedTuple):
    """A change to make by hand."""

    line: int
    text: str


def class_name(qualified: str) -> str:
    """The class in a name such as ``nnAudio.features.mel.MFCC``; empty for a name that core does not have."""
    module, _, name = qualified.rpartition(".")
    return name if module in CLASS_MODULES and name in CLASSES else ""


class LegacyNames(m.MatcherDecoratableTransformer):
    """Base of the passes over a file: it resolves names and takes notes."""

    METADATA_DEPENDENCIES = (QualifiedNameProvider, PositionProvider, ParentNodeProvider)

    def __init__(self) -> None:
        super().__init__()
        self.notes: List[Note] = []
        self.starred = False

    def note(self, node: cst.CSTNode, text: str) -> None:
        """Note a change to make by hand at the line of ``node``."""
        self.notes.append(Note(int(self.get_metadata(PositionProvider, node).start.line), text))

    def note_helper(self, node: cst.CSTNode, module: str, name: str) -> None:
        """Note the replacement of ``name`` if it is a helper function, whose import is kept."""
        if name in HELPERS:
            self.note(node, f"{module}.{name} is kept; its replacement: {replacements[name]}")

    def qualified(self, node: cst.CSTNode) -> str:
        """Full name of a node that comes from nnAudio, or an empty string."""
        for found in self.get_metadata(QualifiedNameProvider, node, set()):
            if found.source is QualifiedNameSource.IMPORT and found.name.split(".")[0] == "nnAudio":
                return str(found.name)
        if self.starred and isinstance(node, cst.Name) and node.value in CLASSES:
            return f"nnAudio.Spectrogram.{node.value}"
        return ""


def dotted(node: Optional[cst.BaseExpression]) -> str:
    """Source of a name, a dotted one perhaps; empty for None."""
    return "" if node is None else cst.Module([]).code_for_node(node)
