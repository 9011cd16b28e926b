"""Mel, MFCC and gammatonegram."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import librosa
import numpy as np
import scipy.fft
import torch
from tests import tolerances as bound
from tests.oracles import fourier

from nnaudio2_core import MFCC, Gammatonegram, MelSpectrogram

from .. import peers
from ..clips import SR
from ..references import N_FFT, N_GAMMATONE, N_MELS, N_MFCC, TOP_DB
from .comparison import Array, Comparison, Reference, Signals, as_array, compare
from .spectral import FRAMES, LEGACY, ROUNDED, direct, legacy


def comparisons(signals: Signals) -> Iterator[Comparison]:
    """Every line of the auditory scales."""
    yield from mel(signals)
    yield from mfcc(signals)
    yield from gammatone(signals)


def mel_weights() -> Array:
    return librosa.filters.mel(sr=SR, n_fft=N_FFT, n_mels=N_MELS, dtype=np.float64)


def direct_mel(x: Array) -> Array:
    return mel_weights() @ np.abs(direct(x)) ** 2


def librosa_mel(x: Array) -> Array:
    return librosa.feature.melspectrogram(
        y=x, sr=SR, **FRAMES, n_mels=N_MELS, pad_mode="reflect", dtype=np.float64
    )


def of_one(build: Any, x: Array) -> Array:
    """A transform of torchaudio, in float64, on one waveform."""
    return as_array(build.double()(torch.from_numpy(x)[None])[0])


def mel(signals: Signals) -> Iterator[Comparison]:
    exact = {"float64": bound.BANDS_FLOAT64, "float32": bound.BANDS_FLOAT32}
    references = [
        Reference("direct sum", direct_mel, exact),
        Reference("librosa", librosa_mel, exact),
        Reference(
            "torchaudio",
            partial(of_one, peers.torchaudio_mel()),
            {"float32": bound.PEER_MEL_FLOAT32},
            why="its filters are rounded to float32",
        ),
        Reference(LEGACY, partial(legacy, peers.roy_mel()), {"float32": bound.PEER_MEL_FLOAT32}, why=ROUNDED),
    ]
    ours = MelSpectrogram(SR, **FRAMES, n_mels=N_MELS)
    return compare("MelSpectrogram", f"{N_MELS} bands", ours, references, signals)


def cepstrum(power: Array) -> Array:
    decibels = 10 * np.log10(np.maximum(power, 1e-10))
    decibels = np.maximum(decibels, decibels.max() - TOP_DB)
    return scipy.fft.dct(decibels, axis=0, norm="ortho")[:N_MFCC]


def mfcc(signals: Signals) -> Iterator[Comparison]:
    def librosas(x: Array) -> Array:
        decibels = librosa.power_to_db(librosa_mel(x), top_db=TOP_DB)
        return librosa.feature.mfcc(S=decibels, n_mfcc=N_MFCC)

    references = [
        Reference(
            "direct sum and scipy's DCT",
            lambda x: cepstrum(direct_mel(x)),
            {"float64": bound.ANALYTIC_FLOAT64, "float32": bound.MFCC_FLOAT32},
        ),
        Reference("librosa", librosas, {"float64": bound.ANALYTIC_FLOAT64, "float32": bound.MFCC_FLOAT32}),
        Reference(
            "torchaudio",
            partial(of_one, peers.torchaudio_mfcc()),
            {"float32": bound.PEER_MFCC_FLOAT32},
            why="its filters are rounded to float32",
        ),
        Reference(
            LEGACY,
            partial(legacy, peers.roy_mfcc()),
            {"float32": bound.PEER_MFCC_FLOAT32},
            why=ROUNDED,
        ),
    ]
    ours = MFCC(SR, N_MFCC, **FRAMES, n_mels=N_MELS, top_db=TOP_DB)
    return compare("MFCC", f"{N_MFCC} of {N_MELS} bands", ours, references, signals)


def direct_gammatone(x: Array) -> Array:
    responses = fourier.gammatone_responses(SR, N_FFT, N_GAMMATONE, 0.0, SR / 2)
    return responses @ np.abs(direct(x)) ** 2


def gammatone(signals: Signals) -> Iterator[Comparison]:
    references = [
        Reference(
            "direct sum, filters by scipy",
            direct_gammatone,
            {"float64": bound.GAMMATONE_DIRECT_FLOAT64, "float32": bound.BANDS_FLOAT32},
            why="the peak of the lowest filters is a quotient of two numbers near 0, in both",
        ),
        Reference(
            LEGACY,
            partial(legacy, peers.roy_gammatone()),
            {"float32": bound.LEGACY_STFT},
            why="its responses are rounded at each step of a fourth power",
        ),
    ]
    ours = Gammatonegram(SR, **FRAMES, n_bins=N_GAMMATONE)
    return compare("Gammatonegram", f"{N_GAMMATONE} filters", ours, references, signals)
