"""Results of the models' own packages for a clip, by the name of the front end; formulas for the others.

Each function takes a clip of float32 samples, ``(time,)``, and returns features as the package orders them;
it raises an error or returns no frame where the package does.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import librosa
import numpy as np
import numpy.typing as npt
import torch
from tests.oracles.octave_by_octave import octave_by_octave

Array = npt.NDArray[Any]
Oracle = Callable[[Array], Array]


# --- transformers ----------------------------------------------------------------------------------------


@lru_cache
def _extractor(kind: str, arguments: tuple[tuple[str, Any], ...] = ()) -> Any:
    import transformers

    return getattr(transformers, kind)(**dict(arguments))


def _transformers(kind: str, x: Array, *, feature: str = "input_features", **arguments: Any) -> Array:
    made = _extractor(kind, tuple(arguments.items()))
    call = {} if kind == "GraniteSpeechFeatureExtractor" else {"sampling_rate": made.sampling_rate}
    if kind == "GraniteSpeechFeatureExtractor":
        return np.asarray(made(torch.from_numpy(x))[feature][0])
    return np.asarray(made(x, **call)[feature][0])


def _clap(truncation: str, x: Array) -> Array:
    if len(x) > 480000:  # it then chooses at random
        raise ValueError("more than 10 s")
    return _transformers("ClapFeatureExtractor", x, truncation=truncation)[0]


def _speecht5(x: Array) -> Array:
    made = _extractor("SpeechT5FeatureExtractor")
    return np.asarray(made(audio_target=x, sampling_rate=16000)["input_values"][0])


def _seamless(x: Array) -> Array:
    made = _extractor("SeamlessM4TFeatureExtractor")
    return np.asarray(made(x, sampling_rate=16000, return_tensors="np")["input_features"][0])


def _phi4(x: Array) -> Array:
    made = _extractor("Phi4MultimodalFeatureExtractor")
    return np.asarray(made(x, sampling_rate=16000)["audio_input_features"][0])


def _gemma4(x: Array) -> Array:
    made = _extractor("Gemma4AudioFeatureExtractor")([x], sampling_rate=16000)  # it fails for one clip
    return np.asarray(made["input_features"][0])[np.asarray(made["input_features_mask"][0])]


def _musicgen(x: Array) -> Array:
    if len(x) < 16384:  # it then puts zeros on both sides
        raise ValueError("shorter than a frame")
    made = _extractor("MusicgenMelodyFeatureExtractor")
    return np.asarray(made(x, sampling_rate=32000)["input_features"][0])


def _univnet(x: Array) -> Array:
    return np.asarray(_extractor("UnivNetFeatureExtractor").mel_spectrogram(x))


def _pop2piano(x: Array) -> Array:
    if len(x) < 2049:
        raise ValueError("shorter than its padding")
    from transformers.audio_utils import mel_filter_bank, spectrogram

    filters = mel_filter_bank(2049, 512, 10.0, 11025.0, 22050, norm=None, mel_scale="htk")
    window = np.hanning(4097)[:-1]
    bands = spectrogram(x, window, frame_length=4096, hop_length=1024, power=2.0, mel_filters=filters)
    return np.asarray(np.log(np.clip(bands, 1e-6, None)).T)


# --- Kaldi -------------------------------------------------------------------------------------------------


def _kaldi_native(edges: bool, x: Array) -> Array:
    import kaldi_native_fbank as knf

    options = knf.FbankOptions()
    options.frame_opts.dither = 0.0
    options.frame_opts.snip_edges = not edges
    options.mel_opts.num_bins = 80
    fbank = knf.OnlineFbank(options)
    fbank.accept_waveform(16000, x.tolist())
    fbank.input_finished()
    frames = [fbank.get_frame(i) for i in range(fbank.num_frames_ready)]
    return np.stack(frames) if frames else np.zeros((0, 80))


def _torchaudio_kaldi(kind: str, x: Array, **options: Any) -> Array:
    from torchaudio.compliance import kaldi

    return np.asarray(getattr(kaldi, kind)(torch.from_numpy(x)[None], sample_frequency=16000.0, **options))


def _beats(x: Array) -> Array:
    fbank = _torchaudio_kaldi("fbank", x * np.float32(32768), num_mel_bins=128)
    return (fbank - np.float32(15.41663)) / np.float32(2 * 6.55582)


def _wespeaker(x: Array) -> Array:
    fbank = _torchaudio_kaldi("fbank", x * np.float32(32768), num_mel_bins=80, window_type="hamming")
    return np.asarray(fbank - fbank.mean(0))


def _funasr(x: Array, scale: float = 1.0) -> Array:
    if len(x) < 400:
        raise ValueError("no frame")
    return _transformers("FunAsrNanoFeatureExtractor", x * np.float32(scale))


# --- Basic Pitch ----------------------------------------------------------------------------------------


def _basic_pitch(x: Array) -> Array:
    """Octaves of a constant-Q transform, decibels of each clip from 0 to 1, a copy for each harmonic."""
    if len(x) < 33024:
        raise ValueError("the lowest octave cannot be mirrored")
    frames = range(1 + len(x) // 256)
    # Nine octaves that end at bin 308: 15 bins too many at the low end.
    lowest = 27.5 * 2 ** (-15 / 36)
    octaves = octave_by_octave(
        x.astype(np.float64), 22050, 256, lowest, 9, frames, bins_per_octave=36, pad_mode="reflect"
    )
    decibels = 10 * np.log10(np.abs(octaves[15:]) ** 2 + 1e-10)
    scaled = np.zeros((309 + 252, len(frames)))
    largest = np.ptp(decibels)
    scaled[:309] = (decibels - decibels.min()) / (largest if largest > 0 else 1.0) * 2.480741 - 0.8769183
    moved = [np.round(36 * np.log2(h)).astype(int) for h in (0.5, 1, 2, 3, 4, 5, 6, 7)]
    copies = [np.pad(scaled, ((36, 0), (0, 0)))[36 + move :][:264] for move in moved]
    return np.stack(copies, 2).transpose(1, 0, 2)


# --- pesto --------------------------------------------------------------------------------------------------


@lru_cache
def pesto_model() -> Any:
    """The model in the wheel of pesto-pitch, with its weights."""
    from pesto.loader import load_model

    return load_model("mir-1k_g7", step_size=10.0, sampling_rate=16000)


def _pesto(x: Array) -> Array:
    with torch.no_grad():
        return np.asarray(pesto_model().preprocessor(torch.from_numpy(x)[None])[0])


# --- ONNX files of onnx-asr --------------------------------------------------------------------------------


@lru_cache
def _session(name: str) -> Any:
    from importlib.resources import files

    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    data = files("onnx_asr.preprocessors").joinpath("data", f"{name}.onnx").read_bytes()
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def _onnx_asr(name: str, x: Array) -> Array:
    given = {"waveforms": x[None], "waveforms_lens": np.asarray([len(x)], dtype=np.int64)}
    return np.asarray(_session(name).run(["features"], given)[0][0])


# --- torchlibrosa, torchaudio, librosa ---------------------------------------------------------------------


@lru_cache
def _torchlibrosa(sr: int, n_fft: int, hop: int, bands: int, fmin: float, fmax: float) -> Any:
    from torchlibrosa.stft import LogmelFilterBank, Spectrogram

    spectra = Spectrogram(n_fft, hop, n_fft, "hann", True, "reflect", 2.0, True)
    log_mel = LogmelFilterBank(sr, n_fft, bands, fmin, fmax, True, 1.0, 1e-10, None, freeze_parameters=True)
    return torch.nn.Sequential(spectra, log_mel)


def _panns(x: Array, *arguments: Any) -> Array:
    with torch.no_grad():
        return np.asarray(_torchlibrosa(*arguments)(torch.from_numpy(x)[None])[0, 0])


@lru_cache
def _torchaudio_mel(arguments: tuple[tuple[str, Any], ...]) -> Any:
    import torchaudio

    return torchaudio.transforms.MelSpectrogram(**dict(arguments))


def _vocos(x: Array) -> Array:
    made = _torchaudio_mel(
        (("sample_rate", 24000), ("n_fft", 1024), ("hop_length", 256), ("n_mels", 100), ("power", 1.0))
    )
    return np.asarray(made(torch.from_numpy(x)).clip(min=1e-7).log())


def _beat_this(x: Array) -> Array:
    made = _torchaudio_mel(
        (
            ("sample_rate", 22050),
            ("n_fft", 1024),
            ("hop_length", 441),
            ("f_min", 30.0),
            ("f_max", 11000.0),
            ("n_mels", 128),
            ("mel_scale", "slaney"),
            ("normalized", "frame_length"),
            ("power", 1.0),
        )
    )
    return np.asarray(torch.log1p(1000 * made(torch.from_numpy(x))).T)


def _ge2e(x: Array) -> Array:
    bands = librosa.feature.melspectrogram(y=x, sr=16000, n_fft=400, hop_length=160, n_mels=40)
    return np.asarray(bands.T)


# --- formulas in float64 -----------------------------------------------------------------------------------


def _magnitudes(x: Array, window: Array, hop: int, n_fft: int, offset: float = 0.0) -> Array:
    """``sqrt(|X|^2 + offset)`` of whole frames, ``(bins, frames)``."""
    frames = np.lib.stride_tricks.sliding_window_view(x.astype(np.float64), len(window))[::hop]
    return np.sqrt(np.abs(np.fft.rfft(frames * window, n_fft)) ** 2 + offset).T


def _periodic_hann(n: int) -> Array:
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n))


def _reflected(x: Array, pad: int) -> Array:
    if len(x) <= pad:
        raise ValueError("shorter than its padding")
    return np.pad(x, pad, mode="reflect")


def _vocoder(x: Array, sr: int, n_fft: int, hop: int, bands: int, fmax: float, fmin: float = 0.0) -> Array:
    filters = librosa.filters.mel(sr=sr, n_fft=n_fft, n_mels=bands, fmin=fmin, fmax=fmax, dtype=np.float64)
    padded = _reflected(x, (n_fft - hop) // 2)
    magnitudes = _magnitudes(padded, _periodic_hann(n_fft), hop, n_fft, 1e-9)
    return np.asarray(np.log(np.maximum(filters @ magnitudes, 1e-5)))


def _fcpe(x: Array) -> Array:
    return _vocoder(x, 16000, 1024, 160, 128, 8000.0).T


def _centred(
    x: Array, sr: int, n_fft: int, hop: int, bands: int, fmin: float, fmax: float, htk: bool
) -> Array:
    filters = librosa.filters.mel(
        sr=sr, n_fft=n_fft, n_mels=bands, fmin=fmin, fmax=fmax, htk=htk, dtype=np.float64
    )
    magnitudes = _magnitudes(_reflected(x, n_fft // 2), _periodic_hann(n_fft), hop, n_fft)
    return np.asarray(np.log(np.maximum(filters @ magnitudes, 1e-5)))


def _vggish(x: Array, floor: float, hop: int) -> Array:
    def mel(hertz: Any) -> Any:
        return 1127.0 * np.log1p(np.asarray(hertz) / 700.0)

    bins, edges = mel(np.arange(257) * 16000 / 512), np.linspace(mel(125.0), mel(7500.0), 66)
    filters = np.zeros((64, 257))
    for band in range(64):
        low, centre, high = edges[band : band + 3]
        sides = np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre))
        filters[band] = np.maximum(0.0, sides)
    features = np.log(filters @ _magnitudes(x, _periodic_hann(400), 160, 512) + floor).T
    starts = range(0, len(features) - 95, hop)
    return np.stack([features[start : start + 96] for start in starts])


ORACLES: dict[str, Oracle] = {
    "whisper": partial(_transformers, "WhisperFeatureExtractor", feature_size=80),
    "whisper-large-v3": partial(_transformers, "WhisperFeatureExtractor", feature_size=128),
    "voxtral": partial(_transformers, "WhisperFeatureExtractor", feature_size=128),
    "voxtral-realtime": partial(_transformers, "VoxtralRealtimeFeatureExtractor"),
    "granite-speech": partial(_transformers, "GraniteSpeechFeatureExtractor"),
    "parakeet": partial(_transformers, "ParakeetFeatureExtractor"),
    "nemo-80": partial(_onnx_asr, "nemo80"),
    "nemo-128": partial(_onnx_asr, "nemo128"),
    "gemma-3n": partial(_transformers, "Gemma3nAudioFeatureExtractor"),
    "gemma-4": _gemma4,
    "phi-4-multimodal": _phi4,
    "lasr": partial(_transformers, "LasrFeatureExtractor"),
    "kaldi-fbank": partial(_kaldi_native, False),
    "kaldi-fbank-edges": partial(_kaldi_native, True),
    "kaldi-mfcc": partial(_torchaudio_kaldi, "mfcc"),
    "kaldi-mfcc-hires": partial(
        _torchaudio_kaldi, "mfcc", num_mel_bins=40, num_ceps=40, low_freq=20.0, high_freq=-400.0
    ),
    "speech-to-text": partial(_transformers, "Speech2TextFeatureExtractor"),
    "seamless-m4t": _seamless,
    "wespeaker": _wespeaker,
    "sensevoice": partial(_funasr, scale=32768.0),
    "paraformer": partial(_funasr, scale=32768.0),
    "fun-asr-nano": _funasr,
    "ast": partial(_transformers, "ASTFeatureExtractor", feature="input_values"),
    "beats": _beats,
    "clap-fused": partial(_clap, "fusion"),
    "clap-unfused": partial(_clap, "rand_trunc"),
    "panns-cnn14": lambda x: _panns(x, 32000, 1024, 320, 64, 50.0, 14000.0),
    "panns-cnn14-16k": lambda x: _panns(x, 16000, 512, 160, 64, 50.0, 8000.0),
    "vggish": lambda x: _vggish(x, 0.01, 96),
    "yamnet": lambda x: _vggish(x, 0.001, 48),
    "hifigan-22k": lambda x: _vocoder(x, 22050, 1024, 256, 80, 8000.0),
    "hifigan-44k": lambda x: _vocoder(x, 44100, 2048, 512, 128, 16000.0, 40.0),
    "bigvgan-22k": lambda x: _vocoder(x, 22050, 1024, 256, 80, 8000.0),
    "bigvgan-24k": lambda x: _vocoder(x, 24000, 1024, 256, 100, 12000.0),
    "bigvgan-44k": lambda x: _vocoder(x, 44100, 2048, 512, 128, 22050.0),
    "univnet": _univnet,
    "vocos": _vocos,
    "tacotron-2": lambda x: _centred(x, 22050, 1024, 256, 80, 0.0, 8000.0, False),
    "speecht5": _speecht5,
    "beat-this": _beat_this,
    "rmvpe": lambda x: _centred(x, 16000, 1024, 160, 128, 30.0, 8000.0, True),
    "fcpe": _fcpe,
    "pesto": _pesto,
    "basic-pitch": _basic_pitch,
    "piano-transcription": lambda x: _panns(x, 16000, 2048, 160, 229, 30.0, 8000.0),
    "pop2piano": _pop2piano,
    "musicgen-melody": _musicgen,
    "ge2e": _ge2e,
}
