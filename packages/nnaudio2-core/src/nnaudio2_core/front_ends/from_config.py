"""Front ends from Hugging Face's preprocessor_config.json."""

import json
import os
from typing import Any, Callable, Dict, Mapping, Optional, Union

from ..module.arguments import shown
from .front_end import FrontEnd
from .table import FRONT_ENDS

Arguments = Dict[str, Any]


def _frames(given: Mapping[str, Any], base: Arguments) -> Arguments:
    """The arguments that most extractors name alike, where the file has them."""
    names = {
        "sampling_rate": "sr",
        "feature_size": "n_bands",
        "num_mel_bins": "n_bands",
        "hop_length": "hop_length",
        "n_fft": "n_fft",
        "win_length": "win_length",
        "preemphasis": "preemphasis",
    }
    found = {ours: given[theirs] for theirs, ours in names.items() if given.get(theirs) is not None}
    return {**base, **found}


def _whisper(given: Mapping[str, Any], base: Arguments) -> Arguments:
    made = _frames(given, base)
    half = made["n_fft"] // 2
    made.update(pad_left=half, pad_right=half - made["hop_length"], fmax=8000.0)
    if base["clip_length"] is not None:
        made["clip_length"] = given.get("chunk_length", 30) * made["sr"]
    if "maximum" in base:
        made["maximum"] = given.get("global_log_mel_max", 1.5)
    return made


def _parakeet(given: Mapping[str, Any], base: Arguments) -> Arguments:
    made = _frames(given, base)
    made["preemphasis"] = made["preemphasis"] if given.get("preemphasis", 0.97) is not None else 0.0
    left = made["win_length"] // 2
    made.update(pad_left=left, pad_right=made["win_length"] - left - made["hop_length"])
    return made


def _ast(given: Mapping[str, Any], base: Arguments) -> Arguments:
    made = {**base, "n_bands": given.get("num_mel_bins", 128), "n_fixed": given.get("max_length", 1024)}
    if not given.get("do_normalize", True):
        return {**made, "mean": 0.0, "deviation": 1.0}
    return {**made, "mean": given.get("mean", made["mean"]), "deviation": 2 * given.get("std", 4.5689974)}


def _speech_to_text(given: Mapping[str, Any], base: Arguments) -> Arguments:
    made = {**base, "n_bands": given.get("num_mel_bins", 80)}
    means, variances = given.get("normalize_means", True), given.get("normalize_vars", True)
    if not given.get("do_ceptral_normalize", True) or not (means or variances):
        return {**made, "normalize": None}
    if variances and not means:
        raise ValueError("normalize_means must be true with normalize_vars in the config, got false")
    return {**made, "normalize": "deviation" if variances else "mean"}


def _seamless(given: Mapping[str, Any], base: Arguments) -> Arguments:
    if given.get("stride", 2) != 2:
        raise ValueError(f"stride must be 2 in the config, got {shown(given['stride'])}")
    return {**base, "n_bands": given.get("num_mel_bins", 80)}


def _clap(given: Mapping[str, Any], base: Arguments) -> Arguments:
    made = _frames(given, base)
    n_fft, fusion = given.get("fft_window_size", 1024), given.get("truncation", "fusion") == "fusion"
    made.update(n_fft=n_fft, pad_left=n_fft // 2, pad_right=n_fft // 2)
    made.update(fmin=given.get("frequency_min", 0.0), fmax=given.get("frequency_max", 14000.0))
    made.update(scale="htk" if fusion else "slaney", norm=None if fusion else "slaney")
    made["clip_length"] = int(given.get("max_length_s", 10) * made["sr"])
    made["clip_repeat"] = given.get("padding", "repeatpad") == "repeatpad"
    return made


def _gemma_3n(given: Mapping[str, Any], base: Arguments) -> Arguments:
    made = _gemma(given, base, 32.0, True)
    made.update(fmin=given.get("min_frequency", 125.0), fmax=given.get("max_frequency", 7600.0))
    return {**made, "floor": given.get("mel_floor", 1e-5)}


def _gemma_4(given: Mapping[str, Any], base: Arguments) -> Arguments:
    made = _gemma(given, base, 20.0, False)
    made.update(fmin=given.get("min_frequency", 0.0), fmax=given.get("max_frequency", 8000.0))
    return {**made, "floor": given.get("mel_floor", 1e-3), "pad_left": made["win_length"] // 2}


def _gemma(given: Mapping[str, Any], base: Arguments, milliseconds: float, overdrive: bool) -> Arguments:
    """What the extractors of Gemma 3n and 4 share; the last two are their defaults."""
    made = _frames(given, base)
    width = given.get("frame_length", round(made["sr"] * given.get("frame_length_ms", milliseconds) / 1000))
    points = 1 << (width - 1).bit_length()
    default = points * 2 if given.get("fft_overdrive", overdrive) else points
    made.update(win_length=width, n_fft=given.get("fft_length", default))
    if "hop_length_ms" in given:
        made["hop_length"] = round(made["sr"] * given["hop_length_ms"] / 1000)
    made["input_scale"] = given.get("input_scale_factor", 1.0)
    made["preemphasis_by_frame"] = given.get("preemphasis_htk_flavor", True)
    for theirs, ours in (("per_bin_mean", "mean"), ("per_bin_stddev", "deviation")):
        if given.get(theirs) is not None:
            numbers = given[theirs]
            while isinstance(numbers[0], (list, tuple)):  # written with two leading axes of one
                numbers = numbers[0]
            made[ours] = numbers
    return made


_COVERED: Dict[str, "tuple[str, Callable[[Mapping[str, Any], Arguments], Arguments]]"] = {
    "WhisperFeatureExtractor": ("whisper", _whisper),
    "VoxtralRealtimeFeatureExtractor": ("voxtral-realtime", _whisper),
    "ParakeetFeatureExtractor": ("parakeet", _parakeet),
    "ASTFeatureExtractor": ("ast", _ast),
    "Speech2TextFeatureExtractor": ("speech-to-text", _speech_to_text),
    "SeamlessM4TFeatureExtractor": ("seamless-m4t", _seamless),
    "ClapFeatureExtractor": ("clap-fused", _clap),
    "Gemma3nAudioFeatureExtractor": ("gemma-3n", _gemma_3n),
    "Gemma4AudioFeatureExtractor": ("gemma-4", _gemma_4),
    "LasrFeatureExtractor": ("lasr", _frames),
}


def front_end_from_config(config: Union[str, "os.PathLike[str]", Mapping[str, Any]]) -> FrontEnd:
    """Front end that Hugging Face's ``preprocessor_config.json`` describes; ``front_end.from_config``.

    Args:
        config: path of the file, or what it holds.

    Raises:
        ValueError: if its ``feature_extractor_type`` is not covered, or it asks for dither.
        OSError: if the file cannot be read.

    Example:
        >>> config = {"feature_extractor_type": "WhisperFeatureExtractor", "feature_size": 128}
        >>> front_end_from_config(config).n_frames(16000)
        3000

    Source: the extractors of transformers 5.24.
    """
    given: Mapping[str, Any]
    if isinstance(config, (str, os.PathLike)):
        with open(config, encoding="utf-8") as file:
            given = json.load(file)
    else:
        given = config
    if not isinstance(given, Mapping):
        raise TypeError(f"config must be a path or a mapping, got {shown(given)}")
    kind: Optional[Any] = given.get("feature_extractor_type")
    if not isinstance(kind, str) or kind not in _COVERED:
        raise ValueError(
            f"feature_extractor_type must be one of {', '.join(map(repr, _COVERED))}, got {shown(kind)}"
        )
    if given.get("dither"):
        raise ValueError(f"dither must be 0, got {shown(given['dither'])}; add noise to the waveform instead")
    name, arguments = _COVERED[kind]
    return FrontEnd(**arguments(given, FRONT_ENDS[name].arguments))
