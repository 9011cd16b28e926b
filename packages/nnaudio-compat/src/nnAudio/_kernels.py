"""The legacy transforms with any kernels: what is computed where a module has other than the analytic ones.

Everything here scripts and is a pure function of tensors. Results are float32, or float64 where waveform or
kernels are.
"""

import math
import warnings
from typing import List, Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nnaudio2_core.ops import padding
from nnaudio2_core.ops.framing import frame, overlap_add, recording
from nnaudio2_core.ops.outputs import magnitude, phase, unit_phase
from nnaudio2_core.ops.overlap import window_sum
from nnaudio2_core.ops.precision import conv1d, matmul


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


def check_reflection(x: Tensor, amount: int, mode: str) -> None:
    """RuntimeError where a batch ``(batch, time)`` is too short to be reflected."""
    if mode == "reflect" and not recording():
        if x.size(1) <= amount:
            raise RuntimeError(f"x must have at least {amount + 1} samples to be reflected, got {x.size(1)}")


def assert_reflection(x: Tensor, amount: int, mode: str) -> None:
    """AssertionError for a batch shorter than ``amount``, as the legacy STFT had it."""
    if mode == "reflect" and not recording():
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
    """:func:`correlate` with two kernels of one shape.

    Products with copied frames take two thirds of the time of convolutions, but frames that overlap much take
    much memory.
    """
    width = first.size(2)
    # 256 MB of float32
    if recording() or x.size(0) * (1 + (x.size(1) - width) // hop_length) * width > 1 << 26:
        return correlate(x, first, hop_length), correlate(x, second, hop_length)
    dtype = common_dtype(x, first)
    frames = frame(x.to(dtype), width, hop_length).contiguous().transpose(1, 2)
    return matmul(first.squeeze(1).to(dtype), frames), matmul(second.squeeze(1).to(dtype), frames)


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
    return magnitude(X)


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


def check_spectrogram(X: Tensor, n_fft: int, onesided: bool) -> None:
    """Errors of the types that the legacy package raised."""
    if X.dim() != 4 or X.size(3) != 2:
        raise AssertionError(
            f"X must have the shape (batch, bins, frames, 2), got {list(X.shape)}; see Griffin_Lim for others"
        )
    bins = n_fft
    if onesided:
        bins = n_fft // 2 + 1
    if X.size(1) != bins:
        raise RuntimeError(
            f"X must have {bins} bins with n_fft={n_fft}, onesided={onesided}, got {X.size(1)}"
        )


def span(time: int, pad: int, center: bool, length: Optional[int]) -> Tuple[int, int]:
    """First and end of the samples to return of ``time`` overlap-added ones."""
    first, last = 0, time
    if center:
        first, last = pad, time - pad
    if length is not None:
        last = min(first + length, time)
    return first, last


def inverse_dtype(X: Tensor, window: Tensor) -> torch.dtype:
    """The wider of the two types, in which the legacy package returned waveforms."""
    return torch.promote_types(X.dtype, window.dtype)


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


def cosine_transform(x: Tensor, n_coefficients: int) -> Tensor:
    """The first terms of an orthonormal cosine transform (type II) over bands, ``(batch, bands, frames)``."""
    n_bands = x.size(1)
    k = torch.arange(min(n_coefficients, n_bands), device=x.device).unsqueeze(1)
    m = torch.arange(n_bands, device=x.device).unsqueeze(0)
    turns = (k * (2 * m + 1)).to(torch.float64) / (4 * n_bands)
    basis = torch.cos(2.0 * math.pi * turns) * math.sqrt(2.0 / n_bands)
    basis = basis * torch.where(k == 0, math.sqrt(0.5), 1.0)
    return matmul(basis.to(x.dtype), x)


def two_sided(X: Tensor, n_fft: int) -> Tensor:
    """One-sided spectra with their mirror image: ``(batch, n_fft, frames, 2)``."""
    mirrored = X[:, 1 : n_fft - X.size(1) + 1].flip(1)
    return torch.cat([X, torch.stack([mirrored[..., 0], -mirrored[..., 1]], -1)], 1)


def inverse_by_kernels(
    X: Tensor, cosine: Tensor, sine: Tensor, window: Tensor, hop_length: int
) -> Tuple[Tensor, Tensor]:
    """Overlap-add of the windowed inverse of two-sided spectra, and the sum of squared windows.

    Shape:
        X: ``(batch, n_fft, frames, 2)``
        cosine, sine: ``(n_fft, 1, n_fft, 1)``, samples by frequencies
        window: ``(1, width, 1)``, ``width <= n_fft``
        returns: ``(batch, time)`` and ``(time,)``, ``time = (frames - 1) * hop_length + n_fft``
    """
    n_fft = X.size(1)
    if cosine.size(0) != n_fft or cosine.size(2) != n_fft:
        raise RuntimeError(f"kernels must have the shape ({n_fft}, 1, {n_fft}, 1), got {list(cosine.shape)}")
    dtype = common_dtype(X, window)
    X = X.to(common_dtype(X, cosine))
    missing = n_fft - window.size(1)
    window = F.pad(window.reshape(-1), [missing // 2, missing - missing // 2]).to(dtype)
    frames = matmul(cosine[:, 0, :, 0].to(X.dtype), X[..., 0]) - matmul(
        sine[:, 0, :, 0].to(X.dtype), X[..., 1]
    )
    windowed = frames.to(dtype).transpose(1, 2) * (window / n_fft)
    return overlap_add(windowed, hop_length), window_sum(window, X.size(2), hop_length)


def divided(y: Tensor, total: Tensor, first: int, last: int) -> Tensor:
    """``y / total`` from sample ``first`` to ``last``, left alone where no window reaches."""
    seen = total > 1e-10
    return (y / torch.where(seen, total, 1.0))[:, first:last]


def conjugate(X: Tensor) -> Tensor:
    """Pairs with the second one negated."""
    return torch.stack([X[..., 0], -X[..., 1]], -1)


def decimated(x: Tensor, lowpass: Tensor, factor: int) -> Tensor:
    """Low-pass filter ``(1, 1, taps)`` and keep every ``factor``-th sample of ``(batch, time)``."""
    side = (lowpass.size(2) - 1) // 2
    return correlate(F.pad(x, [side, side]), lowpass, factor).squeeze(1)


def octave_padded(x: Tensor, amount: int, mode: str, width: int) -> Tensor:
    """Pad by ``amount``; a clip that is too short to be reflected is padded with ``width // 2`` zeros."""
    if mode == "reflect" and not recording():
        if x.size(1) <= amount:
            warnings.warn(  # noqa: B028  # TorchScript knows the message alone
                f"x must have at least {amount + 1} samples in each octave to be reflected, got {x.size(1)}; "
                "zeros are added"
            )
            return F.pad(x, [width // 2, width // 2])
    return padding.pad_waveform(x, amount, mode)


def octaves_by_kernels(
    x: Tensor, weights: List[Tensor], widths: List[int], lowpass: Tensor, hop_length: int, pad_mode: str
) -> Tensor:
    """A constant-Q transform octave by octave, the signal halved in rate from one to the next.

    Shape:
        x: ``(batch, time)``
        weights: for each octave from the top ``(2 * bins, 1, width)``, for real, then for imaginary parts
        widths: for each octave, twice the zeros that pad a clip that is too short to be reflected
        lowpass: ``(1, 1, taps)``
        returns: ``(batch, octaves * bins, frames, 2)``, the lowest octave first
    """
    parts: List[Tensor] = []
    for octave, weight in enumerate(weights):
        if octave > 0:
            x = decimated(x, lowpass, 2)
            hop_length = hop_length // 2
        padded = octave_padded(x, weight.size(2) // 2, pad_mode, widths[octave])
        X = correlate(padded, weight, hop_length)
        parts = [torch.stack(X.chunk(2, 1), -1)] + parts
    return torch.cat(parts, 1)
