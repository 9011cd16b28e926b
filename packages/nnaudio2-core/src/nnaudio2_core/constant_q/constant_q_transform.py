"""Base classes of the constant-Q family: arguments, output formats, the bank of exact kernels."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Optional, Sequence, Union

import numpy as np
import torch
from torch import Tensor

from ..bank.strided_bank import StridedBank
from ..framing.design_window import Window
from ..framing.frame_geometry import FrameGeometry
from ..framing.padding import PAD_MODES, min_samples, pad_waveform, pad_waveform_adjoint
from ..module.arguments import (
    MOST_BANDS,
    check_str,
    require_bool,
    require_choice,
    require_int,
    require_memory,
    require_number,
    require_whole,
    shown,
)
from ..module.constants import parameter
from ..module.engines import resolve_engine
from ..module.magnitude_phase import check_real_output, magnitude, unit_phase
from ..module.plain_values import plain, plain_copy
from ..module.precision import constant, split_constant
from ..module.shapes import (
    as_complex,
    as_real_pairs,
    check_bins,
    check_frames,
    flatten_pairs,
    flatten_waveform,
    require_samples,
    restore_leading,
)
from ..module.transform import Transform
from .design_bins import (
    FILTER_LENGTHS,
    Floats,
    bands_below_nyquist,
    bins_below_nyquist,
    bins_between,
    constant_q_frequencies,
    constant_q_lengths,
    neighbour_resolution,
)
from .design_kernels import ConstantQBasis, kernels_at, require_named_window
from .design_lookahead import with_lookahead
from .octaves import correlation_pairs

OUTPUT_FORMATS = ("Magnitude", "Complex", "Phase")
MOST_KERNEL_SAMPLES = 2**21


def require_norm(name: str, value: Optional[float]) -> Optional[float]:
    """The order of a vector norm; None and 0 mean no normalisation."""
    value = plain(value)
    if value is None or (isinstance(value, float) and value == float("inf")):
        return value
    norm = require_number(name, value, at_least=0.0, at_most=1000.0)
    if 0.0 < norm < 0.1:
        raise ValueError(f"{name} must be None, 0, or at least 0.1, got {norm:g}")
    return norm


def require_frequencies(values: Any, sr: float) -> Floats:
    """Increasing frequencies in Hz, all above 0 and at most ``sr / 2``."""
    given = plain_copy(values)
    if not isinstance(given, (list, tuple)):
        raise TypeError(f"frequencies must be a list of numbers, got {shown(given)}")
    if not 1 <= len(given) <= MOST_BANDS:
        raise ValueError(f"frequencies must be 1 to {MOST_BANDS} numbers, got {len(given)}")
    listed = [require_number("frequencies", value, above=0.0, at_least=1e-6) for value in given]
    if any(low >= high for low, high in pairwise(listed)):
        raise ValueError(f"frequencies must increase, got {shown(given)}")
    if listed[-1] > sr / 2:
        raise ValueError(f"frequencies must be <= sr / 2 = {sr / 2:g}, got {listed[-1]:g}")
    return np.array(listed)


class ConstantQTransform(Transform):
    """Arguments, axes and output formats of every constant-Q transform."""

    __constants__ = ["real_engine", "trainable"]
    __jit_unused_properties__ = ["config", "frequencies", "lengths"]

    if TYPE_CHECKING:  # TorchScript would take them into the scripted module
        _frequencies: Floats
        _lengths: Floats
        _resolution: Union[float, Floats]
    real_engine: bool
    min_samples: int
    scale: Tensor

    def constant_q_arguments(
        self,
        sr: float,
        hop_length: int,
        fmin: float,
        fmax: Optional[float],
        n_bins: Optional[int],
        bins_per_octave: float,
        filter_scale: float,
        pad_mode: str,
        output_format: str,
        return_complex: bool = False,
        *,
        window: Window = "hann",
        gamma: Optional[float] = 0.0,
        filter_lengths: str = "integer",
        tuning: float = 0.0,
        frequencies: Optional[Sequence[float]] = None,
    ) -> None:
        """Check and keep the arguments, and choose the bins."""
        self.sr = require_number("sr", sr, above=0.0, at_most=1e12)
        self.hop_length = require_int("hop_length", hop_length, 1)
        self.fmin = require_number("fmin", fmin, above=0.0, at_least=1e-6)
        self.bins_per_octave = require_number("bins_per_octave", bins_per_octave, 0.0, 0.01, 1e5)
        self.filter_scale = require_number("filter_scale", filter_scale, 0.0, 1e-6, 1e6)
        self.pad_mode = require_choice("pad_mode", pad_mode, PAD_MODES)
        self.output_format = require_choice("output_format", output_format, OUTPUT_FORMATS)
        self.return_complex = require_bool("return_complex", return_complex)
        self.convolutional_gain = 1  # of the "convolutional" normalisation
        if self.output_format != "Complex":
            check_real_output(self.output_format, self.return_complex)
        require_named_window(window)
        require_choice("filter_lengths", filter_lengths, FILTER_LENGTHS)
        if plain(gamma) is not None:
            gamma = require_number("gamma", gamma, at_least=0.0, at_most=1e12)
        tuned = 2.0 ** (require_number("tuning", tuning, at_least=-1.0, at_most=1.0) / self.bins_per_octave)
        if frequencies is not None:
            self._frequencies = require_frequencies(frequencies, self.sr / tuned) * tuned
            self._resolution = neighbour_resolution(self._frequencies, self.bins_per_octave)
            self.fmin, self.n_bins = float(self._frequencies[0]), self._frequencies.size
            return
        self.fmin *= tuned
        most = bins_below_nyquist(self.fmin, self.sr, self.bins_per_octave)
        if most == 0:
            raise ValueError(f"fmin must be <= sr / 2 = {self.sr / 2:g}, got {self.fmin:g}")
        if n_bins is not None:
            self.n_bins = require_int("n_bins", n_bins, 1)
        if fmax is not None:
            fmax = require_number("fmax", fmax, above=self.fmin)
            self.n_bins = bins_between(self.fmin, fmax, self.bins_per_octave)
        elif n_bins is None:
            scale, octave = self.filter_scale, self.bins_per_octave
            self.n_bins = bands_below_nyquist(
                self.fmin, self.sr, octave, scale, gamma, window, filter_lengths
            )
        if self.n_bins > most:
            given = f"{self.n_bins}" if fmax is None else f"{self.n_bins} (fmax={fmax:g})"
            raise ValueError(
                f"n_bins must be <= {most}, or the top bin exceeds sr / 2 = {self.sr / 2:g} Hz, got {given}"
                f" from fmin = {self.fmin:g} with bins_per_octave = {self.bins_per_octave:g}"
            )
        require_memory("n_bins", self.n_bins)
        self._frequencies = constant_q_frequencies(self.fmin, self.n_bins, self.bins_per_octave)
        self._resolution = self.bins_per_octave

    def require_short_kernels(self, gamma: Optional[float], filter_lengths: str, dense: bool) -> None:
        """Raise a ValueError instead of building kernels that exhaust the memory."""
        lengths = constant_q_lengths(
            self._frequencies, self.sr, self._resolution, self.filter_scale, gamma, filter_lengths
        )
        longest = lengths.max()
        if longest > MOST_KERNEL_SAMPLES:
            raise ValueError(
                f"filter_scale * sr / fmin must be smaller with bins_per_octave = {self.bins_per_octave:g}: "
                f"the longest kernel would have {longest:.3g} samples, more than {MOST_KERNEL_SAMPLES}"
            )
        # Complex numbers; a dense table has rows of up to four times the longest kernel.
        total = 4 * self.n_bins * longest if dense else lengths.sum()
        require_memory("n_bins", 2 * int(total))

    @property
    def frequencies(self) -> Tensor:
        """Centre of each bin, Hz: ``(n_bins,)``, float64."""
        return torch.from_numpy(self._frequencies.copy())

    @property
    def lengths(self) -> Tensor:
        """Filter length of each bin, samples: ``(n_bins,)``, float64.

        Octave by octave these are samples at the rate of the top octave.
        """
        return torch.from_numpy(self._lengths.copy())

    def forward(
        self,
        x: Tensor,
        output_format: Optional[str] = None,
        normalization_type: str = "librosa",
        return_complex: Optional[bool] = None,
    ) -> Tensor:
        """Transform a waveform; see the class."""
        X = self.coefficients(flatten_waveform(x, self.min_samples))
        return self.finish(X, x, output_format, normalization_type, return_complex)

    @torch.jit.export
    def analysis(self, x: Tensor) -> Tensor:
        """The linear map itself, padding included, with the ``"librosa"`` normalisation.

        Shape:
            x: ``(..., time)``, ``time >= min_samples``
            returns: ``(..., n_bins, frames, 2)``
        """
        return restore_leading(self.coefficients(flatten_waveform(x, self.min_samples)), x)

    def coefficients(self, x: Tensor) -> Tensor:
        """:meth:`analysis` of a batch of clips.

        Shape:
            x: ``(batch, time)``, float32 or float64
            returns: ``(batch, n_bins, frames, 2)``
        """
        raise NotImplementedError

    def finish(
        self,
        X: Tensor,
        x: Tensor,
        output_format: Optional[str],
        normalization_type: str,
        return_complex: Optional[bool],
    ) -> Tensor:
        """Coefficients with the ``"librosa"`` normalisation in the requested format.

        Shape:
            X: ``(batch, n_bins, frames, 2)``
            x: ``(..., time)``
            returns: ``(..., n_bins, frames)`` for Magnitude (or complex), else ``(..., n_bins, frames, 2)``
        """
        if output_format is None:
            output_format = self.output_format
        if return_complex is None:
            return_complex = self.return_complex
        if not torch.jit.is_scripting():
            check_str("output_format", output_format)
            check_str("normalization_type", normalization_type)
            return_complex = require_bool("return_complex", return_complex)
        if normalization_type == "convolutional":
            X = X / (constant(self.scale, X.dtype) / self.convolutional_gain)
        elif normalization_type == "wrap":
            X = X * (2.0 / constant(self.scale, X.dtype))
        elif normalization_type != "librosa":
            raise ValueError(
                "normalization_type must be one of 'librosa', 'convolutional', 'wrap', "
                f"got '{normalization_type}'"
            )
        if output_format == "Complex":
            return restore_leading(as_complex(X) if return_complex else X, x)
        if output_format != "Magnitude" and output_format != "Phase":
            raise ValueError(
                f"output_format must be one of 'Magnitude', 'Complex', 'Phase', got '{output_format}'"
            )
        check_real_output(output_format, return_complex)
        y = magnitude(X, self.real_engine) if output_format == "Magnitude" else unit_phase(X)
        return restore_leading(y, x)


class DirectConstantQ(ConstantQTransform):
    """A constant-Q or variable-Q transform by exact kernels, all at the full sampling rate."""

    cqt_kernels_real: Tensor
    cqt_kernels_imag: Tensor
    if TYPE_CHECKING:
        _scale: Floats

    def build(
        self,
        norm: Optional[float],
        window: Window,
        gamma: Optional[float],
        filter_lengths: str,
        scale: bool,
        center: bool,
        trainable: bool,
        engine: str,
        tolerance: float,
        lookahead: Optional[int] = None,
    ) -> None:
        """Check the rest of the arguments and build the filter bank."""
        self.tolerance = require_number("tolerance", tolerance, at_least=0.0, at_most=0.5)
        self.center = require_bool("center", center)
        self.trainable = require_bool("trainable", trainable)
        self.require_short_kernels(gamma, filter_lengths, self.trainable)
        self.engine = resolve_engine(engine, self.trainable, "trainable")
        self.real_engine = self.engine == "real"
        self.lookahead = None if lookahead is None else require_int("lookahead", lookahead, 0)
        if lookahead is not None and self.trainable:
            raise ValueError(
                f"lookahead must be None with trainable=True, got {self.lookahead}: trained kernels may fill "
                "their whole width"
            )
        self._kernel_arguments = (norm, window, gamma, filter_lengths)
        basis = self.direct_basis()
        self._frequencies, self._lengths = basis.frequencies, basis.lengths
        self.kernel_width = basis.width
        self._scale = np.sqrt(basis.lengths) if require_bool("scale", scale) else basis.lengths
        self.constant_buffer("scale", split_constant(self._scale[:, None, None]))
        # A frame reaches as far as its longest kernel; trained kernels may fill their whole width.
        reach = max(max(-o, o + k.size) for o, k in zip(basis.offsets, basis.kernels, strict=True))
        half = basis.width // 2 if self.trainable or not self.center else reach
        self.pad = half if self.center else 0
        self.frame_width = 2 * half
        ahead = max(o + k.size for o, k in zip(basis.offsets, basis.kernels, strict=True))
        self.seen = self.frame_width if self.trainable else half + ahead
        self.min_samples = min_samples(self.pad, self.pad_mode, self.frame_width)
        self.first_centre = half - self.pad
        if self.trainable:
            self.keep_trained(basis)
            return
        self.bank = StridedBank(
            [kernel * factor for kernel, factor in zip(basis.kernels, self._scale, strict=True)],
            [half + offset for offset in basis.offsets],
            self.hop_length,
            self.frame_width,
            self.engine,
            self.tolerance,
        )

    @torch.jit.unused
    def keep_trained(self, basis: ConstantQBasis) -> None:
        """Register the parameters of a trained transform: here its kernels in time."""
        dense = basis.dense()[:, None]
        self.cqt_kernels_real = parameter(dense.real.copy())
        self.cqt_kernels_imag = parameter(dense.imag.copy())

    @torch.jit.unused
    def basis(self) -> ConstantQBasis:
        """The kernels in float64, before training and without the factor ``scale``."""
        return self.direct_basis()

    @torch.jit.unused
    def direct_basis(self) -> ConstantQBasis:
        """:meth:`basis` of the exact kernels."""
        norm, window, gamma, filter_lengths = self._kernel_arguments
        basis = kernels_at(
            self._frequencies,
            self._resolution,
            self.sr,
            self.bins_per_octave,
            self.filter_scale,
            norm,
            window,
            gamma,
            filter_lengths,
            self.hop_length,
        )
        if self.lookahead is None:
            return basis
        return with_lookahead(basis, self.lookahead, self.sr, norm)

    @torch.jit.export
    def n_frames(self, time: int) -> int:
        """Frames of a clip of ``time`` samples.

        Raises:
            ValueError: if ``time`` is less than ``min_samples``.
        """
        return self.direct_n_frames(time)

    def direct_n_frames(self, time: int) -> int:
        """:meth:`n_frames` of the exact kernels."""
        time = require_samples(time, self.min_samples)
        return 1 + (time + 2 * self.pad - self.frame_width) // self.hop_length

    def coefficients(self, x: Tensor) -> Tensor:
        """:meth:`analysis` of a batch of clips."""
        return self.direct_coefficients(x)

    def direct_coefficients(self, x: Tensor) -> Tensor:
        """:meth:`coefficients` by the exact kernels."""
        return self.coefficients_of(pad_waveform(x, self.pad, self.pad_mode))

    @torch.jit.unused
    def frame_geometry(self) -> FrameGeometry:
        """Place of the frames, for :class:`nnaudio2_core.Stream`."""
        return FrameGeometry(
            hop=self.hop_length,
            width=self.frame_width,
            seen=self.seen,
            before=self.pad,
            after=self.pad,
            pad_mode=self.pad_mode,
            first_centre=self.first_centre,
            min_samples=self.min_samples,
        )

    def frames_of(self, x: Tensor) -> Tensor:
        """The transform of a stretch of a padded clip, whose ends it does not pad.

        Shape:
            x: ``(batch, time)``, float32 or float64, ``time >= frame_width``
            returns: as :meth:`forward`, ``frames = 1 + (time - frame_width) // hop_length``
        """
        return self.finish(self.coefficients_of(x), x, None, "librosa", None)

    def coefficients_of(self, x: Tensor) -> Tensor:
        """:meth:`direct_coefficients` of a padded clip."""
        if self.trainable:
            X = correlation_pairs(x, self.trained_weights().to(x.dtype), self.hop_length)
            return X * constant(self.scale, x.dtype)
        coefficients: Tensor = self.bank(x)
        return coefficients

    def trained_weights(self) -> Tensor:
        """Kernels of the real, then of the imaginary parts: ``(2 * n_bins, 1, kernel_width)``."""
        return torch.cat([self.cqt_kernels_real, -self.cqt_kernels_imag])

    @torch.jit.export
    def adjoint(self, X: Tensor, length: int) -> Tensor:
        """The transpose of :meth:`analysis`, coefficients seen as pairs of real numbers.

        Shape:
            X: ``(..., n_bins, frames, 2)`` or complex ``(..., n_bins, frames)``,
                ``frames = n_frames(length)``
            returns: ``(..., length)``

        Raises:
            RuntimeError: with ``trainable=True``, since trained kernels are not kept as a bank.
        """
        return self.direct_adjoint(X, length)

    def direct_adjoint(self, X: Tensor, length: int) -> Tensor:
        """:meth:`adjoint` by the exact kernels."""
        if self.trainable:
            raise RuntimeError("trainable must be False for the adjoint, which is that of fixed kernels")
        if not torch.jit.is_scripting():
            length = require_whole("length", length)
        pairs = as_real_pairs(X)
        coefficients = flatten_pairs(pairs)
        check_bins(coefficients.size(1), self.n_bins)
        check_frames(coefficients.size(2), self.n_frames(length))
        y = self.bank.adjoint(coefficients, length + 2 * self.pad)
        return restore_leading(pad_waveform_adjoint(y, self.pad, self.pad_mode), pairs, 3)
