"""Factored DFT: against NumPy's FFT, and in transforms that use it instead of kernels."""

import numpy as np
import pytest
import torch
from tests import tolerances

from nnaudio2_core import STFT, GriffinLim, MelSpectrogram, iSTFT
from nnaudio2_core.fourier.design_factors import (
    factored_dft,
    factored_dft_numbers,
    factors_pay,
    rows_and_columns,
)
from nnaudio2_core.fourier.factored_dft import cosine_sums, one_sided_adjoint, one_sided_spectrum

SIZES = [1, 2, 3, 12, 31, 60, 64, 97, 400, 441, 600, 882, 2048]


def factors_of(n, dtype=torch.float64):
    return [torch.from_numpy(matrix).to(dtype) for matrix in factored_dft(n)]


@pytest.mark.parametrize("n", SIZES)
def test_spectrum_is_numpys(n):
    x = np.random.default_rng(n).standard_normal((2, 3, n))
    X = torch.view_as_complex(one_sided_spectrum(torch.from_numpy(x), factors_of(n))).numpy()
    expected = np.fft.rfft(x)
    assert X.shape == expected.shape
    assert np.abs(X - expected).max() <= 1e-12 * np.abs(expected).max()  # round-off of at most 2048 terms


@pytest.mark.parametrize(("n", "given"), [(12, 1), (64, 8), (64, 9), (400, 399), (2048, 1)])
def test_samples_that_are_not_given_are_zeros(n, given):
    x = np.random.default_rng(n).standard_normal((2, 3, given))
    X = torch.view_as_complex(one_sided_spectrum(torch.from_numpy(x), factors_of(n))).numpy()
    expected = np.fft.rfft(x, n)
    assert X.shape == expected.shape
    assert np.abs(X - expected).max() <= 1e-12 * np.abs(expected).max()


@pytest.mark.parametrize("n", SIZES)
def test_adjoint_is_the_transpose(n):
    generator = torch.Generator().manual_seed(n)
    x = torch.randn(2, 3, n, dtype=torch.float64, generator=generator)
    Y = torch.randn(2, 3, n // 2 + 1, 2, dtype=torch.float64, generator=generator)
    forth = (one_sided_spectrum(x, factors_of(n)) * Y).sum()
    back = (x * one_sided_adjoint(Y, factors_of(n))).sum()
    assert abs(forth - back) <= 1e-12 * x.norm() * Y.norm() * n**0.5


@pytest.mark.parametrize("n", [2, 9, 64, 441])
def test_cosine_sums_are_numpys(n):
    half = np.random.default_rng(n).random((3, n // 2 + 1))
    whole = np.concatenate([half, half[:, 1 : (n + 1) // 2][:, ::-1]], 1)
    sums = cosine_sums(torch.from_numpy(half), n, factors_of(n)).numpy()
    assert np.abs(sums - np.fft.fft(whole).real[:, : n // 2 + 1]).max() <= 1e-12 * whole.sum(1).max()


def test_factors_are_nearly_square():
    assert [rows_and_columns(n) for n in (1, 7, 12, 400, 600, 2048, 8000)] == [
        (1, 1),
        (1, 7),
        (3, 4),
        (20, 20),
        (25, 24),  # an even number of columns
        (32, 64),
        (80, 100),
    ]


@pytest.mark.parametrize("n", [1, 12, 97, 2048])
def test_numbers_are_counted(n):
    assert factored_dft_numbers(n) == sum(matrix.size for matrix in factored_dft(n))


def test_factors_pay_for_long_frames_with_factors():
    assert [n for n in (128, 256, 400, 512, 1024, 1031, 2048) if factors_pay(n, n // 2 + 1)] == [
        400,
        512,
        1024,
        2048,
    ]
    assert not factors_pay(2048, 20)  # few bins are as fast by their definition


FRAMES = [
    {"n_fft": 400, "hop_length": 160},
    {"n_fft": 512, "hop_length": 600},  # apart
    {"n_fft": 512, "hop_length": 512},  # side by side
    {"n_fft": 512, "hop_length": 20, "win_length": 300},  # more than 16 hops
    {"n_fft": 441, "hop_length": 147, "window": "blackman"},  # odd
    {"n_fft": 512, "hop_length": 128, "freq_bins": 230},
    {"n_fft": 512, "hop_length": 128, "freq_bins": 500},
    {"n_fft": 512, "hop_length": 128, "center": False},
]


@pytest.mark.parametrize("arguments", FRAMES, ids=str)
def test_stft_without_ffts_equals_the_one_with_ffts(arguments):
    with_ffts, without = STFT(**arguments), STFT(**arguments, engine="real")
    assert without.by_factors
    assert not hasattr(without, "wcos")
    x = torch.randn(2, 3000, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    X, expected = without.analysis(x), with_ffts.analysis(x)
    assert (X - expected).abs().max() <= 1e-12 * expected.abs().max()
    y, expected = without.adjoint(X, 3000), with_ffts.adjoint(X, 3000)
    assert (y - expected).abs().max() <= 1e-12 * expected.abs().max()


@pytest.mark.parametrize("arguments", FRAMES, ids=str)
def test_graphs_cut_frames_as_eager_mode_does(arguments):
    stft = STFT(**arguments, engine="real")
    sizes = {"x": {0: torch.export.Dim("batch", min=1, max=8), 1: torch.export.Dim.AUTO}}
    x = torch.randn(2, 3000, generator=torch.Generator().manual_seed(0))
    program = torch.export.export(stft, (x,), dynamic_shapes=sizes).module()
    for batch, time in ((2, 3000), (1, 2999), (3, 4321)):
        x = torch.randn(batch, time, generator=torch.Generator().manual_seed(time))
        expected = stft(x)
        result = program(x)
        assert result.shape == expected.shape
        assert (result - expected).abs().max() <= tolerances.ENGINES * expected.abs().max()


@pytest.mark.parametrize("trainable_window", [False, True])
def test_inverses_without_ffts(trainable_window):
    frames = {"n_fft": 512, "hop_length": 128}
    x = torch.randn(2, 5000, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    stft = STFT(**frames, engine="real")
    inverse = iSTFT(**frames, engine="real", trainable_window=trainable_window)
    assert inverse.by_factors
    X = stft(x)
    bound = 1e-6 if trainable_window else 1e-12  # a parameter is float32
    assert (inverse(X, onesided=True, length=5000) - x).abs().max() <= bound * x.abs().max()
    assert (stft.inverse(X, length=5000) - x).abs().max() <= 1e-12 * x.abs().max()


def test_griffin_lim_without_ffts():
    generator = torch.Generator().manual_seed(0)
    frames = {"n_fft": 512, "hop_length": 128}
    S = STFT(**frames, output_format="Magnitude")(
        torch.randn(2, 5000, dtype=torch.float64, generator=generator)
    )
    expected = GriffinLim(**frames, n_iter=8)(S)
    without = GriffinLim(**frames, n_iter=8, engine="real")
    assert without.stft.by_factors
    assert (without(S) - expected).abs().max() <= 1e-9 * expected.abs().max()


def test_trained_transforms_keep_kernels():
    assert STFT(n_fft=512, trainable=True).by_kernels
    assert MelSpectrogram(n_fft=512, trainable_STFT=True).stft.by_kernels
    assert iSTFT(n_fft=512, trainable_kernels=True).by_kernels


def test_long_frames_need_no_table_of_kernels():
    """The kernels of 65536 points would be 4 GB."""
    x = torch.randn(1, 70_000, generator=torch.Generator().manual_seed(0))
    expected = STFT(n_fft=65536, hop_length=4096)(x)
    result = STFT(n_fft=65536, hop_length=4096, engine="real")(x)
    assert (result - expected).abs().max() <= tolerances.ENGINES * expected.abs().max()


def test_a_prime_number_of_points_is_refused_if_its_matrix_exhausts_the_memory():
    with pytest.raises(ValueError, match="n_fft"):
        STFT(n_fft=32749, engine="real")
