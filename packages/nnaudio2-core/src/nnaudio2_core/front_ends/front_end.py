"""Front end of a model: every step from the waveform to the features, each with an argument of its own."""

from typing import TYPE_CHECKING, Any, List, Optional, Sequence, Union

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..bands.filterbank import Filterbank
from ..block_sparse.block import Block
from ..block_sparse.products import block_matrices, sparse_product
from ..fourier.design_factors import factors_pay
from ..fourier.filtered_spectra import FrameFilters, filtered_spectra
from ..fourier.fourier_transform import FourierTransform
from ..fourier.frame_fourier import FrameFourier, powers
from ..framing.design_window import Window
from ..module.arguments import (
    MOST_BANDS,
    MOST_FRAME_SAMPLES,
    require_bool,
    require_choice,
    require_int,
    require_memory,
    require_number,
    shown,
)
from ..module.engines import resolve_engine
from ..module.plain_values import plain_copy
from ..module.precision import constant, matmul, split_constant
from ..module.shapes import flatten_waveform, is_float, require_samples, restore_leading
from .clips import conditioned_frames, emphasised, of_length, pad_ends, to_multiple, valid, without_rest
from .design_front_end import band_filters, cepstral_weights, frame_window, own_filters
from .features import logarithm, normalized, stacked, within_range

LOGARITHMS = ("ln", "log10", "db", "log1p", "none")
EDGES = ("drop", "zeros", "repeat")
# Samples of a clip or frames of a result; a fixed length of more would exhaust the memory.
MOST_LENGTH = 2**28


class FrontEnd(FourierTransform, Filterbank):
    """Features of a clip, as a model takes them: bands of short-time spectra, their logarithm, normalised.

    The steps, in order: fixed length, input scale, pre-emphasis, padding, frames (without their mean,
    pre-emphasised, windowed), spectrum, bands, logarithm, range, cepstra, normalisation, fixed number of
    frames, affine map, stacking. :func:`nnaudio2_core.front_end` has the arguments of known models by name.

    Args:
        sr: sampling rate, Hz, > 0.
        n_fft: points of the Fourier transform, >= 2.
        win_length: samples of a frame, 1 to ``n_fft``; zeros follow up to ``n_fft``. None means ``n_fft``.
        hop_length: samples between frames, >= 1.
        window: a name or tuple that ``scipy.signal.get_window`` takes, ``"povey"``, or samples.
        periodic: False for the symmetric window of that name.
        clip_length: cut each clip to so many samples, or fill it up with zeros; None keeps its length.
        clip_repeat: with ``clip_length``, repeat a short clip as often as it fits before the zeros.
        clip_multiple: fill each clip up with zeros to a multiple of so many samples.
        input_scale: factor on the samples, e.g. 32768 for models trained on 16-bit integers.
        preemphasis: coefficient c of ``x[t] - c x[t - 1]``, 0 to 1.
        preemphasis_by_frame: apply it within each frame, whose first sample is multiplied by ``1 - c``.
        remove_mean: subtract the mean of each frame.
        pad_left: samples added before the clip, >= 0; ``win_length // 2`` centres frame ``t`` on sample
            ``t * hop_length``.
        pad_right: samples added after the clip, >= ``-hop_length``. A negative number drops samples; to leave
            out the last frame of a centred transform, use ``win_length // 2 - hop_length``.
        pad_mode: ``"reflect"``, ``"constant"`` (zeros), or ``"mirror"`` (a reflection that repeats the end
            sample). Clips that are shorter than the padding are reflected over and over.
        power: exponent of the magnitude, > 0, at most 100: 1 for magnitude, 2 for power.
        power_offset: added to the power, >= 0, before it becomes a magnitude; only with ``power=1``.
        n_bands: number of bands, >= 1.
        scale: mel scale, ``"slaney"`` or ``"htk"`` (also Kaldi's), or ``"linear"``.
        triangles: axis on which the triangles' sides are straight, ``"hz"`` or ``"mel"`` (as in Kaldi).
        norm: ``"slaney"`` for bands of equal area, None for bands with peak 1.
        fmin: lower edge of the lowest band, Hz, >= 0.
        fmax: upper edge of the highest band, Hz, ``fmin`` to ``sr / 2``; None means ``sr / 2``.
        filters: own matrix instead of mel, ``(n_bands, n_fft // 2 + 1)``; the six arguments above are unused.
        log: ``"ln"``, ``"log10"``, ``"db"`` (10 log10), ``"log1p"``, or ``"none"``.
        floor: least band before the logarithm, 1e-37 to 1e37.
        add_floor: add the floor to each band instead.
        log_multiple: factor on the bands before ``"log1p"``, > 0.
        n_cepstra: coefficients of an orthonormal cosine transform over the bands; None for none.
        lifter: parameter of the cepstral lifter, >= 0; 0 for none.
        dynamic_range: raise each band to at least the clip's maximum minus this; None for no limit.
        maximum: a fixed number instead of the clip's maximum.
        normalize: ``"mean"`` subtracts each band's mean over the clip's frames, ``"deviation"`` also divides
            by its standard deviation (if that is 0, by 1); None for neither.
        ddof: number subtracted from the frames in the variance, 0 or 1.
        variance_offset: added to the variance, >= 0.
        deviation_offset: added to the standard deviation, >= 0.
        n_fixed: fixed number of frames: the rest is cut off, or filled with zeros before the affine map.
        mean: subtracted from all features, or one number for each.
        deviation: divides the features, > 0, or one number for each.
        n_trailing: frames of zeros appended at the end.
        stack: frames side by side in one, >= 1.
        stack_hop: frames between stacks, >= 1; None means ``stack``.
        stack_edges: ``"drop"`` for whole stacks only, ``"zeros"`` or ``"repeat"`` to fill up the last one;
            with ``"repeat"`` the first stack is centred on the first frame.
        stack_apart: keep the frames of a stack on an axis of their own.
        frames_last: ``(features, frames)`` instead of ``(frames, features)``.
        trainable_bands: make the filters a parameter, ``band_basis``, ``(n_bands, n_fft // 2 + 1)``.
        engine: ``"fft"``, ``"real"`` (without complex numbers), or ``"auto"``: fft.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``
        lengths: ``(...)``, whole numbers: the samples of each item of a padded batch; None if all are whole.
            Item ``i`` then equals the item alone, and the frames after its own are zeros.
        returns: ``(..., features, frames)``; ``(..., frames, features)`` if not ``frames_last``;
            ``(..., frames, stack, features)`` with ``stack_apart``

    Raises:
        ValueError: for an argument out of range, or a clip shorter than ``min_samples``.
        TypeError: for audio that is not of a floating type.

    Example:
        >>> import torch
        >>> features = FrontEnd(16000, pad_left=200, pad_right=200, normalize="mean")
        >>> features(torch.randn(2, 16000)).shape
        torch.Size([2, 80, 101])
        >>> features(torch.randn(2, 16000), lengths=torch.tensor([16000, 8000]))[1, :, 51:].abs().max()
        tensor(0.)

    Source: Davis & Mermelstein (1980); the steps are those of the models in the table of front ends.
    """

    __constants__ = [*FourierTransform.__constants__, "n_cepstra"]
    __jit_unused_properties__ = ["config", "frequencies"]

    weights: Tensor
    cepstral: Tensor
    mean: Tensor
    scale: Tensor
    blocks: List[Block]  # again, as TorchScript reads the annotations of one class only

    if TYPE_CHECKING:  # at run time the tracer would take the parameter for one that may be None
        band_basis: Optional[Tensor]

    def __init__(
        self,
        sr: float = 16000,
        n_fft: int = 400,
        *,
        win_length: Optional[int] = None,
        hop_length: int = 160,
        window: Window = "hann",
        periodic: bool = True,
        clip_length: Optional[int] = None,
        clip_repeat: bool = False,
        clip_multiple: int = 1,
        input_scale: float = 1.0,
        preemphasis: float = 0.0,
        preemphasis_by_frame: bool = False,
        remove_mean: bool = False,
        pad_left: int = 0,
        pad_right: int = 0,
        pad_mode: str = "reflect",
        power: float = 2.0,
        power_offset: float = 0.0,
        n_bands: int = 80,
        scale: str = "slaney",
        triangles: str = "hz",
        norm: Optional[str] = "slaney",
        fmin: float = 0.0,
        fmax: Optional[float] = None,
        filters: Optional[Sequence[Sequence[float]]] = None,
        log: str = "ln",
        floor: float = 1e-10,
        add_floor: bool = False,
        log_multiple: float = 1.0,
        n_cepstra: Optional[int] = None,
        lifter: float = 0.0,
        dynamic_range: Optional[float] = None,
        maximum: Optional[float] = None,
        normalize: Optional[str] = None,
        ddof: int = 0,
        variance_offset: float = 0.0,
        deviation_offset: float = 0.0,
        n_fixed: Optional[int] = None,
        mean: Union[float, Sequence[float]] = 0.0,
        deviation: Union[float, Sequence[float]] = 1.0,
        n_trailing: int = 0,
        stack: int = 1,
        stack_hop: Optional[int] = None,
        stack_edges: str = "drop",
        stack_apart: bool = False,
        frames_last: bool = True,
        trainable_bands: bool = False,
        engine: str = "auto",
    ) -> None:
        super().__init__()
        self.sr = require_number("sr", sr, above=0.0)
        self.n_fft = require_int("n_fft", n_fft, 2, MOST_FRAME_SAMPLES)
        self.win_length = self.n_fft if win_length is None else require_int("win_length", win_length, 1)
        if self.win_length > self.n_fft:
            raise ValueError(f"win_length must be <= n_fft = {self.n_fft}, got {self.win_length}")
        self.frame_hop = require_int("hop_length", hop_length, 1)
        self.clip_length = _optional_int("clip_length", clip_length)
        self.clip_repeat = require_bool("clip_repeat", clip_repeat)
        self.clip_multiple = require_int("clip_multiple", clip_multiple, 1, MOST_LENGTH)
        self.input_scale = require_number("input_scale", input_scale, 0.0, 1e-12, 1e12)
        self.preemphasis = require_number("preemphasis", preemphasis, at_least=0.0, at_most=1.0)
        self.preemphasis_by_frame = require_bool("preemphasis_by_frame", preemphasis_by_frame)
        self.remove_mean = require_bool("remove_mean", remove_mean)
        self.by_frame = self.remove_mean or (self.preemphasis > 0.0 and self.preemphasis_by_frame)
        self.left = require_int("pad_left", pad_left, 0, MOST_FRAME_SAMPLES)
        self.right = require_int("pad_right", pad_right, -self.frame_hop, MOST_FRAME_SAMPLES)
        self.pad_mode = require_choice("pad_mode", pad_mode, ("reflect", "constant", "mirror"))
        self.power = require_number("power", power, above=0.0, at_most=100.0)
        self.power_offset = require_number("power_offset", power_offset, at_least=0.0, at_most=1e12)
        if self.power_offset > 0.0 and self.power != 1.0:
            raise ValueError(f"power_offset must be 0 unless power is 1, got {self.power_offset:g}")
        self.engine = resolve_engine(engine)
        self._keep_transform(window, periodic)
        n_bands = self._keep_filters(
            n_bands,
            scale,
            triangles,
            norm,
            fmin,
            fmax,
            filters,
            require_bool("trainable_bands", trainable_bands),
        )
        self.log = require_choice("log", log, LOGARITHMS)
        self.floor = require_number("floor", floor, 0.0, 1e-37, 1e37)
        self.add_floor = require_bool("add_floor", add_floor)
        self.log_multiple = require_number("log_multiple", log_multiple, above=0.0, at_most=1e12)
        n_features = self._keep_cepstra(n_cepstra, lifter, n_bands)
        self.dynamic_range = _optional_number("dynamic_range", dynamic_range, at_least=0.0)
        self.maximum = _optional_number("maximum", maximum)
        self.normalize = "none"
        if normalize is not None:
            self.normalize = require_choice("normalize", normalize, ("mean", "deviation"))
        self.ddof = require_int("ddof", ddof, 0, 1)
        self.variance_offset = require_number("variance_offset", variance_offset, at_least=0.0, at_most=1e12)
        self.deviation_offset = require_number(
            "deviation_offset", deviation_offset, at_least=0.0, at_most=1e12
        )
        self.n_fixed = _optional_int("n_fixed", n_fixed)
        self.constant_buffer("mean", split_constant(_of_features("mean", mean, n_features)))
        divisors = _of_features("deviation", deviation, n_features)
        if not (divisors >= 1e-12).all():
            raise ValueError(f"deviation must be >= 1e-12, got {shown(deviation)}")
        self.constant_buffer("scale", split_constant(1.0 / divisors))
        self.affine = bool((divisors != 1.0).any()) or bool(np.any(np.asarray(plain_copy(mean)) != 0.0))
        self.n_trailing = require_int("n_trailing", n_trailing, 0, MOST_LENGTH)
        self.stack = require_int("stack", stack, 1, MOST_BANDS)
        self.stack_hop = (
            self.stack if stack_hop is None else require_int("stack_hop", stack_hop, 1, MOST_BANDS)
        )
        self.stack_edges = require_choice("stack_edges", stack_edges, EDGES)
        self.stacks = self.stack > 1 or self.stack_hop > 1
        self.stack_apart = require_bool("stack_apart", stack_apart)
        self.frames_last = require_bool("frames_last", frames_last)
        if self.stack_apart and self.frames_last:
            raise ValueError("stack_apart must be False with frames_last=True, got True")
        self.hop_length = self.frame_hop * self.stack_hop
        self.first_centre = self.win_length // 2 - self.left
        self.min_samples = self._fewest_samples()

    def _keep_transform(self, window: Window, periodic: bool) -> None:
        exact = frame_window(window, require_bool("periodic", periodic), self.win_length)
        half = self.n_fft // 2 + 1
        real = self.engine == "real"
        pays = factors_pay(self.n_fft, half)
        self.hop_length = self.frame_hop
        self.keep_fourier(exact, self.n_fft, "n_fft", real and pays)
        if real and not pays:
            # Cycles per window, which may be shorter than the transform.
            bins = np.arange(half, dtype=np.float64) * (self.win_length / self.n_fft)
            self.keep_kernels(bins, exact, False, "n_fft")

    def _keep_filters(
        self,
        n_bands: int,
        scale: str,
        triangles: str,
        norm: Optional[str],
        fmin: float,
        fmax: Optional[float],
        filters: Any,
        trainable: bool,
    ) -> int:
        """Build and keep the filters; return the number of bands."""
        n_bands = require_int("n_bands", n_bands, 1, MOST_BANDS)
        require_choice("scale", scale, ("slaney", "htk", "linear"))
        require_choice("triangles", triangles, ("hz", "mel"))
        if norm is not None:
            require_choice("norm", norm, ("slaney",))
        low = require_number("fmin", fmin, at_least=0.0)
        high = self.sr / 2 if fmax is None else require_number("fmax", fmax, above=low)
        if high > self.sr / 2:
            raise ValueError(f"fmax must be <= sr / 2 = {self.sr / 2:g}, got {high:g}")
        if not low < high:
            raise ValueError(f"fmin must be < fmax = {high:g}, got {low:g}")
        if filters is None:
            require_memory("n_bands and n_fft", n_bands * self.n_fft)
            with np.errstate(all="ignore"):
                matrix, centres = band_filters(
                    self.sr, self.n_fft, n_bands, low, high, scale, triangles, norm
                )
        else:
            matrix = own_filters(plain_copy(filters), self.n_fft)
            centres = np.abs(matrix).argmax(1) * (self.sr / self.n_fft)
        self.keep_filterbank(matrix, centres, low, high, "band_basis", trainable)
        return len(matrix)

    def _keep_cepstra(self, n_cepstra: Optional[int], lifter: float, n_bands: int) -> int:
        """Keep the cosine transform; return the number of features."""
        self.n_cepstra = 0 if n_cepstra is None else require_int("n_cepstra", n_cepstra, 1)
        lifter = require_number("lifter", lifter, at_least=0.0, at_most=1e6)
        if self.n_cepstra > n_bands:
            raise ValueError(f"n_cepstra must be <= n_bands = {n_bands}, got {self.n_cepstra}")
        if self.n_cepstra == 0:
            self.constant_buffer("cepstral", torch.zeros(2, 0))
            return n_bands
        require_memory("n_cepstra and n_bands", self.n_cepstra * n_bands)
        self.constant_buffer("cepstral", split_constant(cepstral_weights(self.n_cepstra, n_bands, lifter)))
        return self.n_cepstra

    def _fewest_samples(self) -> int:
        """Samples of the shortest clip that has a frame."""
        if self.clip_length is not None:
            if self._frames_of(self.clip_length) < 1:
                raise ValueError(
                    f"clip_length must hold one frame of {self.win_length} samples, got {self.clip_length}"
                )
            return 1
        frames = 1
        if self.n_fixed is None and self.stack_edges == "drop":
            frames = max(1, self.stack - self.n_trailing)
        needed = max(1, (frames - 1) * self.frame_hop + self.win_length - self.left - self.right)
        return (needed - 1) // self.clip_multiple * self.clip_multiple + 1

    def _frames_of(self, time: int) -> int:
        """Frames of a clip before any are added, cut off or stacked; less than 1 if it is too short."""
        if self.clip_length is not None:
            time = self.clip_length
        time = (time + self.clip_multiple - 1) // self.clip_multiple * self.clip_multiple
        return (time + self.left + self.right - self.win_length) // self.frame_hop + 1

    @property
    def frequencies(self) -> Tensor:
        """Centre of each band, Hz: ``(n_bands,)``, float64; cepstral coefficients have none."""
        if self.n_cepstra > 0:
            raise AttributeError(
                f"{type(self).__name__} has cepstral coefficients, which have no frequencies"
            )
        return torch.from_numpy(self._frequencies.copy())

    @torch.jit.export
    def n_frames(self, time: int) -> int:
        """Frames of a clip of ``time`` samples, in eager mode also of a tensor of lengths.

        Raises:
            ValueError: if ``time`` is less than ``min_samples``.
        """
        if not torch.jit.is_scripting():
            if isinstance(time, Tensor) and time.dim() > 0 and not is_float(time):
                return self.frame_counts(time)
        time = require_samples(time, self.min_samples)
        frames = self._frames_of(time)
        if self.n_fixed is not None:
            frames = self.n_fixed
        frames += self.n_trailing
        if not self.stacks:
            return frames
        if self.stack_edges == "drop":
            return (frames - self.stack) // self.stack_hop + 1
        return (frames + self.stack_hop - 1) // self.stack_hop

    @torch.jit.export
    def frame_counts(self, lengths: Tensor) -> Tensor:
        """Frames of the clips of a padded batch: :meth:`n_frames` of each; 0 for one that is too short.

        Shape:
            lengths: ``(...)``, whole numbers
            returns: the same
        """
        frames = self._valid_frames(lengths)
        if self.n_fixed is not None:
            frames = torch.full_like(frames, self.n_fixed)
        frames = frames + self.n_trailing
        if self.stacks and self.stack_edges == "drop":
            frames = torch.div(frames - self.stack, self.stack_hop, rounding_mode="floor") + 1
        elif self.stacks:
            frames = torch.div(frames + (self.stack_hop - 1), self.stack_hop, rounding_mode="floor")
        return torch.where(lengths >= self.min_samples, frames, 0)

    def _valid_frames(self, lengths: Tensor) -> Tensor:
        """:meth:`_frames_of` of each length."""
        if self.clip_length is not None:
            return torch.full_like(lengths, self._frames_of(self.clip_length))
        multiple = self.clip_multiple
        lengths = torch.div(lengths + (multiple - 1), multiple, rounding_mode="floor") * multiple
        over = lengths + (self.left + self.right - self.win_length)
        return (torch.div(over, self.frame_hop, rounding_mode="floor") + 1).clamp(min=0)

    def forward(self, x: Tensor, lengths: Optional[Tensor] = None) -> Tensor:
        """Compute the features of a waveform; see the class."""
        waveform = flatten_waveform(x, self.min_samples)
        given: Optional[Tensor] = None
        if lengths is not None:
            given = self._checked(lengths, x)
        counts: Optional[Tensor] = None
        if given is not None and self.clip_length is None:
            counts = self._valid_frames(given)
        y = self._features(self._bands(self._prepared(waveform, given)), counts)
        if self.stack_apart:
            y = y.unflatten(2, [self.stack, -1])
        return restore_leading(y.transpose(1, 2) if self.frames_last else y, x)

    def _checked(self, lengths: Tensor, x: Tensor) -> Tensor:
        if not torch.jit.is_scripting():
            if not isinstance(lengths, Tensor):
                raise TypeError(f"lengths must be a tensor of whole numbers, got {type(lengths).__name__}")
        if is_float(lengths) or lengths.is_complex() or lengths.dtype == torch.bool:
            raise TypeError(f"lengths must be a tensor of whole numbers, got {lengths.dtype}")
        if list(lengths.shape) != list(x.shape)[:-1]:
            raise ValueError(
                f"lengths must have the shape {list(x.shape)[:-1]} of the batch, got {list(lengths.shape)}"
            )
        flat = lengths.reshape(-1).to(device=x.device, dtype=torch.int64)
        if flat.numel() == 0:  # one item stands for an empty batch
            return torch.full([1], x.size(-1), dtype=torch.int64, device=x.device)
        return flat.clamp(1, x.size(-1))

    def _prepared(self, x: Tensor, lengths: Optional[Tensor]) -> Tensor:
        """``(batch, time)`` to ``(batch, left + time + right)``, scaled and pre-emphasised."""
        x = without_rest(x, lengths)
        if self.clip_length is not None:
            x = of_length(x, lengths, self.clip_length, self.clip_repeat)
            lengths = None
        x, lengths = to_multiple(x, lengths, self.clip_multiple)
        if self.input_scale != 1.0:
            x = x * self.input_scale
        if not self.preemphasis_by_frame:
            x = emphasised(x, lengths, self.preemphasis)
        return pad_ends(x, lengths, self.left, self.right, self.pad_mode)

    def _bands(self, x: Tensor) -> Tensor:
        """``(batch, time)`` to ``(batch, frames, bands)``."""
        fourier, hop = self.fourier(x.dtype), self.frame_hop
        if self.by_frame:
            coefficient = self.preemphasis if self.preemphasis_by_frame else 0.0
            x = conditioned_frames(x, self.win_length, hop, self.remove_mean, coefficient)
            hop = self.win_length
        fourier = FrameFourier(hop, fourier.n_fft, fourier.window, fourier.factors, fourier.kernels)
        weights = self.filter_weights(self.band_basis, x.dtype)
        if self.power_offset > 0.0:
            magnitudes = (powers(x, fourier, 2.0) + self.power_offset).sqrt()
            return sparse_product(magnitudes, block_matrices(weights, self.blocks), self.blocks)
        return filtered_spectra(x, fourier, weights, FrameFilters(0, "constant", self.blocks, self.power))

    def _features(self, bands: Tensor, counts: Optional[Tensor]) -> Tensor:
        """``(batch, frames, bands)`` to ``(batch, frames, features)``."""
        y = logarithm(bands, self.log, self.floor, self.add_floor, self.log_multiple)
        if self.dynamic_range is not None:
            y = within_range(y, counts, self.dynamic_range, self.maximum)
        if self.n_cepstra > 0:
            y = matmul(y, constant(self.cepstral, y.dtype))
        if self.normalize != "none":
            by_deviation = self.normalize == "deviation"
            y = normalized(y, counts, by_deviation, self.ddof, self.variance_offset, self.deviation_offset)
        if self.n_fixed is not None:
            if counts is not None:
                y = torch.where(valid(counts, y.size(1)).unsqueeze(2), y, 0.0)
                counts = None
            y = F.pad(y, [0, 0, 0, self.n_fixed])[:, : self.n_fixed]
        if self.affine:
            y = (y - constant(self.mean, y.dtype)) * constant(self.scale, y.dtype)
        if counts is not None:
            y = torch.where(valid(counts, y.size(1)).unsqueeze(2), y, 0.0)
        if self.n_trailing > 0:
            y = F.pad(y, [0, 0, 0, self.n_trailing])
        if not self.stacks:
            return y
        if counts is None:
            return stacked(y, counts, self.stack, self.stack_hop, self.stack_edges)
        counts = counts + self.n_trailing
        stacks = stacked(y, counts, self.stack, self.stack_hop, self.stack_edges)
        if self.stack_edges == "drop":
            whole = torch.div(counts - self.stack, self.stack_hop, rounding_mode="floor") + 1
        else:
            whole = torch.div(counts + (self.stack_hop - 1), self.stack_hop, rounding_mode="floor")
        return torch.where(valid(whole, stacks.size(1)).unsqueeze(2), stacks, 0.0)


def _optional_int(name: str, value: Any) -> Optional[int]:
    return None if value is None else require_int(name, value, 1, MOST_LENGTH)


def _optional_number(name: str, value: Any, at_least: float = -1e12) -> Optional[float]:
    return None if value is None else require_number(name, value, at_least=at_least, at_most=1e12)


def _of_features(name: str, value: Any, n_features: int) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """One number for all features, ``(1,)``, or one for each, ``(n_features,)``."""
    given = plain_copy(value)
    if isinstance(given, (list, tuple)):
        if len(given) != n_features:
            raise ValueError(f"{name} must have {n_features} numbers, one for each feature, got {len(given)}")
        return np.asarray([require_number(name, number, at_least=-1e12, at_most=1e12) for number in given])
    return np.asarray([require_number(name, given, at_least=-1e12, at_most=1e12)])
