"""Estimate of the tuning of music."""

from typing import List, Tuple

import torch
from torch import Tensor

from ..module.arguments import require_int, require_number
from ..module.shapes import flatten_waveform


def estimate_tuning(
    x: Tensor,
    sr: float = 22050.0,
    n_fft: int = 2048,
    bins_per_octave: int = 12,
    resolution: float = 0.01,
    fmin: float = 150.0,
    fmax: float = 4000.0,
) -> Tensor:
    """Deviation of each clip from A440, in bins: the ``tuning`` of a constant-Q transform.

    The louder half of the spectral peaks vote with their frequencies, interpolated by parabolas; the result
    is the deviation from the grid of bins that has most votes, within 0.01 bins for chords of 2 s. A clip
    without a peak has 0. TorchScript compiles the function.

    Args:
        x: waveforms.
        sr: sampling rate, Hz, > 0.
        n_fft: length of a frame, samples, >= 16; frames overlap by three quarters.
        bins_per_octave: bins in each octave, >= 1.
        resolution: width of a class of votes, bins, 1e-4 to 0.5.
        fmin: lowest frequency of a peak, Hz, >= 0.
        fmax: highest frequency of a peak, Hz, > ``fmin``.

    Shape:
        x: ``(..., time)``, ``time >= 1``
        returns: ``(...,)``, -0.5 to 0.5

    Raises:
        ValueError: for an argument out of range.
        TypeError: for audio that is not of a floating type.

    Example:
        >>> import torch
        >>> from nnaudio2_core import CQT
        >>> x = torch.sin(2 * torch.pi * 445 * torch.arange(44100) / 22050)
        >>> tuning = estimate_tuning(x, sr=22050)
        >>> round(float(tuning), 2)  # 12 * log2(445 / 440) = 0.196
        0.2
        >>> cqt = CQT(sr=22050, tuning=float(tuning))

    Source: peaks by parabolic interpolation of logarithms as in Smith (2011), "Spectral Audio Signal
    Processing", and a histogram. ``librosa.estimate_tuning`` interpolates magnitudes and returns the lower
    end of the winning class.
    """
    if not torch.jit.is_scripting():
        sr = require_number("sr", sr, above=0.0)
        n_fft = require_int("n_fft", n_fft, 16, 2**24)
        bins_per_octave = require_int("bins_per_octave", bins_per_octave, 1)
        resolution = require_number("resolution", resolution, at_least=1e-4, at_most=0.5)
        fmin = require_number("fmin", fmin, at_least=0.0)
        fmax = require_number("fmax", fmax, above=fmin)
    clips = flatten_waveform(x, 1)
    window = torch.hann_window(n_fft, dtype=clips.dtype, device=clips.device)
    tunings: List[Tensor] = []
    for clip in clips:
        spectrum = torch.stft(
            clip, n_fft, n_fft // 4, window=window, pad_mode="constant", return_complex=True
        ).abs()
        frequencies, levels = spectral_peaks(spectrum, fmin * n_fft / sr, fmax * n_fft / sr)
        tunings.append(winning_deviation(frequencies * (sr / n_fft), levels, bins_per_octave, resolution))
    shape = list(x.shape)[:-1]
    if x.numel() == 0:
        return torch.zeros(shape, dtype=x.dtype, device=x.device)
    return torch.stack(tunings).reshape(shape).to(x.dtype)


def spectral_peaks(spectrum: Tensor, low: float, high: float) -> Tuple[Tensor, Tensor]:
    """Frequencies, bins, and levels of the peaks between two frequencies, of all frames.

    Peaks count down to a tenth of the loudest cell of their frame.

    Shape:
        spectrum: ``(bins, frames)``, magnitudes
        returns: ``(peaks,)`` and ``(peaks,)``
    """
    below, middle, above = spectrum[:-2], spectrum[1:-1], spectrum[2:]
    bins = torch.arange(1, spectrum.size(0) - 1, device=spectrum.device)[:, None]
    loud = middle > 0.1 * spectrum.amax(0)
    peak = loud & (middle > below) & (middle >= above)
    peak = peak & (bins >= low) & (bins < high)
    # Levels relative to the peak, in logarithms, where the main lobe of the window is nearly a parabola.
    levels = middle[peak]
    left, right = (below[peak] / levels + 1e-9).log(), (above[peak] / levels + 1e-9).log()
    shift = 0.5 * (left - right) / (left + right)
    return bins.expand_as(peak)[peak] + shift, levels


def winning_deviation(frequencies: Tensor, levels: Tensor, bins_per_octave: int, resolution: float) -> Tensor:
    """Middle of the class of deviations from A440 that most of the louder half of the peaks have, bins.

    Shape:
        frequencies: ``(peaks,)``, Hz
        levels: ``(peaks,)``
        returns: ``()``
    """
    if levels.numel() == 0:
        return torch.zeros([], dtype=levels.dtype, device=levels.device)
    voters = frequencies[levels >= levels.median()]
    deviation = bins_per_octave * torch.log2(voters / 440)
    deviation = deviation - torch.floor(deviation + 0.5)
    n_classes = max(2, int(1 / resolution + 0.5))
    classes = torch.floor((deviation + 0.5) * n_classes).long().clamp(0, n_classes - 1)
    votes = torch.bincount(classes, minlength=n_classes)
    return ((votes.argmax() + 0.5) / n_classes - 0.5).to(levels.dtype)
