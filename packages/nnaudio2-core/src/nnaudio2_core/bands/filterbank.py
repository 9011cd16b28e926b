"""Base class of the transforms with a filterbank over bins."""

from typing import TYPE_CHECKING, Any, List, Optional, Tuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..block_sparse.block import Block
from ..block_sparse.design_blocks import cut_into_blocks
from ..module.arguments import require_number
from ..module.constants import parameter
from ..module.precision import constant, split_constant
from ..module.transform import Transform

Array = npt.NDArray[np.float64]


def band_range(sr: float, fmin: Any, fmax: Any) -> Tuple[float, float]:
    """Lowest and highest frequency of bands, Hz, or an error; ``fmax=None`` means ``sr / 2``."""
    low = require_number("fmin", fmin, at_least=0.0)
    high = sr / 2 if fmax is None else require_number("fmax", fmax, above=low)
    if high > sr / 2:
        raise ValueError(f"fmax must be <= sr / 2 = {sr / 2:g}, got {high:g}")
    if not low < high:
        raise ValueError(f"fmin must be < fmax = {high:g}, got {low:g}")
    return low, high


def require_finite(filterbank: Array, sr: float, fmin: float, fmax: float) -> None:
    """Raise a ValueError if float32 does not hold a weight, because ``fmin`` and ``fmax`` are too close."""
    if not (np.abs(filterbank) <= 1e37).all():
        raise ValueError(
            f"fmin and fmax must be farther apart, at an sr nearer to theirs, got {fmin:g} and {fmax:g} "
            f"with sr = {sr:g}"
        )


class Filterbank(Transform):
    """A filterbank: whole as a parameter, or as blocks without its zeros."""

    weights: Tensor
    blocks: List[Block]
    if TYPE_CHECKING:  # TorchScript would take it into the scripted module
        _frequencies: Array  # centres of the bands, Hz

    def keep_filterbank(self, filterbank: Array, name: str, trainable: bool) -> None:
        """Keep the filterbank, ``(bands, bins)``, and if ``trainable`` as the parameter ``name``."""
        n_bands, n_bins = filterbank.shape
        if trainable:
            self.register_parameter(name, parameter(torch.from_numpy(filterbank)))
            self.constant_buffer("weights", torch.zeros(2, 0))
            self.blocks = [Block(0, n_bins, 0, n_bands)]
        else:
            self.register_parameter(name, None)
            sparse = cut_into_blocks(filterbank)
            self.constant_buffer("weights", split_constant(sparse.weights))
            self.blocks = sparse.blocks

    def filter_weights(self, trained: Optional[Tensor], dtype: torch.dtype) -> Tensor:
        """The weights of the blocks one after the other, of the parameter if there is one: ``(total,)``."""
        if trained is None:
            return constant(self.weights, dtype)
        return trained.to(dtype).t().flatten()
