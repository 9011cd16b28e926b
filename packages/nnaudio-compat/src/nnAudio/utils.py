"""Helper functions of the legacy package, with their arguments and return values.

Kernels are made in the types of ``np``, so that code which replaces ``nnAudio.utils.np`` by a module whose
``float32`` is ``float64`` still gets kernels in double precision.
"""

import math
import sys
from time import time
from typing import Any, List, Optional, Tuple

import numpy as np
import numpy.typing as npt
import torch
from scipy import signal
from scipy.fftpack import fft
from scipy.signal import get_window
from torch import Tensor
from torch.nn.functional import conv1d, fold

from nnaudio2_core.constant_q import design_kernels as constant_q
from nnaudio2_core.constant_q import design_octaves as octaves
from nnaudio2_core.constant_q.design_bins import constant_q_frequencies
from nnaudio2_core.fourier import design_kernels as fourier
from nnaudio2_core.framing import design_window as windows
from nnaudio2_core.framing import frames as framing
from nnaudio2_core.framing.window_sum import window_sum

from . import _inverse, _kernels, librosa_functions
from ._deprecation import deprecated_function, warn_user
from .librosa_functions import *  # noqa: F403

Array = npt.NDArray[Any]

sz_float = 4
epsilon = 10e-9
split_version = torch.__version__.split(".")
major_version, minor_version = int(split_version[0]), int(split_version[1])

__all__ = [
    *librosa_functions.__all__,
    "broadcast_dim",
    "broadcast_dim_conv2d",
    "complex_mul",
    "conv1d",
    "create_cqt_kernels",
    "create_fourier_kernels",
    "create_lowpass_filter",
    "downsampling_by_2",
    "downsampling_by_n",
    "early_downsample",
    "early_downsample_count",
    "epsilon",
    "extend_fbins",
    "fft",
    "fold",
    "get_cqt_complex",
    "get_cqt_complex2",
    "get_early_downsample_params",
    "get_window",
    "get_window_dispatch",
    "major_version",
    "math",
    "minor_version",
    "nextpow2",
    "overlap_add",
    "prepow2",
    "rfft_fn",
    "signal",
    "split_version",
    "sys",
    "sz_float",
    "time",
    "torch",
    "torch_window_sumsquare",
    "uniform_distribution",
]


@deprecated_function("math.log2")
def nextpow2(A: float) -> int:
    """Exponent of the smallest power of two that is not below ``A``."""
    return math.ceil(math.log2(A))


@deprecated_function("math.log2")
def prepow2(A: float) -> int:
    """Exponent of the largest power of two that is not above ``A``."""
    return math.floor(math.log2(A))


@deprecated_function("torch.Tensor.matmul")
def complex_mul(cqt_filter: Tuple[Tensor, Tensor], stft: Tuple[Tensor, Tensor]) -> Tuple[Tensor, Tensor]:
    """Product of two complex matrices, given and returned as real and imaginary part."""
    return _kernels.complex_product(*cqt_filter, *stft)


@deprecated_function("torch.Tensor.unsqueeze")
def broadcast_dim(x: Tensor) -> Tensor:
    """Waveforms of the shape ``(time,)``, ``(batch, time)`` or ``(batch, 1, time)`` in the last of these."""
    if x.dim() == 2:
        return x[:, None]
    if x.dim() == 1:
        return x[None, None]
    if x.dim() == 3:
        return x
    raise ValueError(f"x must have the shape (time,), (batch, time) or (batch, 1, time), got {list(x.shape)}")


@deprecated_function("torch.Tensor.unsqueeze")
def broadcast_dim_conv2d(x: Tensor) -> Tensor:
    """``(batch, bins, frames)`` to ``(batch, 1, bins, frames)``."""
    if x.dim() == 3:
        return x[:, None]
    raise ValueError(f"x must have the shape (batch, bins, frames), got {list(x.shape)}")


@deprecated_function("nnaudio2_core.constant_q.design_octaves.lowpass_filter")
def create_lowpass_filter(
    band_center: float = 0.5, kernelLength: int = 256, transitionBandwidth: float = 0.03
) -> Array:
    """Linear-phase low-pass filter around ``band_center`` (1 = Nyquist), ``(kernelLength,)``."""
    return octaves.lowpass_filter(band_center, transitionBandwidth, kernelLength).astype(np.float32)


@deprecated_function("nnaudio2_core.constant_q.octaves.decimate")
def downsampling_by_n(x: Tensor, filterKernel: Tensor, n: int) -> Tensor:
    """Filter ``(batch, 1, time)`` by ``(1, 1, taps)`` and keep every ``n``-th sample."""
    return conv1d(x, filterKernel, stride=(n,), padding=((filterKernel.shape[-1] - 1) // 2,))


@deprecated_function("nnaudio2_core.constant_q.octaves.decimate")
def downsampling_by_2(x: Tensor, filterKernel: Tensor) -> Tensor:
    """:func:`downsampling_by_n` with ``n=2``."""
    return downsampling_by_n(x, filterKernel, 2)


@deprecated_function("nnaudio2_core.constant_q.design_octaves.early_halvings")
def early_downsample_count(nyquist: float, filter_cutoff: float, hop_length: int, n_octaves: int) -> int:
    """Number of times that the rate may be halved before the top octave."""
    return octaves.early_halvings(nyquist, filter_cutoff, hop_length, n_octaves)


@deprecated_function("nnaudio2_core.constant_q.design_octaves.early_halvings")
def early_downsample(
    sr: float, hop_length: int, n_octaves: int, nyquist: float, filter_cutoff: float
) -> Tuple[float, int, int]:
    """Rate and hop after :func:`early_downsample_count` halvings, and the factor."""
    factor: int = 2 ** early_downsample_count(nyquist, filter_cutoff, hop_length, n_octaves)
    return sr / factor, hop_length // factor, factor


@deprecated_function("nnaudio2_core.constant_q.design_octaves.cut_into_octaves")
def get_early_downsample_params(
    sr: float, hop_length: int, fmax_t: float, Q: float, n_octaves: int, verbose: bool
) -> Tuple[float, int, int, Optional[Tensor], bool]:
    """Rate, hop, factor, filter ``(1, 1, 256)`` or None of the early down-sampling; whether there is any."""
    edge = octaves.upper_edge(fmax_t, Q)
    sr, hop_length, factor = early_downsample(sr, hop_length, n_octaves, sr // 2, edge)
    if factor == 1:
        if verbose:
            print("No early downsampling is required, downsample_factor = ", factor)
        return sr, hop_length, factor, None, False
    if verbose:
        print("Can do early downsample, factor = ", factor)
    taps = create_lowpass_filter(band_center=1 / factor, kernelLength=256, transitionBandwidth=0.03)
    return sr, hop_length, factor, torch.tensor(taps)[None, None], True


@deprecated_function("nnaudio2_core.framing.design_window.analysis_window")
def get_window_dispatch(window: Any, N: int, fftbins: bool = True) -> Array:
    """A window of ``scipy.signal``; ``("gaussian", att)`` falls by ``att`` dB at its ends."""
    return get_window(_window_of(window, N), N, fftbins=fftbins)  # type: ignore[no-any-return]


def _window_of(window: Any, N: int) -> Any:
    """The window as SciPy takes it: a Gaussian by its standard deviation in samples, not its attenuation."""
    if isinstance(window, tuple) and window[0] == "gaussian":
        return "gaussian", math.ceil(N / 2 / math.sqrt(2 * math.log(10 ** (window[1] / 20))))
    return window


@deprecated_function("nnaudio2_core.fourier.design_kernels.fourier_kernels")
def create_fourier_kernels(
    n_fft: int,
    win_length: Optional[int] = None,
    freq_bins: Optional[int] = None,
    fmin: float = 50,
    fmax: float = 6000,
    sr: float = 44100,
    freq_scale: str = "linear",
    window: Any = "hann",
    verbose: bool = True,
) -> Tuple[Array, Array, List[float], List[float], Array]:
    """Fourier kernels, their frequencies, and the window.

    Returns:
        sines and cosines without the window, ``(freq_bins, 1, n_fft)``; frequencies in Hz; frequencies in
        cycles per ``n_fft`` samples; the window, ``(n_fft,)``.
    """
    freq_bins = n_fft // 2 + 1 if freq_bins is None else freq_bins
    win_length = n_fft if win_length is None else int(win_length)
    if win_length > n_fft:
        raise ValueError(f"win_length must be <= n_fft = {n_fft}, got {win_length}")
    if freq_scale not in fourier.FREQ_SCALES:
        raise ValueError(f"freq_scale must be one of {fourier.FREQ_SCALES}, got {freq_scale!r}")
    if verbose and freq_scale != "no":
        # The text of the legacy package to the letter, like every line that is printed here.
        print(
            f"sampling rate = {sr}. Please make sure the sampling rate is correct in order to"
            "get a valid freq range"
        )
    bins = fourier.fourier_bins(freq_scale, freq_bins, n_fft, fmin, fmax, sr)
    wcos, wsin = (
        kernel[:, None].astype(np.float32) for kernel in fourier.fourier_kernels(bins, np.ones(n_fft))
    )
    mask = windows.analysis_window(window, win_length, n_fft).astype(np.float32)
    whole = [int(k) for k in bins] if freq_scale == "no" else bins.tolist()
    return wsin, wcos, [k * sr / n_fft for k in whole], whole, mask


@deprecated_function("nnaudio2_core.constant_q.design_kernels.constant_q_basis")
def create_cqt_kernels(
    Q: float,
    fs: float,
    fmin: float,
    n_bins: Optional[float] = 84,
    bins_per_octave: float = 12,
    norm: Optional[float] = 1,
    window: Any = "hann",
    fmax: Optional[float] = None,
    topbin_check: bool = True,
    gamma: float = 0,
    pad_fft: bool = True,
) -> Tuple[Array, int, Tensor, Array]:
    """Constant-Q kernels ``(n_bins, width)``, ``width``, the filters' lengths in samples, frequencies in Hz.

    ``pad_fft`` has no effect, as in the legacy package.
    """
    if fmax is not None:
        if n_bins is not None:
            warn_user("fmax is given, so n_bins is ignored", SyntaxWarning)
        n_bins = math.ceil(bins_per_octave * math.log2(fmax / fmin))  # with its round-off
    if n_bins is None:
        raise TypeError("n_bins must be a number where fmax is None, got None")
    frequencies = constant_q_frequencies(fmin, int(n_bins), bins_per_octave)
    if topbin_check and frequencies[-1] > fs / 2:
        raise ValueError(
            f"n_bins must leave the top bin below fs / 2 = {fs / 2:g} Hz, got {frequencies[-1]:g} Hz"
        )
    alpha = 2.0 ** (1.0 / bins_per_octave) - 1.0
    lengths = np.ceil(Q * fs / (frequencies + gamma / alpha))
    placed = [
        constant_q.constant_q_kernel(float(f), float(n), fs, float(norm or 0), _window_of(window, int(n)))
        for f, n in zip(frequencies, lengths, strict=True)
    ]
    kernels, offsets = zip(*placed, strict=True)
    reach = max(max(-first, first + kernel.size) for kernel, first in placed)
    width = 2 ** math.ceil(math.log2(2 * reach))
    basis = constant_q.ConstantQBasis(frequencies, lengths, list(kernels), list(offsets), width)
    return basis.dense().astype(np.complex64), width, torch.tensor(lengths).float(), frequencies


@deprecated_function("nnaudio2_core.VQT, with algorithm='octaves'")
def get_cqt_complex(
    x: Tensor, cqt_kernels_real: Tensor, cqt_kernels_imag: Tensor, hop_length: int, padding: Any
) -> Tensor:
    """Constant-Q coefficients by convolution: ``(batch, 1, time)`` to ``(batch, bins, frames, 2)``."""
    x = padded_or_with_zeros(x, padding, cqt_kernels_real.shape[-1] // 2)
    real = conv1d(x, cqt_kernels_real, stride=(hop_length,))
    imag = conv1d(x, cqt_kernels_imag, stride=(hop_length,))
    return torch.stack((real, -imag), -1)


@deprecated_function("nnaudio2_core.CQT1992")
def get_cqt_complex2(
    x: Tensor,
    cqt_kernels_real: Tensor,
    cqt_kernels_imag: Tensor,
    hop_length: int,
    padding: Any,
    wcos: Optional[Tensor] = None,
    wsin: Optional[Tensor] = None,
) -> Tensor:
    """Constant-Q coefficients by spectra: ``(batch, 1, time)`` to ``(batch, bins, frames, 2)``.

    Without ``wcos`` and ``wsin`` the kernels are those of the time domain, see :func:`get_cqt_complex`.
    """
    if wcos is None or wsin is None:
        return get_cqt_complex(x, cqt_kernels_real, cqt_kernels_imag, hop_length, padding)
    x = padded_or_with_zeros(x, padding, cqt_kernels_real.shape[-1] // 2)
    cosine, sine = conv1d(x, wcos, stride=(hop_length,)), conv1d(x, wsin, stride=(hop_length,))
    return torch.stack(_kernels.complex_product(cqt_kernels_real, cqt_kernels_imag, cosine, sine), -1)


def padded_or_with_zeros(x: Tensor, padding: Any, zeros: int) -> Tensor:
    """Pad by a module, or a clip too short for it by ``zeros`` zeros at each end, with a warning."""
    try:
        return padding(x)  # type: ignore[no-any-return]
    except RuntimeError:  # too short to be reflected
        message = f"x is too short to be padded by {padding}: {x.shape[-1]} samples; zeros are added"
        warn_user(message, UserWarning)
        return torch.nn.functional.pad(x, (zeros, zeros))


@deprecated_function("torch.fft.fft")
def rfft_fn(x: Tensor, n: Optional[int] = None, onesided: bool = False) -> Tensor:
    """All bins of the FFT, real and imaginary part last.

    ``n`` and ``onesided`` have no effect, as in the legacy package.
    """
    return torch.view_as_real(torch.fft.fft(x))


@deprecated_function("nnaudio2_core.STFT, which has freq_bins")
def extend_fbins(X: Tensor) -> Tensor:
    """One-sided spectra ``(batch, n_fft // 2 + 1, frames, 2)`` and their mirror image, for even ``n_fft``."""
    return _inverse.two_sided(X, 2 * X.size(1) - 2)


@deprecated_function("nnaudio2_core.framing.frames.overlap_add")
def overlap_add(X: Tensor, stride: int) -> Tensor:
    """Sum of frames ``(batch, width, frames)``, ``stride`` samples apart."""
    return framing.overlap_add(X.transpose(1, 2), stride)


@deprecated_function("nnaudio2_core.framing.window_sum.window_sum")
def torch_window_sumsquare(w: Tensor, n_frames: int, stride: int, n_fft: int, power: float = 2) -> Tensor:
    """Sum of the windows to a power, ``(1, 1, 1, time)``."""
    return window_sum(w.reshape(-1)[:n_fft].abs().pow(power / 2), n_frames, stride).reshape(1, 1, 1, -1)


@deprecated_function("torch.rand")
def uniform_distribution(r1: float, r2: float, *size: int, device: Any) -> Tensor:
    """Random numbers between ``r1`` and ``r2``."""
    return (r1 - r2) * torch.rand(*size, device=device) + r2
