"""Base class of the transforms with a filterbank over bins."""

from typing import List, Optional

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..block_sparse.block import Block
from ..block_sparse.design_blocks import cut_into_blocks
from ..module.constants import parameter
from ..module.precision import constant, split_constant
from ..module.transform import Transform


class Filterbank(Transform):
    """A filterbank: whole as a parameter, or as blocks without its zeros."""

    weights: Tensor
    blocks: List[Block]

    def keep_filterbank(
        self,
        filterbank: npt.NDArray[np.float64],
        centres: npt.NDArray[np.float64],
        fmin: float,
        fmax: float,
        name: str,
        trainable: bool,
    ) -> None:
        """Keep the filterbank, and if ``trainable`` as the parameter ``name``.

        Shape:
            filterbank: ``(bands, bins)``
            centres: ``(bands,)``, Hz

        Raises:
            ValueError: if a weight is not finite, because ``fmin`` and ``fmax`` are too close.
        """
        self._frequencies = centres
        if not np.isfinite(filterbank).all():
            raise ValueError(
                f"fmin and fmax must be farther apart, at an sr nearer to theirs, got {fmin:g} and "
                f"{fmax:g} with sr = {self.sr:g}"
            )
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
