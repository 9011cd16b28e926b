"""The repr of a module: exactly the arguments that differ from their defaults."""

import ast
import inspect

import numpy as np
import pytest
from tests.contracts.cases import entries
from tests.contracts.registry import ENTRIES

from nnaudio2_core import STFT, Inverse


def shown(module):
    """The arguments in the repr of a module, by name."""
    call = ast.parse(f"shown({module.extra_repr()})", mode="eval").body
    assert not call.args
    return {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}


@entries
def test_arguments_that_differ_are_shown_and_no_others(entry):
    module = entry.build()
    parameters = inspect.signature(entry.make).parameters
    names = {name for name, value in entry.arguments.items() if value != parameters[name].default}
    assert shown(module) == {name: module.config[name] for name in names}
    assert repr(module).startswith(f"{entry.make.__name__}(")
    assert module.extra_repr() in repr(module)


# The transform that an Inverse inverts has no default.
WITH_DEFAULTS = {entry.make.__name__: entry.make for entry in ENTRIES if entry.make is not Inverse}


@pytest.mark.parametrize("make", WITH_DEFAULTS.values(), ids=WITH_DEFAULTS)
def test_defaults_that_were_given_are_not_shown(make):
    defaults = {name: value.default for name, value in inspect.signature(make).parameters.items()}
    assert make(**defaults).extra_repr() == ""


def test_values_are_plain():
    stft = STFT(np.int64(512), sr=np.float64(8000), window=("kaiser", 4.0), trainable=False)
    assert repr(stft) == "STFT(n_fft=512, window=('kaiser', 4.0), sr=8000.0)"
