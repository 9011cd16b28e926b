"""librosa's numbers: live against the version that is installed, and against goldens of librosa 1.0.0."""

import json
from pathlib import Path

import librosa
import numpy as np
import pytest
import torch
from tests.oracles.make_librosa_goldens import CASES, EVERY, SAMPLES, coefficients
from tests.tolerances import (
    LIBROSA_CQT_INTERIOR_RMS,
    LIBROSA_GAMMA_NOISE_RMS,
    LIBROSA_INTERVALS_RMS,
    LIBROSA_NYQUIST_RMS,
    LIBROSA_OLD_NYQUIST_RMS,
    LIBROSA_PADDINGS_RMS,
)

from nnaudio2_core import CQT, VQT, Inverse
from nnaudio2_core.constant_q.librosa_arguments import kernels_of_librosa

GOLDENS = sorted((Path(__file__).parents[2] / "oracles" / "goldens").glob("librosa_*.npz"))
OLD = librosa.__version__.startswith("0.")


def relative_rms(actual, expected):
    return np.sqrt((np.abs(actual - expected) ** 2).mean() / (np.abs(expected) ** 2).mean())


def bound(vqt, version):
    """By what librosa simplifies: negative frequencies of kernels, and its resampler's roll-off."""
    if vqt.gamma > 0:
        return LIBROSA_GAMMA_NOISE_RMS
    if vqt.frequencies[-1] < 0.7 * vqt.sr / 2:
        return LIBROSA_CQT_INTERIOR_RMS
    return LIBROSA_OLD_NYQUIST_RMS if version.startswith("0.") else LIBROSA_NYQUIST_RMS


def difference(version, arguments, expected):
    vqt = VQT.like_librosa(version=version, tolerance=0.0, **{"gamma": 0.0, **arguments})
    x = torch.from_numpy(np.random.default_rng(0).standard_normal(SAMPLES))
    return vqt, relative_rms(vqt(x).numpy()[:, ::EVERY], expected)


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.stem)
def test_goldens(path):
    golden, version = np.load(path), path.stem.removeprefix("librosa_")
    cases = json.loads(str(golden["arguments"]))
    assert len(cases) == len(CASES)
    for i, arguments in enumerate(cases):
        vqt, found = difference(version, arguments, golden[f"case_{i}"])
        assert found < bound(vqt, version), (arguments, found)


def test_there_is_a_golden_of_the_version_that_is_not_installed():
    assert [path.stem for path in GOLDENS] == ["librosa_1.0.0"]


@pytest.mark.parametrize("arguments", CASES, ids=str)
def test_the_installed_version(arguments):
    if OLD and arguments.get("n_bins", 1) is None:
        arguments = {**arguments, "n_bins": 48}
    vqt, found = difference(librosa.__version__, arguments, coefficients(arguments))
    assert found < bound(vqt, librosa.__version__)


@pytest.mark.parametrize("arguments", [{"n_bins": 100}, {"sr": 44100, "n_bins": 110}], ids=str)
def test_the_versions_differ_where_the_rate_stays(arguments):
    """The rule of the other version is at least three times as far away."""
    golden = np.load(GOLDENS[-1])
    expected = golden[f"case_{CASES.index(arguments)}"]
    assert difference("0.11", arguments, expected)[1] > 3 * difference("1.0", arguments, expected)[1]


def test_cqt_is_librosas_cqt(recording):
    waveform, sr = recording("sir_duke_fast")
    x = waveform[: 3 * sr]
    X = CQT.like_librosa(sr, version=librosa.__version__)(x).numpy()
    theirs = librosa.cqt(x.numpy(), sr=sr, sparsity=0)
    assert X.shape == theirs.shape
    assert relative_rms(X[:, 40:-40], theirs[:, 40:-40]) < LIBROSA_CQT_INTERIOR_RMS
    magnitude = CQT.like_librosa(sr, version=librosa.__version__, output_format="Magnitude")(x)
    assert torch.equal(magnitude, CQT.like_librosa(sr, output_format="Magnitude", tolerance=2e-7)(x))


@pytest.mark.parametrize("pad_mode", ["constant", "reflect", "edge"])
def test_paddings(recording, pad_mode):
    waveform, sr = recording("sir_duke_fast")
    x = waveform[: 2 * sr]
    X = CQT.like_librosa(sr, pad_mode=pad_mode, version=librosa.__version__)(x).numpy()
    theirs = librosa.cqt(x.numpy(), sr=sr, sparsity=0, pad_mode=pad_mode)
    assert relative_rms(X, theirs) < LIBROSA_PADDINGS_RMS


@pytest.mark.parametrize("intervals", ["ji5", "pythagorean"])
def test_intervals(recording, intervals):
    waveform, sr = recording("sir_duke_fast")
    x = waveform[: 2 * sr]
    f = librosa.interval_frequencies(72, fmin=65.4, intervals=intervals, bins_per_octave=12)
    vqt = VQT.like_librosa(sr, frequencies=f, version=librosa.__version__)
    theirs = librosa.vqt(x.numpy(), sr=sr, fmin=65.4, n_bins=72, intervals=intervals, sparsity=0)
    assert relative_rms(vqt(x).numpy()[:, 40:-40], theirs[:, 40:-40]) < LIBROSA_INTERVALS_RMS


def test_the_inverse_takes_it():
    cqt = CQT.like_librosa(8000, 16, fmin=300.0, n_bins=40, norm=2, scale=False)
    t = torch.arange(8000) / 8000
    x = torch.sin(2 * torch.pi * (500 * t + 400 * t**2)) * torch.hann_window(8000)
    assert relative_rms(Inverse(cqt)(cqt(x), length=8000).numpy(), x.numpy()) < 1e-2


def test_versions():
    assert {
        v: kernels_of_librosa(v) for v in ("0.10.2", "0.11", "0.11.0.post1", "1.0.0", "1.1", "2.0rc1")
    } == {
        "0.10.2": "fractional",
        "0.11": "fractional",
        "0.11.0.post1": "fractional",
        "1.0.0": "fractional-1.0",
        "1.1": "fractional-1.0",
        "2.0rc1": "fractional-1.0",
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"version": "0.9.2"}, "version must be >= '0.10', got '0.9.2'"),
        ({"version": 1.0}, "version must be one of librosa"),
        ({"tuning": None}, "tuning must be a number"),
        ({"norm": -np.inf}, "norm must be"),
        ({"pad_mode": "wrap"}, "pad_mode must be one of"),
        ({"window": np.hanning}, "window must be"),
        ({"scale": "x"}, "scale must be True or False"),
    ],
    ids=["old", "number", "tuning", "norm", "padding", "window", "scale"],
)
@pytest.mark.parametrize("make", [CQT, VQT])
def test_what_cannot_agree_is_refused(make, arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make.like_librosa(**arguments)
