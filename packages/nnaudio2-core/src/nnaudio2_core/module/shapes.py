"""Waveforms and spectrograms with any leading axes to batches of two and four axes, and back."""

from typing import List, Optional

import torch
import torch.nn.functional as F
from torch import Tensor

from .arguments import check_tensor, require_whole
from .graph_capture import capturing_graph, tracing
from .precision import working_dtype


def flatten_waveform(x: Tensor, min_samples: int) -> Tensor:
    """Check a waveform and flatten its leading axes.

    Shape:
        x: ``(..., time)``, a real floating type
        returns: ``(batch, time)``, float32 or float64

    Raises:
        TypeError: if ``x`` is not a dense tensor of a real floating type.
        ValueError: if ``x`` has no axis or fewer than ``min_samples`` samples.
    """
    if not torch.jit.is_scripting():
        check_tensor("x", x)
    if not is_float(x):
        raise TypeError(
            f"x must be a float tensor of 16, 32 or 64 bits, got {x.dtype}; "
            "convert integer audio first, e.g. x.float() / 32768 for 16-bit samples"
        )
    if x.dim() == 0:
        raise ValueError("x must have a time axis, got a scalar")
    check_time(x, min_samples)
    return flatten_leading(x, 1).to(working_dtype(x.dtype))


def flatten_leading(x: Tensor, axes: int) -> Tensor:
    """Flatten the leading axes to one; :func:`restore_leading` restores them.

    No FFT takes an empty batch: it becomes one item of zeros.

    Shape:
        x: ``(..., *)``, whose last ``axes`` axes are not leading axes
        returns: ``(batch, *)``
    """
    if x.dim() == axes:
        return x.unsqueeze(0)
    if x.numel() == 0:
        empty = x.reshape([0] + list(x.shape)[x.dim() - axes :])
        return F.pad(empty, [0, 0] * axes + [0, 1])
    return x.flatten(0, -axes - 1)


def is_float(x: Tensor) -> bool:
    """True for float16, bfloat16, float32 and float64; float8 has too few digits for audio."""
    dtype = x.dtype
    half = dtype == torch.float16 or dtype == torch.bfloat16
    return half or dtype == torch.float32 or dtype == torch.float64


def require_samples(time: int, min_samples: int) -> int:
    """``time`` as an int; raise an error unless it is an integer, at least ``min_samples``."""
    if not torch.jit.is_scripting():
        time = require_whole("time", time)
    check_samples(time, min_samples)
    return time


def check_samples(time: int, min_samples: int) -> None:
    """Raise a ValueError for a clip shorter than ``min_samples``, except in a trace, which has no errors."""
    if not tracing() and time < min_samples:
        raise ValueError(f"x must have at least min_samples = {min_samples} samples, got {time}")


def check_time(x: Tensor, min_samples: int) -> None:
    """:func:`check_samples`, with a hint if the axis before the last may be time."""
    time = x.size(-1)
    if not tracing() and time < min_samples and x.dim() > 1 and x.size(-2) >= min_samples:
        raise ValueError(
            f"x must have at least min_samples = {min_samples} samples, got {time}; time must be the last "
            f"axis: if x, {list(x.shape)}, is (time, channels), pass x.transpose(-1, -2)"
        )
    check_samples(time, min_samples)


def check_bins(bins: int, expected: int) -> None:
    """Raise a ValueError for a wrong number of bins."""
    if bins != expected:
        raise ValueError(f"X must have {expected} bins, got {bins}")


def check_frames(frames: int, expected: int) -> None:
    """Raise a ValueError for a wrong number of frames, except in a graph, which serves any number."""
    if not capturing_graph() and frames != expected:
        raise ValueError(f"X must have n_frames(length) = {expected} frames, got {frames}")


def restore_leading(y: Tensor, x: Tensor, axes: int = 1) -> Tensor:
    """Restore the leading axes and the dtype of ``x`` in ``y``; a complex result keeps its dtype.

    Shape:
        y: ``(batch, *)``
        x: ``(..., *)``, whose last ``axes`` axes are not leading axes
        returns: ``(..., *)``
    """
    lead: List[int] = list(x.shape)[: x.dim() - axes]
    tail: List[int] = list(y.shape)[1:]
    if not tracing() and x.numel() == 0:
        y = y[:0]
    # A reshape to the same shape would limit the sizes that an exported graph takes.
    restored = y if len(lead) == 1 else y.reshape(lead + tail)
    return restored if y.is_complex() else restored.to(x.dtype)


def as_real_pairs(X: Tensor) -> Tensor:
    """A complex tensor as real numbers with a last axis of 2; others unchanged."""
    if not torch.jit.is_scripting():
        check_tensor("X", X)
    if X.is_complex():
        return torch.view_as_real(X.resolve_conj())
    return X


def as_complex(X: Tensor) -> Tensor:
    """Pairs as complex numbers: a view if pairs are adjacent in memory, whatever the order of the other axes.

    Otherwise one from the real and the imaginary parts: copying pairs takes seven times as long.

    Shape:
        X: ``(*, 2)``
        returns: ``(*)``, complex
    """
    if capturing_graph():
        return torch.view_as_complex(X.contiguous())
    strides = X.stride()
    together = strides[-1] == 1 and X.storage_offset() % 2 == 0
    for stride in strides[:-1]:
        together = together and stride % 2 == 0
    return torch.view_as_complex(X) if together else torch.complex(X[..., 0], X[..., 1])


def flatten_pairs(X: Tensor) -> Tensor:
    """Check a complex spectrogram (real, last axis of 2) and flatten its leading axes.

    Shape:
        X: ``(..., bins, frames, 2)``
        returns: ``(batch, bins, frames, 2)``, float32 or float64

    Raises:
        TypeError: if ``X`` is not of a real floating type.
        ValueError: if ``X`` has another shape, no bin, or no frame.
    """
    if not is_float(X):
        raise TypeError(f"X must be a float tensor of 16, 32 or 64 bits or a complex one, got {X.dtype}")
    if X.dim() < 3 or X.size(-1) != 2:
        raise ValueError(f"X must have the shape (..., bins, frames, 2), got {list(X.shape)}")
    if X.size(-2) == 0:
        raise ValueError("X must have at least 1 frame, got 0")
    if X.size(-3) == 0:
        raise ValueError("X must have at least 1 bin, got 0")
    return flatten_leading(X, 3).to(working_dtype(X.dtype))


def flatten_magnitudes(S: Tensor, n_bins: Optional[int], min_frames: int) -> Tensor:
    """Check real values of bins and frames, and flatten their leading axes.

    Args:
        S: a magnitude spectrogram, or anything with its axes.
        n_bins: number of bins; None for any.
        min_frames: fewest frames.

    Shape:
        S: ``(..., bins, frames)``
        returns: ``(batch, bins, frames)``, float32 or float64

    Raises:
        TypeError: if ``S`` is not a dense tensor of a real floating type.
        ValueError: if ``S`` has another shape.
    """
    if not torch.jit.is_scripting():
        check_tensor("S", S)
    if not is_float(S):
        raise TypeError(f"S must be a real float tensor of 16, 32 or 64 bits, got {S.dtype}")
    if n_bins is None:
        if S.dim() < 2 or S.size(-2) == 0:
            raise ValueError(f"S must have the shape (..., bins, frames), got {list(S.shape)}")
    elif S.dim() < 2 or S.size(-2) != n_bins:
        raise ValueError(f"S must have the shape (..., {n_bins}, frames), got {list(S.shape)}")
    if S.size(-1) < min_frames:
        raise ValueError(f"S must have at least {min_frames} frames, got {S.size(-1)}")
    return flatten_leading(S, 2).to(working_dtype(S.dtype))


def not_below_zero(S: Tensor) -> Tensor:
    """Values below 0 as 0; minus infinity as NaN, so that it shows."""
    return S * (S >= 0)
