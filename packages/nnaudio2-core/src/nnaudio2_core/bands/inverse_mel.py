"""Waveform from a mel spectrogram."""

from typing import List, Optional, Union

import numpy as np
import torch
from torch import Tensor

from ..block_sparse.block import Block
from ..block_sparse.design_blocks import cut_into_blocks
from ..block_sparse.products import block_matrices
from ..fourier.griffin_lim import GriffinLim
from ..fourier.inverse_stft import checked_length
from ..framing.design_window import Window
from ..module.arguments import (
    MOST_BANDS,
    MOST_STEPS,
    require_bool,
    require_int,
    require_memory,
    require_number,
)
from ..module.precision import constant, split_constant
from ..module.shapes import flatten_magnitudes, not_below_zero, restore_leading
from ..module.transform import Transform
from .design_inverse_mel import unit_filters
from .design_mel import mel_filterbank
from .design_scales import mel_frequencies
from .filterbank import band_range, require_finite
from .mel_spectrogram import require_mel_norm
from .nonnegative import nonnegative_solution


class InverseMel(Transform):
    """Waveform whose mel spectrogram is nearly the given one.

    :meth:`magnitudes` finds a spectrogram without negative values whose bands are nearly the given ones, by a
    fixed number of steps that bring quiet bands as near, in decibels, as loud ones. Griffin-Lim finds a
    waveform for it. All arguments but the last six are those of the :class:`MelSpectrogram` to invert.

    Args:
        sr: sampling rate, Hz, > 0.
        n_fft: length of a frame, samples, >= 2.
        win_length: length of the window, samples, 1 to ``n_fft``; None means ``n_fft``.
        n_mels: number of bands, >= 1.
        hop_length: samples between frames, >= 1.
        window: a name or tuple that ``scipy.signal.get_window`` takes, or ``win_length`` samples.
        center: True if both ends were padded by half a frame.
        pad_mode: ``"reflect"``, ``"constant"`` (zeros), ``"replicate"`` or ``"circular"``.
        power: exponent of the magnitude in the bands, 0.1 to 100.
        htk: HTK's mel scale instead of Slaney's.
        fmin: lower edge of the lowest band, Hz, >= 0.
        fmax: upper edge of the highest band, Hz; None means ``sr / 2``.
        norm: ``"slaney"`` (or 1) for bands of equal area, None for bands with peak 1.
        n_steps: steps to the spectrogram, 0 to 10 000.
        n_iter: steps of Griffin-Lim, 0 to 10 000; see :class:`GriffinLim`, also for what follows.
        momentum: 0 for the algorithm of 1984, up to about 1 for the fast one.
        init: first phases, ``"gradient"`` or ``"random"``.
        seed: seed of the random phases, >= 0.
        engine: ``"fft"``, ``"real"`` (without complex numbers), or ``"auto"``: fft.

    Shape:
        S: ``(..., n_mels, frames)``, ``frames >= min_frames``; a value below 0 counts as 0
        returns: ``(..., length)``

    Raises:
        ValueError: for an argument out of range, or a spectrogram of the wrong shape.
        TypeError: for a spectrogram that is not of a real floating type.

    Example:
        >>> import torch
        >>> from nnaudio2_core import MelSpectrogram
        >>> x = torch.sin(2 * torch.pi * 440 * torch.arange(8000) / 8000)
        >>> arguments = {"sr": 8000, "n_fft": 512, "hop_length": 128, "n_mels": 60}
        >>> mel = MelSpectrogram(**arguments)
        >>> S = mel(x)
        >>> y = InverseMel(**arguments)(S, length=8000)
        >>> bool((mel(y) - S).norm() < 0.1 * S.norm())
        True

    Source: Richardson (1972) and Lucy (1974) for the spectrogram; Griffin & Lim (1984).
    """

    __jit_unused_properties__ = ["config", "frequencies"]

    weights: Tensor
    of_bands: Tensor
    of_bins: Tensor
    blocks: List[Block]

    def __init__(
        self,
        sr: float = 22050,
        n_fft: int = 2048,
        *,
        win_length: Optional[int] = None,
        n_mels: int = 128,
        hop_length: int = 512,
        window: Window = "hann",
        center: bool = True,
        pad_mode: str = "reflect",
        power: float = 2.0,
        htk: bool = False,
        fmin: float = 0.0,
        fmax: Optional[float] = None,
        norm: Union[str, int, None] = "slaney",
        n_steps: int = 64,
        n_iter: int = 32,
        momentum: float = 0.99,
        init: str = "gradient",
        seed: int = 0,
        engine: str = "auto",
    ) -> None:
        super().__init__()
        self.sr = require_number("sr", sr, above=0.0)
        self.n_mels = require_int("n_mels", n_mels, 1, MOST_BANDS)
        require_mel_norm("norm", norm)
        low, high = band_range(self.sr, fmin, fmax)
        self.n_steps = require_int("n_steps", n_steps, 0, MOST_STEPS)
        self.griffin_lim = GriffinLim(
            n_fft,
            n_iter,
            hop_length=require_int("hop_length", hop_length, 1),
            win_length=win_length,
            window=window,
            center=center,
            pad_mode=pad_mode,
            momentum=momentum,
            power=require_number("power", power, at_least=0.1, at_most=100.0),
            init=init,
            seed=seed,
            engine=engine,
        )
        self.engine, self.hop_length = self.griffin_lim.engine, self.griffin_lim.hop_length
        self.n_fft, self.min_frames = self.griffin_lim.n_fft, self.griffin_lim.min_frames
        self.n_iter = self.griffin_lim.n_iter
        self.first_centre = self.griffin_lim.stft.first_centre
        self._keep_filters(low, high, require_bool("htk", htk), None if norm is None else "slaney")

    def _keep_filters(self, low: float, high: float, htk: bool, norm: Optional[str]) -> None:
        require_memory("n_mels and n_fft", self.n_mels * self.n_fft)
        with np.errstate(all="ignore"):
            filterbank = mel_filterbank(self.sr, self.n_fft, self.n_mels, low, high, htk, norm)
            unit = unit_filters(filterbank)
        require_finite(filterbank, self.sr, low, high)
        require_finite(unit.of_bands, self.sr, low, high)
        self._frequencies = mel_frequencies(self.n_mels + 2, low, high, htk)[1:-1]
        sparse = cut_into_blocks(unit.filters)
        self.blocks = sparse.blocks
        self.constant_buffer("weights", split_constant(sparse.weights))
        self.constant_buffer("of_bands", split_constant(unit.of_bands))
        self.constant_buffer("of_bins", split_constant(unit.of_bins))

    @property
    def frequencies(self) -> Tensor:
        """Centre of each band, Hz: ``(n_mels,)``, float64."""
        return torch.from_numpy(self._frequencies.copy())

    @torch.jit.export
    def magnitudes(self, S: Tensor) -> Tensor:
        """The spectrogram without negative values whose bands are nearly ``S``.

        Shape:
            S: ``(..., n_mels, frames)``
            returns: ``(..., n_fft // 2 + 1, frames)``: magnitudes to the exponent ``power``
        """
        return restore_leading(self._solved(self._checked(S, 1)), S, 2)

    def _checked(self, S: Tensor, min_frames: int) -> Tensor:
        """``(..., n_mels, frames)`` to ``(batch, frames, n_mels)``."""
        return not_below_zero(flatten_magnitudes(S, self.n_mels, min_frames)).transpose(1, 2)

    def _solved(self, bands: Tensor) -> Tensor:
        """``(batch, frames, n_mels)`` to ``(batch, n_fft // 2 + 1, frames)``."""
        matrices = block_matrices(constant(self.weights, bands.dtype), self.blocks)
        scales = constant(self.of_bins, bands.dtype)
        bands = bands * constant(self.of_bands, bands.dtype)
        return nonnegative_solution(bands, matrices, self.blocks, scales, self.n_steps).transpose(1, 2)

    def forward(self, S: Tensor, length: Optional[int] = None) -> Tensor:
        """Compute a waveform; see the class.

        Args:
            S: mel spectrogram.
            length: samples to return, >= 0; None means as many as the frames cover between the paddings.
        """
        bands = self._checked(S, self.min_frames)
        length = checked_length(length, bands.size(1) * self.hop_length + self.n_fft)
        return restore_leading(self.griffin_lim(self._solved(bands), length), S, 2)
