"""Front end of a model: every step from the waveform to the features, each with an argument of its own."""

from typing import TYPE_CHECKING, List, Optional, Sequence, Union

import torch
from torch import Tensor

from ..block_sparse.block import Block
from ..framing.design_window import Window
from ..module.arguments import require_bool, require_number
from ..module.shapes import flatten_waveform, is_float, restore_leading
from .band_features import BandFeatures


class FrontEnd(BandFeatures):
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

    __constants__ = [*BandFeatures.__constants__, "n_cepstra"]
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
        self.keep_clip(clip_length, clip_repeat, clip_multiple, input_scale, preemphasis)
        self.keep_frames(n_fft, win_length, hop_length, remove_mean, preemphasis_by_frame)
        self.keep_padding(pad_left, pad_right, pad_mode)
        self.keep_power(power, power_offset)
        self.keep_window(window, periodic, engine)
        self.keep_filters(n_bands, scale, triangles, norm, fmin, fmax, filters, trainable_bands)
        self.keep_logarithm(log, floor, add_floor, log_multiple)
        self.keep_cepstra(n_cepstra, lifter)
        self.keep_range(dynamic_range, maximum)
        self.keep_normalisation(normalize, ddof, variance_offset, deviation_offset)
        self.keep_affine(mean, deviation)
        self.stack_apart = require_bool("stack_apart", stack_apart)
        self.frames_last = require_bool("frames_last", frames_last)
        if self.stack_apart and self.frames_last:
            raise ValueError("stack_apart must be False with frames_last=True, got True")
        self.keep_counts(n_fixed, n_trailing, stack, stack_hop, stack_edges)

    @property
    def frequencies(self) -> Tensor:
        """Centre of each band, Hz: ``(n_bands,)``, float64; cepstral coefficients have none."""
        if self.n_cepstra > 0:
            raise AttributeError(
                f"{type(self).__name__} has cepstral coefficients, which have no frequencies"
            )
        return torch.from_numpy(self._frequencies.copy())

    def forward(self, x: Tensor, lengths: Optional[Tensor] = None) -> Tensor:
        """Compute the features of a waveform; see the class."""
        waveform = flatten_waveform(x, self.min_samples)
        given: Optional[Tensor] = None
        if lengths is not None:
            given = self._checked(lengths, x)
        counts: Optional[Tensor] = None
        if given is not None and self.clip_length is None:
            counts = self.valid_frames(given)
        y = self.features_of(self.clip_bands(waveform, given), counts)
        return restore_leading(self.arranged(y), x)

    def arranged(self, y: Tensor) -> Tensor:
        """``(batch, frames, stack * features)`` in the axes of the result."""
        if self.stack_apart:
            apart: Tensor = y.unflatten(2, [self.stack, -1])
            return apart
        return y.transpose(1, 2) if self.frames_last else y

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
