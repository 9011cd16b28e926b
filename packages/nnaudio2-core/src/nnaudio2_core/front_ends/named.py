"""Front ends by name."""

from typing import Any, Dict, Type

from ..chroma.chroma import Chroma
from ..constant_q.hcqt import HCQT
from ..constant_q.stacked_cqt import StackedCQT
from ..module.arguments import require_choice
from ..module.transform import Transform
from .from_config import front_end_from_config
from .front_end import FrontEnd
from .table import FRONT_ENDS

TRANSFORMS: Dict[str, Type[Transform]] = {
    made.__name__: made for made in (FrontEnd, HCQT, StackedCQT, Chroma)
}


def front_end(name: str, **changes: Any) -> Transform:
    """Front end of a known model.

    It is a :class:`FrontEnd`; that of pesto is a :class:`HCQT`, that of Basic Pitch a :class:`StackedCQT`,
    that of MusicGen a :class:`Chroma`.

    Args:
        name: one of :func:`front_ends`.
        changes: arguments of that class that replace those of the model.

    Raises:
        ValueError: if there is no front end of that name, or an argument is out of range.

    Example:
        >>> import torch
        >>> front_end("whisper-large-v3")(torch.randn(2, 16000)).shape
        torch.Size([2, 128, 3000])
        >>> front_end("whisper-large-v3", clip_length=None)(torch.randn(2, 16000)).shape
        torch.Size([2, 128, 100])

    ``front_end.from_config("preprocessor_config.json")`` reads Hugging Face's file, for the extractors of
    Whisper, Voxtral Realtime, Parakeet, AST, Speech2Text, SeamlessM4T, CLAP, Gemma 3n and 4, and LASR.

    Source: the table in ``nnaudio2_core/front_ends/table.py`` names one for each.
    """
    known = FRONT_ENDS[require_choice("name", name, tuple(FRONT_ENDS))]
    return TRANSFORMS[known.transform](**{**known.arguments, **changes})


front_end.from_config = front_end_from_config  # type: ignore[attr-defined]


def front_ends() -> Dict[str, Dict[str, Any]]:
    """Names of the known front ends, each with its sampling rate, features, frame rate, source and oracle.

    Example:
        >>> front_ends()["whisper"]["sr"]
        16000

    Source: the table in ``nnaudio2_core/front_ends/table.py``.
    """
    return {
        name: {
            "sr": known.arguments["sr"],
            "features": _features(known.arguments, known.transform),
            "transform": known.transform,
            "source": known.source,
            "oracle": known.oracle,
        }
        for name, known in FRONT_ENDS.items()
    }


def _features(arguments: Dict[str, Any], transform: str) -> int:
    """Numbers in a frame, before frames are stacked."""
    if transform in ("HCQT", "StackedCQT"):
        return int(arguments["n_bins"]) * len(arguments["harmonics"])
    if transform == "Chroma":
        return int(arguments.get("n_chroma", 12))
    return int(arguments.get("n_cepstra") or arguments.get("n_bands", 80))
