"""Helper functions: arguments, return values and types are those of the legacy package."""

import inspect

import numpy as np
import pytest
import torch
from tests.compat.kept import API, pickled
from tests.oracles.legacy_helpers import HELPERS, RANDOM, helper_calls
from tests.tolerances import LEGACY_HELPERS

import nnAudio.librosa_functions
import nnAudio.utils


def assert_same(given, expected):
    if isinstance(expected, (tuple, list)):
        assert type(given) is type(expected)
        assert len(given) == len(expected)
        for one, other in zip(given, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, (np.ndarray, torch.Tensor)):
        assert type(given) is type(expected)
        assert given.dtype == expected.dtype
        assert given.shape == expected.shape
        one, other = np.asarray(given), np.asarray(expected)
        assert np.abs(one - other).max() <= LEGACY_HELPERS * max(np.abs(other).max(), 1e-30)
    elif isinstance(expected, float):  # NumPy's float64 included
        assert isinstance(given, float)
        assert given == pytest.approx(expected, rel=LEGACY_HELPERS, abs=1e-12)
    else:
        assert type(given) is type(expected)
        assert given == expected


@pytest.mark.filterwarnings("ignore:(fmax is given|x is too short|some mel bands):Warning")
def test_return_values():
    calls = helper_calls("nnAudio")
    expected = pickled("helpers")
    assert len(calls) == len(expected) > 80
    for call, wanted in zip(calls, expected, strict=True):
        assert_same(call(), wanted)


def test_every_helper_is_called():
    for module, functions in HELPERS.items():
        assert set(functions) | RANDOM >= set(API["functions"][f"nnAudio.{module}"])


@pytest.mark.parametrize("module", API["functions"])
def test_signatures(module):
    found = {"nnAudio.utils": nnAudio.utils, "nnAudio.librosa_functions": nnAudio.librosa_functions}[module]
    for name, expected in API["functions"][module].items():
        parameters = inspect.signature(getattr(found, name)).parameters.values()
        given = [(p.name, p.kind.name.lower()) for p in parameters]
        assert given == [(entry["name"], entry["kind"]) for entry in expected], name
        for parameter, entry in zip(parameters, expected, strict=True):
            if entry.get("default") is not None and entry["name"] != "dtype":
                assert parameter.default == entry["default"], (name, parameter)


def test_uniform_distribution():
    numbers = nnAudio.utils.uniform_distribution(1.0, 3.0, 40, 50, device="cpu")
    assert numbers.shape == (40, 50)
    assert 1.0 <= float(numbers.min()) < 1.1
    assert 2.9 < float(numbers.max()) <= 3.0


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("normalize", {"S": np.ones(3), "threshold": 0}, "threshold must be > 0, got 0"),
        (
            "normalize",
            {"S": np.ones(3), "norm": "x"},
            "norm must be None, inf, -inf or a number >= 0, got 'x'",
        ),
        ("normalize", {"S": np.ones(3), "norm": 0, "fill": True}, "fill must not be True with norm=0"),
        ("normalize", {"S": np.array([np.nan])}, "S must be finite"),
        ("pad_center", {"data": np.ones(6), "size": 3}, "size must be >= data.shape"),
        ("get_mel", {"sr": 8000, "n_fft": 64, "norm": "foo"}, "norm must be 1, None or inf, got 'foo'"),
    ],
)
def test_errors_name_argument_rule_and_value(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(nnAudio.librosa_functions, name)(**arguments)
