"""Fields of an :class:`.Interface`: inputs of transforms that are not waveforms, results that are angles."""

import inspect
from collections.abc import Callable
from typing import Any, Optional

import torch
from torch import Tensor, nn

import nnaudio2_core as core

from ..errors import ArtifactError

_LEAST_SQUARES = (core.iCQT, core.iVQT, core.Inverse)
_FROM_MAGNITUDES = (core.GriffinLim, core.GriffinLimCQT, core.InverseMel)
INVERSES = (core.iSTFT, *_FROM_MAGNITUDES, *_LEAST_SQUARES)
OF_FRAMES = (core.AmplitudeToDB, core.Deltas, core.PCEN)


def of_inverse(module: Any, call: Optional[dict[str, Any]]) -> dict[str, Any]:
    """Of an inverse: its inputs are the spectra of waveforms."""
    forward, bins, fewest = _forward_of(module, call)
    paired = not isinstance(module, _FROM_MAGNITUDES)
    return {
        "axes": {"batch": None, "bins": bins, "frames": None, **({"parts": 2} if paired else {})},
        "shortest": fewest,
        "shortest_waveform": attribute(module, "min_samples"),
        "from_waveform": forward,
        "hop_length": module.hop_length,
    }


def of_frames(module: Any) -> dict[str, Any]:
    """Of a transform of frames: its inputs are the powers of an STFT, with as many of its bins."""
    bins = module.n_bins
    if bins is None:
        raise ArtifactError(f"{type(module).__name__} must have a number of bins, n_bins, to be saved")
    stft = core.STFT(2 * bins, hop_length=max(1, bins // 2), output_format="Magnitude")
    return {
        "axes": {"batch": None, "bins": bins, "frames": None},
        "shortest": module.min_frames,
        "shortest_waveform": stft.min_samples + module.min_frames * stft.hop_length,
        "from_waveform": lambda x: stft(x)[:, :bins].square(),
        "hop_length": stft.hop_length,
    }


def _forward_of(module: Any, call: Optional[dict[str, Any]]) -> tuple[Callable[[Tensor], Tensor], int, int]:
    """The transform that is inverted, its bins, and the fewest frames that make a waveform."""
    if isinstance(module, _LEAST_SQUARES):
        return module.analysis, module.n_bins, 1
    if isinstance(module, core.GriffinLimCQT):
        return lambda x: module.icqt.analysis(x).norm(dim=-1).pow(module.power), module.n_bins, 1
    if isinstance(module, core.InverseMel):
        shared = inspect.signature(core.MelSpectrogram).parameters
        mel = core.MelSpectrogram(**{k: v for k, v in module.config.items() if k in shared})
        return mel, module.n_mels, max(2, module.min_frames)
    names = ("n_fft", "win_length", "hop_length", "window", "center")
    frames = {name: module.config[name] for name in names}
    if isinstance(module, core.GriffinLim):
        power, pad_mode = module.power, module.config["pad_mode"]
        magnitude = core.STFT(**frames, pad_mode=pad_mode, output_format="Magnitude")
        return lambda x: magnitude(x).pow(power), module.n_bins, max(2, module.min_frames)
    two_sided = call is not None and call.get("onesided") is False
    bins = module.n_fft if two_sided else module.n_fft // 2 + 1
    # One centred frame stands for no sample that is kept.
    return core.STFT(**frames, freq_bins=bins, pad_mode="constant"), bins, 2 if module.center else 1


def points_of(module: nn.Module, call: dict[str, Any]) -> Optional[Callable[[Tensor, Tensor], Tensor]]:
    """Points in place of the phases of an STFT, at the distance of their magnitudes; None for others.

    The phase of a value near zero is round-off, and on the circle half a turn is next to minus half. Real
    bins, at 0 Hz and at Nyquist, have exact phases, 0 or pi: there the phase itself is a third coordinate.

    Shape:
        of the points: ``(batch, bins, frames, 3)``
    """
    if type(module) is not core.STFT or call.get("output_format", module.output_format) != "Phase":
        return None
    config = {**module.config, "trainable": False, "engine": "auto", "output_format": "Magnitude"}
    magnitudes = core.STFT(**config)
    bins = torch.arange(module.freq_bins)[:, None]
    real = ((bins == 0) | (2 * bins == module.n_fft)) & (module.uniform and not module.trained)

    def points(angles: Tensor, x: Tensor) -> Tensor:
        distance: Tensor = magnitudes(x)
        flat = torch.where(real, angles, 0.0)
        circle: Tensor = torch.stack([angles.cos(), angles.sin(), flat], -1)
        return distance.unsqueeze(-1) * circle

    return points


def attribute(transform: nn.Module, name: str) -> Any:
    """Of the transform, or of the part that it is built on."""
    return next((getattr(part, name) for part in transform.modules() if hasattr(part, name)), None)
