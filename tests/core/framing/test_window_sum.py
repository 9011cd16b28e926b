"""The window sum, frames and overlap-add."""

import numpy as np
import pytest
import torch
from tests import tolerances
from tests.oracles import fourier

from nnaudio2_core import STFT, iSTFT
from nnaudio2_core.bank.short_kernels import product_along_frames, real_product, real_product_adjoint
from nnaudio2_core.fourier.by_fft import fft_adjoint, fft_spectra
from nnaudio2_core.framing.frames import frame, overlap_add
from nnaudio2_core.framing.window_sum import window_sum


@pytest.mark.parametrize(("n_fft", "hop"), [(16, 4), (16, 5), (15, 4), (16, 16), (16, 20), (16, 1), (8, 3)])
@pytest.mark.parametrize("n_frames", [1, 2, 3, 4, 5, 17, 40])
def test_window_sum_equals_the_loop(n_fft, hop, n_frames):
    window = torch.rand(n_fft, dtype=torch.float64)
    expected = fourier.window_sum(window.numpy(), n_frames, hop)
    total = window_sum(window, n_frames, hop).numpy()
    assert total.shape == expected.shape
    assert np.abs(total - expected).max() <= tolerances.STFT_DIRECT_FLOAT64 * expected.max()


@pytest.mark.parametrize(("width", "hop"), [(16, 4), (16, 5), (5, 8), (64, 1), (7, 7)])
def test_overlap_add_is_the_transpose_of_frame(width, hop):
    x = torch.randn(2, 203, dtype=torch.float64)
    cut = frame(x, width, hop)
    y = torch.randn_like(cut)
    back = overlap_add(y, hop)
    left, right = (cut * y).sum(), (x[:, : back.size(1)] * back).sum()
    assert (left - right).abs() <= tolerances.ADJOINT_FLOAT64 * cut.norm() * y.norm()


@pytest.mark.parametrize(("width", "hop"), [(5, 8), (24, 8), (128, 8), (129, 8), (300, 7), (40, 1)])
def test_overlap_add_of_graphs_is_the_same(width, hop):
    """Up to 16 blocks one by one, more by a shear; for more frames than blocks and for fewer."""

    class Add(torch.nn.Module):
        def forward(self, frames):
            return overlap_add(frames, hop)

    dynamic = torch.export.Dim.DYNAMIC
    example = torch.randn(2, 9, width, dtype=torch.float64)
    graph = torch.export.export(Add(), (example,), dynamic_shapes=({0: dynamic, 1: dynamic},)).module()
    for n_frames in (2, 16, 60):
        y = torch.randn(3, n_frames, width, dtype=torch.float64)
        assert torch.allclose(graph(y), overlap_add(y, hop), rtol=0, atol=1e-12)


@pytest.mark.parametrize("width", [1, 3, 191, 192, 193, 385, 1000])  # parts of a hop, and whole hops
@pytest.mark.parametrize("n_frames", [1, 2, 90])
def test_products_of_long_kernels_are_the_transpose_of_a_correlation(width, n_frames):
    hop = 3
    matrix = torch.randn(width, 2 * 5, dtype=torch.float64)
    x = torch.randn(2, (n_frames - 1) * hop + width, dtype=torch.float64)
    X = real_product(x, matrix, hop)
    Y = torch.randn_like(X)
    back = real_product_adjoint(Y, matrix, hop)
    assert back.shape == x.shape
    assert ((X * Y).sum() - (x * back).sum()).abs() <= tolerances.ADJOINT_FLOAT64 * X.norm() * Y.norm()


@pytest.mark.parametrize("blocks", [1, 4])
def test_products_along_frames_are_a_convolution(blocks):
    """CUDA takes the one, other devices the other."""
    rows, weight = (torch.randn(shape, dtype=torch.float64) for shape in ((2, 6, 20), (3, 6, blocks)))
    expected = torch.conv1d(rows, weight).transpose(1, 2)
    difference = (product_along_frames(rows, weight) - expected).abs().max()
    assert difference <= tolerances.ADJOINT_FLOAT64 * expected.abs().max()


@pytest.mark.parametrize("n_fft", [32, 33])
@pytest.mark.parametrize(
    ("dtype", "bound"), [(torch.float32, 1e-6), (torch.float64, tolerances.ADJOINT_FLOAT64)]
)
@pytest.mark.parametrize("time", [500, 300_000])  # one chunk, and several
def test_spectrum_and_its_adjoint_pass_the_dot_product_test(n_fft, dtype, bound, time):
    window = torch.rand(n_fft, dtype=dtype)
    x = torch.randn(2, time, dtype=dtype)
    X = fft_spectra(x, window, 8, n_fft)
    Y = torch.randn_like(X)
    y = fft_adjoint(Y, window, 8, n_fft)
    difference = (X * Y).sum().double() - (x[:, : y.size(1)] * y).sum().double()
    assert difference.abs() <= bound * X.norm().double() * Y.norm().double()


def test_chunks_change_nothing():
    window = torch.hann_window(256)
    x = torch.randn(3, 150_000)
    whole = torch.view_as_real(torch.fft.rfft(x.unfold(-1, 256, 64) * window))
    assert torch.equal(fft_spectra(x, window, 64, 256), whole)
    many = torch.randn(2000, 600)
    whole = torch.view_as_real(torch.fft.rfft(many.unfold(-1, 256, 64) * window))
    assert torch.equal(fft_spectra(many, window, 64, 256), whole)


@pytest.mark.parametrize(("n_fft", "first"), [(64, 1), (1024, 1), (1700, 1), (1800, 2), (2048, 2)])
@pytest.mark.parametrize("with_gradient", [False, True])
def test_the_first_samples_come_back_down_to_the_least_window_sum_of_torch(n_fft, first, with_gradient):
    """Without centering only one frame covers them, with a Hann window that is nearly zero.

    Samples that torch.istft refuses, with a window sum of at most 1e-11, are zero: with the longer windows
    sample 1 as well.
    """
    x = torch.randn(4 * n_fft, dtype=torch.float64)
    window = torch.hann_window(n_fft, dtype=torch.float64)
    assert (window.square()[1] > 1e-11) == (first == 1)
    X = STFT(n_fft, center=False)(x).requires_grad_(with_gradient)
    y = iSTFT(n_fft, center=False)(X, True).detach()
    assert (y[:first] == 0).all()
    # An FFT and its inverse round a frame, of size 5 at most, a few dozen times; the division by the window
    # magnifies that.
    error = (y - x)[first : n_fft // 4].abs() * window[first : n_fft // 4]
    assert error.max() <= 1e-14
