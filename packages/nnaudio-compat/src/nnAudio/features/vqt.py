"""Variable-Q transform, with the legacy arguments, kernels and numbers; constant-Q at ``gamma = 0``."""

# For the buffers without an annotation in VQT._octave_kernels:
# mypy: disable-error-code="list-item"

import copy
from typing import TYPE_CHECKING, Any, Dict, List, Optional

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import nnaudio2_core as core
from nnaudio2_core.framing.padding import pad_waveform
from nnaudio2_core.module.graph_capture import capturing_graph

from .. import _kernels
from .._deprecation import deprecated_class
from .._direct_vqt import DirectVQT
from .._octaves import OctaveModule, padded_with_zeros, with_fewest_frames
from ..utils import *  # noqa: F403
from ..utils import __all__ as _helpers
from ..utils import create_cqt_kernels
from .cqt import CQT1992v2

__all__ = ["VQT", "nn", *_helpers]

# TorchScript cannot read an attribute by a computed name, so VQT._octave_kernels spells them out.
MOST_OCTAVES = 12
ALGORITHMS = ("direct", "octaves")


@deprecated_class("nnaudio2_core.VQT")
class VQT(OctaveModule):
    """Variable-Q transform octave by octave with ``cqt_kernels_real_{i}`` and ``cqt_kernels_imag_{i}``.

    Arguments are those of :class:`nnaudio2_core.VQT` with ``algorithm="octaves"``; ``verbose`` prints. As in
    the legacy package, ``fmax``, ``norm`` and ``window`` have no effect, and ``trainable`` makes no
    parameters.

    At ``gamma = 0`` the attribute ``algorithm`` is ``"direct"``: results are those of :class:`CQT1992v2`.
    What an edit adds to a kernel, beyond a factor, is computed octave by octave and added. ``vqt.algorithm =
    "octaves"`` gives the numbers of nnAudio 0.3.4, for models that were trained with them.
    """

    __constants__ = ["earlydownsample", "trainable"]

    cqt_kernels_real_0: Tensor
    cqt_kernels_imag_0: Tensor
    if TYPE_CHECKING:  # hidden from TorchScript, which cannot type an optional module
        cqt: Optional[CQT1992v2]
        _fast: Optional[DirectVQT]  # type: ignore[assignment]  # an engine of its own kind

    def __init__(
        self,
        sr: float = 22050,
        hop_length: int = 512,
        fmin: float = 32.70,
        fmax: Optional[float] = None,
        n_bins: int = 84,
        filter_scale: float = 1,
        bins_per_octave: float = 12,
        norm: bool = True,
        basis_norm: Optional[float] = 1,
        gamma: float = 0,
        window: Any = "hann",
        pad_mode: str = "reflect",
        earlydownsample: bool = True,
        trainable: bool = False,
        output_format: str = "Magnitude",
        verbose: bool = True,
    ) -> None:
        super().__init__()
        self.norm, self.basis_norm, self.trainable = norm, basis_norm, trainable
        self.output_format, self.sr, self.gamma = output_format, sr, gamma
        self.filter_scale, self.bins_per_octave = filter_scale, bins_per_octave
        self.cqt = None
        bins = (fmin, n_bins, bins_per_octave, filter_scale)
        top = self._build_octaves(sr, hop_length, *bins, gamma, pad_mode, earlydownsample, verbose)
        self.n_filters = top.n_filters
        if self.n_octaves > MOST_OCTAVES:
            raise ValueError(f"n_bins must span at most {MOST_OCTAVES} octaves, got {self.n_octaves}")
        kernels = []
        for octave in range(self.n_octaves):
            # The rate is the original one even after early down-sampling, as in the legacy package.
            kernel, self.n_fft, _, _ = create_cqt_kernels(
                top.Q,
                self.sr / 2**octave,
                self.fmin_t / 2**octave,
                self.n_filters,
                bins_per_octave,
                norm=basis_norm,
                topbin_check=False,
                gamma=gamma,
            )
            kernels.append(kernel[:, None].astype(np.complex64))
            self._keep_kernels(kernels[-1], False, f"_{octave}")
        self.algorithm = "octaves"
        if gamma == 0:
            self._build_direct(hop_length, kernels)

    def _build_direct(self, hop_length: int, kernels: List[Any]) -> None:
        """Set the direct transform and ``algorithm``; no transform where core refuses the arguments."""
        try:
            transform = core.VQT(
                self.sr,
                hop_length,
                fmin=float(self.frequencies[0]),
                n_bins=self.n_bins,
                bins_per_octave=self.bins_per_octave,
                filter_scale=self.filter_scale,
                basis_norm=float(self.basis_norm or 0),
                pad_mode=self.pad_mode,
            )
        except (TypeError, ValueError):
            self._fast, self.algorithm = None, "octaves"
            return
        self._fast = DirectVQT(transform, kernels, self.lenghts).to(self.lenghts.device)
        self.algorithm = "direct"

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; the direct transform follows ``hop_length`` and ``pad_mode``."""
        fast = vars(self).get("_fast")
        if name == "algorithm":
            if value not in ALGORITHMS:
                raise ValueError(f"algorithm must be one of 'direct', 'octaves', got {value!r}")
            if value == "direct" and fast is None:
                raise ValueError(
                    "algorithm must be 'octaves' unless VQT was built with gamma=0, got 'direct'"
                )
        super().__setattr__(name, value)
        if name in ("hop_length", "pad_mode") and fast is not None:
            algorithm = self.algorithm
            self._build_direct(int(self.hop_length * self.downsample_factor), fast.kernels)
            if self._fast is not None:
                self.algorithm = algorithm

    def _octave_kernels(self) -> List[Tensor]:
        """Real and imaginary kernels of each octave in turn, from the top."""
        kernels = [self.cqt_kernels_real_0, self.cqt_kernels_imag_0]
        if hasattr(self, "cqt_kernels_real_1"):
            kernels += [self.cqt_kernels_real_1, self.cqt_kernels_imag_1]
        if hasattr(self, "cqt_kernels_real_2"):
            kernels += [self.cqt_kernels_real_2, self.cqt_kernels_imag_2]
        if hasattr(self, "cqt_kernels_real_3"):
            kernels += [self.cqt_kernels_real_3, self.cqt_kernels_imag_3]
        if hasattr(self, "cqt_kernels_real_4"):
            kernels += [self.cqt_kernels_real_4, self.cqt_kernels_imag_4]
        if hasattr(self, "cqt_kernels_real_5"):
            kernels += [self.cqt_kernels_real_5, self.cqt_kernels_imag_5]
        if hasattr(self, "cqt_kernels_real_6"):
            kernels += [self.cqt_kernels_real_6, self.cqt_kernels_imag_6]
        if hasattr(self, "cqt_kernels_real_7"):
            kernels += [self.cqt_kernels_real_7, self.cqt_kernels_imag_7]
        if hasattr(self, "cqt_kernels_real_8"):
            kernels += [self.cqt_kernels_real_8, self.cqt_kernels_imag_8]
        if hasattr(self, "cqt_kernels_real_9"):
            kernels += [self.cqt_kernels_real_9, self.cqt_kernels_imag_9]
        if hasattr(self, "cqt_kernels_real_10"):
            kernels += [self.cqt_kernels_real_10, self.cqt_kernels_imag_10]
        if hasattr(self, "cqt_kernels_real_11"):
            kernels += [self.cqt_kernels_real_11, self.cqt_kernels_imag_11]
        return kernels

    def _transform(self, x: Tensor, output_format: str, normalization_type: str) -> Tensor:
        if self.cqt is not None:
            return self.cqt(x, output_format, normalization_type)  # type: ignore[no-any-return]
        else:  # noqa: RET505  # TorchScript compiles only one branch
            return self._own_transform(_kernels.at_least_single(x), output_format, normalization_type)

    def _own_transform(self, x: Tensor, output_format: str, normalization_type: str) -> Tensor:
        kernels = self._octave_kernels()
        if self._fast is not None:
            if self.algorithm == "direct":
                if not torch.jit.is_scripting():
                    self._follow_kernels()
                if self._fast.unedited(kernels, self.lenghts):
                    return self._unedited(x, output_format, normalization_type)
                return self._edited(x, output_format, normalization_type)
        weights = [torch.cat([kernels[2 * i], -kernels[2 * i + 1]]) for i in range(len(kernels) // 2)]
        X = self._by_octaves(x, weights) * self.downsample_factor
        return self._output(X, output_format, normalization_type, self.trainable)

    @torch.jit.unused
    def _follow_kernels(self) -> None:
        """Copy the engine to the device of the kernels, where it is on another, as in replicas."""
        if self._fast.lengths.device != self.lenghts.device:  # type: ignore[union-attr]
            self._fast = copy.deepcopy(self._fast).to(self.lenghts.device)  # type: ignore[union-attr]

    def _unedited(self, x: Tensor, output_format: str, normalization_type: str) -> Tensor:
        if self._fast is None:
            raise RuntimeError("algorithm must be 'octaves' without a direct transform")
        x = _kernels.precise(x)
        if self.trainable and output_format == "Magnitude":
            X = self._fast.analyse(x, "Complex", normalization_type)
            return _kernels.magnitude_of(X, True)
        return self._fast.analyse(x, output_format, normalization_type)

    def _edited(self, x: Tensor, output_format: str, normalization_type: str) -> Tensor:
        if self._fast is None:
            raise RuntimeError("algorithm must be 'octaves' without a direct transform")
        gains, rest = self._fast.split(self._octave_kernels())
        X = self._fast.analyse(x, "Complex", "convolutional")
        Y = self._by_octaves(x, rest)
        Y = F.pad(Y, [0, 0, 0, X.size(2) - Y.size(2)])  # hops that are rounded give other numbers of frames
        X = X * gains[-self.n_bins :] + Y
        if normalization_type == "librosa":
            X = X * self._fast.rate.to(X.dtype)
        return self._output(X, output_format, normalization_type, self.trainable)

    def _by_octaves(self, x: Tensor, weights: List[Tensor]) -> Tensor:
        parts = self._octaves(x, weights)
        if self.hop_length % (1 << (len(parts) - 1)) != 0:  # some hops are rounded: octaves differ in frames
            parts = with_fewest_frames(parts)
        return torch.cat(parts, 1)[:, -self.n_bins :]

    def _padded(self, x: Tensor, amount: int, zeros: int) -> Tensor:
        if self.pad_mode == "reflect" and not capturing_graph():
            if x.size(1) <= amount:
                return padded_with_zeros(x, amount, zeros)
        return pad_waveform(x, amount, self.pad_mode)

    def _load_from_state_dict(self, state_dict: Dict[str, Any], prefix: str, *args: Any) -> None:
        """Also take states of nnAudio 2.0.3 (Roy et al.), whose VQT at ``gamma = 0`` holds a CQT1992v2."""
        if f"{prefix}cqt.cqt_kernels_real" in state_dict and self.gamma == 0 and self.cqt is None:
            hop_length = self.hop_length * int(self.downsample_factor)
            if self._fast is not None:
                hop_length = self._fast.hop_length
            cqt = CQT1992v2(
                self.sr,
                hop_length,
                fmin=float(self.frequencies[0]),
                n_bins=self.n_bins,
                bins_per_octave=self.bins_per_octave,
                filter_scale=self.filter_scale,
                norm=self.basis_norm,
                pad_mode=self.pad_mode,
                trainable=self.trainable,
                output_format=self.output_format,
                verbose=False,
            )
            self.cqt = cqt.to(self.lowpass_filter.device)
            self._buffers.clear()
            self._fast = None
        super()._load_from_state_dict(state_dict, prefix, *args)

    def __setstate__(self, state: Dict[str, Any]) -> None:
        super().__setstate__(state)
        if "cqt" not in self._modules:
            self.__dict__.setdefault("cqt", None)
        self.__dict__.setdefault("algorithm", "octaves")  # nnAudio 0.3.4 pickled a module without it
