"""The constant-Q transform of VQT at ``gamma = 0``: kernels of core, and edits of the octave kernels."""

import warnings
from typing import Any, List, Sequence, Tuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nnaudio2_core.module.constants import Constants
from nnaudio2_core.module.graph_capture import capturing_graph

from ._engine import ROUND_OFF


class DirectVQT(Constants):
    """A constant-Q transform of core that follows the kernels of a VQT, octave by octave.

    Each row of a kernel is split into a multiple of the analytic row and a rest. The multiple scales the
    coefficients of core; the module computes the rest octave by octave. So the result depends continuously
    on the kernels: rounded kernels give rounded results, a row times two doubles a bin, zeros give zeros.
    """

    analytic: Tensor
    lengths: Tensor
    rate: Tensor

    def __init__(self, transform: Any, kernels: Sequence[Any], lengths: Tensor) -> None:
        """Arguments: a transform of core; complex kernels from the top octave; the attribute ``lenghts``."""
        super().__init__()
        self.transform = transform
        self.hop_length: int = transform.hop_length
        self.pad: int = transform.pad
        self.min_samples: int = transform.min_samples
        self.round_off = ROUND_OFF
        self.kernels, self._octave_lengths = list(kernels), lengths.detach().cpu().clone()
        for name, values in self._constants():
            self.constant_buffer(name, values)

    @torch.jit.unused
    def _constants(self) -> List[Tuple[str, Tensor]]:
        width = max(kernel.shape[-1] for kernel in self.kernels)
        rows = [np.concatenate([kernel.real, -kernel.imag]) for kernel in self.kernels]
        rows = [np.pad(values, [(0, 0), (0, 0), (0, width - values.shape[-1])]) for values in rows]
        ratio = self.transform.lengths / self._octave_lengths.double()
        return [
            ("analytic", torch.from_numpy(np.stack(rows)).float()),
            ("lengths", self._octave_lengths.clone()),
            ("rate", ratio.sqrt().reshape(-1, 1, 1).float()),
        ]

    @torch.jit.unused
    def build_constants_again(self) -> None:
        """Refill the constants after ``to_empty`` from the meta device; the transform refills its own."""
        for name, values in self._constants():
            self.get_buffer(name).copy_(values)

    def analyse(self, x: Tensor, output_format: str, normalization_type: str) -> Tensor:
        """Transform of core, with zeros around a clip too short for it, and of an empty batch."""
        batch, time = x.size(0), x.size(1)
        if batch == 0:
            x = torch.zeros([1, time], dtype=x.dtype, device=x.device)
        frames = 0  # before the first of the clip
        short = not capturing_graph() and time < self.min_samples
        if short:
            warnings.warn(  # noqa: B028  # TorchScript takes only the message
                f"x must have at least {self.min_samples} samples, got {time}; zeros are added"
            )
            frames = 1 + self.pad // self.hop_length
            x = F.pad(x, [frames * self.hop_length, frames * self.hop_length])
        y: Tensor = self.transform(x, output_format, normalization_type)
        if short:
            y = y[:, :, frames : frames + 1 + time // self.hop_length]
        return y[:0] if batch == 0 else y

    def unedited(self, kernels: List[Tensor], lengths: Tensor) -> bool:
        """Whether kernels and lengths are the analytic ones to float32 round-off.

        Never in a graph that is captured: there the kernels may be edited later.
        """
        if not torch.jit.is_scripting():
            if capturing_graph() or (lengths.is_cuda and torch.cuda.is_current_stream_capturing()):
                return False
        off = (lengths - self.lengths).abs() / self.lengths
        distances = [off.amax()]
        for octave in range(len(kernels) // 2):
            weights, analytic = self._rows(kernels, octave)
            if weights.requires_grad or weights.is_meta or weights.shape != analytic.shape:
                return False
            distance = torch.linalg.vector_norm(weights - analytic, dim=[1, 2])
            distances.append((distance / torch.linalg.vector_norm(analytic, dim=[1, 2])).amax())
        # In this form a NaN is an edit.
        return bool((torch.stack(distances) <= self.round_off).all())

    def split(self, kernels: List[Tensor]) -> Tuple[Tensor, List[Tensor]]:
        """Multiples of the analytic kernels, and the rest.

        Shape:
            kernels: real and imaginary ones in turn, from the top octave: ``(bins, 1, width)``
            returns: ``(all bins, 1, 2)``, the lowest first; of each octave ``(2 * bins, 1, width)``
        """
        gains: List[Tensor] = []
        rests: List[Tensor] = []
        for octave in range(len(kernels) // 2):
            weights, analytic = self._rows(kernels, octave)
            if weights.shape == analytic.shape:
                gain = (weights * analytic).sum([1, 2]) / analytic.square().sum([1, 2])
                weights = weights - gain.reshape(-1, 1, 1) * analytic
            else:  # other kernels altogether
                gain = torch.zeros_like(weights[:, 0, 0])
            gains = [torch.stack(gain.chunk(2), -1)] + gains
            rests.append(weights)
        return torch.cat(gains).unsqueeze(1), rests

    def _rows(self, kernels: List[Tensor], octave: int) -> Tuple[Tensor, Tensor]:
        """Weights of the real, then of the imaginary parts of an octave, and the analytic ones."""
        weights = torch.cat([kernels[2 * octave], -kernels[2 * octave + 1]])
        dtype = torch.promote_types(weights.dtype, torch.float32)
        return weights.to(dtype), self.analytic[octave][:, :, : weights.size(2)].to(dtype)
