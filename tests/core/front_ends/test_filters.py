"""A filter matrix given as an argument: real, finite numbers in any container, or an error that says so."""

import numpy as np
import pytest
import torch

from nnaudio2_core import STFT, FrontEnd

FRAMES = {"sr": 8000, "n_fft": 128, "win_length": 128, "hop_length": 32}
ONES = np.ones((2, 65))


@pytest.mark.parametrize(
    "filters",
    [
        ONES,
        ONES.astype(int),
        ONES.tolist(),
        tuple(map(tuple, ONES)),
        torch.ones(2, 65, dtype=torch.bfloat16),
        torch.ones(2, 65, requires_grad=True),
    ],
)
def test_every_container_gives_the_same_bands(filters):
    module = FrontEnd(**FRAMES, n_bands=2, filters=filters, log="none")
    x = torch.randn(1, 500)
    bands = module(x)
    assert torch.equal(bands, FrontEnd(**FRAMES, n_bands=2, filters=ONES, log="none")(x))
    assert bands.min() > 0
    assert torch.equal(bands[:, 0], bands[:, 1])  # both are the sum of the frame's power spectrum


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        (ONES + 0j, "rows of numbers"),
        (torch.ones(2, 65) + 0j, "rows of numbers"),
        (np.complex64(1), "rows of numbers"),
        (ONES > 0, "rows of numbers"),
        ([["1"] * 65] * 2, "rows of numbers"),
        (np.ones((2, 65), "m8[s]"), "rows of numbers"),
        ([[None] * 65] * 2, "rows of numbers"),
        ([[10**400] * 65] * 2, "rows of numbers"),
        ([], "rows of numbers"),
        (torch.ones(2, 65).to_sparse(), "rows of numbers"),
        (ONES[0], "rows of numbers"),
        (ONES[:, 1:], r"the shape \(n_bands, n_fft // 2 \+ 1 = 65\), got a row of 64"),
        ([[1.0] * 65, [1.0] * 3], r"the shape \(n_bands, n_fft // 2 \+ 1 = 65\), got a row of 3"),
        (np.where(np.arange(65) == 3, np.nan, ONES), "finite weights"),
    ],
)
def test_what_is_no_matrix_of_numbers_is_refused(values, rule):
    with pytest.raises(ValueError, match=f"^filters must (be|have) {rule}"):
        FrontEnd(**FRAMES, n_bands=2, filters=values)


@pytest.mark.parametrize("samples", [np.ones(64) + 0j, np.ones(64) > 0, np.ones(64, "m8[s]"), [10**400] * 64])
def test_samples_of_a_window_are_real_numbers(samples):
    with pytest.raises(ValueError, match=r"^window must be one that"):
        STFT(n_fft=64, window=samples)
