"""What holds matrix products in the place of an FFT."""

from typing import List

import numpy as np
import torch
from torch import Tensor

from ..module.arguments import require_room
from ..module.precision import constant, split_constant
from ..module.transform import Transform
from .design_factors import fourier_products, products_numbers


class FactoredTransform(Transform):
    """A transform whose FFT may be two matrix products, which run where there are no complex numbers."""

    _over_a: Tensor
    _twist: Tensor
    _over_b: Tensor

    def keep_products(self, n: int, names: str) -> None:
        """Keep the products of ``n`` points, which the arguments ``names`` say; none if 0."""
        require_room(names, products_numbers(n) if n else 0)
        products = fourier_products(n) if n else 3 * [np.zeros(0)]
        for name, values in zip(("_over_a", "_twist", "_over_b"), products, strict=True):
            self.constant_buffer(name, split_constant(values))

    def products_in(self, dtype: torch.dtype) -> List[Tensor]:
        """The products in ``dtype``."""
        return [constant(self._over_a, dtype), constant(self._twist, dtype), constant(self._over_b, dtype)]
