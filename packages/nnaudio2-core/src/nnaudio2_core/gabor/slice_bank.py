"""Frame of slices of one length."""

from typing import List

import numpy as np
import torch
from torch import Tensor, nn

from ..fourier.design_factors import factored_dft
from ..module.constants import Constants
from ..module.precision import constant, split_constant
from ..module.reshaping import join_axes, split_axis
from .design_channels import Array, Channels
from .design_complex_dft import complex_dft
from .frame import analysis, synthesis
from .group import Group
from .real_frame import real_analysis, real_synthesis, real_windows
from .slices import cut, joined, slice_window, whole_halves
from .windows import Windows, frame_windows


class Factors(Constants):
    """Matrices of a factored DFT."""

    over_a: Tensor
    twiddles: Tensor
    over_b: Tensor

    def __init__(self, matrices: List[Array]) -> None:
        super().__init__()
        for name, values in zip(("over_a", "twiddles", "over_b"), matrices, strict=True):
            self.constant_buffer(name, split_constant(values))

    def forward(self, dtype: torch.dtype) -> List[Tensor]:
        """The matrices in ``dtype``."""
        return [constant(self.over_a, dtype), constant(self.twiddles, dtype), constant(self.over_b, dtype)]


class SliceBank(Constants):
    """Analysis and synthesis slice by slice. All slices have one length, and so one set of windows.

    Args:
        edges: windows, Hz.
        groups: channels, with their coefficients in a slice as rates.
        window: name of the window.
        sr: sampling rate, Hz.
        length: samples of a slice, even.
        real_engine: compute without complex numbers.
    """

    __constants__ = ["real_engine"]

    groups: List[Group]
    fade: Tensor
    bins: Tensor
    analysis_window: Tensor
    synthesis_window: Tensor

    def __init__(
        self, edges: Channels, groups: List[Group], window: str, sr: float, length: int, real_engine: bool
    ) -> None:
        super().__init__()
        self.groups, self.real_engine = groups, real_engine
        windows = frame_windows(torch.from_numpy(np.stack(edges)), groups, window, sr, length, 1)
        if real_engine:
            windows = real_windows(windows, length)
        self.constant_buffer("fade", split_constant(slice_window(length).numpy()))
        self.constant_buffer("bins", windows.bins)
        self.constant_buffer("analysis_window", split_constant(windows.analysis.numpy()))
        self.constant_buffer("synthesis_window", split_constant(windows.synthesis.numpy()))
        if real_engine:
            self.slice_factors = Factors(factored_dft(length))
            self.factors = nn.ModuleList(Factors(complex_dft(group.rate)) for group in groups)

    def n_units(self, time: int) -> int:
        """Units in a slice: the slice is one."""
        return 1

    def windows(self, dtype: torch.dtype) -> Windows:
        """The windows in ``dtype``."""
        analysed, synthesised = constant(self.analysis_window, dtype), constant(self.synthesis_window, dtype)
        return Windows(self.bins, analysed, synthesised)

    def forward(self, x: Tensor) -> List[Tensor]:
        """Coefficients of all slices of a waveform, a tensor for each group.

        Shape:
            x: ``(batch, time)``
            returns: ``(batch, slices, channels, frames, 2)`` each
        """
        return self.coefficients(whole_halves(x, self.fade.size(-1)))

    def coefficients(self, x: Tensor) -> List[Tensor]:
        """Coefficients of the slices of a stretch, at least one, a tensor for each group.

        Shape:
            x: ``(batch, (slices + 1) * length // 2)``
            returns: ``(batch, slices, channels, frames, 2)`` each
        """
        slices = cut(x, constant(self.fade, x.dtype))
        coefficients = self.slice_analysis(join_axes(slices, 0, 1))
        return [split_axis(part, 0, [x.size(0), slices.size(1)]) for part in coefficients]

    @torch.jit.export
    def inverse(self, coefficients: List[Tensor], slices: int) -> Tensor:
        """The waveform of ``slices`` slices.

        Shape:
            coefficients: ``(batch * slices, channels, frames, 2)`` each
            returns: ``(batch, (slices - 1) * length // 2)``
        """
        hop = self.fade.size(-1) // 2
        return self.samples(coefficients, slices)[:, hop : slices * hop]

    def samples(self, coefficients: List[Tensor], slices: int) -> Tensor:
        """The sum of ``slices`` slices, whose first and last half lack a neighbour.

        Shape:
            coefficients: ``(batch * slices, channels, frames, 2)`` each
            returns: ``(batch, (slices + 1) * length // 2)``
        """
        y = self.slice_synthesis(coefficients)
        return joined(split_axis(y, 0, [-1, slices]), constant(self.fade, y.dtype))

    def slice_analysis(self, x: Tensor) -> List[Tensor]:
        """Coefficients of faded slices.

        Shape:
            x: ``(slices, length)``
            returns: ``(slices, channels, frames, 2)`` each
        """
        windows = self.windows(x.dtype)
        if self.real_engine:
            factors = [factor(x.dtype) for factor in self.factors]
            return real_analysis(x, windows, self.groups, self.slice_factors(x.dtype), factors)
        return analysis(x, windows, self.groups, 1, x.size(1))

    def slice_synthesis(self, coefficients: List[Tensor]) -> Tensor:
        """The inverse of :meth:`slice_analysis`."""
        dtype = coefficients[0].dtype
        windows = self.windows(dtype)
        if self.real_engine:
            factors = [factor(dtype) for factor in self.factors]
            return real_synthesis(coefficients, windows, self.groups, self.slice_factors(dtype), factors)
        return synthesis(coefficients, windows, self.groups, 1, self.fade.size(-1))
