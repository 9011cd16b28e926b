"""Inverses of the constant-Q and the variable-Q transform."""

from typing import Optional, Sequence

from ..constant_q.cqt import CQT1992v2
from ..constant_q.vqt import VQT
from ..framing.design_window import Window
from .least_squares import DAMPING, TOLERANCE, LeastSquaresInverse, constant_q_bank


class iCQT(LeastSquaresInverse):
    """Inverse constant-Q transform: the waveform from complex coefficients.

    It inverts ``CQT1992v2`` with the same arguments, ``output_format="Complex"`` and
    ``normalization_type="librosa"``. The coefficients of few bins at a large hop do not determine every
    waveform (see :attr:`highest_frequency`); of those that fit, the one of least energy is returned.

    The direct solver inverts the small systems into which the transform of a periodic signal decomposes, with
    matrices built once and without iteration. A component that reaches the coefficients with power ``s**2``,
    relative to the largest, comes back with the factor ``1 - (damping / (s**2 + damping)) ** 4``; its noise
    is magnified by no more than about ``2 / damping ** 0.5``. Virtual frames beyond the ends of the clip are
    mirrored, or without padding predicted from the nearest ones, then replaced by those of the
    reconstruction.

    Args:
        sr: sampling rate, Hz, > 0.
        hop_length: samples between frames, >= 1.
        fmin: centre of the lowest bin, Hz, > 0.
        fmax: end of the frequency range, Hz, > ``fmin``; if given, ``n_bins`` is ignored.
        n_bins: number of bins, >= 1; None for as many as have their pass band below ``sr / 2``.
        bins_per_octave: bins in each octave, 0.01 to 1e5.
        filter_scale: factor on all filter lengths, 1e-6 to 1e6.
        norm: order of the vector norm of each kernel that is scaled to one; None or 0 for none.
        window: a name or tuple that ``scipy.signal.get_window`` takes.
        center: True if the transform padded both ends.
        pad_mode: ``"reflect"``, ``"constant"`` (zeros), ``"replicate"`` or ``"circular"``.
        filter_lengths: as in ``CQT1992v2``.
        solver: ``"direct"``; ``"cg"``, conjugate gradients on the normal equations; or ``"landweber"``,
            gradient steps of 1.8 / B, B the upper frame bound by 20 steps of power iteration.
        n_iter: steps, 0 to 10 000; None means 32 for cg and landweber, 0 for direct. After the direct solve
            they are correcting steps, up to 32 (then of conjugate gradients): direct solutions for what is
            left of ``X`` and gradient steps in turn. They fit the ends better, but also the noise.
        damping: of the direct solver, >= 1e-12. The default suits coefficients as they were computed; 1e-3 to
            3e-2 suit coefficients with noise at -40 dB, edited or predicted ones.
        engine: ``"fft"``; ``"real"``, without FFTs and complex numbers, for other runtimes; or ``"auto"``:
            fft.
        tuning: bins by which all frequencies are shifted, -1 to 1.
        frequencies: as in ``CQT1992v2``.
        scale: as in ``CQT1992v2``.

    Shape:
        X: ``(..., n_bins, frames, 2)``, or complex ``(..., n_bins, frames)``
        returns: ``(..., length)``; without a length, ``(frames - 1) * hop_length`` samples if ``center``

    Raises:
        ValueError: for an argument out of range, or coefficients of another number of bins.
        TypeError: for coefficients that are not of a floating type.

    Example:
        >>> import torch
        >>> from nnaudio2_core import CQT
        >>> x = torch.cos(2 * torch.pi * 440 * torch.arange(22050) / 22050)
        >>> cqt = CQT(sr=22050, hop_length=256, fmin=110.0, n_bins=48, output_format="Complex")
        >>> icqt = iCQT(sr=22050, hop_length=256, fmin=110.0, n_bins=48)
        >>> y = icqt(cqt(x), length=22050)
        >>> bool((y - x).square().mean() < 1e-4 * x.square().mean())
        True
        >>> waveform, residual, steps = icqt.solve(cqt(x), length=22050)
        >>> bool(residual < 0.01), steps
        (True, 0)

    Source: Landweber (1951) as in Roy et al. (2026), nnAudio 2, section 4; Hestenes & Stiefel (1952), section
    10, for conjugate gradients; Engl, Hanke & Neubauer (1996), section 5.1, for the direct solver's damping;
    Eisenstat, Elman & Schultz (1983) for correcting steps.
    """

    def __init__(
        self,
        sr: float = 22050,
        hop_length: int = 512,
        *,
        fmin: float = 32.70,
        fmax: Optional[float] = None,
        n_bins: Optional[int] = 84,
        bins_per_octave: float = 12,
        filter_scale: float = 1,
        norm: Optional[float] = 1,
        window: Window = "hann",
        center: bool = True,
        pad_mode: str = "reflect",
        filter_lengths: str = "integer",
        solver: str = "direct",
        n_iter: Optional[int] = None,
        damping: float = DAMPING,
        engine: str = "auto",
        tuning: float = 0.0,
        frequencies: Optional[Sequence[float]] = None,
        scale: bool = True,
    ) -> None:
        super().__init__()
        transform = CQT1992v2(
            sr,
            hop_length,
            fmin=fmin,
            fmax=fmax,
            n_bins=n_bins,
            bins_per_octave=bins_per_octave,
            filter_scale=filter_scale,
            norm=norm,
            window=window,
            center=center,
            pad_mode=pad_mode,
            output_format="Complex",
            filter_lengths=filter_lengths,
            engine=engine,
            tolerance=TOLERANCE,
            tuning=tuning,
            frequencies=frequencies,
            scale=scale,
        )
        self.invert(transform, constant_q_bank(transform), solver, n_iter, damping)


class iVQT(LeastSquaresInverse):
    """Inverse variable-Q transform: the waveform from complex coefficients.

    It inverts ``VQT`` with ``algorithm="direct"``, the same arguments and ``output_format="Complex"``. With
    ``gamma=0`` it is :class:`iCQT`, which describes the solvers.

    Args:
        sr: as in :class:`iCQT`, and so are the others not described here.
        basis_norm: as ``norm`` of :class:`iCQT`.
        gamma: bandwidth added to every bin, Hz, >= 0, or None as in ``VQT``.

    Shape:
        X: ``(..., n_bins, frames, 2)``, or complex ``(..., n_bins, frames)``
        returns: ``(..., length)``

    Raises:
        ValueError: as :class:`iCQT`.
        TypeError: as :class:`iCQT`.

    Example:
        >>> import torch
        >>> ivqt = iVQT(sr=8000, hop_length=128, fmin=100.0, n_bins=48, gamma=10)
        >>> ivqt(torch.zeros(2, 48, 20, 2), length=2500).shape
        torch.Size([2, 2500])

    Source: Schörkhuber et al. (2014), eq. 1, for the transform; :class:`iCQT` for the inverse.
    """

    def __init__(
        self,
        sr: float = 22050,
        hop_length: int = 512,
        *,
        fmin: float = 32.70,
        fmax: Optional[float] = None,
        n_bins: Optional[int] = 84,
        bins_per_octave: float = 12,
        filter_scale: float = 1,
        basis_norm: Optional[float] = 1,
        window: Window = "hann",
        gamma: Optional[float] = 0,
        center: bool = True,
        pad_mode: str = "reflect",
        filter_lengths: str = "integer",
        solver: str = "direct",
        n_iter: Optional[int] = None,
        damping: float = DAMPING,
        engine: str = "auto",
        tuning: float = 0.0,
        frequencies: Optional[Sequence[float]] = None,
        scale: bool = True,
    ) -> None:
        super().__init__()
        transform = VQT(
            sr,
            hop_length,
            fmin=fmin,
            fmax=fmax,
            n_bins=n_bins,
            filter_scale=filter_scale,
            bins_per_octave=bins_per_octave,
            basis_norm=basis_norm,
            gamma=gamma,
            window=window,
            pad_mode=pad_mode,
            output_format="Complex",
            center=center,
            filter_lengths=filter_lengths,
            engine=engine,
            tolerance=TOLERANCE,
            tuning=tuning,
            frequencies=frequencies,
            scale=scale,
        )
        self.invert(transform, constant_q_bank(transform), solver, n_iter, damping)
