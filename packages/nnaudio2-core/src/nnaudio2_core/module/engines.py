"""Choice of the engine that computes a transform."""

from .arguments import require_choice

ENGINES = ("auto", "fft", "conv")


def resolve_engine(engine: str, trained: bool, argument: str) -> str:
    """``"auto"`` is conv where kernels are trained, else fft; FFTs have no kernels to train."""
    require_choice("engine", engine, ENGINES)
    if engine == "auto":
        return "conv" if trained else "fft"
    if engine == "fft" and trained:
        raise ValueError(f"engine must be 'conv' or 'auto' with {argument}=True, got 'fft'")
    return engine
