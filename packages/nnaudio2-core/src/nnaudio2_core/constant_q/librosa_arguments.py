"""librosa's arguments of ``cqt`` and ``vqt`` as arguments of ours."""

import re
from typing import Any, Dict

from ..module.arguments import require_bool, require_choice, shown
from ..module.plain_values import plain

C1 = 440.0 * 2.0 ** (-45 / 12)  # Hz, librosa's default fmin
_PADDINGS = {"constant": "constant", "reflect": "reflect", "edge": "replicate"}


def kernels_of_librosa(version: Any) -> str:
    """The ``filter_lengths`` of a version of librosa, such as ``"0.11"`` or ``librosa.__version__``."""
    found = re.match(r"(\d+)\.(\d+)", version) if isinstance(version, str) else None
    if found is None:
        raise ValueError(f"version must be one of librosa, such as '0.11' or '1.0.0', got {shown(version)}")
    number = (int(found[1]), int(found[2]))
    if number < (0, 10):
        raise ValueError(f"version must be >= '0.10', got {shown(version)}")
    return "fractional" if number < (1, 0) else "fractional-1.0"


def librosa_arguments(
    version: Any,
    fmin: Any,
    tuning: Any,
    norm: Any,
    scale: Any,
    pad_mode: Any,
    norm_name: str,
    ours: Dict[str, Any],
) -> Dict[str, Any]:
    """Arguments of our constructor for those of librosa that differ in name, default or meaning.

    Args:
        version: version of librosa.
        fmin: None for C1.
        tuning: bins; None, which in librosa estimates it from the clip, is refused.
        norm: order of the norm of each kernel.
        scale: as in ``CQT1992v2``.
        pad_mode: NumPy's name.
        norm_name: name of ``norm`` in our constructor.
        ours: arguments of our constructor, which come before the translated ones.
    """
    if tuning is None:
        raise ValueError("tuning must be a number, since kernels are built once; estimate_tuning measures it")
    given = {
        "output_format": "Complex",
        "fmin": C1 if plain(fmin) is None else fmin,
        "tuning": tuning,
        norm_name: norm,
        "scale": require_bool("scale", scale),
        "pad_mode": _PADDINGS[require_choice("pad_mode", pad_mode, tuple(_PADDINGS))],
        "filter_lengths": kernels_of_librosa(version),
        **ours,
    }
    given.setdefault("return_complex", given["output_format"] == "Complex")
    return given
