"""Base classes of the transforms of windowed frames: Fourier constants and geometry of frames."""

from typing import List, Optional

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..framing.design_window import Window, analysis_window
from ..framing.padding import PAD_MODES, min_samples, pad_waveform
from ..module.arguments import MOST_FRAME_SAMPLES, require_bool, require_choice, require_int, require_memory
from ..module.constants import frozen, parameter
from ..module.precision import constant, split_constant
from ..module.shapes import as_real_pairs, flatten_pairs, require_samples, restore_leading
from ..module.transform import Transform
from .design_factors import factored_dft, factored_dft_numbers
from .design_kernels import fourier_kernels
from .frame_fourier import FrameFourier
from .inverse_stft import checked_length, onesided_bins, waveform_of

Array = npt.NDArray[np.float64]


class FourierTransform(Transform):
    """A transform of windowed frames that holds the constants of their Fourier transform."""

    # Scripting resolves branches on these, so the attributes of the other branch may be missing.
    __constants__ = ["by_kernels", "by_factors"]

    n_fft: int
    hop_length: int
    window: Tensor
    wcos: Tensor
    wsin: Tensor
    factor_over_a: Tensor
    factor_twiddles: Tensor
    factor_over_b: Tensor

    def keep_fourier(self, window: Array, points: int, names: str, factored: bool = False) -> None:
        """Keep the window and, if ``factored``, the matrices of the factored DFT of ``points`` points.

        Args:
            window: ``(width,)``, ``width <= points``.
            points: points of the transform.
            names: the arguments that determine the points, for the error message.
            factored: True for spectra by a factored DFT, False for an FFT.
        """
        self.points = points
        self.by_kernels = False
        self.by_factors = factored
        self.constant_buffer("window", split_constant(window))
        if factored:
            require_memory(names, factored_dft_numbers(points))
            for name, values in zip(("over_a", "twiddles", "over_b"), factored_dft(points), strict=True):
                self.constant_buffer(f"factor_{name}", split_constant(values))

    def keep_kernels(self, bins: Array, window: Array, trainable: bool, names: str) -> None:
        """Keep windowed cosines and sines of ``bins`` (cycles per frame) as ``wcos`` and ``wsin``."""
        require_memory(names, len(bins) * len(window))
        self.by_kernels = True
        cosines, sines = fourier_kernels(bins, window)
        for name, kernels in (("wsin", sines), ("wcos", cosines)):  # in nnAudio's order
            values = torch.from_numpy(kernels).unsqueeze(1)
            if trainable:
                self.register_parameter(name, parameter(values))
            else:
                self.constant_buffer(name, frozen(values))

    def fourier(self, dtype: torch.dtype) -> FrameFourier:
        """The Fourier transform of frames, its constants in ``dtype``."""
        factors: List[Tensor] = []
        if self.by_factors:
            over_a, twiddles = constant(self.factor_over_a, dtype), constant(self.factor_twiddles, dtype)
            factors = [over_a, twiddles, constant(self.factor_over_b, dtype)]
        kernels: List[Tensor] = []
        if self.by_kernels:
            kernels = [self.wcos, self.wsin]
        return FrameFourier(self.hop_length, self.points, constant(self.window, dtype), factors, kernels)


class FramedTransform(FourierTransform):
    """A transform from or to overlapping frames of ``n_fft`` samples, ``hop_length`` apart."""

    freq_bins: int
    obstacle: str

    def frame_arguments(
        self,
        n_fft: int,
        win_length: Optional[int],
        hop_length: Optional[int],
        window: Window,
        center: bool,
        pad_mode: str,
    ) -> Array:
        """Check and keep the arguments that place the frames; return the window in float64, ``(n_fft,)``."""
        self.n_fft = require_int("n_fft", n_fft, 2, MOST_FRAME_SAMPLES)
        self.win_length = self.n_fft if win_length is None else require_int("win_length", win_length, 1)
        if self.win_length > self.n_fft:
            raise ValueError(f"win_length must be <= n_fft = {self.n_fft}, got {self.win_length}")
        default_hop = max(1, self.win_length // 4)
        self.hop_length = default_hop if hop_length is None else require_int("hop_length", hop_length, 1)
        self.center = require_bool("center", center)
        self.pad_mode = require_choice("pad_mode", pad_mode, PAD_MODES)
        self.pad = self.n_fft // 2 if self.center else 0
        self.first_centre = self.n_fft // 2 - self.pad
        self.min_samples = min_samples(self.pad, self.pad_mode, self.n_fft)
        return analysis_window(window, self.win_length, self.n_fft)

    @torch.jit.export
    def n_frames(self, time: int) -> int:
        """Frames of a clip of ``time`` samples: ``1 + (time + 2 * pad - n_fft) // hop_length``.

        Raises:
            ValueError: if ``time`` is less than ``min_samples``.
        """
        time = require_samples(time, self.min_samples)
        return 1 + (time + 2 * self.pad - self.n_fft) // self.hop_length

    def padded(self, waveform: Tensor) -> Tensor:
        """``(batch, time)`` to ``(batch, time + 2 * pad)``."""
        return pad_waveform(waveform, self.pad, self.pad_mode)

    def inverse_fourier(self, dtype: torch.dtype) -> FrameFourier:
        """The Fourier transform of frames that the inverse uses."""
        return self.fourier(dtype)

    def inverted(self, X: Tensor, onesided: Optional[bool], length: Optional[int]) -> Tensor:
        """The waveform of a complex spectrogram, see :meth:`nnaudio2_core.iSTFT.forward`."""
        if len(self.obstacle) > 0:
            raise RuntimeError(self.obstacle)
        X = as_real_pairs(X)
        spectra = flatten_pairs(X)
        length = checked_length(length, spectra.size(2) * self.hop_length + self.n_fft)
        spectra = onesided_bins(spectra, self.n_fft, self.freq_bins, onesided).transpose(1, 2)
        waveform = waveform_of(spectra, self.inverse_fourier(spectra.dtype), self.pad, length)
        return restore_leading(waveform, X, 3)
