"""Frame of whole clips of any length."""

from typing import TYPE_CHECKING, List

import numpy as np
import torch
from torch import Tensor

from ..module.constants import Constants
from ..module.graph_capture import capturing_graph
from ..module.precision import constant, split_constant, widest
from .design_channels import Array, Channels
from .frame import analysis, synthesis
from .group import Group
from .recent_windows import RecentWindows
from .windows import Windows, frame_windows


class ClipBank(Constants):
    """Analysis and synthesis of whole clips, which are extended by zeros to whole units.

    Args:
        edges: windows, Hz.
        groups: channels with their rates.
        window: name of the window.
        sr: sampling rate, Hz.
        unit: samples of a unit, even.
        extension: fewest zeros after a clip, samples.
    """

    if TYPE_CHECKING:  # TorchScript would take them into the scripted module
        _edges: Array
        _recent: RecentWindows
    edges: Tensor
    groups: List[Group]

    def __init__(
        self, edges: Channels, groups: List[Group], window: str, sr: float, unit: int, extension: int
    ) -> None:
        super().__init__()
        self._edges = np.stack(edges)
        self.constant_buffer("edges", split_constant(self._edges))
        self.groups, self.window, self.sr = groups, window, sr
        self.unit, self.extension = unit, extension
        self._recent = RecentWindows()

    def n_units(self, time: int) -> int:
        """Units that a clip of ``time`` samples is extended to: an even number that suits FFTs.

        Clips of similar length share their windows: pairs of units are a multiple, at most 32, of a step that
        grows with the clip. So there is no prime factor above 31 for less than 2048 units.
        """
        pairs = (time + self.extension + 2 * self.unit - 1) // (2 * self.unit)
        step = 1 + pairs // 32
        return 2 * ((pairs + step - 1) // step * step)

    def windows(self, units: int, like: Tensor) -> Windows:
        """The windows for clips of ``units`` units, of the type and on the device of ``like``."""
        if torch.jit.is_scripting():
            return self.new_windows(constant(self.edges, widest(like.device)), units, like.dtype)
        return self.kept_windows(units, like)

    def new_windows(self, edges: Tensor, units: int, dtype: torch.dtype) -> Windows:
        """The windows, computed in the precision of ``edges``."""
        bins, analysed, synthesised = frame_windows(
            edges, self.groups, self.window, self.sr, self.unit, units
        )
        return Windows(bins, analysed.to(dtype), synthesised.to(dtype))

    @torch.jit.unused
    def kept_windows(self, units: int, like: Tensor) -> Windows:
        """:meth:`windows`, computed once for the lengths that come again."""
        exact = widest(like.device)
        if capturing_graph():
            return self.new_windows(constant(self.edges, exact), units, like.dtype)

        def build() -> Windows:
            # The windows outlive this call: no mode and no mapped module may leave a mark on them.
            with torch.inference_mode(False), torch.no_grad():
                edges = torch.from_numpy(self._edges).to(like.device, exact)
                return self.new_windows(edges, units, like.dtype)

        return self._recent.get((units, like.dtype, like.device), build)

    def forward(self, x: Tensor) -> List[Tensor]:
        """Coefficients, a tensor for each group.

        Shape:
            x: ``(batch, time)``
            returns: ``(batch, channels, frames, 2)`` each
        """
        units = self.n_units(x.size(1))
        return analysis(x, self.windows(units, x), self.groups, units, units * self.unit)

    @torch.jit.export
    def inverse(self, coefficients: List[Tensor], slices: int) -> Tensor:
        """The extended clip; ``slices`` is 1.

        Shape:
            coefficients: ``(batch, channels, frames, 2)`` each
            returns: ``(batch, units * unit)``
        """
        units = coefficients[0].size(2) // self.groups[0].rate
        windows = self.windows(units, coefficients[0])
        return synthesis(coefficients, windows, self.groups, units, units * self.unit)
