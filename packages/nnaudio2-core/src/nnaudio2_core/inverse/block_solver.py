"""Direct inverse of a strided filter bank, block by block, with matrices built once."""

from typing import List, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from ..bank.analysis import analysis
from ..bank.groups import real_analysis
from ..bank.plan import BankPlan
from ..bank.strided_bank import StridedBank
from ..module.constants import Constants
from ..module.precision import constant, split_constant
from ..module.reshaping import excerpt
from .block_inverse import samples_from_frames
from .design_block_inverse import block_inverse, inverse_kernels
from .design_frame_prediction import frame_predictors
from .virtual_frames import extended_samples, mirrored_ends, predicted_ends, repeated_ends, repeated_samples

Complexes = npt.NDArray[np.complex128]


class KernelBank(NamedTuple):
    """The kernels of a linear transform that is a strided filter bank."""

    kernels: List[Complexes]
    """One for each bin."""
    offsets: List[int]
    """First sample of each kernel, relative to the frame's own sample."""
    width: int
    """Samples of a frame, whose own sample is ``width // 2``."""
    omega: npt.NDArray[np.float64]
    """Centre frequencies, radians per sample."""


class BlockSolver(Constants):
    """The damped solution: by the block inverse, or with the real engine by the inverse kernels.

    The samples at the ends of a clip also depend on frames before its first and after its last one, which the
    transform does not return. These virtual frames are estimated, then replaced ``rounds`` times by those of
    the reconstruction.
    """

    __constants__ = ["real_engine", "reflected", "periodic"]

    inverse: Tensor
    turns: Tensor
    predictors: Tensor

    def __init__(
        self,
        bank: KernelBank,
        hop_length: int,
        pad: int,
        pad_mode: str,
        damping: float,
        engine: str,
    ) -> None:
        super().__init__()
        self.real_engine = engine == "real"
        self.hop_length, self.pad_mode = hop_length, pad_mode
        self.shift = bank.width // 2 - pad
        # Without padding: virtual frames for the samples before the first frame's own and after the last's.
        self.outside = -(-self.shift // hop_length)
        self.reflected = pad_mode == "reflect" and self.shift == 0
        self.periodic = pad_mode == "circular" and self.shift == 0
        # Mirrored frames need one replacement by those of the reconstruction, others more. Repeated ones are
        # exact where the hop divides the clip; elsewhere each replacement gains up to 13 dB.
        self.rounds = {"reflect": 1, "circular": 4}.get(pad_mode, 2)
        self.constant_buffer("predictors", split_constant(self._predictors(bank, pad, damping)))
        blocks = block_inverse(bank.kernels, bank.offsets, hop_length, damping)
        self.points, self.low, self.edge, self.reach = blocks.points, blocks.low, blocks.edge, blocks.reach
        self.width = bank.width
        if self.real_engine:
            # Only as many frames at an end as the virtual ones depend on.
            self.points = 2 * self.edge + self.outside + 2 * self.reach
            kernels, offsets = inverse_kernels(blocks, hop_length)
            half = hop_length * self.edge
            self.inverse_width = 2 * half + 1
            starts = [half + offset for offset in offsets]
            self.synthesis = StridedBank(kernels, starts, hop_length, self.inverse_width, "real")
        else:
            inverse = blocks.inverse.view(np.float64).reshape(*blocks.inverse.shape, 2)
            self.constant_buffer("inverse", split_constant(inverse))
        # Phase of each kernel at the sample of its frame, without the oscillation at the centre frequency.
        phases = [
            np.angle(np.exp(-1j * w * (offset + np.arange(kernel.size))) @ kernel)
            for kernel, offset, w in zip(bank.kernels, bank.offsets, bank.omega, strict=True)
        ]
        self.constant_buffer("turns", split_constant(np.stack([bank.omega, np.asarray(phases)])))

    def _predictors(self, bank: KernelBank, pad: int, damping: float) -> npt.NDArray[np.float64]:
        """Predictors of virtual frames without padding: ``(2, 2, coefficients, coefficients)``.

        The first axis is before and after the clip, the second real and imaginary part.
        """
        if pad > 0:
            return np.zeros((2, 2, 0, 0))
        sides = frame_predictors(bank.kernels, bank.offsets, self.hop_length, damping)
        return np.stack([np.stack([side.real, side.imag]) for side in sides])

    def forward(self, frames: Tensor, time: int, constants: Tensor, plan: BankPlan) -> Tensor:
        """The waveform of a clip from all of its frames.

        Args:
            frames: all of the clip.
            time: samples of the clip.
            constants: of the filter bank that is inverted, in the dtype of ``frames``.
            plan: of the same bank.

        Shape:
            frames: ``(batch, n_bins, frames, 2)``
            returns: ``(batch, time)``
        """
        turns = constant(self.turns, frames.dtype)
        hop, count = self.hop_length, frames.size(2)
        lead = self.edge + self.outside
        if self.reflected:
            left, right = mirrored_ends(frames, lead, time - 1, hop, turns[0], turns[1])
        elif self.periodic:
            left, right = repeated_ends(frames, lead, time, hop, turns[0])
        else:
            left, right = predicted_ends(frames, lead, constant(self.predictors, frames.dtype))
        whole = torch.cat([left, frames, right], 2)
        points = self.points
        # Where the clip begins in the stretch of frames at either end.
        first, second = lead * hop - self.shift, (points - lead - count) * hop - self.shift
        for _ in range(self.rounds):
            samples = self._padded_ends(whole, first, second, time)
            virtual = self._frames(samples, constants, plan)
            if not self.reflected:
                left = self._replaced_left(left, virtual[: frames.size(0)])
            right = self._replaced_right(right, virtual[virtual.size(0) - frames.size(0) :])
            whole = torch.cat([left, frames, right], 2)
        begin = self.outside * hop - self.shift
        samples = self.samples_of(whole)
        # Other runtimes slice faster than they gather.
        return samples[:, begin : begin + time] if self.real_engine else excerpt(samples, 1, begin, time)

    def _padded_ends(self, whole: Tensor, first: int, second: int, time: int) -> Tensor:
        """Samples of the first and of the last ``points`` frames, padded as the transform pads a clip.

        Both ends are one batch. The first one is left out if mirrored: its virtual frames are exact.

        Shape:
            whole: ``(batch, n_bins, frames, 2)``
            returns: ``(2 * batch, points * hop_length)``, or half the batch
        """
        batch, edge, points = whole.size(0), self.edge, self.points
        stretches = [F.pad(whole, [0, 0, points, 0])[:, :, -points:]]
        if not self.reflected:
            stretches = [F.pad(whole, [0, 0, 0, points])[:, :, :points]] + stretches
        x = self.samples_of(F.pad(torch.cat(stretches), [0, 0, edge, edge]))[:, : points * self.hop_length]
        if self.reflected:
            return extended_samples(x, second, time, self.pad_mode)
        if self.periodic:
            start, end = repeated_samples(x[:batch], x[batch:], first, second, time)
        else:
            start = extended_samples(x[:batch], first, time, self.pad_mode)
            end = extended_samples(x[batch:], second, time, self.pad_mode)
        return torch.cat([start, end])

    def _replaced_left(self, left: Tensor, virtual: Tensor) -> Tensor:
        """Virtual frames, of which those near the clip are the analysis of samples at its start."""
        lead = self.edge + self.outside
        far = lead - self.reach
        return torch.cat([left[:, :, :far], virtual[:, :, far:lead]], 2)

    def _replaced_right(self, right: Tensor, virtual: Tensor) -> Tensor:
        """Virtual frames, of which those near the clip are the analysis of samples at its end."""
        begin = self.points - self.edge - self.outside
        return torch.cat([virtual[:, :, begin : begin + self.reach], right[:, :, self.reach :]], 2)

    def _frames(self, samples: Tensor, constants: Tensor, plan: BankPlan) -> Tensor:
        """Analysis of a stretch of samples: ``(batch, n_bins, points, 2)``."""
        hop, width = self.hop_length, self.width
        samples = F.pad(samples, [width // 2, width - width // 2])[:, :-hop]
        if self.real_engine:
            return real_analysis(samples, constants, plan)
        return analysis(samples, constants, plan)

    def samples_of(self, frames: Tensor) -> Tensor:
        """Samples of frames, without the first and the last ``edge`` hops, to which other frames would add.

        Shape:
            frames: ``(batch, n_bins, frames, 2)``
            returns: ``(batch, time)``, ``time >= (frames - 2 * edge) * hop_length``
        """
        if self.real_engine:
            hop, width, count = self.hop_length, self.inverse_width, frames.size(2)
            x: Tensor = self.synthesis.adjoint(frames, (count - 1) * hop + width)
            return x[:, width - 1 : count * hop]
        inverse = constant(self.inverse, frames.dtype)
        spectra = torch.view_as_complex(frames.contiguous())
        return samples_from_frames(
            spectra, torch.view_as_complex(inverse), self.low, self.hop_length, self.edge
        )
