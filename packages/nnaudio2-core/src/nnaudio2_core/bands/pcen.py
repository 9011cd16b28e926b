"""Per-channel energy normalisation."""

import math
from typing import TYPE_CHECKING, Optional, Tuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..module.arguments import MOST_BANDS, check_tensor, require_bool, require_int, require_number
from ..module.constants import parameter
from ..module.precision import constant, split_constant
from ..module.shapes import flatten_magnitudes, not_below_zero, restore_leading
from ..module.transform import Transform
from .recursion import decaying_sums

# exp(-80) is below half a unit in the last place of float64.
_FASTEST = -80.0


class PCEN(Transform):
    """Per-channel energy normalisation: a gain control for each band, then a root.

    ``(S / (eps + M)**gain + bias)**power - bias**power``, where ``M`` follows ``S`` in each band:
    ``M[t] = (1 - smoothing) M[t - 1] + smoothing S[t]``. A frame depends on itself and earlier frames only;
    :meth:`step` continues from block to block.

    Args:
        n_bins: number of bands; None for any. A module to be saved in a file needs one.
        smoothing: share of the newest frame, > 0, at most 1. A time constant of ``T`` frames is
            ``2 / (1 + sqrt(1 + 4 T**2))``.
        gain: exponent of the gain control, > 0, at most 1.
        bias: added before the root, 1e-6 to 1e6.
        power: the root, > 0, at most 1.
        eps: added to the smoothed energy, 1e-12 to 1e6.
        initial: ``M[-1]``, 0 to 1e37; None for the first frame.
        trainable: make smoothing, gain, bias and power parameters of each band: ``logit_smoothing``,
            ``log_gain``, ``log_bias`` and ``log_power``, ``(n_bins,)``. Then ``n_bins`` must be given.

    Shape:
        S: ``(..., n_bins, frames)``; a value below 0 counts as 0
        returns: the same

    Raises:
        ValueError: for an argument out of range, or a spectrogram of the wrong shape.
        TypeError: for a spectrogram that is not of a real floating type.

    Example:
        >>> import torch
        >>> from nnaudio2_core import MelSpectrogram
        >>> mel = MelSpectrogram(16000, 512, hop_length=160, n_mels=40)
        >>> pcen = PCEN()
        >>> S = mel(torch.randn(2, 16000))
        >>> first, state = pcen.step(S[..., :60], None)
        >>> second, state = pcen.step(S[..., 60:], state)
        >>> torch.allclose(torch.cat([first, second], -1), pcen(S), rtol=1e-3)
        True

    Source: Wang et al. (2017), "Trainable frontend for robust and far-field keyword spotting", eq. 1 to 3.
    ``librosa.pcen`` begins with ``initial=1`` and expects values of 16-bit samples.
    """

    __constants__ = ["trainable"]

    curve: Tensor
    if TYPE_CHECKING:
        logit_smoothing: Tensor
        log_gain: Tensor
        log_bias: Tensor
        log_power: Tensor

    def __init__(
        self,
        n_bins: Optional[int] = None,
        *,
        smoothing: float = 0.025,
        gain: float = 0.98,
        bias: float = 2.0,
        power: float = 0.5,
        eps: float = 1e-6,
        initial: Optional[float] = None,
        trainable: bool = False,
    ) -> None:
        super().__init__()
        self.n_bins = None if n_bins is None else require_int("n_bins", n_bins, 1, MOST_BANDS)
        smoothing = require_number("smoothing", smoothing, above=0.0, at_most=1.0)
        gain = require_number("gain", gain, above=0.0, at_most=1.0)
        bias = require_number("bias", bias, 0.0, 1e-6, 1e6)
        power = require_number("power", power, above=0.0, at_most=1.0)
        self.eps = require_number("eps", eps, 0.0, 1e-12, 1e6)
        self.initial = (
            None if initial is None else require_number("initial", initial, at_least=0.0, at_most=1e37)
        )
        self.trainable = require_bool("trainable", trainable)
        self.min_frames = 1
        log_decay = max(_FASTEST, math.log1p(-smoothing)) if smoothing < 1.0 else _FASTEST
        if not self.trainable:
            self.constant_buffer("curve", split_constant(np.array([[log_decay], [gain], [bias], [power]])))
            return
        if self.n_bins is None:
            raise ValueError("n_bins must be given with trainable=True, got None")
        same = np.ones(self.n_bins)
        # smoothing is the sigmoid of this; its decay, 1 - smoothing, the sigmoid of the negative.
        self.logit_smoothing = parameter(same * (math.log(smoothing) - log_decay))
        self.log_gain = parameter(same * math.log(gain))
        self.log_bias = parameter(same * math.log(bias))
        self.log_power = parameter(same * math.log(power))

    def forward(self, S: Tensor) -> Tensor:
        """Normalise a spectrogram; see the class."""
        return self.step(S, None)[0]

    @torch.jit.export
    def step(self, S: Tensor, state: Optional[Tensor] = None) -> Tuple[Tensor, Tensor]:
        """Normalise the next frames of a stream.

        Args:
            S: any number of frames, at least one.
            state: what the last step returned; None at the start.

        Shape:
            S: ``(..., n_bins, frames)``
            state: ``(..., n_bins)``, in the dtype of the computation: float32, or float64 for float64
            returns: the normalised frames, and the state after them
        """
        energy = not_below_zero(flatten_magnitudes(S, self.n_bins, self.min_frames))
        log_decay, gain, bias, power = self._curve(energy)
        smoothed = self._smoothed(energy, log_decay, self._before(energy, state, S))
        y = _compressed(energy, smoothed + self.eps, gain, bias, power)
        last = smoothed[:, :, -1]
        return restore_leading(y, S, 2), restore_leading(last, S.to(last.dtype), 2)

    def _curve(self, x: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
        """Logarithm of the decay, gain, bias and power: ``(n_bins,)`` or ``(1,)`` each."""
        if self.trainable:
            log_decay = F.logsigmoid(-self.logit_smoothing.to(x.dtype))
            gain, bias = self.log_gain.to(x.dtype).exp(), self.log_bias.to(x.dtype).exp()
            return log_decay, gain, bias, self.log_power.to(x.dtype).exp()
        values = constant(self.curve, x.dtype)
        return values[0], values[1], values[2], values[3]

    def _before(self, energy: Tensor, state: Optional[Tensor], S: Tensor) -> Tensor:
        """Smoothed energy before the first frame: ``(batch, bins, 1)``."""
        if state is not None:
            if not torch.jit.is_scripting():
                check_tensor("state", state)
            if list(state.shape) != list(S.shape)[:-1]:
                raise ValueError(
                    f"state must have the shape {list(S.shape)[:-1]} of S without frames, "
                    f"got {list(state.shape)}"
                )
            if state.numel() > 0:
                return state.reshape(energy.size(0), -1, 1).to(energy.dtype)
        if self.initial is not None:
            return torch.full_like(energy[:, :, :1], self.initial)
        return energy[:, :, :1]

    def _smoothed(self, energy: Tensor, log_decay: Tensor, before: Tensor) -> Tensor:
        scaled = energy * -torch.expm1(log_decay).view(-1, 1)
        first = scaled[:, :, :1] + before * log_decay.exp().view(-1, 1)
        return decaying_sums(torch.cat([first, scaled[:, :, 1:]], 2), log_decay)


def _compressed(energy: Tensor, level: Tensor, gain: Tensor, bias: Tensor, power: Tensor) -> Tensor:
    """``(energy / level**gain + bias)**power - bias**power``, without cancellation where energy is small."""
    bias, power = bias.view(-1, 1), power.view(-1, 1)
    ratio = energy * level.pow(-gain.view(-1, 1))
    return bias.pow(power) * torch.expm1(power * torch.log1p(ratio / bias))
