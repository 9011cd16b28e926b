"""Inverse short-time Fourier transform."""

from typing import Optional

import numpy as np
import torch
from torch import Tensor

from ..framing.design_window import Window
from ..module.arguments import require_bool, require_choice, require_int
from ..module.constants import parameter
from ..module.engines import resolve_engine
from ..module.user_warning import warn_user
from .design_factors import factors_pay
from .design_invertibility import obstacle_to_inversion
from .design_kernels import FREQ_SCALES
from .fourier_transform import FourierTransform, FramedTransform
from .frame_fourier import FrameFourier


class iSTFT(FramedTransform):
    """Waveform of a complex spectrogram: windowed overlap-add, divided by the sum of squared windows.

    It is the exact inverse of :class:`STFT` with the same arguments. For a spectrogram that no waveform has
    it returns the waveform whose spectrogram is nearest in the least-squares sense.

    Args:
        n_fft: length of a frame, samples, >= 2.
        win_length: length of the window, samples, 1 to ``n_fft``; None means ``n_fft``.
        freq_bins: those of the STFT, ``n_fft // 2 + 1`` to ``n_fft``; None means ``n_fft // 2 + 1``. Fewer
            cannot be inverted.
        hop_length: samples between frames, >= 1; None means ``win_length // 4``.
        window: a name or tuple that ``scipy.signal.get_window`` takes, or ``win_length`` samples.
        freq_scale: that of the STFT; only ``"no"`` can be inverted, others warn here and raise when called.
        center: True if the STFT padded its ends by half a frame; the inverse removes the padding.
        trainable_kernels: make the cosines and sines of the synthesis parameters ``wcos`` and ``wsin``.
        trainable_window: make the window a parameter ``synthesis_window``. The window sum follows it.
        engine: ``"fft"``, ``"real"`` (without complex numbers), or ``"auto"``: real if kernels are trainable,
            else fft.

    Shape:
        X: ``(..., bins, frames, 2)`` or complex ``(..., bins, frames)``
        returns: ``(..., length)``

    Raises:
        RuntimeError: when called, if ``freq_scale`` is not ``"no"``, or bins, hop or window lose the signal.
        ValueError: for an argument out of range or a spectrogram of the wrong shape.

    Example:
        >>> import torch
        >>> from nnaudio2_core import STFT
        >>> x = torch.randn(2, 8000)
        >>> X = STFT(n_fft=512, hop_length=128)(x)
        >>> y = iSTFT(n_fft=512, hop_length=128)(X, length=8000)
        >>> bool((y - x).abs().max() < 1e-5)
        True

    Source: Griffin & Lim (1984), eq. 6; Roy et al. (2026), nnAudio 2, section 6.2, for the RuntimeError.
    """

    __constants__ = [*FourierTransform.__constants__, "trainable_window"]

    synthesis_window: Tensor

    def __init__(
        self,
        n_fft: int = 2048,
        win_length: Optional[int] = None,
        *,
        freq_bins: Optional[int] = None,
        hop_length: Optional[int] = None,
        window: Window = "hann",
        freq_scale: str = "no",
        center: bool = True,
        trainable_kernels: bool = False,
        trainable_window: bool = False,
        engine: str = "auto",
    ) -> None:
        super().__init__()
        exact = self.frame_arguments(n_fft, win_length, hop_length, window, center, "constant")
        half = self.n_fft // 2 + 1
        self.freq_scale = require_choice("freq_scale", freq_scale, FREQ_SCALES)
        self.freq_bins = half if freq_bins is None else require_int("freq_bins", freq_bins, 1)
        if self.freq_bins > self.n_fft:
            raise ValueError(f"freq_bins must be <= n_fft = {self.n_fft}, got {self.freq_bins}")
        trainable_kernels = require_bool("trainable_kernels", trainable_kernels)
        self.engine = resolve_engine(engine, trainable_kernels, "trainable_kernels")
        self.trainable_window = require_bool("trainable_window", trainable_window)
        self.trained = trainable_kernels or self.trainable_window
        real = self.engine == "real"
        factored = real and not trainable_kernels and factors_pay(self.n_fft, half)
        self.keep_fourier(exact, self.n_fft, "n_fft", factored)
        if real and not factored:
            bins = np.arange(half, dtype=np.float64)
            window_of_kernels = np.ones(self.n_fft) if self.trained else exact
            self.keep_kernels(bins, window_of_kernels, trainable_kernels, "n_fft")
        if self.trainable_window:
            self.synthesis_window = parameter(exact)
        # Reason that this transform cannot be inverted; empty if it can.
        self.obstacle = obstacle_to_inversion(self.freq_scale, self.freq_bins, self.hop_length, exact)
        if self.freq_scale != "no":
            warn_user(f"iSTFT is analysis-only: {self.obstacle}")

    def forward(self, X: Tensor, onesided: Optional[bool] = None, length: Optional[int] = None) -> Tensor:
        """Invert a spectrogram; see the class.

        Args:
            X: complex spectrogram.
            onesided: True if ``X`` holds ``n_fft // 2 + 1`` bins, False if all ``n_fft``; None infers it from
                their number. ``freq_bins`` bins are accepted as well.
            length: samples to return, >= 0; None means as many as the frames cover between the
                paddings. Samples that no frame covers are zero.
        """
        return self.inverted(X, onesided, length)

    def inverse_fourier(self, dtype: torch.dtype) -> FrameFourier:
        """:meth:`fourier` with the trained window, without which kernels are kept if anything is trained."""
        fourier = self.fourier(dtype)
        window = fourier.window
        if self.trainable_window:
            window = self.synthesis_window.to(dtype)
        if not self.trained:
            return fourier
        kernels = [kernel * window for kernel in fourier.kernels]
        return FrameFourier(fourier.hop_length, fourier.n_fft, window, fourier.factors, kernels)
