"""Phases that would depend on the sign of a zero."""

import math

import pytest
import torch

from nnaudio2_core.module.magnitude_phase import phase


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("real", "imaginary", "angle"),
    [
        *((real, imaginary, 0.0) for real in (0.0, -0.0) for imaginary in (0.0, -0.0)),
        *((-1.0, imaginary, math.pi) for imaginary in (0.0, -0.0)),
        *((1.0, imaginary, 0.0) for imaginary in (0.0, -0.0)),
        *((real, 1.0, math.pi / 2) for real in (0.0, -0.0)),
        *((real, -1.0, -math.pi / 2) for real in (0.0, -0.0)),
        (-1e-42, -0.0, math.pi),
    ],
)
def test_signs_of_zeros_do_not_matter(real, imaginary, angle, dtype):
    X = torch.tensor([[real, imaginary]], dtype=dtype)
    expected = torch.tensor([angle], dtype=dtype)
    for given in (X, X.clone().requires_grad_()):
        assert torch.equal(phase(given).detach(), expected)
