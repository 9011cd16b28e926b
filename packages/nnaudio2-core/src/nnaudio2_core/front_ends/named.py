"""Front ends by name."""

from typing import Any, Dict

from ..module.arguments import require_choice
from .from_config import front_end_from_config
from .front_end import FrontEnd
from .table import FRONT_ENDS


def front_end(name: str, **changes: Any) -> FrontEnd:
    """Front end of a known model.

    Args:
        name: one of :func:`front_ends`.
        changes: arguments of :class:`FrontEnd` that replace those of the model.

    Raises:
        ValueError: if there is no front end of that name, or an argument is out of range.

    Example:
        >>> import torch
        >>> front_end("whisper-large-v3")(torch.randn(2, 16000)).shape
        torch.Size([2, 128, 3000])
        >>> front_end("whisper-large-v3", clip_length=None)(torch.randn(2, 16000)).shape
        torch.Size([2, 128, 100])

    ``front_end.from_config("preprocessor_config.json")`` reads Hugging Face's file, for the extractors of
    Whisper, Voxtral Realtime, Parakeet, AST, Speech2Text, SeamlessM4T, CLAP, Gemma 3n and LASR.

    Source: the table in ``nnaudio2_core/front_ends/table.py`` names one for each.
    """
    known = FRONT_ENDS[require_choice("name", name, tuple(FRONT_ENDS))]
    return FrontEnd(**{**known.arguments, **changes})


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
            "features": known.arguments.get("n_cepstra") or known.arguments.get("n_bands", 80),
            "source": known.source,
            "oracle": known.oracle,
        }
        for name, known in FRONT_ENDS.items()
    }
