"""The legacy transforms with any kernels: what is computed where a module has other than the analytic ones.

Everything here scripts and is a pure function of tensors. Results are float32, or float64 where waveform or
kernels are.
"""

import math
from typing import Optional, Tuple

import torch
from torch import Tensor

from nnaudio2_core.module.graph_capture import capturing_graph
from nnaudio2_core.module.magnitude_phase import magnitude, phase, unit_phase
from nnaudio2_core.module.precision import conv1d, matmul


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
    """float64 if either is; else float32, in which half precision is computed, too."""
    if x.dtype == torch.float64 or kernel.dtype == torch.float64:
        return torch.float64
    return torch.float32


def at_least_single(x: Tensor) -> Tensor:
    """Half precision as float32; others as they are."""
    return x if x.dtype == torch.float64 else x.float()


def contiguous(y: Tensor) -> Tensor:
    """Contiguous; pairs that an engine has laid out frame by frame move whole, in a fifth of the time."""
    if y.dim() == 4 and y.element_size() >= 4 and not y.requires_grad and not capturing_graph():
        if y.stride(1) == 2 and y.stride(3) == 1:
            return torch.view_as_real(torch.view_as_complex(y).contiguous())
    return y.contiguous()


def result(y: Tensor, dtype: torch.dtype) -> Tensor:
    """What a module returns: contiguous, of the type of its input, and to be edited in place as one likes."""
    y = contiguous(y.to(dtype))
    if not torch.jit.is_scripting():
        # Autograd forbids edits of a view that a function of its own has made.
        if y.requires_grad and y._is_view():
            return y.clone()
    return y


def check_reflection(x: Tensor, amount: int, mode: str) -> None:
    """RuntimeError where a batch ``(batch, time)`` is too short to be reflected."""
    if mode == "reflect" and not capturing_graph():
        if x.size(1) <= amount:
            raise RuntimeError(f"x must have at least {amount + 1} samples to be reflected, got {x.size(1)}")


def assert_reflection(x: Tensor, amount: int, mode: str) -> None:
    """AssertionError for a batch shorter than ``amount``, as the legacy STFT had it."""
    if mode == "reflect" and not capturing_graph():
        if x.size(1) < amount:
            raise AssertionError(f"x must have more than n_fft // 2 = {amount} samples, got {x.size(1)}")


def correlate(x: Tensor, kernel: Tensor, hop_length: int) -> Tensor:
    """Strided correlation of a batch of waveforms.

    Shape:
        x: ``(batch, time)``
        kernel: ``(bins, 1, width)``
        returns: ``(batch, bins, frames)``
    """
    dtype = common_dtype(x, kernel)
    return conv1d(x.unsqueeze(1).to(dtype), kernel.to(dtype), hop_length)


def correlations(x: Tensor, first: Tensor, second: Tensor, hop_length: int) -> Tuple[Tensor, Tensor]:
    """:func:`correlate` with two kernels of one shape, in one convolution: its gradient takes less time."""
    both = correlate(x, torch.cat([first, second]), hop_length)
    return both[:, : first.size(0)], both[:, first.size(0) :]


def pairs_by_kernels(x: Tensor, real: Tensor, imag: Tensor, hop_length: int) -> Tensor:
    """Correlations with ``real`` and, negated, with ``imag``: ``(batch, bins, frames, 2)``."""
    first, second = correlations(x, real, imag, hop_length)
    return torch.stack([first, -second], -1)


def products_of_spectra(real: Tensor, imag: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Complex products of kernels' one-sided spectra with the spectra of frames.

    Shape:
        real, imag: ``(bins, half)``
        cosine, sine: ``(batch, half, frames)``
        returns: ``(batch, bins, frames, 2)``
    """
    real, imag = real.to(cosine.dtype), imag.to(cosine.dtype)
    return torch.stack(
        [matmul(real, cosine) - matmul(imag, sine), matmul(real, sine) + matmul(imag, cosine)], -1
    )


def magnitude_of(X: Tensor, trainable: bool) -> Tensor:
    """Magnitude of pairs; the legacy classes add 1e-8 to its square where they train kernels."""
    if trainable:
        # Adding strided squares takes a third of the time of a sum over pairs.
        return (X[..., 0].square() + X[..., 1].square() + 1e-8).sqrt()
    # The older exporter to ONNX knows no complex numbers.
    return magnitude(X, complex_free=capturing_graph())


def to_power(magnitudes: Tensor, power: float) -> Tensor:
    """Magnitudes to a power; where a root has an infinite slope, at zero, it counts as zero."""
    if power == 2.0:
        return magnitudes * magnitudes
    if power == 1.0:
        return magnitudes
    if power >= 1.0 or power <= 0.0:
        return magnitudes.pow(power)
    zero = magnitudes == 0
    return torch.where(zero, 0.0, torch.where(zero, 1.0, magnitudes).pow(power))


def stft_output(X: Tensor, output_format: str, trainable: bool) -> Tensor:
    """Pairs to what an STFT was asked for."""
    if output_format == "Complex":
        return X
    if output_format == "Magnitude":
        return magnitude_of(X, trainable)
    if output_format == "Phase":
        return phase(X)
    raise ValueError(f"output_format must be one of 'Complex', 'Magnitude', 'Phase', got '{output_format}'")


def cqt_output(
    X: Tensor, lengths: Tensor, output_format: str, normalization_type: str, trainable: bool
) -> Tensor:
    """Pairs without a normalisation to what a constant-Q transform was asked for.

    Shape:
        X: ``(batch, bins, frames, 2)``
        lengths: ``(bins,)``
    """
    if normalization_type == "librosa":
        X = X * lengths.to(X.dtype).sqrt().reshape(-1, 1, 1)
    elif normalization_type == "wrap":
        X = X * 2.0
    elif normalization_type != "convolutional":
        raise ValueError(
            "normalization_type must be one of 'librosa', 'convolutional', 'wrap', "
            f"got '{normalization_type}'"
        )
    if output_format == "Complex":
        return X
    if output_format == "Magnitude":
        return magnitude_of(X, trainable)
    if output_format == "Phase":
        return unit_phase(X)
    raise ValueError(f"output_format must be one of 'Magnitude', 'Complex', 'Phase', got '{output_format}'")


def to_decibels(bands: Tensor, amin: Tensor, ref: Tensor, top_db: Optional[float]) -> Tensor:
    """Power in decibels above ``ref``, not below each item's own maximum less ``top_db``.

    Shape:
        bands: ``(batch, bands, frames)``
        amin, ref: ``(1,)``
    """
    amin, ref = amin.to(bands.dtype), ref.to(bands.dtype)
    decibels = 10.0 * torch.log10(torch.maximum(bands, amin))
    decibels = decibels - 10.0 * torch.log10(torch.maximum(ref.abs(), amin))
    if top_db is None:
        return decibels
    if top_db < 0:
        raise ValueError(f"top_db must be >= 0 or None, got {top_db}")
    return torch.maximum(decibels, decibels.amax([1, 2], keepdim=True) - top_db)


def cosine_transform(x: Tensor, orthonormal: bool) -> Tensor:
    """Cosine transform (type II) over bands, ``(batch, bands, frames)``."""
    n_bands = x.size(1)
    k = torch.arange(n_bands, device=x.device).unsqueeze(1)
    m = torch.arange(n_bands, device=x.device).unsqueeze(0)
    # Whole turns are dropped in integers, which are exact.
    turns = (k * (2 * m + 1) % (4 * n_bands)).to(x.dtype) / (4 * n_bands)
    basis = 2.0 * torch.cos(2.0 * math.pi * turns)
    if orthonormal:
        basis = basis * math.sqrt(0.5 / n_bands) * torch.where(k == 0, math.sqrt(0.5), 1.0)
    return matmul(basis, x)


def conjugate(X: Tensor) -> Tensor:
    """Pairs with the second one negated."""
    return torch.stack([X[..., 0], -X[..., 1]], -1)
