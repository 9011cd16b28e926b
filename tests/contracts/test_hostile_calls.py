"""Anything instead of a waveform, a spectrogram or an argument of the call is refused by name."""

import inspect

import numpy as np
import pytest
import torch
from tests.contracts.cases import entries, tensors
from tests.contracts.hostile import VALUES, argument_names, refused_by_name
from tests.contracts.registry import ENTRIES


@entries
@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_inputs_that_are_not_dense_tensors(entry):
    module = entry.build()
    x = entry.input()
    inputs = [
        None,
        1.0,
        "x",
        x.tolist(),
        x.numpy(),
        np.float32(1.0),
        [x],
        {"x": x},
        x.to_sparse(),
        x.to(torch.int64),
        x > 0,
        torch.nested.nested_tensor([x, x]),
    ]
    for given in inputs:
        with pytest.raises(TypeError, match=r"^[xXS] must be a "):
            module(given, **entry.call)


@entries
def test_wrong_ranks_and_empty_axes(entry):
    module = entry.build()
    x = entry.input(2)
    wrong = [x.new_zeros([]), x.new_zeros([0]), x[..., :0], x.new_zeros(0, 0, 0, 0)]
    if entry.kind != "waveform":
        wrong += [x[0, 0], x[:, :0], x[:0, :0], x[:, :-1], torch.cat([x, x[:, :1]], 1), x[:, :, :0]]
    if entry.kind == "spectrogram":
        wrong += [x[..., :1], x[..., 0]]
    for given in wrong:
        with pytest.raises(ValueError, match=r"^[xXS] must have "):
            module(given, **entry.call)


@entries
@pytest.mark.parametrize("name", ["output_format", "normalization_type", "length", "onesided"])
def test_arguments_of_the_call(entry, name):
    module = entry.build()
    names = argument_names(entry)
    if name not in inspect.signature(module.forward).parameters:
        return
    x = entry.input(1)
    for value in VALUES:
        call = {**entry.call, name: value}
        result = refused_by_name(lambda call=call: module(x, **call), names)
        assert result is None or all(part.isfinite().all() for part in tensors(result))


def test_lengths_that_would_exhaust_the_memory():
    for entry in ENTRIES:
        if entry.kind == "waveform" or "length" not in argument_names(entry):
            continue
        module, x = entry.build(), entry.input(1)
        for length in (2**31, 2**40, 2**62):
            with pytest.raises(ValueError, match=r"^length must be <= \d+"):
                module(x, **{**entry.call, "length": length})
        call = {**entry.call, "length": 5000}
        assert module(x, **call).shape == (1, 5000)
        assert not module(x, **call)[:, -100:].any()
