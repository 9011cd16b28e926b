"""A strided complex filter bank: the linear map of the constant-Q family."""

from typing import List, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..module.constants import Constants
from ..module.precision import constant, split_constant
from .analysis import adjoint, analysis
from .design_plan import plan_bank
from .groups import real_adjoint, real_analysis
from .plan import BankPlan


class StridedBank(Constants):
    """A bank of complex filters with one output every ``hop`` samples, and its transpose.

    ``y[k, n] = sum_t x[n * hop + starts[k] + t] * conj(kernels[k][t])``

    Args:
        kernels: one complex array for each bin.
        starts: first sample of each kernel in the frame, 0 to ``width - len(kernel)``.
        hop: samples between frames, >= 1.
        width: samples of a frame.
        engine: ``"fft"`` or ``"real"``.
        tolerance: largest response that FFTs may drop, see ``design_plan.plan_bank``.
    """

    __constants__ = ["real_engine"]

    constants: Tensor
    plan: BankPlan

    def __init__(
        self,
        kernels: Sequence[npt.NDArray[np.complex128]],
        starts: List[int],
        hop: int,
        width: int,
        engine: str,
        tolerance: float = 2e-7,
    ) -> None:
        super().__init__()
        self.real_engine = engine == "real"
        constants, self.plan = plan_bank(kernels, starts, hop, width, engine, tolerance)
        self.constant_buffer("constants", split_constant(constants))

    def forward(self, x: Tensor) -> Tensor:
        """Coefficients of a padded waveform.

        Shape:
            x: ``(batch, time)``, float32 or float64, ``time >= width``
            returns: ``(batch, n_bins, frames, 2)``, ``frames = 1 + (time - width) // hop``
        """
        constants = constant(self.constants, x.dtype)
        if self.real_engine:
            return real_analysis(x, constants, self.plan)
        return analysis(x, constants, self.plan)

    @torch.jit.export
    def adjoint(self, y: Tensor, time: int) -> Tensor:
        """The transpose, coefficients seen as pairs of real numbers.

        Shape:
            y: ``(batch, n_bins, frames, 2)``, float32 or float64
            returns: ``(batch, time)``, ``time >= (frames - 1) * hop + width``
        """
        constants = constant(self.constants, y.dtype)
        if self.real_engine:
            return real_adjoint(y, constants, self.plan, time)
        return adjoint(y, constants, self.plan, time)
