"""Waveform from the magnitudes of a constant-Q or variable-Q transform."""

from typing import Any, Optional

import numpy as np
from torch import Tensor

from ..constant_q.constant_q_transform import require_norm
from ..constant_q.design_kernels import ConstantQBasis
from ..fourier.magnitude_inverse import MagnitudeInverse
from ..framing.design_window import Window
from .icqt import iVQT


class GriffinLimCQT(MagnitudeInverse):
    """Waveform whose constant-Q or variable-Q transform has nearly the given magnitude.

    The fast Griffin-Lim algorithm of :class:`GriffinLim`, with the direct inverse of :class:`iCQT` instead of
    the inverse STFT. It takes the magnitudes of ``CQT``, or with ``gamma`` those of ``VQT``, with the same
    arguments and ``normalization_type="librosa"``. Nothing depends on a random generator.

    Args:
        sr: sampling rate, Hz, > 0.
        hop_length: samples between frames, >= 1.
        fmin: centre of the lowest bin, Hz, > 0.
        fmax: end of the frequency range, Hz, > ``fmin``; if given, ``n_bins`` is ignored.
        n_bins: number of bins, >= 1.
        bins_per_octave: bins in each octave, 0.01 to 1e5.
        filter_scale: factor on all filter lengths, 1e-6 to 1e6.
        norm: order of the vector norm of each kernel that is scaled to one; None or 0 for none.
        window: a name or tuple that ``scipy.signal.get_window`` takes.
        gamma: bandwidth added to every bin, Hz, >= 0: 0 for CQT.
        center: True if the transform padded both ends.
        pad_mode: ``"reflect"``, ``"constant"`` (zeros), ``"replicate"`` or ``"circular"``.
        filter_lengths: ``"integer"`` for nnAudio's, ``"fractional"`` for librosa's.
        n_iter: number of steps, 0 to 10 000.
        momentum: 0 for the algorithm of 1984, up to about 1 for the fast one.
        power: exponent of the given magnitudes, > 0: 1 for magnitude, 2 for power.
        init: ``"gradient"`` starts from phases estimated from the slopes of the log magnitude, plus a tenth
            of a random turn: on music 7 to 13 dB nearer after 8 steps. ``"random"`` starts from random
            phases.
        seed: seed of the random phases, >= 0; the same seed gives the same waveform everywhere.
        damping: of the inverse, >= 1e-12, see :class:`iCQT`; more than there, because coefficients with
            estimated phases contradict each other.
        engine: ``"fft"``, ``"real"`` (without complex numbers), or ``"auto"``: fft.

    Shape:
        S: ``(..., n_bins, frames)``; a value below 0 counts as 0
        returns: ``(..., length)``; without a length, ``(frames - 1) * hop_length`` samples if ``center``

    Raises:
        ValueError: for an argument out of range, or magnitudes of the wrong shape.
        TypeError: for magnitudes that are not of a real floating type.

    Example:
        >>> import torch
        >>> from nnaudio2_core import CQT
        >>> x = torch.cos(2 * torch.pi * 440 * torch.arange(22050) / 22050)
        >>> cqt = CQT(sr=22050, hop_length=256)
        >>> S = cqt(x)
        >>> y = GriffinLimCQT(sr=22050, hop_length=256)(S, length=22050)
        >>> bool((cqt(y) - S).norm() < 0.05 * S.norm())
        True

    Source: Griffin & Lim (1984); Perraudin, Balazs & Søndergaard (2013), "A fast Griffin-Lim algorithm",
    algorithm 2, for any frame; Průša & Søndergaard (2016) for the first phases.
    """

    __jit_unused_properties__ = ["config", "frequencies"]

    def __init__(
        self,
        sr: float = 22050,
        hop_length: int = 512,
        *,
        fmin: float = 32.70,
        fmax: Optional[float] = None,
        n_bins: int = 84,
        bins_per_octave: float = 12,
        filter_scale: float = 1,
        norm: Optional[float] = 1,
        window: Window = "hann",
        gamma: float = 0,
        center: bool = True,
        pad_mode: str = "reflect",
        filter_lengths: str = "integer",
        n_iter: int = 32,
        momentum: float = 0.99,
        power: float = 1.0,
        init: str = "gradient",
        seed: int = 0,
        damping: float = 1e-3,
        engine: str = "auto",
    ) -> None:
        super().__init__()
        self.keep_steps(n_iter, momentum, power, init, seed)
        self.icqt = iVQT(
            sr,
            hop_length,
            fmin=fmin,
            fmax=fmax,
            n_bins=n_bins,
            bins_per_octave=bins_per_octave,
            filter_scale=filter_scale,
            basis_norm=require_norm("norm", norm),
            window=window,
            gamma=gamma,
            center=center,
            pad_mode=pad_mode,
            filter_lengths=filter_lengths,
            damping=damping,
            engine=engine,
        )
        self.engine, self.sr, self.hop_length = self.icqt.engine, self.icqt.sr, self.icqt.hop_length
        self.n_bins, self.frame_width = self.icqt.n_bins, self.icqt.frame_width
        self.first_centre, self.min_frames = self.icqt.first_centre, 1
        self._keep_bins_of(self.icqt.transform)

    def _keep_bins_of(self, transform: Any) -> None:
        """Measure the kernels of a transform for the first phases."""
        basis: ConstantQBasis = transform.basis()
        centres = basis.frequencies / self.sr
        spreads, peaks = np.empty(self.n_bins), np.empty(self.n_bins)
        for k, (kernel, first) in enumerate(zip(basis.kernels, basis.offsets, strict=True)):
            time = first + np.arange(kernel.size)
            energy = np.abs(kernel) ** 2 / np.sum(np.abs(kernel) ** 2)
            # At least the variance of a rectangle of one sample.
            spreads[k] = max(1 / 12, energy @ time**2 - (energy @ time) ** 2)
            peaks[k] = abs(kernel @ np.exp(-2j * np.pi * centres[k] * time)) * basis.lengths[k] ** 0.5
        widths = np.array([float(kernel.size) for kernel in basis.kernels])
        self.keep_bins(centres, spreads, widths, peaks, np.zeros(self.n_bins))

    @property
    def frequencies(self) -> Tensor:
        """Centre of each bin, Hz: ``(n_bins,)``, float64."""
        return self.icqt.frequencies

    def length_between(self, frames: int, length: Optional[int]) -> Optional[int]:
        """As near to ``length`` as the number of frames allows."""
        return None if length is None else self.icqt.clip_samples(frames, length)

    def transformed(self, x: Tensor, frames: int) -> Tensor:
        """``(batch, time)`` to ``(batch, frames, bins, 2)``."""
        return self.icqt.first_frames(x, frames).transpose(1, 2)

    def synthesised(self, X: Tensor, length: Optional[int]) -> Tensor:
        """``(batch, frames, bins, 2)`` to ``(batch, length)``."""
        return self.icqt.solution(X.transpose(1, 2), length)
