"""Any valid arguments and clips of zero to three windows, against direct sums that import nothing of ours."""

import librosa
import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import fft
from tests import tolerances
from tests.oracles import fourier
from tests.oracles.strided_correlation import constant_q

from nnaudio2_core import MFCC, STFT, VQT, Gammatonegram, MelSpectrogram, iSTFT

pytestmark = pytest.mark.filterwarnings("ignore:.* bands are always 0:UserWarning")

SR = 8000
PADS = ["reflect", "constant", "replicate", "circular"]


@st.composite
def frames(draw):
    """Arguments that place frames: odd and even, short and long hops, windows within frames."""
    n_fft = draw(st.integers(2, 96))
    return {
        "n_fft": n_fft,
        "win_length": draw(st.integers(min(2, n_fft), n_fft)),
        "hop_length": draw(st.integers(1, 120)),
        "window": draw(st.sampled_from(["hann", "hamming", "boxcar", ("kaiser", 4.0)])),
        "center": draw(st.booleans()),
        "pad_mode": draw(st.sampled_from(PADS)),
    }


def clip(module, windows: float, n_fft: int, seed: int):
    """White noise of that many windows; a clip that is too short is refused and ends the example."""
    time = int(windows * n_fft)
    x = torch.randn(time, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    if time < module.min_samples:
        with pytest.raises(ValueError, match=rf"^x must have at least min_samples = {module.min_samples}"):
            module(x)
        assume(False)
    return x


def direct(x, arguments, frequencies):
    window = fourier.centred_window(arguments["window"], arguments["win_length"], arguments["n_fft"])
    place = arguments["hop_length"], arguments["center"], arguments["pad_mode"]
    return fourier.stft(x.numpy(), frequencies, SR, window, *place)


def assert_near(actual, expected, bound):
    assert actual.shape == expected.shape
    assert np.abs(actual - expected).max() <= bound * np.abs(expected).max()


@settings(max_examples=80)
@given(
    arguments=frames(),
    windows=st.floats(0, 3),
    scale=st.sampled_from(["no", "linear", "log", "log2"]),
    bins=st.integers(1, 40),
    engine=st.sampled_from(["fft", "real"]),
    seed=st.integers(0, 1000),
)
def test_stft(arguments, windows, scale, bins, engine, seed):
    bins = min(bins, arguments["n_fft"])
    grid = {"freq_scale": scale, "freq_bins": bins, "fmin": 50.0, "fmax": 3900.0, "sr": SR}
    stft = STFT(**arguments, **grid, engine=engine)
    x = clip(stft, windows, arguments["n_fft"], seed)
    expected = direct(x, arguments, fourier.grid(scale, bins, arguments["n_fft"], 50.0, 3900.0, SR))
    assume(np.abs(expected).max() > 1e-3)
    actual = torch.view_as_complex(stft(x)).numpy()
    assert_near(actual, expected, tolerances.STFT_REAL_KERNELS if engine == "real" else 1e-11)


@settings(max_examples=40)
@given(arguments=frames(), count=st.integers(1, 9), onesided=st.booleans(), seed=st.integers(0, 1000))
def test_istft(arguments, count, onesided, seed):
    """Overlap-add of inverse FFTs over the sum of squared windows, one frame at a time."""
    n_fft, hop, pad = arguments["n_fft"], arguments["hop_length"], arguments["n_fft"] // 2
    istft = iSTFT(**{name: value for name, value in arguments.items() if name != "pad_mode"})
    generator = torch.Generator().manual_seed(seed)
    bins = n_fft // 2 + 1 if onesided else n_fft
    X = torch.randn(bins, count, 2, dtype=torch.float64, generator=generator)
    if istft.obstacle:
        with pytest.raises(RuntimeError, match=r"^hop_length must"):
            istft(X, onesided=onesided)
        return
    window = fourier.centred_window(arguments["window"], arguments["win_length"], n_fft)
    spectra = torch.view_as_complex(X).numpy()
    total = np.zeros((count - 1) * hop + n_fft)
    for t in range(count):
        column = spectra[:, t]
        part = np.fft.irfft(column, n_fft) if onesided else np.fft.ifft(column).real
        total[t * hop : t * hop + n_fft] += window * part
    squares = fourier.window_sum(window, count, hop)
    seen = squares > 1e-11
    total = np.where(seen, total / np.where(seen, squares, 1), 0.0)
    expected = total[pad : len(total) - pad] if arguments["center"] else total
    assume(expected.size > 0 and squares[seen].min() > 1e-6)
    assert_near(istft(X, onesided=onesided).numpy(), expected, 1e-9)


@settings(max_examples=60)
@given(
    arguments=frames(),
    windows=st.floats(0, 3),
    n_bands=st.integers(1, 30),
    power=st.sampled_from([1.0, 2.0]),
    htk=st.booleans(),
    engine=st.sampled_from(["fft", "real"]),
    seed=st.integers(0, 1000),
)
@pytest.mark.filterwarnings("ignore:Empty filters detected")  # librosa's, where bands are narrower than bins
def test_filterbanks(arguments, windows, n_bands, power, htk, engine, seed):
    common = {**arguments, "sr": SR, "engine": engine}
    mel = MelSpectrogram(**common, n_mels=n_bands, power=power, htk=htk)
    x = clip(mel, windows, arguments["n_fft"], seed)
    n_fft = arguments["n_fft"]
    magnitude = np.abs(direct(x, arguments, fourier.grid("no", n_fft // 2 + 1, n_fft, 0, 0, SR)))
    assume(magnitude.max() > 1e-3)
    filters = librosa.filters.mel(sr=SR, n_fft=n_fft, n_mels=n_bands, htk=htk, dtype=np.float64)
    bands = filters @ magnitude**power
    bound = 3e-6 if engine == "real" else 1e-11
    assert_near(mel(x).numpy(), bands, bound)

    gammatone = Gammatonegram(**common, n_bins=n_bands, power=power, fmin=100.0)
    responses = fourier.gammatone_responses(SR, n_fft, n_bands, 100.0, SR / 2)
    assert_near(gammatone(x).numpy(), responses @ magnitude**power, max(bound, 1e-8))

    decibels = 10 * np.log10(np.maximum(bands, 1e-10))
    decibels = np.maximum(decibels, decibels.max() - 80)
    expected = fft.dct(decibels, axis=0, norm="ortho")
    mfcc = MFCC(**common, n_mfcc=n_bands, n_mels=n_bands, power=power, htk=htk)(x).numpy()
    assert np.abs(mfcc - expected).max() <= (1e-2 if engine == "real" else 1e-7) * np.abs(decibels).max()


@settings(max_examples=25)
@given(
    hop=st.integers(1, 400),
    fmin=st.floats(60, 900),
    n_bins=st.integers(1, 24),
    bins_per_octave=st.integers(1, 24),
    gamma=st.sampled_from([0.0, 7.0, 50.0]),
    more=st.integers(0, 900),
    engine=st.sampled_from(["fft", "real"]),
    seed=st.integers(0, 1000),
)
def test_constant_and_variable_q(hop, fmin, n_bins, bins_per_octave, gamma, more, engine, seed):
    n_bins = min(n_bins, int(bins_per_octave * np.log2(3900 / fmin)))
    assume(n_bins > 0)
    shape = {"fmin": fmin, "n_bins": n_bins, "bins_per_octave": bins_per_octave}
    vqt = VQT(SR, hop, **shape, gamma=gamma, output_format="Complex", engine=engine, tolerance=0)
    time = vqt.min_samples + more
    x = torch.randn(1, time, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    frame = sorted({0, 1, time // hop // 2, time // hop} & set(range(1 + time // hop)))
    actual = torch.view_as_complex(vqt(x))[:, :, frame].numpy()
    assert_near(actual, constant_q(x.numpy(), SR, hop, fmin, n_bins, bins_per_octave, frame, gamma), 1e-11)
