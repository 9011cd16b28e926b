"""Waveforms, kernels and results in the legacy shapes, types and formats; core does the arithmetic.

Every function scripts and is a pure function of tensors. Results are float32, or float64 where waveform or
kernels are.
"""

import math
from typing import Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nnaudio2_core.bands.decibels import power_to_db
from nnaudio2_core.constant_q.octaves import correlation_pairs
from nnaudio2_core.module.graph_capture import capturing_graph
from nnaudio2_core.module.magnitude_phase import as_output, magnitude, root
from nnaudio2_core.module.precision import matmul, working_dtype


def batch_of(x: Tensor) -> Tensor:
    """A waveform of one of the legacy shapes as a batch.

    Shape:
        x: ``(time,)``, ``(batch, time)`` or ``(batch, 1, time)``, a floating type
        returns: ``(batch, time)``
    """
    if not x.is_floating_point():
        raise TypeError(
            f"x must be a float tensor, got {x.dtype}; "
            "convert integer audio first, e.g. x.float() / 32768 for 16-bit samples"
        )
    if x.dim() == 1:
        return x.unsqueeze(0)
    if x.dim() == 2:
        return x
    if x.dim() == 3 and x.size(1) == 1:
        return x.squeeze(1)
    raise ValueError(f"x must have the shape (time,), (batch, time) or (batch, 1, time), got {list(x.shape)}")


def common_dtype(x: Tensor, kernel: Tensor) -> torch.dtype:
    """float64 if either is; else float32, in which half precision is computed as well."""
    return working_dtype(torch.promote_types(x.dtype, kernel.dtype))


def at_least_single(x: Tensor) -> Tensor:
    """Half precision as float32; others as they are."""
    return x.to(working_dtype(x.dtype))


def precise(x: Tensor) -> Tensor:
    """float64 on a CPU; elsewhere, where float64 is slow or absent, at least float32.

    Legacy code takes logarithms of constant-Q magnitudes. Frames that share an FFT share its round-off:
    beside loud frames, float32 moves logarithms of the quietest cells by up to 0.1, float64 by under 0.01.
    """
    return x.double() if x.device.type == "cpu" else at_least_single(x)


def centered(window: Tensor, width: int) -> Tensor:
    """A window in the middle of ``width`` samples, zeros around it."""
    missing = width - window.size(0)
    return F.pad(window, [missing // 2, missing - missing // 2])


def contiguous(y: Tensor) -> Tensor:
    """Contiguous; pairs that an engine has laid out frame by frame move whole, in a fifth of the time."""
    if y.dim() == 4 and y.element_size() >= 4 and not y.requires_grad and not capturing_graph():
        if y.stride(1) == 2 and y.stride(3) == 1:
            return torch.view_as_real(torch.view_as_complex(y).contiguous())
    return y.contiguous()


def result(y: Tensor, dtype: torch.dtype) -> Tensor:
    """The result of a module: contiguous, of the type of its input, and free to be edited in place."""
    y = contiguous(y.to(dtype))
    if not torch.jit.is_scripting():
        # Autograd forbids edits of a view made by a custom function.
        if y.requires_grad and y._is_view():
            return y.clone()
    return y


def check_reflection(x: Tensor, amount: int, mode: str) -> None:
    """RuntimeError where a batch ``(batch, time)`` is too short to be reflected."""
    if mode == "reflect" and not capturing_graph():
        if x.size(1) <= amount:
            raise RuntimeError(f"x must have at least {amount + 1} samples to be reflected, got {x.size(1)}")


def assert_reflection(x: Tensor, amount: int, mode: str) -> None:
    """AssertionError, as in the legacy STFT, for a batch shorter than ``amount``."""
    if mode == "reflect" and not capturing_graph():
        if x.size(1) < amount:
            raise AssertionError(f"x must have more than n_fft // 2 = {amount} samples, got {x.size(1)}")


def pairs_by_kernels(x: Tensor, real: Tensor, imag: Tensor, hop_length: int) -> Tensor:
    """Correlations with ``real`` and, negated, with ``imag``.

    Shape:
        x: ``(batch, time)``
        real, imag: ``(bins, 1, width)``
        returns: ``(batch, bins, frames, 2)``
    """
    dtype = common_dtype(x, real)
    return correlation_pairs(x.to(dtype), torch.cat([real, -imag]).to(dtype), hop_length)


def complex_product(real: Tensor, imag: Tensor, cosine: Tensor, sine: Tensor) -> Tuple[Tensor, Tensor]:
    """Real and imaginary part of the matrix product ``(real + i imag) (cosine + i sine)``.

    Shape:
        real, imag: ``(bins, half)``
        cosine, sine: ``(batch, half, frames)``
        returns: two of ``(batch, bins, frames)``
    """
    real, imag = real.to(cosine.dtype), imag.to(cosine.dtype)
    return matmul(real, cosine) - matmul(imag, sine), matmul(real, sine) + matmul(imag, cosine)


def conjugate(X: Tensor) -> Tensor:
    """Pairs with the imaginary part negated."""
    return torch.stack([X[..., 0], -X[..., 1]], -1)


def magnitude_of(X: Tensor, trainable: bool) -> Tensor:
    """Magnitude of pairs; the legacy classes add 1e-8 to its square where they train kernels."""
    if trainable:
        # Adding strided squares takes a third of the time of a sum over pairs.
        return (X[..., 0].square() + X[..., 1].square() + 1e-8).sqrt()
    # The older exporter to ONNX knows no complex numbers.
    return magnitude(X, capturing_graph())


def stft_output(X: Tensor, output_format: str, trainable: bool) -> Tensor:
    """Pairs in the output format of an STFT."""
    if output_format == "Magnitude":
        return magnitude_of(X, trainable)
    return as_output(X, output_format, capturing_graph())


def to_power(magnitudes: Tensor, power: float) -> Tensor:
    """Magnitudes to a power; the slope of a root counts as zero next to zero, where it is infinite."""
    if power == 2.0:
        return magnitudes * magnitudes
    if power == 1.0:
        return magnitudes
    if power >= 1.0 or power <= 0.0:
        return magnitudes.pow(power)
    return root(magnitudes, power)


def to_decibels(bands: Tensor, amin: Tensor, ref: Tensor, top_db: Optional[float]) -> Tensor:
    """Power in decibels above ``ref``, not below each item's own maximum less ``top_db``.

    Shape:
        bands: ``(batch, bands, frames)``
        amin, ref: ``(1,)``, on the device of the bands, where :func:`power_to_db` takes numbers
        returns: ``(batch, bands, frames)``
    """
    if top_db is not None and top_db < 0:
        raise ValueError(f"top_db must be >= 0 or None, got {top_db}")
    amin, ref = amin.to(bands.dtype), ref.to(bands.dtype)
    ratio = torch.maximum(bands, amin) / torch.maximum(ref.abs(), amin)
    return power_to_db(ratio, 1.0, 0.0, top_db)


def cosine_transform(x: Tensor, orthonormal: bool) -> Tensor:
    """Cosine transform (type II) over any number of bands, ``(batch, bands, frames)``.

    The matrix is that of core's ``cosine_basis``, which TorchScript cannot call.
    """
    n_bands = x.size(1)
    k = torch.arange(n_bands, device=x.device).unsqueeze(1)
    m = torch.arange(n_bands, device=x.device).unsqueeze(0)
    # Whole turns are dropped in integers, which are exact.
    turns = (k * (2 * m + 1) % (4 * n_bands)).to(x.dtype) / (4 * n_bands)
    basis = 2.0 * torch.cos(2.0 * math.pi * turns)
    if orthonormal:
        basis = basis * math.sqrt(0.5 / n_bands) * torch.where(k == 0, math.sqrt(0.5), 1.0)
    return matmul(basis, x)
