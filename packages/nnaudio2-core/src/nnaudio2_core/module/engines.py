"""Choice of the engine that computes a transform."""

from typing import Any

from .arguments import require_choice

ENGINES = ("auto", "fft", "real")
"""``"fft"`` uses FFTs and complex numbers, ``"real"`` matrix products and correlations of real numbers."""


def require_engine(engine: Any) -> str:
    """One of :data:`ENGINES`; ``"conv"`` is accepted as an alias of ``"real"``."""
    if isinstance(engine, str) and engine == "conv":
        return "real"
    return require_choice("engine", engine, ENGINES)


def resolve_engine(engine: Any, trained: bool = False, argument: str = "") -> str:
    """Resolve ``"auto"``: real if kernels are trained, since an FFT has none to train, else fft."""
    chosen = require_engine(engine)
    if chosen == "auto":
        return "real" if trained else "fft"
    if chosen == "fft" and trained:
        raise ValueError(f"engine must be 'real' or 'auto' with {argument}=True, got 'fft'")
    return chosen
