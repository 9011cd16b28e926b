"""Inverse short-time Fourier transform."""

from typing import Optional

import numpy as np
import torch
from torch import Tensor

from ..framing.design_window import Window, analysis_window
from ..framing.window_sum import finish_overlap_add
from ..module.arguments import require_bool, require_choice, require_int, require_room
from ..module.engines import resolve_engine
from ..module.shapes import as_real_pairs, flatten_pairs, restore_leading
from ..module.transform import frozen, parameter
from .by_factors import product_synthesis
from .by_fft import synthesis
from .by_kernels import kernel_synthesis
from .design_factors import products_pay
from .design_invertibility import obstacle_to_inversion
from .design_kernels import FREQ_SCALES, fourier_bins, fourier_kernels
from .framed_transform import FramedTransform
from .onesided import check_length, onesided_bins


class iSTFT(FramedTransform):
    """Waveform of a complex spectrogram: windowed overlap-add, divided by the sum of squared windows.

    The exact inverse of :class:`STFT` with the same arguments; for a spectrogram that no waveform has,
    the waveform whose spectrogram is nearest in the least-squares sense. Nothing is cached.

    Args:
        n_fft: length of a frame, samples, >= 2.
        win_length: length of the window, samples, 1 to ``n_fft``; None means ``n_fft``.
        freq_bins: None or a number >= ``n_fft // 2 + 1``, as the STFT had it; fewer cannot be inverted.
        hop_length: samples between frames, >= 1; None means ``win_length // 4``.
        window: a name or tuple that ``scipy.signal.get_window`` takes.
        freq_scale: what the STFT had; only ``"no"`` can be inverted, others raise when called.
        center: whether the STFT padded its ends by half a frame, which is cut off again.
        trainable_kernels: make the cosines and sines of the synthesis parameters ``wcos`` and ``wsin``.
        trainable_window: make the window a parameter ``synthesis_window``. The window sum follows it.
        engine: ``"fft"``, ``"conv"``, or ``"auto"``: conv with trainable kernels, else fft.

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
        >>> y = iSTFT(n_fft=512, hop_length=128)(X, onesided=True, length=8000)
        >>> bool((y - x).abs().max() < 1e-5)
        True

    Source: Griffin & Lim (1984), eq. 6; the guard of nnAudio 2, section 6.2.
    """

    __constants__ = ["by_kernels", "by_products", "trainable_window"]

    wsin: Tensor
    wcos: Tensor
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
        self.frame_arguments(n_fft, win_length, hop_length, window, center, "constant")
        self.freq_scale = require_choice("freq_scale", freq_scale, FREQ_SCALES)
        self.freq_bins = self.n_fft // 2 + 1 if freq_bins is None else require_int("freq_bins", freq_bins, 1)
        trainable_kernels = require_bool("trainable_kernels", trainable_kernels)
        self.engine = resolve_engine(engine, trainable_kernels, "trainable_kernels")
        conv = self.engine == "conv"
        self.by_products = conv and not trainable_kernels and products_pay(self.n_fft, self.n_fft // 2 + 1)
        self.keep_products(self.n_fft if self.by_products else 0, "n_fft")
        self.by_kernels = conv and not self.by_products
        self.trainable_window = require_bool("trainable_window", trainable_window)
        exact = analysis_window(window, self.win_length, self.n_fft)
        if self.trainable_window:
            self.synthesis_window = parameter(exact)
        if self.by_kernels:
            self._build_kernels(trainable_kernels)
        # Why this transform cannot be inverted; empty where it can.
        self.obstacle = obstacle_to_inversion(self.freq_scale, self.freq_bins, self.hop_length, exact)

    def _build_kernels(self, trainable: bool) -> None:
        require_room("n_fft", self.n_fft * (self.n_fft // 2 + 1))
        bins = fourier_bins("no", self.n_fft // 2 + 1, self.n_fft, 0.0, 1.0, 1.0)
        rectangle = np.ones(self.n_fft)
        for name, kernels in zip(("wcos", "wsin"), fourier_kernels(bins, rectangle), strict=True):
            values = torch.from_numpy(kernels).unsqueeze(1)
            if trainable:
                self.register_parameter(name, parameter(values))
            else:
                self.constant_buffer(name, frozen(values))

    def forward(self, X: Tensor, onesided: bool = False, length: Optional[int] = None) -> Tensor:
        """Invert a spectrogram; see the class.

        Args:
            X: complex spectrogram.
            onesided: whether ``X`` holds ``n_fft // 2 + 1`` bins, or else all ``n_fft``; ``freq_bins`` bins
                are taken, too.
            length: samples to return, >= 0; None means as many as the frames cover between the
                paddings. Samples that no frame saw are zero.
        """
        if len(self.obstacle) > 0:
            raise RuntimeError(self.obstacle)
        X = as_real_pairs(X)
        spectra = flatten_pairs(X)
        if length is not None:
            check_length(length, spectra.size(2) * self.hop_length + self.n_fft)
        spectra = onesided_bins(spectra, self.n_fft, self.freq_bins, onesided)
        if self.trainable_window:
            window = self.synthesis_window.to(spectra.dtype)
        else:
            window = self.window_in(spectra.dtype)
        if self.by_kernels:
            y = kernel_synthesis(spectra, self.wcos * window, self.wsin * window, self.hop_length)
        elif self.by_products:
            products = self.products_in(spectra.dtype)
            y = product_synthesis(spectra.transpose(1, 2), window, products, self.hop_length)
        else:
            y = synthesis(spectra.transpose(1, 2), window, self.hop_length, self.n_fft)
        waveform = finish_overlap_add(y, window, spectra.size(2), self.hop_length, self.pad, length)
        return restore_leading(waveform, X, 3)
