"""Front ends of known models: the arguments of each, its source, and the package that it is compared with."""

from typing import Any, Dict, NamedTuple


class KnownFrontEnd(NamedTuple):
    """What is known of the front end of a model."""

    arguments: Dict[str, Any]
    """Arguments of the transform."""
    source: str
    """Where the arguments are published."""
    oracle: str
    """The package whose results it reproduces."""
    transform: str = "FrontEnd"
    """Name of the class: ``"FrontEnd"``, ``"HCQT"``, ``"StackedCQT"`` or ``"Chroma"``."""


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

# As funasr: integers' range, a Hamming window, seven frames side by side every six.
_FUNASR: Dict[str, Any] = {
    **_KALDI,
    "n_bands": 80,
    "window": "hamming",
    "input_scale": 32768.0,
    "stack": 7,
    "stack_hop": 6,
    "stack_edges": "repeat",
}
_AST: Dict[str, Any] = {**_KALDI, "n_bands": 128, "window": "hann", "n_fixed": 1024}

# --- NeMo ----------------------------------------------------------------------------------------------
# Zeros at both ends; each band normalised over the clip; one frame of zeros more than frames of speech.
_NEMO: Dict[str, Any] = {
    "sr": 16000,
    "n_fft": 512,
    "win_length": 400,
    "hop_length": 160,
    "periodic": False,
    "preemphasis": 0.97,
    "pad_left": 200,
    "pad_right": 40,
    "pad_mode": "constant",
    "floor": 2.0**-24,
    "add_floor": True,
    "normalize": "deviation",
    "ddof": 1,
    "deviation_offset": 1e-5,
    "n_trailing": 1,
}

# --- vocoders ------------------------------------------------------------------------------------------


def _vocoder(
    sr: int, n_fft: int, hop_length: int, n_bands: int, fmax: float, fmin: float = 0.0
) -> Dict[str, Any]:
    """HiFi-GAN's mel spectrogram: frames as far beyond the ends as makes one frame per hop."""
    beyond = (n_fft - hop_length) // 2
    return {
        "sr": sr,
        "n_fft": n_fft,
        "hop_length": hop_length,
        "pad_left": beyond,
        "pad_right": beyond,
        "power": 1.0,
        "power_offset": 1e-9,
        "n_bands": n_bands,
        "fmin": fmin,
        "fmax": fmax,
        "floor": 1e-5,
    }


def _centred(sr: int, n_fft: int, hop_length: int, n_bands: int) -> Dict[str, Any]:
    """Frames centred on multiples of the hop."""
    return {
        "sr": sr,
        "n_fft": n_fft,
        "hop_length": hop_length,
        "pad_left": n_fft // 2,
        "pad_right": n_fft // 2,
        "n_bands": n_bands,
    }


# --- tagging -------------------------------------------------------------------------------------------


def _panns(sr: int, n_fft: int, hop_length: int, fmax: float) -> Dict[str, Any]:
    bands = {"n_bands": 64, "fmin": 50.0, "fmax": fmax, "log": "db", "frames_last": False}
    return {**_centred(sr, n_fft, hop_length, 64), **bands}


# 25 ms every 10 ms, HTK's scale; 96 frames are one example.
_VGGISH: Dict[str, Any] = {
    "sr": 16000,
    "n_fft": 512,
    "win_length": 400,
    "hop_length": 160,
    "power": 1.0,
    "n_bands": 64,
    "scale": "htk",
    "triangles": "mel",
    "norm": None,
    "fmin": 125.0,
    "fmax": 7500.0,
    "add_floor": True,
    "stack": 96,
    "stack_apart": True,
    "frames_last": False,
}

# 10 s at 48 kHz; a shorter clip is repeated.
_CLAP: Dict[str, Any] = {
    **_centred(48000, 1024, 480, 64),
    "clip_length": 480000,
    "clip_repeat": True,
    "fmax": 14000.0,
    "log": "db",
    "frames_last": False,
}

FRONT_ENDS: Dict[str, KnownFrontEnd] = {
    # --- speech recognition
    "whisper": KnownFrontEnd(
        {**_WHISPER, "n_bands": 80},
        "Radford et al. (2022), section 2.2; openai/whisper-tiny to large-v2, distil-whisper",
        "transformers WhisperFeatureExtractor",
    ),
    "whisper-large-v3": KnownFrontEnd(
        {**_WHISPER, "n_bands": 128},
        "openai/whisper-large-v3 and turbo, preprocessor_config.json",
        "transformers WhisperFeatureExtractor",
    ),
    "voxtral": KnownFrontEnd(
        {**_WHISPER, "n_bands": 128},
        "mistralai/Voxtral-Mini-3B-2507, preprocessor_config.json: Whisper's chunks of 30 s",
        "transformers WhisperFeatureExtractor",
    ),
    "voxtral-realtime": KnownFrontEnd(
        {**_WHISPER, "n_bands": 128, "clip_length": None, "maximum": 1.5},
        "transformers, VoxtralRealtimeFeatureExtractor: a fixed maximum of 1.5",
        "transformers VoxtralRealtimeFeatureExtractor",
    ),
    "granite-speech": KnownFrontEnd(
        {
            **_WHISPER,
            "n_fft": 512,
            "win_length": 400,
            "clip_length": None,
            "pad_right": 200,
            "n_bands": 80,
            "scale": "htk",
            "norm": None,
            "stack": 2,
            "frames_last": False,
        },
        "ibm-granite/granite-speech-3.3, GraniteSpeechFeatureExtractor",
        "transformers GraniteSpeechFeatureExtractor",
    ),
    "parakeet": KnownFrontEnd(
        {**_NEMO, "n_bands": 80, "frames_last": False},
        "nvidia/parakeet-ctc-0.6b, ParakeetFeatureExtractor",
        "transformers ParakeetFeatureExtractor",
    ),
    "nemo-80": KnownFrontEnd(
        {**_NEMO, "n_bands": 80},
        "NeMo, AudioToMelSpectrogramPreprocessor with features 80: FastConformer, Parakeet 0.6B and 1.1B",
        "onnx-asr nemo80",
    ),
    "nemo-128": KnownFrontEnd(
        {**_NEMO, "n_bands": 128},
        "NeMo, AudioToMelSpectrogramPreprocessor with features 128: Canary, Parakeet TDT v2 and v3",
        "onnx-asr nemo128",
    ),
    "gemma-3n": KnownFrontEnd(
        {
            "sr": 16000,
            "n_fft": 1024,
            "win_length": 512,
            "hop_length": 160,
            "clip_multiple": 128,
            "preemphasis": 0.97,
            "preemphasis_by_frame": True,
            "pad_right": -1,
            "power": 1.0,
            "n_bands": 128,
            "scale": "htk",
            "norm": None,
            "fmin": 125.0,
            "fmax": 7600.0,
            "floor": 1e-5,
            "frames_last": False,
        },
        "google/gemma-3n, Gemma3nAudioFeatureExtractor",
        "transformers Gemma3nAudioFeatureExtractor",
    ),
    "gemma-4": KnownFrontEnd(
        {
            "sr": 16000,
            "n_fft": 512,
            "win_length": 320,
            "hop_length": 160,
            "pad_left": 160,
            "pad_right": -1,
            "pad_mode": "constant",
            "power": 1.0,
            "n_bands": 128,
            "scale": "htk",
            "norm": None,
            "floor": 1e-3,
            "add_floor": True,
            "frames_last": False,
        },
        "google/gemma-4, Gemma4AudioFeatureExtractor: the frames that its mask keeps",
        "transformers Gemma4AudioFeatureExtractor",
    ),
    "phi-4-multimodal": KnownFrontEnd(
        {
            "sr": 16000,
            "n_fft": 512,
            "win_length": 400,
            "hop_length": 160,
            "window": "hamming",
            "periodic": False,
            "input_scale": 32768.0,
            "preemphasis": 0.97,
            "preemphasis_by_frame": True,
            "scale": "htk",
            "triangles": "mel",
            "norm": None,
            "fmax": 7690.0,
            "floor": 1.0,
            "frames_last": False,
        },
        "microsoft/Phi-4-multimodal-instruct, Phi4MultimodalFeatureExtractor",
        "transformers Phi4MultimodalFeatureExtractor",
    ),
    "lasr": KnownFrontEnd(
        {
            "sr": 16000,
            "n_fft": 512,
            "win_length": 400,
            "hop_length": 160,
            "periodic": False,
            "n_bands": 128,
            "scale": "htk",
            "triangles": "mel",
            "norm": None,
            "fmin": 125.0,
            "fmax": 7500.0,
            "floor": 1e-5,
            "frames_last": False,
        },
        "google/medasr, LasrFeatureExtractor",
        "transformers LasrFeatureExtractor",
    ),
    # --- Kaldi and its heirs
    "kaldi-fbank": KnownFrontEnd(
        {**_KALDI, "n_bands": 80},
        "Povey et al. (2011); compute-fbank-feats with num-mel-bins 80 and no dither",
        "kaldi-native-fbank",
    ),
    "kaldi-fbank-edges": KnownFrontEnd(
        {**_KALDI, "n_bands": 80, "pad_left": 120, "pad_right": 200, "pad_mode": "mirror"},
        "Povey et al. (2011); compute-fbank-feats with snip-edges false: icefall, sherpa",
        "kaldi-native-fbank",
    ),
    "kaldi-mfcc": KnownFrontEnd(
        {**_KALDI, "n_bands": 23, "n_cepstra": 13, "lifter": 22.0},
        "Povey et al. (2011); compute-mfcc-feats with use-energy false and no dither",
        "torchaudio compliance.kaldi",
    ),
    "kaldi-mfcc-hires": KnownFrontEnd(
        {**_KALDI, "n_bands": 40, "n_cepstra": 40, "lifter": 22.0, "fmax": 7600.0},
        "Kaldi, conf/mfcc_hires.conf of its recipes",
        "torchaudio compliance.kaldi",
    ),
    "speech-to-text": KnownFrontEnd(
        {**_KALDI, "n_bands": 80, "input_scale": 32768.0, "normalize": "deviation"},
        "facebook/s2t-small-librispeech-asr, Speech2TextFeatureExtractor",
        "transformers Speech2TextFeatureExtractor",
    ),
    "seamless-m4t": KnownFrontEnd(
        {
            **_KALDI,
            "n_bands": 80,
            "input_scale": 32768.0,
            "normalize": "deviation",
            "ddof": 1,
            "variance_offset": 1e-7,
            "stack": 2,
            "stack_edges": "zeros",
        },
        "facebook/seamless-m4t and w2v-bert-2.0, SeamlessM4TFeatureExtractor",
        "transformers SeamlessM4TFeatureExtractor",
    ),
    "wespeaker": KnownFrontEnd(
        {**_KALDI, "n_bands": 80, "window": "hamming", "input_scale": 32768.0, "normalize": "mean"},
        "Wang et al. (2023), WeSpeaker: fbank of 80 bands, its mean over the clip subtracted",
        "torchaudio compliance.kaldi",
    ),
    "sensevoice": KnownFrontEnd(
        _FUNASR,
        "FunAudioLLM/SenseVoiceSmall, config.yaml: before its own mean and deviation (am.mvn)",
        "transformers FunAsrNanoFeatureExtractor, times 32768",
    ),
    "paraformer": KnownFrontEnd(
        _FUNASR,
        "funasr/paraformer-zh, config.yaml: before its own mean and deviation (am.mvn)",
        "transformers FunAsrNanoFeatureExtractor, times 32768",
    ),
    "fun-asr-nano": KnownFrontEnd(
        {**_FUNASR, "input_scale": 1.0},
        "FunAudioLLM/Fun-ASR-Nano, FunAsrNanoFeatureExtractor",
        "transformers FunAsrNanoFeatureExtractor",
    ),
    # --- tagging
    "ast": KnownFrontEnd(
        {**_AST, "mean": -4.2677393, "deviation": 2 * 4.5689974},
        "MIT/ast-finetuned-audioset-10-10-0.4593, preprocessor_config.json",
        "transformers ASTFeatureExtractor",
    ),
    "beats": KnownFrontEnd(
        {**_KALDI, "n_bands": 128, "input_scale": 32768.0, "mean": 15.41663, "deviation": 2 * 6.55582},
        "Chen et al. (2022), BEATs: fbank of 128 bands, its published mean and twice its deviation",
        "torchaudio compliance.kaldi",
    ),
    "clap-fused": KnownFrontEnd(
        {**_CLAP, "scale": "htk", "norm": None},
        "laion/clap-htsat-fused, preprocessor_config.json: clips of up to 10 s, one of four equal channels",
        "transformers ClapFeatureExtractor",
    ),
    "clap-unfused": KnownFrontEnd(
        _CLAP,
        "laion/clap-htsat-unfused, preprocessor_config.json: clips of up to 10 s",
        "transformers ClapFeatureExtractor",
    ),
    "panns-cnn14": KnownFrontEnd(
        _panns(32000, 1024, 320, 14000.0),
        "Kong et al. (2020), PANNs, section II; Cnn14 at 32 kHz",
        "torchlibrosa",
    ),
    "panns-cnn14-16k": KnownFrontEnd(
        _panns(16000, 512, 160, 8000.0),
        "Kong et al. (2020), PANNs; Cnn14_16k",
        "torchlibrosa",
    ),
    "vggish": KnownFrontEnd(
        {**_VGGISH, "floor": 0.01},
        "Hershey et al. (2017); vggish_params.py of tensorflow/models",
        "its formula in float64",
    ),
    "yamnet": KnownFrontEnd(
        {**_VGGISH, "floor": 0.001, "stack_hop": 48},
        "params.py of YAMNet in tensorflow/models, for clips of whole patches (0.975 s + n 0.48 s)",
        "its formula in float64",
    ),
    # --- synthesis
    "hifigan-22k": KnownFrontEnd(
        _vocoder(22050, 1024, 256, 80, 8000.0),
        "Kong et al. (2020), HiFi-GAN, config_v1.json",
        "its formula in float64",
    ),
    "hifigan-44k": KnownFrontEnd(
        _vocoder(44100, 2048, 512, 128, 16000.0, 40.0),
        "openvpi NSF-HiFiGAN, config.json: 44.1 kHz, hop 512, 128 bands from 40 to 16000 Hz",
        "its formula in float64",
    ),
    "bigvgan-22k": KnownFrontEnd(
        _vocoder(22050, 1024, 256, 80, 8000.0),
        "nvidia/bigvgan_v2_22khz_80band_fmax8k_256x, config.json",
        "its formula in float64",
    ),
    "bigvgan-24k": KnownFrontEnd(
        _vocoder(24000, 1024, 256, 100, 12000.0),
        "nvidia/bigvgan_v2_24khz_100band_256x, config.json",
        "its formula in float64",
    ),
    "bigvgan-44k": KnownFrontEnd(
        _vocoder(44100, 2048, 512, 128, 22050.0),
        "nvidia/bigvgan_v2_44khz_128band_512x, config.json",
        "its formula in float64",
    ),
    "univnet": KnownFrontEnd(
        {**_vocoder(24000, 1024, 256, 100, 12000.0), "frames_last": False},
        "dg845/univnet-dev, preprocessor_config.json",
        "transformers UnivNetFeatureExtractor",
    ),
    "vocos": KnownFrontEnd(
        {**_centred(24000, 1024, 256, 100), "power": 1.0, "scale": "htk", "norm": None, "floor": 1e-7},
        "charactr/vocos-mel-24khz, config.yaml",
        "torchaudio MelSpectrogram",
    ),
    "tacotron-2": KnownFrontEnd(
        {**_centred(22050, 1024, 256, 80), "power": 1.0, "fmax": 8000.0, "floor": 1e-5},
        "NVIDIA/tacotron2, hparams.py and layers.py",
        "its formula in float64",
    ),
    "speecht5": KnownFrontEnd(
        {
            **_centred(16000, 1024, 256, 80),
            "power": 1.0,
            "fmin": 80.0,
            "fmax": 7600.0,
            "log": "log10",
            "frames_last": False,
        },
        "microsoft/speecht5_tts, preprocessor_config.json: the target of synthesis",
        "transformers SpeechT5FeatureExtractor",
    ),
    # --- music and pitch
    "beat-this": KnownFrontEnd(
        {
            **_centred(22050, 1024, 441, 128),
            "input_scale": 1 / 32,
            "power": 1.0,
            "norm": None,
            "fmin": 30.0,
            "fmax": 11000.0,
            "log": "log1p",
            "log_multiple": 1000.0,
            "frames_last": False,
        },
        "Foscarin et al. (2024), Beat This, section 3.1; its spectra are divided by sqrt(n_fft)",
        "torchaudio MelSpectrogram",
    ),
    "rmvpe": KnownFrontEnd(
        {
            **_centred(16000, 1024, 160, 128),
            "power": 1.0,
            "scale": "htk",
            "fmin": 30.0,
            "fmax": 8000.0,
            "floor": 1e-5,
        },
        "Wei et al. (2023), RMVPE, section 2.1",
        "its formula in float64",
    ),
    "fcpe": KnownFrontEnd(
        {**_vocoder(16000, 1024, 160, 128, 8000.0), "frames_last": False},
        "torchfcpe, its mel extractor",
        "its formula in float64",
    ),
    "pesto": KnownFrontEnd(
        {
            "sr": 16000,
            "hop_length": 160,
            "harmonics": (1.0,),
            "fmin": 27.5 / 2 ** (1 / 36),
            "n_bins": 251,
            "bins_per_octave": 36,
            "gamma": 7.0,
            "log": "db",
            "floor": 2.0**-23,
            "frames_last": False,
        },
        "Riou et al. (2023), PESTO; the checkpoint mir-1k_g7 at 16 kHz, a frame every 10 ms",
        "pesto-pitch",
        "HCQT",
    ),
    "basic-pitch": KnownFrontEnd(
        {
            "sr": 22050,
            "hop_length": 256,
            "harmonics": (0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0),
            "fmin": 27.5,
            "n_bins": 264,
            "bins_per_octave": 36,
            "cqt_bins": 309,
            # Its batch normalisation multiplies by 2.480741 and subtracts 0.8769183.
            "mean": 0.8769183 / 2.480741,
            "deviation": 1 / 2.480741,
            "frames_last": False,
            "harmonics_last": True,
        },
        "Bittner et al. (2022), Basic Pitch; the model icassp_2022, whose clips have 43844 samples",
        "its formula in float64, and the graph of basic-pitch 0.4.0",
        "StackedCQT",
    ),
    "piano-transcription": KnownFrontEnd(
        {
            **_centred(16000, 2048, 160, 229),
            "fmin": 30.0,
            "fmax": 8000.0,
            "log": "db",
            "frames_last": False,
        },
        "Kong et al. (2021), High-resolution piano transcription, section IV",
        "torchlibrosa",
    ),
    "pop2piano": KnownFrontEnd(
        {
            **_centred(22050, 4096, 1024, 512),
            "scale": "htk",
            "norm": None,
            "fmin": 10.0,
            "floor": 1e-6,
            "frames_last": False,
        },
        "sweetcocoa/pop2piano, preprocessor_config.json: one segment",
        "transformers Pop2PianoFeatureExtractor",
    ),
    "musicgen-melody": KnownFrontEnd(
        {"sr": 32000, "n_fft": 16384, "hop_length": 4096, "one_hot": True, "frames_last": False},
        "facebook/musicgen-melody, preprocessor_config.json: clips of at least 16384 samples",
        "transformers MusicgenMelodyFeatureExtractor",
        "Chroma",
    ),
    "ge2e": KnownFrontEnd(
        {
            **_centred(16000, 400, 160, 40),
            "pad_mode": "constant",
            "log": "none",
            "frames_last": False,
        },
        "Wan et al. (2018); Resemblyzer, hparams.py",
        "librosa",
    ),
}
