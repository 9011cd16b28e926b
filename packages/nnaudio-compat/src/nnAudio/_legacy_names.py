"""Which names of a Python file are those of the legacy package."""

from typing import List, NamedTuple, Optional, Tuple

import libcst as cst
import libcst.matchers as m
from libcst.metadata import ParentNodeProvider, PositionProvider, QualifiedNameProvider, QualifiedNameSource

import nnaudio2_core as core

from . import features
from ._deprecation import replacements

RENAMED = {"Griffin_Lim": "GriffinLim", "Combined_Frequency_Periodicity": "CombinedFrequencyPeriodicity"}
CLASSES = {
    name: RENAMED.get(name, name) for name in features.__dict__ if hasattr(core, RENAMED.get(name, name))
}
STAYING = set(replacements) - set(CLASSES)
# Modules of the legacy package whose classes core has under one roof.
ROOFS = {"nnAudio.Spectrogram", "nnAudio.features"} | {
    f"nnAudio.features.{name}" for name in ("cfp", "cqt", "gammatone", "griffin_lim", "mel", "stft", "vqt")
}
CORE = "nnaudio2_core"


class Note(NamedTuple):
    """Something that has to be done by hand."""

    line: int
    text: str


def roof_and_name(qualified: str) -> Tuple[str, str]:
    """``nnAudio.features.mel.MFCC`` as its module and ``MFCC``; empty strings for what core does not have."""
    roof, _, name = qualified.rpartition(".")
    return (roof, name) if roof in ROOFS and name in CLASSES else ("", "")


class Legacy(m.MatcherDecoratableTransformer):
    """Asks where names come from."""

    METADATA_DEPENDENCIES = (QualifiedNameProvider, PositionProvider, ParentNodeProvider)

    def __init__(self) -> None:
        super().__init__()
        self.notes: List[Note] = []
        self.starred = False

    def line(self, node: cst.CSTNode) -> int:
        return int(self.get_metadata(PositionProvider, node).start.line)

    def qualified(self, node: cst.CSTNode) -> str:
        """The name by which nnAudio knows a node, or an empty string."""
        for found in self.get_metadata(QualifiedNameProvider, node, set()):
            if found.source is QualifiedNameSource.IMPORT and found.name.split(".")[0] == "nnAudio":
                return str(found.name)
        if self.starred and isinstance(node, cst.Name) and node.value in CLASSES:
            return f"nnAudio.Spectrogram.{node.value}"
        return ""


def dotted(node: Optional[cst.BaseExpression]) -> str:
    return "" if node is None else cst.Module([]).code_for_node(node)
