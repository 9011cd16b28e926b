"""STFT on its grids and the inverse STFT."""

from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any

import librosa
import numpy as np
import scipy.signal
import torch
from tests import tolerances as bound
from tests.oracles import fourier

from nnaudio2_core import STFT, iSTFT

from .. import peers
from ..clips import SR
from ..references import HOP, N_FFT
from ..references import stft as stft_by_torch
from .comparison import Array, Comparison, Reference, Signals, as_array, compare

FRAMES = {"n_fft": N_FFT, "hop_length": HOP}
GRID: dict[str, Any] = {"freq_bins": 200, "fmin": 60.0, "fmax": 9000.0}
LEGACY = peers.ROY
ROUNDED = "its float32 sums over 2048 taps"


def comparisons(signals: Signals) -> Iterator[Comparison]:
    """Every line of the STFT and its inverse."""
    yield from stft(signals)
    for freq_scale in ("linear", "log"):
        yield from grid(freq_scale, signals)
    yield from inverse(signals)


@lru_cache(maxsize=8)
def _direct(samples: bytes) -> Array:
    window = fourier.centred_window("hann", N_FFT, N_FFT)
    frequencies = fourier.grid("no", N_FFT // 2 + 1, N_FFT, 0, 0, SR)
    return fourier.stft(np.frombuffer(samples), frequencies, SR, window, HOP, True, "reflect")


def direct(x: Array) -> Array:
    """The STFT as a direct sum, kept for the transforms that follow from it."""
    return _direct(x.tobytes())


def by_torch(x: Array) -> torch.Tensor:
    return stft_by_torch(torch.from_numpy(x))


def by_librosa(x: Array) -> Array:
    return librosa.stft(x, n_fft=N_FFT, hop_length=HOP, pad_mode="reflect", dtype=np.complex128)


def by_scipy(x: Array) -> Array:
    window = scipy.signal.get_window("hann", N_FFT)
    overlap = N_FFT - HOP
    _, _, X = scipy.signal.stft(
        x, window=window, nperseg=N_FFT, noverlap=overlap, boundary="even", padded=False
    )
    return X * window.sum()  # scipy divides by the sum of the window


def legacy(build: Any, x: Array) -> Array:
    """A class of Roy et al., in its float32, on one waveform."""
    return as_array(build(torch.from_numpy(x).float())[0])


def stft(signals: Signals) -> Iterator[Comparison]:
    fft = {"float64": bound.STFT_DIRECT_FLOAT64, "float32": bound.STFT_FLOAT32}
    references = [
        Reference("direct sum", direct, fft),
        Reference("torch.stft", lambda x: by_torch(x).numpy(), fft),
        Reference("librosa", by_librosa, fft),
        Reference("scipy", by_scipy, fft, why="times the sum of the window, by which scipy divides"),
        Reference(LEGACY, partial(legacy, peers.roy_stft()), {"float32": bound.LEGACY_STFT}, why=ROUNDED),
    ]
    yield from compare("STFT", "", STFT(**FRAMES), references, signals)
    conv = Reference("direct sum", direct, {"float32": bound.LEGACY_STFT}, why="float32 sums over 2048 taps")
    yield from compare("STFT", "engine real", STFT(**FRAMES, engine="real"), [conv], signals)


def grid(freq_scale: str, signals: Signals) -> Iterator[Comparison]:
    window = fourier.centred_window("hann", N_FFT, N_FFT)
    frequencies = fourier.grid(freq_scale, GRID["freq_bins"], N_FFT, GRID["fmin"], GRID["fmax"], SR)
    arguments = {**FRAMES, **GRID, "sr": SR, "freq_scale": freq_scale}
    old = peers.roy().STFT(**arguments, output_format="Complex", verbose=False)
    references = [
        Reference(
            "direct sum",
            lambda x: fourier.stft(x, frequencies, SR, window, HOP, True, "reflect"),
            {"float64": bound.STFT_DIRECT_FLOAT64, "float32": bound.STFT_FLOAT32},
        ),
        Reference(LEGACY, partial(legacy, old), {"float32": bound.LEGACY_STFT}, why=ROUNDED),
    ]
    return compare("STFT", f"{freq_scale} grid", STFT(**arguments), references, signals)


def every_third_frame_struck(X: Any) -> Any:
    """Spectrograms that no waveform has, so that an inverse has to find the nearest."""
    X = X.clone() if isinstance(X, torch.Tensor) else X.copy()
    X[:, ::3] = 0
    return X


def inverse(signals: Signals) -> Iterator[Comparison]:
    fft, ifft = STFT(**FRAMES), iSTFT(**FRAMES)

    def round_trip(x: torch.Tensor) -> torch.Tensor:
        return ifft(fft(x), onesided=True, length=len(x))

    exact = {"float64": bound.ROUND_TRIP_FLOAT64, "float32": bound.ROUND_TRIP_FLOAT32}
    yield from compare(
        "iSTFT", "of the STFT", round_trip, [Reference("the waveform", lambda x: x, exact)], signals
    )

    def nearest(x: torch.Tensor) -> torch.Tensor:
        return ifft(every_third_frame_struck(fft(x)), onesided=True, length=len(x))

    def torchs(x: Array) -> Array:
        pairs = torch.view_as_real(every_third_frame_struck(by_torch(x)))
        return peers.torch_istft(len(x))(pairs).numpy()

    def librosas(x: Array) -> Array:
        X = every_third_frame_struck(by_librosa(x))
        return librosa.istft(X, hop_length=HOP, length=len(x), dtype=np.float64)

    def old(x: Array) -> Array:
        X = every_third_frame_struck(fft(torch.from_numpy(x).float()))
        return as_array(peers.roy_istft(len(x))(X[None])[0])

    references = [
        Reference("torch.istft", torchs, exact),
        Reference("librosa", librosas, exact),
        Reference(LEGACY, old, {"float32": bound.ROUND_TRIP_FLOAT32}, why=ROUNDED),
    ]
    yield from compare("iSTFT", "every third frame 0", nearest, references, signals)
