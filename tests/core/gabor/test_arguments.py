"""Errors of NSGT name the argument, the rule and the value."""

import pytest
import torch

import nnaudio2_core as core

WRONG = [
    ({"sr": 0}, r"^sr must be > 0, got 0"),
    ({"sr": "x"}, r"^sr must be a number, got 'x'"),
    ({"fmin": 0.0}, r"^fmin must be "),
    ({"fmin": 4000.0}, r"^fmin must be < sr / 2 = 4000, got 4000"),
    ({"fmax": 20.0}, r"^fmax must be > .*, got 20"),
    ({"fmax": 4001.0}, r"^fmax must be <= 4000.*, got 4001"),
    ({"n_bins": 0}, r"^n_bins must be >= 1, got 0"),
    ({"n_bins": 500}, r"^n_bins must be <= "),
    ({"bins_per_octave": 0}, r"^bins_per_octave must be "),
    ({"gamma": -1.0}, r"^gamma must be >= 0, got -1"),
    ({"scale": "bark"}, r"^scale must be one of .*, got 'bark'"),
    ({"scale": [300.0, 200.0]}, r"^scale must increase between 0 and sr / 2 = 4000, got "),
    ({"scale": []}, r"^scale must have 1 to "),
    ({"scale": [100.0, "x"]}, r"^scale must be "),
    ({"scale": [100.0, 4000.0]}, r"^scale must increase between 0 and sr / 2 = 4000, got "),
    ({"scale": 5}, r"^scale must be a string or a list of numbers, got 5"),
    ({"scale": None}, r"^scale must be a string or a list of numbers, got None"),
    ({"layout": "dense"}, r"^layout must be one of .*, got 'dense'"),
    ({"layout": None}, r"^layout must be "),
    ({"hop_length": 64}, r"^hop_length must be None unless layout='matrix', got 64"),
    ({"hop_length": 0, "layout": "matrix"}, r"^hop_length must be >= 1, got 0"),
    (
        {"hop_length": 64, "layout": "matrix"},
        r"^hop_length must be <= \d+, or channels lose the signal, got 64",
    ),
    (
        {"hop_length": 3, "layout": "matrix", "slice_length": 256},
        r"^hop_length must divide slice_length = 256, got 3",
    ),
    ({"window": "kaiser"}, r"^window must be one of .*, got 'kaiser'"),
    ({"slice_length": 2}, r"^slice_length must be >= 4, got 2"),
    ({"slice_length": 257}, r"^slice_length must be even, got 257"),
    ({"slice_length": 256.5}, r"^slice_length must be an integer, got 256.5"),
    ({"engine": "real"}, r"^engine must be 'fft' or 'auto' unless slice_length is given, got 'real'"),
    ({"engine": "conv2"}, r"^engine must be "),
    ({"scale": [1e-6, 2e-6, 100.0]}, r"^scale must have wider channels"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=[str(arguments) for arguments, _ in WRONG])
def test_wrong_arguments(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        core.NSGT(**{"sr": 8000, **arguments})


@pytest.mark.parametrize("slice_length", [None, 1024])
def test_wrong_coefficients(slice_length):
    module = core.NSGT(8000, slice_length=slice_length)
    C = module(torch.randn(2, 3000))
    matrix = core.NSGT(8000, layout="matrix", slice_length=slice_length)
    cases = [
        (C[:-1], ValueError, r"^C must have \d+ tensors, got "),
        ([*C[:-1], C[-1][..., :1]], ValueError, r"^C must have the shape \("),
        ([*C[:-1], C[-1][..., :0, :]], ValueError, r"^C must have the shape \("),
        ([*C[:-1], C[-1][..., :-1, :]], ValueError, r"^C must have \d+ frames in tensor \d+"),
        ([C[0][..., :-1, :], *C[1:]], ValueError, r"^C must have \d+ frames in tensor "),
        ([*C[:-1], C[-1][:1]], ValueError, r"^C must have the axes \[2.* of tensor 0 in tensor "),
        ([*C[:-1], C[-1].double()], TypeError, r"^C must have float tensors .* of one dtype, got "),
        ([part.long() for part in C], TypeError, r"^C must have float tensors"),
        ([*C[:-1], None], TypeError, r"^C must be a torch.Tensor, got NoneType"),
        (None, TypeError, r"^C must be a tensor or a list of tensors, got None"),
        (C[0], ValueError, r"^C must have \d+ tensors, got 1"),
    ]
    for wrong, error, message in cases:
        with pytest.raises(error, match=message):
            module.inverse(wrong)
    with pytest.raises(ValueError, match=r"^C must have the shape \("):
        matrix.inverse(matrix(torch.randn(3000))[..., 1:, :, :])
    if slice_length:
        with pytest.raises(ValueError, match=r"^C must have at least 1 slice, got 0"):
            module.inverse([part[:, :0] for part in C])


@pytest.mark.parametrize("slice_length", [None, 1024])
def test_wrong_lengths(slice_length):
    module = core.NSGT(8000, slice_length=slice_length)
    C = module(torch.randn(2, 3000))
    for wrong, error, message in (
        (-1, ValueError, r"^length must be >= 0, got -1"),
        (2**40, ValueError, r"^length must be <= "),
        (3.5, TypeError, r"^length must be an integer, got 3.5"),
        ("5", TypeError, r"^length must be an integer, got '5'"),
    ):
        with pytest.raises(error, match=message):
            module.inverse(C, length=wrong)


def test_wrong_part():
    module = core.NSGT(8000)
    assert module.n_frames(3000, 2) == module(torch.randn(3000))[2].size(-2)
    for wrong in (-1, 99):
        with pytest.raises(ValueError, match=r"^part must be >= 0 and < \d+, got "):
            module.n_frames(3000, wrong)
    with pytest.raises(TypeError, match=r"^part must be an integer, got "):
        module.n_frames(3000, 1.5)


@pytest.mark.parametrize("slice_length", [None, 1024])
@pytest.mark.parametrize("layout", ["octaves", "matrix"])
def test_an_empty_batch_comes_back_empty(layout, slice_length):
    module = core.NSGT(8000, layout=layout, slice_length=slice_length)
    C = module(torch.randn(2, 0, 3000))
    assert module.inverse(C, length=3000).shape == (2, 0, 3000)
