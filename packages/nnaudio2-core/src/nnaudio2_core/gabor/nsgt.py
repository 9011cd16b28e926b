"""Nonstationary Gabor transform."""

from typing import Any, List, Optional, Union

import torch
import torch.nn.functional as F
from torch import Tensor

from ..fourier.inverse_stft import checked_length
from ..module.arguments import check_tensor, require_whole, shown
from ..module.engines import resolve_engine
from ..module.graph_capture import capturing_graph
from ..module.precision import working_dtype
from ..module.shapes import (
    as_real_pairs,
    flatten_leading,
    flatten_waveform,
    is_float,
    require_samples,
    restore_leading,
)
from .clip_bank import ClipBank
from .gabor_transform import GaborTransform, Scale
from .slice_bank import SliceBank
from .slices import n_slices

Coefficients = Union[Tensor, List[Tensor]]


class NSGT(GaborTransform):
    """Nonstationary Gabor transform: a constant-Q or auditory filter bank with an exact inverse.

    Each channel is a window on the spectrum of the whole clip, taken back to time at a rate that loses
    nothing: with :meth:`inverse` any signal of any length returns to round-off, also from a logarithmic
    frequency axis. The first channel is around 0 Hz and the last one at Nyquist; without these two it is not
    exact.

    Args:
        sr: sampling rate, Hz, > 0.
        fmin: centre of the lowest channel of the scale, Hz, > 0.
        fmax: end of the scale, Hz, above ``fmin``; its channels lie below. None means ``sr / 2``, with room
            for the upper half of the last channel.
        n_bins: channels of the scale, >= 1; None means 80 for ``"mel"`` and ``"erb"``, which are divided
            evenly up to ``fmax``, and all below ``fmax`` for ``"octave"``.
        bins_per_octave: channels in an octave, > 0, for ``"octave"``.
        gamma: bandwidth added to each channel, Hz, >= 0, for ``"octave"``: a variable-Q transform.
        scale: ``"octave"``, ``"mel"`` (HTK's), ``"erb"``, or an increasing list of centre frequencies, Hz,
            instead of ``fmin``, ``fmax`` and ``n_bins``.
        layout: ``"octaves"``: a tensor for each octave on its own time grid, at twice the rate of the octave
            below; ``"matrix"``: one tensor; ``"ragged"``: a tensor for each channel, at its lowest rate.
        hop_length: samples between frames of ``"matrix"``, >= 1; None means the most that lose nothing.
        window: ``"sine"``: the frame is tight, that is, the inverse is the adjoint, and coefficients have the
            energy of the waveform. ``"hann"``, ``"blackmanharris"`` and ``"gaussian"`` (twice as wide,
            cut at four standard deviations) are inverted by their dual windows.
        slice_length: samples of a slice, even, >= 4; None transforms a clip as a whole. Slices overlap by
            half and are inverted one by one, with a latency of ``slice_length`` samples.
        engine: ``"fft"``, ``"real"`` (without complex numbers; only with ``slice_length``), or ``"auto"``:
            fft.

    Shape:
        x: ``(..., time)``, ``time >= 1``
        returns: ``(..., n_bins + 2, frames, 2)`` for ``"matrix"``; else a list of
            ``(..., channels, frames, 2)``: the channel around 0 Hz, each octave (or channel), and the channel
            at Nyquist. With ``slice_length`` there is an axis of slices before that of channels.

    Raises:
        ValueError: for an argument out of range.

    Example:
        >>> import torch
        >>> transform = NSGT(22050)
        >>> x = torch.randn(2, 30000)
        >>> C = transform(x)
        >>> [part.shape[1] for part in C]
        [1, 4, 12, 12, 12, 12, 12, 12, 12, 12, 1]
        >>> y = transform.inverse(C, length=30000)
        >>> bool((y - x).norm() < 5e-7 * x.norm())
        True

    Source: Balazs, Doerfler, Jaillet, Holighaus & Velasco (2011), "Theory, implementation and applications of
    nonstationary Gabor frames"; Holighaus, Doerfler, Velasco & Grill (2013) for slices.
    """

    __constants__ = [*GaborTransform.__constants__, "min_samples"]

    def __init__(
        self,
        sr: float = 22050,
        *,
        fmin: float = 32.7,
        fmax: Optional[float] = None,
        n_bins: Optional[int] = None,
        bins_per_octave: float = 12,
        gamma: float = 0.0,
        scale: Scale = "octave",
        layout: str = "octaves",
        hop_length: Optional[int] = None,
        window: str = "sine",
        slice_length: Optional[int] = None,
        engine: str = "auto",
    ) -> None:
        super().__init__()
        self.min_samples = 1
        self.keep_windows(sr, window, scale, fmin, fmax, n_bins, bins_per_octave, gamma)
        self.keep_grid(layout, hop_length, slice_length)
        self.engine = resolve_engine(engine)
        arguments = self._edges, self.groups, self.window, self.sr, self.unit
        if self.sliced:
            self.bank: Union[ClipBank, SliceBank] = SliceBank(*arguments, self.engine == "real")
        elif self.engine == "real":
            raise ValueError("engine must be 'fft' or 'auto' unless slice_length is given, got 'real'")
        else:
            self.bank = ClipBank(*arguments, self.extension)

    @torch.jit.export
    def n_frames(self, time: int, part: int = 0) -> int:
        """Frames of a clip of ``time`` samples in tensor ``part``; of one slice, with ``slice_length``.

        Raises:
            TypeError: if ``time`` or ``part`` is not an integer.
            ValueError: if ``time`` is less than ``min_samples``, which is 1, or there is no such ``part``.
        """
        time = require_samples(time, self.min_samples)
        if not torch.jit.is_scripting():
            part = require_whole("part", part)
        if part < 0 or part >= len(self.groups):
            raise ValueError(f"part must be >= 0 and < {len(self.groups)}, got {part}")
        return self.groups[part].rate * self.bank.n_units(time)

    @torch.jit.export
    def n_slices(self, time: int) -> int:
        """Slices of a clip of ``time`` samples; 1 without ``slice_length``.

        Raises:
            TypeError: if ``time`` is not an integer.
            ValueError: if ``time`` is less than ``min_samples``, which is 1.
        """
        time = require_samples(time, self.min_samples)
        return n_slices(time, self.unit) if self.sliced else 1

    def forward(self, x: Tensor) -> Coefficients:
        """Transform a waveform; see the class."""
        parts = self.bank(flatten_waveform(x, self.min_samples))
        coefficients = [restore_leading(part, x) for part in parts]
        if self.matrix:
            return coefficients[0]
        return coefficients

    @torch.jit.export
    def inverse(self, C: Coefficients, length: Optional[int] = None) -> Tensor:
        """The waveform of coefficients.

        It is exact for what :meth:`forward` returns. Of edited coefficients it is the waveform whose own
        coefficients are nearest, if the frame is tight and the clip is not cut into slices.

        Args:
            C: coefficients, as :meth:`forward` returns them; complex tensors without the last axis as well.
            length: samples to return, >= 0; None means all that the coefficients cover.

        Shape:
            C: see the class
            returns: ``(..., length)``

        Raises:
            TypeError: if ``C`` is not a tensor or a list of tensors of one floating type.
            ValueError: for coefficients of the wrong shape, or a negative length.
        """
        given = self.checked_parts(C, "C", 1)
        # A slice is half as many samples after the one before; the first one starts before the clip.
        slices = given[0].size(-4) if self.sliced else 2
        units = given[0].size(-2) // self.groups[0].rate
        length = checked_length(length, (slices - 1) * units * self.unit)
        axes = 4 if self.sliced else 3
        parts: List[Tensor] = []
        for part in given:
            flat = flatten_leading(part, axes).to(working_dtype(part.dtype))
            parts.append(flat.flatten(0, 1) if self.sliced else flat)
        y = restore_leading(self.bank.inverse(parts, slices), given[0], axes)
        if length is None:
            return y
        if capturing_graph():  # no comparison of lengths: append enough zeros for any
            return F.pad(y, [0, length])[..., :length]
        return F.pad(y, [0, max(0, length - y.size(-1))])[..., :length]

    def checked_parts(self, C: Coefficients, name: str, fewest_slices: int) -> List[Tensor]:
        """Coefficients of one clip as a list of pairs, or an error that calls them ``name``."""
        if not torch.jit.is_scripting():
            check_coefficients(name, C)
        if isinstance(C, Tensor):
            parts = [as_real_pairs(C)]
        else:
            parts = [as_real_pairs(part) for part in C]
        if len(parts) != len(self.groups):
            raise ValueError(f"{name} must have {len(self.groups)} tensors, got {len(parts)}")
        axes = 4 if self.sliced else 3
        for i, group in enumerate(self.groups):
            shape, channels = parts[i].shape, group.end - group.first
            if not is_float(parts[i]) or parts[i].dtype != parts[0].dtype:
                raise TypeError(
                    f"{name} must have float tensors of 16, 32 or 64 bits or complex ones, all of one dtype, "
                    f"got {parts[i].dtype} in tensor {i}"
                )
            if len(shape) < axes or shape[-1] != 2 or shape[-3] != channels or shape[-2] == 0:
                names = "slices, channels" if self.sliced else "channels"
                raise ValueError(
                    f"{name} must have the shape (..., {names}, frames, 2) with {channels} channels in "
                    f"tensor {i} and at least 1 frame, got {list(shape)}"
                )
            if self.sliced and shape[-4] < fewest_slices:
                raise ValueError(f"{name} must have at least 1 slice, got 0")
            if not capturing_graph():
                self.check_part(name, parts[0], parts[i], i)
        return parts

    def check_part(self, name: str, first: Tensor, part: Tensor, i: int) -> None:
        """Raise a ValueError if tensor ``i`` has other axes than those that belong to the first tensor."""
        units = 1 if self.sliced else max(1, first.size(-2) // self.groups[0].rate)
        if part.size(-2) != units * self.groups[i].rate:
            raise ValueError(
                f"{name} must have {units * self.groups[i].rate} frames in tensor {i}, after "
                f"{first.size(-2)} in tensor 0, got {part.size(-2)}"
            )
        lead, expected = list(part.shape)[:-3], list(first.shape)[:-3]
        if lead != expected:
            raise ValueError(f"{name} must have the axes {expected} of tensor 0 in tensor {i}, got {lead}")


def check_coefficients(name: str, C: Any) -> None:
    """Raise a TypeError unless ``C`` is a tensor or a list of tensors."""
    if isinstance(C, (list, tuple)):
        for part in C:
            check_tensor(name, part)
    elif not isinstance(C, Tensor):
        raise TypeError(f"{name} must be a tensor or a list of tensors, got {shown(C)}")
    else:
        check_tensor(name, C)
