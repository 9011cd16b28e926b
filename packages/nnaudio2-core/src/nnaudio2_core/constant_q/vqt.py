"""Variable-Q transform, by exact kernels or octave by octave."""

from typing import TYPE_CHECKING, Any, List, Optional, Sequence, Union

import numpy as np
import torch
from torch import Tensor, nn

from ..framing.design_window import Window
from ..module.arguments import require_bool, require_choice, require_number, shown
from ..module.constants import Constants, parameter
from ..module.engines import require_engine
from ..module.plain_values import plain
from ..module.precision import constant, split_constant
from .constant_q_transform import DirectConstantQ, require_norm
from .design_bins import FILTER_LENGTHS, erb_gamma, relative_bandwidth
from .design_kernels import ConstantQBasis
from .librosa_arguments import librosa_arguments
from .octave_constant_q import OctaveConstantQ

ALGORITHMS = ("direct", "octaves")


class VQT(DirectConstantQ):
    """Variable-Q transform of a waveform: bins of bandwidth ``alpha f_k + gamma``.

    As :class:`CQT1992v2`, with filter lengths ``filter_scale * sr / (alpha f_k + gamma)``, where ``alpha =
    2 ** (1 / bins_per_octave) - 1``: with ``gamma > 0`` the low bins are wider in frequency and sharper in
    time. ``gamma = 0`` is directly CQT1992v2, bit for bit, and ``gamma -> 0`` converges to it.

    Args:
        sr: sampling rate, Hz, > 0.
        hop_length: samples between frames, >= 1.
        fmin: centre of the lowest bin, Hz, > 0.
        fmax: end of the frequency range, Hz, > ``fmin``; if given, ``n_bins`` is ignored.
        n_bins: number of bins, >= 1; None for as many as have their pass band below ``sr / 2``.
        filter_scale: factor on all filter lengths, 1e-6 to 1e6.
        bins_per_octave: bins in each octave, 0.01 to 1e5.
        basis_norm: as ``norm`` of :class:`CQT1992v2`.
        gamma: bandwidth added to every bin, Hz, >= 0. None makes bandwidths proportional to the ear's,
            24.7 Hz + 0.108 f: ``gamma = 24.7 / 0.108 * alpha``, which the attribute ``gamma`` shows.
        window: a name or tuple that ``scipy.signal.get_window`` takes.
        pad_mode: ``"reflect"``, ``"constant"`` (zeros), ``"replicate"`` or ``"circular"``.
        earlydownsample: lower the rate before the top octave where possible; only with ``"octaves"``.
        trainable: make the kernels parameters.
        output_format: ``"Magnitude"``, ``"Complex"`` or ``"Phase"`` (cosine and sine of the phase).
        return_complex: with ``"Complex"``, return a complex tensor.
        algorithm: ``"direct"``: exact kernels; ``"octaves"``: nnAudio's, octave by octave, with its errors of
            some per cent; with early down-sampling by d, bins lie a factor of d lower, see ``frequencies``.
        center: as in :class:`CQT1992v2`; only with ``"direct"``.
        filter_lengths: as in :class:`CQT1992v2`; only with ``"direct"``.
        engine: as in :class:`CQT1992v2`; only with ``"direct"``.
        tolerance: as in :class:`CQT1992v2`; only with ``"direct"``.
        tuning: as in :class:`CQT1992v2`.
        frequencies: as in :class:`CQT1992v2`; only with ``"direct"``.
        scale: as in :class:`CQT1992v2`; only with ``"direct"``.
        lookahead: as in :class:`CQT1992v2`; only with ``"direct"``.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``
        returns: ``(..., n_bins, frames)`` for Magnitude (or complex), else ``(..., n_bins, frames, 2)``;
        ``frames = 1 + time // hop_length`` with ``center``

    The call accepts ``output_format``, ``normalization_type`` and ``return_complex`` as :class:`CQT1992v2`.

    Raises:
        ValueError: for an argument out of range, a top bin above ``sr / 2``, or a clip shorter than
            ``min_samples``.
        TypeError: for audio that is not of a floating type.

    Example:
        >>> import torch
        >>> vqt = VQT(sr=22050, n_bins=72, gamma=20.0)
        >>> vqt(torch.zeros(2, 22050)).shape
        torch.Size([2, 72, 44])
        >>> [int(n) for n in vqt.lengths[[0, 71]]]  # a CQT has 11341 and 188 samples
        [1005, 161]
        >>> round(VQT(gamma=None).gamma, 2)
        13.6

    Source: Schörkhuber, Klapuri, Holighaus & Dörfler (2014), eq. 1 and section 2.2.
    """

    __constants__ = [*DirectConstantQ.__constants__, "octave_by_octave"]

    if TYPE_CHECKING:
        gamma: Union[float, List[float]]

    def __init__(
        self,
        sr: float = 22050,
        hop_length: int = 512,
        *,
        fmin: float = 32.70,
        fmax: Optional[float] = None,
        n_bins: Optional[int] = 84,
        filter_scale: float = 1,
        bins_per_octave: float = 12,
        basis_norm: Optional[float] = 1,
        gamma: Optional[float] = 0,
        window: Window = "hann",
        pad_mode: str = "reflect",
        earlydownsample: bool = True,
        trainable: bool = False,
        output_format: str = "Magnitude",
        return_complex: bool = False,
        algorithm: str = "direct",
        center: bool = True,
        filter_lengths: str = "integer",
        engine: str = "auto",
        tolerance: float = 2e-7,
        tuning: float = 0.0,
        frequencies: Optional[Sequence[float]] = None,
        scale: bool = True,
        lookahead: Optional[int] = None,
    ) -> None:
        super().__init__()
        self.constant_q_arguments(
            sr,
            hop_length,
            fmin,
            fmax,
            n_bins,
            bins_per_octave,
            filter_scale,
            pad_mode,
            output_format,
            return_complex,
            window=window,
            gamma=gamma,
            filter_lengths=filter_lengths,
            tuning=tuning,
            frequencies=frequencies,
        )
        gamma = plain(gamma)
        alpha = relative_bandwidth(self._resolution, filter_lengths)
        added = erb_gamma(alpha) if gamma is None else float(gamma)
        self.gamma = added.tolist() if isinstance(added, np.ndarray) else added
        require_choice("algorithm", algorithm, ALGORITHMS)
        earlydownsample = require_bool("earlydownsample", earlydownsample)
        self.octave_by_octave = algorithm == "octaves"
        if not self.octave_by_octave:
            basis_norm = require_norm("basis_norm", basis_norm)
            lengths = (gamma, filter_lengths)
            self.build(basis_norm, window, *lengths, scale, center, trainable, engine, tolerance, lookahead)
            return
        only_direct = {
            "center": (require_bool("center", center), True),
            "filter_lengths": (require_choice("filter_lengths", filter_lengths, FILTER_LENGTHS), "integer"),
            "engine": (require_engine(engine), "auto"),
            "tolerance": (require_number("tolerance", tolerance), 2e-7),
            "frequencies": (frequencies, None),
            "scale": (require_bool("scale", scale), True),
            "lookahead": (lookahead, None),
        }
        for name, (value, only) in only_direct.items():
            if value != only:
                raise ValueError(f"{name} must be {only!r} with algorithm='octaves', got {shown(value)}")
        self.octaves = VariableQOctaves(
            sr,
            hop_length,
            fmin=self.fmin,
            n_bins=self.n_bins,
            bins_per_octave=bins_per_octave,
            filter_scale=filter_scale,
            basis_norm=basis_norm,
            gamma=self.gamma,
            window=window,
            pad_mode=pad_mode,
            earlydownsample=earlydownsample,
            trainable=require_bool("trainable", trainable),
        )
        self.trainable, self.engine, self.real_engine = bool(trainable), "real", True
        self.min_samples, self.first_centre = self.octaves.min_samples, self.octaves.first_centre
        self.kernel_width = self.octaves.kernel_width
        self._frequencies, self._lengths = self.octaves.frequencies.numpy(), self.octaves.lengths.numpy()
        self.constant_buffer("scale", self.octaves.scale)

    @classmethod
    def like_librosa(
        cls,
        sr: float = 22050,
        hop_length: int = 512,
        *,
        fmin: Optional[float] = None,
        n_bins: Optional[int] = 84,
        gamma: Optional[float] = None,
        bins_per_octave: int = 12,
        tuning: float = 0.0,
        filter_scale: float = 1,
        norm: Optional[float] = 1,
        window: Window = "hann",
        scale: bool = True,
        pad_mode: str = "constant",
        version: str = "0.11",
        **ours: Any,
    ) -> "VQT":
        """The transform with the numbers of ``librosa.vqt``, whose arguments and defaults these are.

        With ``gamma=0`` the differences are those of :meth:`CQT.like_librosa`, which describes the arguments.
        The negative frequencies that librosa omits matter more with ``gamma``: 2e-3 with the default, 13 Hz.

        Args:
            sr: sampling rate, Hz, > 0.
            hop_length: samples between frames, >= 1.
            fmin: as in :meth:`CQT.like_librosa`.
            n_bins: as in :meth:`CQT.like_librosa`.
            gamma: bandwidth added to every bin, Hz; None for that of the ear, as in :class:`VQT`.
            bins_per_octave: as in :meth:`CQT.like_librosa`.
            tuning: as in :meth:`CQT.like_librosa`.
            filter_scale: factor on all filter lengths.
            norm: as in :meth:`CQT.like_librosa`.
            window: as in :meth:`CQT.like_librosa`.
            scale: divide by the root of the filter length.
            pad_mode: as in :meth:`CQT.like_librosa`.
            version: as in :meth:`CQT.like_librosa`.
            ours: arguments of :class:`VQT` that librosa lacks. Coefficients are complex by default.

        Example:
            >>> import torch
            >>> vqt = VQT.like_librosa(n_bins=60)
            >>> vqt(torch.zeros(22050)).dtype
            torch.complex64
        """
        given = librosa_arguments(version, fmin, tuning, norm, scale, pad_mode, "basis_norm", ours)
        return cls(
            sr,
            hop_length,
            n_bins=n_bins,
            gamma=gamma,
            bins_per_octave=bins_per_octave,
            filter_scale=filter_scale,
            window=window,
            **given,
        )

    @torch.jit.export
    def n_frames(self, time: int) -> int:
        """Frames of a clip of ``time`` samples.

        Raises:
            ValueError: if ``time`` is less than ``min_samples``.
        """
        if self.octave_by_octave:
            return self.octaves.n_frames(time)
        return self.direct_n_frames(time)

    def coefficients(self, x: Tensor) -> Tensor:
        """:meth:`analysis` of a batch of clips."""
        if self.octave_by_octave:
            return self.octaves.coefficients(x)
        return self.direct_coefficients(x)

    @torch.jit.unused
    def basis(self) -> ConstantQBasis:
        """The kernels of the direct algorithm; see :meth:`CQT1992v2.basis`.

        Raises:
            RuntimeError: with ``algorithm="octaves"``, which has other kernels in each octave.
        """
        if self.octave_by_octave:
            raise RuntimeError("algorithm must be 'direct' for the basis, got 'octaves'")
        return self.direct_basis()

    @torch.jit.export
    def adjoint(self, X: Tensor, length: int) -> Tensor:
        """The transpose of :meth:`analysis`; see :meth:`CQT1992v2.adjoint`.

        Raises:
            RuntimeError: with ``trainable=True`` or ``algorithm="octaves"``.
        """
        if self.octave_by_octave:
            raise RuntimeError("algorithm must be 'direct' for the adjoint, got 'octaves'")
        return self.direct_adjoint(X, length)


class VariableQOctaves(OctaveConstantQ):
    """The octave-by-octave variable-Q transform, with different kernels in every octave."""

    def __init__(
        self,
        sr: float,
        hop_length: int,
        *,
        fmin: float,
        n_bins: int,
        bins_per_octave: float,
        filter_scale: float,
        basis_norm: Optional[float],
        gamma: float,
        window: Window,
        pad_mode: str,
        earlydownsample: bool,
        trainable: bool,
    ) -> None:
        super().__init__()
        self.constant_q_arguments(
            sr, hop_length, fmin, None, n_bins, bins_per_octave, filter_scale, pad_mode, "Complex"
        )
        self.build_octaves(earlydownsample, gamma)
        basis_norm = require_norm("basis_norm", basis_norm)
        # As in nnAudio, kernels are those of the original rate, on the signal at the lower one.
        self._frequencies = self._frequencies / self.downsample_factor
        kernels = [
            self.octave_kernels(octave, self.sr, basis_norm, window, gamma)
            for octave in range(self.n_octaves)
        ]
        widths = [kernel.shape[1] for kernel in kernels]
        self.kernel_width = max(widths)
        self.min_samples = self.shortest_clip(widths)
        self.trainable = trainable
        self.kernels = nn.ModuleList(OctaveKernels(kernel, trainable) for kernel in kernels)

    def octave_weights(self, x: Tensor) -> List[Tensor]:
        """Kernels of each octave, which differ."""
        weights: List[Tensor] = []
        for kernels in self.kernels:
            weights.append(kernels(x))  # noqa: PERF401  # TorchScript has no comprehension over modules
        return weights

    def scaled(self, X: Tensor) -> Tensor:
        """Correlations with the kernels, scaled."""
        return X * (constant(self.scale, X.dtype) * self.downsample_factor)


class OctaveKernels(Constants):
    """The kernels of one octave, fixed or trained."""

    __constants__ = ["trainable"]

    cqt_kernels_real: Tensor
    cqt_kernels_imag: Tensor
    weights: Tensor

    def __init__(self, kernels: "np.typing.NDArray[np.complex128]", trainable: bool = False) -> None:
        super().__init__()
        self.trainable = bool(trainable)
        if self.trainable:
            self.cqt_kernels_real = parameter(kernels.real[:, None].copy())
            self.cqt_kernels_imag = parameter(kernels.imag[:, None].copy())
        else:
            weights = np.concatenate([kernels.real, -kernels.imag])[:, None]
            self.constant_buffer("weights", split_constant(weights))

    def forward(self, x: Tensor) -> Tensor:
        """Weights in the dtype of ``x``: ``(2 * bins, 1, width)``."""
        if self.trainable:
            return torch.cat([self.cqt_kernels_real, -self.cqt_kernels_imag]).to(x.dtype)
        return constant(self.weights, x.dtype)
