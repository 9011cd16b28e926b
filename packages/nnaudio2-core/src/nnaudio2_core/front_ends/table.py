"""Front ends of known models: the arguments of each, its source, and the package that it is compared with."""

from typing import Any, Dict, NamedTuple


class KnownFrontEnd(NamedTuple):
    """What is known of the front end of a model."""

    arguments: Dict[str, Any]
    """Arguments of :class:`nnaudio2_core.FrontEnd`."""
    source: str
    """Where the arguments are published."""
    oracle: str
    """The package whose results it reproduces."""


# --- Whisper -------------------------------------------------------------------------------------------
# 30 s at 16 kHz, frames centred on multiples of 160 samples, the last one left out.
_WHISPER: Dict[str, Any] = {
    "sr": 16000,
    "n_fft": 400,
    "hop_length": 160,
    "clip_length": 480000,
    "pad_left": 200,
    "pad_right": 40,
    "log": "log10",
    "floor": 1e-10,
    "dynamic_range": 8.0,
    "mean": -4.0,
    "deviation": 4.0,
}

# --- Kaldi ---------------------------------------------------------------------------------------------
# Frames of 25 ms every 10 ms, without their means, pre-emphasised one by one; whole frames only.
_KALDI: Dict[str, Any] = {
    "sr": 16000,
    "n_fft": 512,
    "win_length": 400,
    "hop_length": 160,
    "window": "povey",
    "periodic": False,
    "preemphasis": 0.97,
    "preemphasis_by_frame": True,
    "remove_mean": True,
    "scale": "htk",
    "triangles": "mel",
    "norm": None,
    "fmin": 20.0,
    "floor": 2.0**-23,
    "frames_last": False,
}

FRONT_ENDS: Dict[str, KnownFrontEnd] = {
    "whisper": KnownFrontEnd(
        {**_WHISPER, "n_bands": 80},
        "Radford et al. (2022), section 2.2; preprocessor_config.json of openai/whisper-tiny to large-v2",
        "transformers",
    ),
    "whisper-large-v3": KnownFrontEnd(
        {**_WHISPER, "n_bands": 128},
        "preprocessor_config.json of openai/whisper-large-v3",
        "transformers",
    ),
    "kaldi-fbank": KnownFrontEnd(
        {**_KALDI, "n_bands": 80},
        "Povey et al. (2011); options of compute-fbank-feats, with num-mel-bins 80 and no dither",
        "kaldi-native-fbank",
    ),
}
