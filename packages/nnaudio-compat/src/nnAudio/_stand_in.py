"""Whether core's fast engine may compute in the place of a module's kernels."""

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from nnaudio2_core import Transform
from nnaudio2_core.module.graph_capture import capturing_graph
from nnaudio2_core.module.precision import matmul

Floats = npt.NDArray[np.float64]

# A kernel counts as untouched if noise makes no difference between it and the analytic one beyond this share
# of its norm: float32 sums of 4096 products are wrong by 2e-6 of it, of 16 384 by 4e-6.
ROUND_OFF = 1e-5


class Fingerprint(NamedTuple):
    """What a kernel makes of a fixed piece of noise, row by row."""

    shape: List[int]
    products: Floats
    norms: Floats


def noise(width: int) -> Floats:
    """Always the same numbers, a longer piece beginning with the shorter one.

    Their sizes are between 1 and 2, so that every entry of a kernel weighs about the same, and their signs
    random, so that sums stay small.
    """
    numbers = np.random.default_rng(0).uniform(-1.0, 1.0, width)
    return np.asarray(numbers + np.sign(numbers), dtype=np.float32).astype(np.float64)


def fingerprint(kernel: npt.ArrayLike) -> Fingerprint:
    """The fingerprint of a kernel, ``(rows, ...)``."""
    values = np.asarray(kernel, dtype=np.float64)
    rows = values.reshape(values.shape[0], -1)
    return Fingerprint(list(values.shape), rows @ noise(rows.shape[1]), np.linalg.norm(rows, axis=1))


def fourier_fingerprints(freq_bins: int, window: Floats) -> List[Fingerprint]:
    """Those of the windowed sines and cosines of an FFT's first bins: an FFT, so they need not be made."""
    n_fft = window.size
    spectrum = np.fft.fft(noise(n_fft) * window)[:freq_bins]
    norms = np.full(spectrum.size, np.linalg.norm(window) / np.sqrt(2.0))
    shape = [freq_bins, 1, n_fft]
    return [Fingerprint(shape, -spectrum.imag, norms), Fingerprint(shape, spectrum.real, norms)]


class StandIn(Transform):
    """A transform of core, and the question whether a module's kernels still are those it was made of.

    Kernels may be edited in place, through ``.data`` or a NumPy view, loaded, converted or replaced, and not
    all of that leaves a trace. So nothing is remembered: at each call every row of every kernel is multiplied
    by the same noise and compared with what the analytic kernel gives. That reads the kernels once, a few
    per cent of what it takes to compute with them, and sees every edit above some round-offs of float32.
    """

    noise: Tensor
    expected: Tensor
    slack: Tensor

    def __init__(self, transform: Any, fingerprints: Sequence[Fingerprint], pad_amount: int) -> None:
        super().__init__()
        self._config = {}
        self.transform = transform
        self.fingerprints = list(fingerprints)
        self.min_samples: int = getattr(transform, "min_samples", 0)
        self.hop_length: int = transform.hop_length
        self.center: bool = getattr(transform, "center", True)
        self.pad_mode: str = getattr(transform, "pad_mode", "constant")
        self.pad_amount = pad_amount
        self.shapes = [print_.shape for print_ in fingerprints]
        for name, values in self._constants().items():
            self.constant_buffer(name, values)

    @torch.jit.unused
    def _constants(self) -> Dict[str, Tensor]:
        widest = max(int(np.prod(print_.shape[1:])) for print_ in self.fingerprints)
        expected = np.concatenate([print_.products for print_ in self.fingerprints])
        # Rows of zeros (the sine of bin 0) were not exactly zero in the legacy package.
        slack = [ROUND_OFF * (print_.norms + 0.1 * print_.norms.max()) for print_ in self.fingerprints]
        arrays = {"noise": noise(widest), "expected": expected, "slack": np.concatenate(slack)}
        return {name: torch.from_numpy(values).float() for name, values in arrays.items()}

    @torch.jit.unused
    def build_constants_again(self) -> None:
        """Fill in what was lost on the meta device; the engine does the same for itself."""
        for name, values in self._constants().items():
            self.get_buffer(name).copy_(values)

    def replaces(
        self, kernels: List[Tensor], x: Tensor, hop_length: int, center: bool, pad_mode: str, pad_amount: int
    ) -> bool:
        """Whether the engine may compute, given the module's kernels, input and attributes as they are.

        Not where a graph is being recorded: that keeps the kernels, which may be edited later.
        """
        if not torch.jit.is_scripting():
            if capturing_graph() or (self.noise.is_cuda and torch.cuda.is_current_stream_capturing()):
                return False
        return self.fits(x, hop_length, center, pad_mode, pad_amount) and self.agrees(kernels)

    def fits(self, x: Tensor, hop_length: int, center: bool, pad_mode: str, pad_amount: int) -> bool:
        """Whether ``(batch, time)`` is long enough, and the module's attributes are still the engine's."""
        if x.size(0) == 0 or x.size(1) < self.min_samples:
            return False
        if hop_length != self.hop_length or pad_amount != self.pad_amount:
            return False
        return center == self.center and pad_mode == self.pad_mode

    def agrees(self, kernels: List[Tensor]) -> bool:
        """Whether the kernels are the analytic ones."""
        return self.comparable(kernels) and bool(self.agreement(kernels))

    def comparable(self, kernels: List[Tensor]) -> bool:
        """Whether the kernels have the right shapes, are on the engine's device, and need no gradient."""
        for kernel, shape in zip(kernels, self.shapes):  # noqa: B905  # TorchScript has no strict zip
            if kernel.requires_grad or kernel.is_meta or kernel.device != self.noise.device:
                return False
            if list(kernel.shape) != shape:
                return False
        return True

    def agreement(self, kernels: List[Tensor]) -> Tensor:
        """The comparison alone, as a tensor: one bool."""
        products: List[Tensor] = []
        for kernel in kernels:
            rows = kernel.reshape(kernel.size(0), -1).float()
            products.append(matmul(rows, self.noise[: rows.size(1)]))
        # Written so that a NaN is no agreement.
        return ((torch.cat(products) - self.expected).abs() <= self.slack).all()


def stand_in(
    transform: Callable[[], Any], fingerprints: Callable[[], Sequence[Fingerprint]], pad_amount: int = 0
) -> Optional[StandIn]:
    """The engine, or None where core refuses arguments that the legacy package took.

    ``pad_amount`` is what the module says that it pads by, for modules that say so.
    """
    try:
        return StandIn(transform(), fingerprints(), pad_amount)
    except (TypeError, ValueError):
        return None
