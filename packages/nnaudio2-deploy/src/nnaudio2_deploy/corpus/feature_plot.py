"""A picture of the features of one file."""

from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

import nnaudio2_core as core
from nnaudio2_core.bands.design_scales import erb_frequencies, mel_frequencies

from . import plots

Array = npt.NDArray[np.floating]


def draw(module: Any, sr: int, result: Tensor) -> bytes:
    """Features over time as a PNG: levels in decibels, or the values themselves where some are negative.

    Shape:
        result: what the module returns for one clip
    """
    values = _real(module, result.double().numpy())
    hop = module.hop_length
    # coefficient 0 is the loudness, so large that all others would look alike
    first = 1 if isinstance(module, core.MFCC) and len(values) > 1 else 0
    ticks, label = _rows(module, sr, len(values), first)
    values = values[first:]
    if values.min() < 0:
        return plots.heatmap(values, hop / sr, ticks, label, "value", symmetric=True)
    level = plots.decibels(values ** (1 / module.config.get("power", 1)))
    return plots.heatmap(level, hop / sr, ticks, label, "level (dB)")


def _real(module: Any, values: Array) -> Array:
    """Real values, ``(rows, frames)``; further axes of a frame one after the other."""
    output_format = module.config.get("output_format")
    if output_format == "Phase" and values.ndim > 2:  # cosine and sine
        values = np.asarray(np.arctan2(values[..., 1], values[..., 0]))
    elif output_format == "Complex":
        values = np.asarray(np.hypot(values[..., 0], values[..., 1]))
    if not getattr(module, "frames_last", True):
        values = np.moveaxis(values, 0, -1)
    return values.reshape(-1, values.shape[-1])


def _rows(module: Any, sr: int, rows: int, first: int) -> tuple[list[tuple[float, str]], str]:
    centres = _frequencies(module, sr)
    if centres is None or len(centres) != rows:  # an HCQT has its bins for each harmonic
        return [(float(row - first), str(row)) for row in range(first, rows, max(1, rows // 6))], "row"
    from_zero = np.allclose(np.diff(centres), centres[-1] / (rows - 1 or 1))
    ticks = plots.linear_ticks(centres) if from_zero else plots.octave_ticks(centres)
    return ticks, "frequency (Hz)"


def _frequencies(module: Any, sr: int) -> Array | None:
    """Centres of the rows, Hz, where they have any."""
    config = module.config
    if isinstance(module, core.MelSpectrogram):
        top = sr / 2 if config["fmax"] is None else config["fmax"]
        return mel_frequencies(config["n_mels"] + 2, config["fmin"], top, config["htk"])[1:-1]
    if isinstance(module, core.Gammatonegram):
        top = sr / 2 if config["fmax"] is None else config["fmax"]
        return erb_frequencies(config["n_bins"], config["fmin"], top)
    if hasattr(module, "frequencies"):
        return np.asarray(module.frequencies.numpy())
    return None
