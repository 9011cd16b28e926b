"""Engines: transforms of core that a legacy module uses as long as its kernels are the analytic ones."""

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from nnaudio2_core.module.constants import Constants
from nnaudio2_core.module.graph_capture import capturing_graph
from nnaudio2_core.module.precision import matmul

Floats = npt.NDArray[np.float64]

# A kernel row counts as analytic if its product with the noise is off by at most this share of its norm:
# float32 sums of 4096 products are wrong by 2e-6 of the norm, of 16 384 by 4e-6.
ROUND_OFF = 1e-5


class Projection(NamedTuple):
    """A kernel reduced to the product of each of its rows with :func:`noise`, and the norms of the rows."""

    shape: List[int]
    products: Floats
    norms: Floats


def noise(width: int) -> Floats:
    """Fixed random numbers; a longer piece begins with the shorter one.

    Their sizes are between 1 and 2, so that every entry of a kernel weighs about the same, and their signs
    random, so that sums stay small.
    """
    numbers = np.random.default_rng(0).uniform(-1.0, 1.0, width)
    return np.asarray(numbers + np.sign(numbers), dtype=np.float32).astype(np.float64)


def project(kernel: npt.ArrayLike) -> Projection:
    """The projection of a kernel, ``(rows, ...)``."""
    values = np.asarray(kernel, dtype=np.float64)
    rows = values.reshape(values.shape[0], -1)
    return Projection(list(values.shape), rows @ noise(rows.shape[1]), np.linalg.norm(rows, axis=1))


def project_fourier(freq_bins: int, window: Floats) -> List[Projection]:
    """Projections of the windowed sines and cosines of an FFT's first bins, by an FFT of the noise."""
    n_fft = window.size
    spectrum = np.fft.fft(noise(n_fft) * window)[:freq_bins]
    norms = np.full(spectrum.size, np.linalg.norm(window) / np.sqrt(2.0))
    shape = [freq_bins, 1, n_fft]
    return [Projection(shape, -spectrum.imag, norms), Projection(shape, spectrum.real, norms)]


class Engine(Constants):
    """A transform of core, and the projections of the kernels for which it gives the same results.

    Kernels may be edited in place, through ``.data`` or a NumPy view, loaded, converted or replaced, and not
    all of that leaves a trace. So nothing is remembered: each call projects every row of every kernel and
    compares it with the analytic projection. That reads the kernels once, a few per cent of the time it takes
    to compute with them, and detects every edit beyond a few float32 round-offs.
    """

    noise: Tensor
    expected: Tensor
    slack: Tensor

    def __init__(self, transform: Any, projections: Sequence[Projection], pad_amount: int) -> None:
        super().__init__()
        self.transform = transform
        self.projections = list(projections)
        self.min_samples: int = getattr(transform, "min_samples", 0)
        self.hop_length: int = transform.hop_length
        self.center: bool = getattr(transform, "center", True)
        self.pad_mode: str = getattr(transform, "pad_mode", "constant")
        self.pad_amount = pad_amount
        self.shapes = [projection.shape for projection in projections]
        for name, values in self._constants().items():
            self.constant_buffer(name, values)

    @torch.jit.unused
    def _constants(self) -> Dict[str, Tensor]:
        widest = max(int(np.prod(projection.shape[1:])) for projection in self.projections)
        expected = np.concatenate([projection.products for projection in self.projections])
        # Rows of zeros (the sine of bin 0) were not exactly zero in the legacy package.
        slack = [ROUND_OFF * (found.norms + 0.1 * found.norms.max()) for found in self.projections]
        arrays = {"noise": noise(widest), "expected": expected, "slack": np.concatenate(slack)}
        return {name: torch.from_numpy(values).float() for name, values in arrays.items()}

    @torch.jit.unused
    def build_constants_again(self) -> None:
        """Refill the constants after ``to_empty`` from the meta device; the transform refills its own."""
        for name, values in self._constants().items():
            self.get_buffer(name).copy_(values)

    def applies(
        self, kernels: List[Tensor], x: Tensor, hop_length: int, center: bool, pad_mode: str, pad_amount: int
    ) -> bool:
        """Whether the engine gives what the module's kernels and attributes, as they are, would give.

        False in a graph that is being captured: the graph holds the kernels, which may be edited later.
        """
        if not torch.jit.is_scripting():
            if capturing_graph() or (self.noise.is_cuda and torch.cuda.is_current_stream_capturing()):
                return False
        return self.fits(x, hop_length, center, pad_mode, pad_amount) and self.agrees(kernels)

    def fits(self, x: Tensor, hop_length: int, center: bool, pad_mode: str, pad_amount: int) -> bool:
        """Whether ``(batch, time)`` is not empty and long enough, and the attributes are the engine's."""
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
        """One bool, as a tensor: whether comparable kernels have the analytic projections."""
        products: List[Tensor] = []
        for kernel in kernels:
            rows = kernel.reshape(kernel.size(0), -1).float()
            products.append(matmul(rows, self.noise[: rows.size(1)]))
        # In this form a NaN is a disagreement.
        return ((torch.cat(products) - self.expected).abs() <= self.slack).all()


def build_engine(
    transform: Callable[[], Any], projections: Callable[[], Sequence[Projection]], pad_amount: int = 0
) -> Optional[Engine]:
    """The engine, or None where core refuses arguments that the legacy package took.

    ``pad_amount`` is the module's attribute of that name or meaning, where it has one.
    """
    try:
        return Engine(transform(), projections(), pad_amount)
    except (TypeError, ValueError):
        return None
