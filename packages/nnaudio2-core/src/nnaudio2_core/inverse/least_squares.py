"""Base class of the inverses: a direct solve, conjugate gradients, or Landweber's iteration."""

from typing import Any, List, Optional, Tuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..bank.strided_bank import StridedBank
from ..constant_q.constant_q_transform import DirectConstantQ
from ..fourier.design_kernels import fourier_bins, fourier_kernels
from ..fourier.inverse_stft import checked_length
from ..fourier.stft import STFT
from ..framing.design_window import analysis_window
from ..module.arguments import MOST_NUMBERS, MOST_STEPS, require_choice, require_int, require_number
from ..module.precision import constant, round_off
from ..module.shapes import as_real_pairs, check_bins, flatten_pairs, restore_leading
from ..module.transform import Transform
from .block_solver import BlockSolver, KernelBank
from .conjugate_gradients import (
    conjugate_step,
    energy,
    first_descent,
    fitting_factor,
    next_direction,
    normalised,
    ratio,
)
from .residual_correction import Correction, correct

# Forward transforms drop what is negligible for analysis, but an inverse magnifies that error.
TOLERANCE = 1e-6
SOLVERS = ("direct", "cg", "landweber")
DAMPING = 1e-4
# Corrections of a direct solution; each keeps a waveform and its coefficients. Further steps are conjugate
# gradients, which keep only the last ones.
MOST_CORRECTIONS = 32
_POWER_STEPS = 20


def constant_q_bank(transform: DirectConstantQ) -> KernelBank:
    """The kernels of a constant-Q or variable-Q transform, with the ``"librosa"`` normalisation."""
    basis = transform.basis()
    kernels = [kernel * factor for kernel, factor in zip(basis.kernels, transform._scale, strict=True)]
    omega = 2 * np.pi * basis.frequencies / transform.sr
    return KernelBank(kernels, basis.offsets, transform.frame_width, omega)


def fourier_bank(stft: STFT) -> KernelBank:
    """The kernels of a short-time Fourier transform on any frequencies."""
    config = stft.config
    bins = fourier_bins(stft.freq_scale, stft.freq_bins, stft.n_fft, config["fmin"], config["fmax"], stft.sr)
    cosines, sines = fourier_kernels(bins, analysis_window(config["window"], stft.win_length, stft.n_fft))
    omega = 2 * np.pi * bins / stft.n_fft
    return KernelBank(list(cosines + 1j * sines), [-(stft.n_fft // 2)] * stft.freq_bins, stft.n_fft, omega)


class LeastSquaresInverse(Transform):
    """The waveform whose transform comes nearest to given coefficients."""

    # TorchScript leaves out the branches that these rule out; with all of them the first calls take seconds.
    __constants__ = ["own_bank", "linear", "landweber", "corrected", "continued"]
    __jit_unused_properties__ = ["config", "highest_frequency", "frequencies"]

    def invert(
        self, transform: nn.Module, bank: KernelBank, solver: str, n_iter: Optional[int], damping: float
    ) -> None:
        """Check the solver's arguments and precompute what it needs.

        Args:
            transform: the transform to invert, with ``analysis`` and ``adjoint``.
            bank: its kernels.
            solver: one of ``SOLVERS``.
            n_iter: steps of an iterative solver, or after the direct one.
            damping: see ``design_block_inverse.block_inverse``.
        """
        self.solver = require_choice("solver", solver, SOLVERS)
        default = 0 if self.solver == "direct" else 32
        self.n_iter = default if n_iter is None else require_int("n_iter", n_iter, 0, MOST_STEPS)
        self.corrections = min(self.n_iter, MOST_CORRECTIONS) if self.solver == "direct" else 0
        self.linear = self.n_iter == 0
        self.landweber = self.solver == "landweber"
        self.corrected = self.corrections > 0
        self.continued = self.n_iter > self.corrections
        self.damping = require_number("damping", damping, above=0.0, at_least=1e-12)
        given: Any = transform
        self.hop_length: int = given.hop_length
        self.frame_width = bank.width
        self.pad: int = given.pad
        # Without padding no kernel reaches outside of the clip, which is equivalent to zeros there.
        pad_mode: str = given.pad_mode if self.pad > 0 else "constant"
        self.min_samples: int = given.min_samples
        self.sr: float = given.sr
        self.first_centre: int = given.first_centre
        self.n_bins = len(bank.kernels)
        self._frequencies: Tensor = given.frequencies
        lengths = torch.tensor([kernel.size for kernel in bank.kernels])
        self._sampled = self._frequencies[lengths >= 2 * self.hop_length]
        self.transform = transform
        self.engine: str = given.engine
        self.direct = None
        # An STFT is not a bank; the constant-Q transforms share theirs.
        self.own_bank = not isinstance(given, DirectConstantQ)
        if self.solver == "direct":
            # Blocks of some 10 kernels, or 240 hops, but at most 40 kernels and at least 20 hops.
            reach = min(max(bank.width, 24 * self.hop_length), 4 * bank.width)
            most = MOST_NUMBERS // (10 * max(reach, 2 * self.hop_length))
            if self.n_bins > most:
                raise ValueError(
                    f"n_bins must be <= {most} for the direct inverse with hop_length={self.hop_length} and "
                    f"kernels of up to {bank.width} samples, got {self.n_bins}; iCQT, iVQT and Inverse have "
                    "no such limit with solver='cg'"
                )
            self.direct = BlockSolver(bank, self.hop_length, self.pad, pad_mode, self.damping, self.engine)
            if self.own_bank:
                starts = [bank.width // 2 + offset for offset in bank.offsets]
                self.bank = StridedBank(
                    bank.kernels, starts, self.hop_length, bank.width, self.engine, TOLERANCE
                )
        self.step = 1.8 / self._upper_frame_bound() if self.solver == "landweber" else 0.0

    def _upper_frame_bound(self) -> float:
        """Largest eigenvalue of adjoint after analysis, by power iteration on a seeded probe."""
        generator = torch.Generator().manual_seed(0)
        probe = torch.randn(1, 4 * self.frame_width, generator=generator, dtype=torch.float32)
        bound = 0.0
        with torch.no_grad():
            for _ in range(_POWER_STEPS + 1):
                probe = probe / probe.norm()
                probe = self.adjoint(self.analysis(probe), probe.size(1))
                bound = float(probe.norm())
        return bound

    @property
    def frequencies(self) -> Tensor:
        """Centre of each bin, Hz: ``(n_bins,)``, float64."""
        return self._frequencies.clone()

    @property
    def highest_frequency(self) -> float:
        """Highest frequency, Hz, up to which frames are dense enough for any signal; 0 if there is none.

        It is the centre of the highest bin whose filter spans two hops, ``f <= Q sr / (2 hop_length)``
        for a constant-Q transform. Above it frames are too sparse for the bandwidth of a bin, and the
        reconstruction fades out over the next octave. Frequencies in gaps between bins (``filter_scale`` well
        above 1) are lost anywhere; the residual of :meth:`solve` shows it.
        """
        return float(self._sampled.max()) if self._sampled.numel() > 0 else 0.0

    @torch.jit.export
    def analysis(self, x: Tensor) -> Tensor:
        """The transform to invert.

        Shape:
            x: ``(..., time)``, ``time >= min_samples``
            returns: ``(..., n_bins, frames, 2)``
        """
        X: Tensor = self.transform.analysis(x)  # type: ignore[operator]
        return X

    @torch.jit.export
    def adjoint(self, X: Tensor, length: int) -> Tensor:
        """The transpose of :meth:`analysis`, padding included.

        Shape:
            X: ``(..., n_bins, frames, 2)`` or complex ``(..., n_bins, frames)``, as many frames as a clip of
                ``length`` samples has
            returns: ``(..., length)``
        """
        x: Tensor = self.transform.adjoint(X, length)  # type: ignore[operator]
        return x

    def forward(self, X: Tensor, length: Optional[int] = None) -> Tensor:
        """Reconstruct the waveform; see the class."""
        X = as_real_pairs(X)
        spectra = self._checked(X)
        length = self._checked_length(length, spectra)
        if self.linear:  # needs no energies
            return restore_leading(self.solution(spectra, length), X, 3)
        spectra, largest = normalised(spectra)
        return restore_leading(self.solution(spectra, length) * largest, X, 3)

    @torch.jit.export
    def solve(self, X: Tensor, length: Optional[int] = None) -> Tuple[Tensor, Tensor, int]:
        """Reconstruct the waveform, and measure how well its transform fits.

        Shape:
            X: ``(..., n_bins, frames, 2)`` or complex ``(..., n_bins, frames)``
            returns: the waveform, ``(..., length)``; the norm of the residual relative to that of ``X``,
            ``(...)``; the number of iterative steps

        Silence has a residual of 1, and no residual is larger. The direct solution may fit worse, if no clip
        has such coefficients or the transform determines the ends badly. Then it is scaled by the factor
        that fits best, while :meth:`forward` returns it as it is, linear in ``X``. Further steps
        (``n_iter >= 1``) start from zeros instead.
        """
        X = as_real_pairs(X)
        spectra, largest = normalised(self._checked(X))
        length = self._checked_length(length, spectra)
        n_frames = spectra.size(2)
        waveform = self.solution(spectra, length)
        clip = _fitted(waveform, self.clip_samples(n_frames, length))
        image = self.first_frames(clip, n_frames)
        factor = fitting_factor(spectra, image)
        residual = ratio(energy(spectra - factor * image), energy(spectra)).sqrt().flatten()
        waveform = waveform * (factor.flatten(1) * largest)
        return restore_leading(waveform, X, 3), restore_leading(residual, X, 3), self.n_iter

    def _checked(self, X: Tensor) -> Tensor:
        spectra = flatten_pairs(X)
        check_bins(spectra.size(1), self.n_bins)
        return spectra

    def _checked_length(self, length: Optional[int], spectra: Tensor) -> Optional[int]:
        return checked_length(length, spectra.size(2) * self.hop_length + self.frame_width)

    def clip_samples(self, n_frames: int, length: Optional[int]) -> int:
        """Samples of the clip to solve for: as near to ``length`` as the number of frames allows."""
        fewest = (n_frames - 1) * self.hop_length + self.frame_width - 2 * self.pad
        most = max(1, fewest + self.hop_length - 1)
        if length is None:
            # One centred frame may belong to an empty clip: take the longest clip that it may belong to.
            return most if n_frames == 1 else fewest
        return min(max(length, max(fewest, 1)), most)

    def solution(self, X: Tensor, length: Optional[int]) -> Tensor:
        """The waveform of a batch of coefficients; see the class.

        Shape:
            X: ``(batch, n_bins, frames, 2)``, float32 or float64
            returns: ``(batch, length)``
        """
        time = self.clip_samples(X.size(2), length)
        if self.landweber:
            waveform = self._landweber(X, time)
        else:
            waveform = self.direct_solution(X, time)
            if self.corrected:
                waveform = self._corrected(X, waveform)
            if self.continued:
                waveform = self._conjugate_gradients(X, waveform, self.n_iter - self.corrections)
        return waveform if length is None else _fitted(waveform, length)

    def direct_solution(self, X: Tensor, time: int) -> Tensor:
        """The solution block by block; zeros for the iterative solvers, which start from them."""
        if self.direct is None:
            return X.new_zeros([X.size(0), time])
        if self.own_bank:
            constants, plan = self.bank.constants, self.bank.plan
        else:
            transform: Any = self.transform
            constants, plan = transform.bank.constants, transform.bank.plan
        x: Tensor = self.direct(X, time, constant(constants, X.dtype), plan)
        return x

    def first_frames(self, x: Tensor, n_frames: int) -> Tensor:
        """Analysis of a clip, extended by zeros if it is too short for the padding."""
        return self.analysis(F.pad(x, [0, max(0, self.min_samples - x.size(1))]))[:, :, :n_frames]

    def _first_frames_adjoint(self, X: Tensor, time: int) -> Tensor:
        samples = max(time, self.min_samples)
        n_frames = 1 + (samples + 2 * self.pad - self.frame_width) // self.hop_length
        return self.adjoint(F.pad(X, [0, 0, 0, n_frames - X.size(2)]), samples)[:, :time]

    def _corrected(self, X: Tensor, x: Tensor) -> Tensor:
        """The direct solution ``x``, corrected by what it leaves of ``X``.

        Direct solutions for the residual converge fast if a waveform has the coefficients; gradient steps in
        between lead to the least squares if none has.
        """
        n_frames, time = X.size(2), x.size(1)
        residual = X - self.first_frames(x, n_frames)
        # Start from zeros where the direct solution fits worse.
        silent = energy(residual) > energy(X)
        x = torch.where(silent.flatten(1), torch.zeros_like(x), x)
        state = Correction(x, torch.where(silent, X, residual), torch.zeros_like(x[:, :1]))
        directions: List[Tensor] = []
        images: List[Tensor] = []
        # A direct solution magnifies round-off by up to 2 / sqrt(damping), or 1 / damping if less.
        magnified = 16.0 * round_off(X.dtype) / max(self.damping, self.damping**0.5)
        for step in range(self.corrections):
            if step % 2 == 0:
                direction, least = self.direct_solution(state.residual, time), magnified
            else:
                direction, least = self._first_frames_adjoint(state.residual, time), 0.0
            image = self.first_frames(direction, n_frames)
            state = correct(state, direction, image, directions, images, least)
        return state.x

    def _conjugate_gradients(self, X: Tensor, x: Tensor, steps: int) -> Tensor:
        n_frames, time = X.size(2), x.size(1)
        residual = X - self.first_frames(x, n_frames)
        state = first_descent(x, residual, self._first_frames_adjoint(residual, time))
        for _ in range(steps):
            state = conjugate_step(state, self.first_frames(state.direction, n_frames))
            state = next_direction(state, self._first_frames_adjoint(state.residual, time))
        return state.x

    def _landweber(self, X: Tensor, time: int) -> Tensor:
        x, residual = X.new_zeros([X.size(0), time]), X
        step = torch.full_like(x[:, :1], self.step)
        for _ in range(self.n_iter):
            further = x + step * self._first_frames_adjoint(residual, time)
            rest = X - self.first_frames(further, X.size(2))
            # The frame bound is an estimate from below; a step that raises the residual is halved.
            too_far = energy(rest) > energy(residual)
            x = torch.where(too_far.flatten(1), x, further)
            residual = torch.where(too_far, residual, rest)
            step = torch.where(too_far.flatten(1), 0.5 * step, step)
        return x


def _fitted(x: Tensor, time: int) -> Tensor:
    """The first ``time`` samples, padded with zeros if there are fewer."""
    return F.pad(x[:, :time], [0, max(0, time - x.size(1))])
