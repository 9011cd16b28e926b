"""The least-squares inverse of any linear transform of this package."""

from typing import Any, Dict, Optional, Type, Union

from torch import nn

from ..constant_q.cqt import CQT, CQT1992, CQT1992v2
from ..constant_q.vqt import VQT
from ..fourier.stft import STFT
from ..module.arguments import shown
from ..module.engines import require_engine
from .least_squares import DAMPING, LeastSquaresInverse, constant_q_bank, fourier_bank

INVERTIBLE: Dict[str, Type[Any]] = {
    "CQT": CQT,
    "CQT1992v2": CQT1992v2,
    "CQT1992": CQT1992,
    "VQT": VQT,
    "STFT": STFT,
}


class Inverse(LeastSquaresInverse):
    """Inverse of a linear transform with complex output: constant-Q, variable-Q, or STFT on any frequencies.

    It returns the waveform whose transform comes nearest to the coefficients; where these determine it only
    weakly or not at all, the damped one of least energy. See :class:`iCQT` for the solvers.

    Args:
        transform: a ``CQT``, ``CQT1992v2``, ``CQT1992``, a ``VQT`` with ``algorithm="direct"``, or an
            ``STFT`` with any ``freq_scale``; frozen. Its coefficients are those of
            ``output_format="Complex"`` and, for constant-Q, ``normalization_type="librosa"``. A dict of its
            class and ``config``, ``{"type": ..., "config": ...}``, is accepted as well.
        solver: ``"direct"``, ``"cg"`` or ``"landweber"``.
        n_iter: steps, 0 to 10 000; None means 0 for direct (correcting steps after it), else 32.
        damping: >= 1e-12, of the direct solver.
        engine: ``"fft"``, ``"real"`` (see :class:`iCQT`) or ``"auto"``, that of ``transform``.

    Shape:
        X: ``(..., bins, frames, 2)``, or complex ``(..., bins, frames)``
        returns: ``(..., length)``; without a length, ``(frames - 1) * hop_length`` samples if ``center``

    Raises:
        TypeError: if ``transform`` is none of these.
        ValueError: if its kernels are trainable, or for an argument out of range.

    Example:
        >>> import torch
        >>> stft = STFT(512, hop_length=64, sr=8000, freq_scale="log", freq_bins=200, fmin=100, fmax=3000)
        >>> x = torch.cos(2 * torch.pi * 440 * torch.arange(8000) / 8000)
        >>> y = Inverse(stft)(stft(x), length=8000)
        >>> bool((y - x).square().mean() < 1e-4 * x.square().mean())
        True

    Source: the solvers are those of :class:`iCQT`.
    """

    def __init__(
        self,
        transform: Union[nn.Module, Dict[str, Any]],
        *,
        solver: str = "direct",
        n_iter: Optional[int] = None,
        damping: float = DAMPING,
        engine: str = "auto",
    ) -> None:
        super().__init__()
        given: Any = transform
        if isinstance(given, dict):
            if str(given.get("type")) not in INVERTIBLE or not isinstance(given.get("config"), dict):
                listed = ", ".join(INVERTIBLE)
                raise ValueError(
                    f"transform must have a 'type', one of {listed}, and a 'config', got {shown(given)}"
                )
            given = INVERTIBLE[given["type"]](**given["config"])
        invertible = isinstance(given, tuple(INVERTIBLE.values()))
        if not invertible:
            raise TypeError(
                "transform must be a CQT, CQT1992v2, CQT1992, a VQT with algorithm='direct' or an STFT, "
                f"got {type(given).__name__}"
            )
        known = next(kind for kind in type(given).__mro__ if kind in INVERTIBLE.values())
        # The config of another constructor would not rebuild the transform.
        if type(given).__init__ is not known.__init__:  # type: ignore[misc]
            raise TypeError(
                f"transform must have the constructor of {known.__name__}, got {type(given).__name__}, which "
                "has its own"
            )
        if getattr(given, "octave_by_octave", False):
            raise ValueError("transform must have algorithm='direct', got 'octaves'")
        if any(True for _ in given.parameters()):
            raise ValueError("transform must have no trainable kernels, got one that has")
        engine = require_engine(engine)
        if engine not in ("auto", given.engine):
            given = type(given)(**{**given.config, "engine": engine})
        # The config holds plain values that rebuild the module; the transform itself is a submodule.
        if "transform" in self._config:
            self._config["transform"] = {"type": known.__name__, "config": given.config}
        bank = fourier_bank(given) if isinstance(given, STFT) else constant_q_bank(given)
        self.invert(given, bank, solver, n_iter, damping)
