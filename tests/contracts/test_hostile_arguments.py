"""Any value for any argument of a constructor: refused by name, or a transform that computes correctly."""

import inspect
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.hostile import VALUES, argument_names, assert_same_numbers, refused_by_name
from tests.contracts.registry import ENTRIES, Entry

import nnaudio2_core as core
from nnaudio2_core.inverse.least_squares import LeastSquaresInverse
from nnaudio2_core.module.plain_values import plain

# Any n_fft with any bands: the warning of bands without a bin has tests of its own.
pytestmark = pytest.mark.filterwarnings("ignore:.* bands are always 0:UserWarning")

# The first entry of each class.
CLASSES = list({entry.make: entry for entry in reversed(ENTRIES)}.values())
ARGUMENTS = [(entry, name) for entry in CLASSES for name in inspect.signature(entry.make).parameters]


def run(entry: Entry, changes: dict) -> None:
    """Build and call: refused by name, or float32 equals float64 and the other engine."""
    names = argument_names(entry)
    x = entry.input(1)
    module = refused_by_name(partial(entry.build, **changes), names)
    if module is None:
        return
    result = refused_by_name(lambda: module(x, **entry.call), names)
    if result is None:
        return
    if changes.get("window_size") in (1, 3):
        return  # one sample (of three, two are nearly zero) has no period: CFP takes roots of round-off
    if isinstance(module, LeastSquaresInverse) and module.corrections and module.damping == 1e-12:
        assert result.isfinite().all()
        return  # each correction magnifies round-off by 2 / sqrt(damping): float32 leaves no digit of it
    bound = max(entry.engine_bound, entry.float32_bound)
    expected = module(x.double(), **entry.call)
    # Decibels may cancel to zero, but the round-off of a hundred of them does not.
    floor = 1e-3 if entry.make in (core.MFCC, core.AmplitudeToDB) else 1e-37
    assert_same_numbers(result, expected, bound, floor, changes)
    if "real" in entry.engines and "engine" not in changes:
        other = entry.build(**changes, engine="real")(x, **entry.call)
        assert_same_numbers(other, expected, bound, floor, changes)


def is_slow(entry: Entry, fmin) -> bool:
    """True for kernels of 100 000 samples, which take long; transforms of waveforms keep one, of 2.5 Hz."""
    value = plain(fmin)
    low = isinstance(value, (int, float)) and 0 < value < 10
    return low and (entry.kind != "waveform" or value != 2.5)


@pytest.mark.parametrize(("entry", "name"), ARGUMENTS, ids=lambda value: getattr(value, "name", value))
def test_one_argument(entry, name):
    for value in VALUES:
        if name != "fmin" or not is_slow(entry, value):
            run(entry, {name: value})


@pytest.mark.parametrize("entry", CLASSES, ids=lambda entry: entry.name)
@settings(max_examples=25)
@given(data=st.data())
def test_several_arguments(entry, data):
    names = list(inspect.signature(entry.make).parameters)
    chosen = data.draw(st.lists(st.sampled_from(names), min_size=2, max_size=4, unique=True))
    values = st.one_of(
        st.integers(-3, 200), st.floats(-10, 10_000), st.sampled_from(VALUES), st.booleans(), st.none()
    )
    run(entry, {name: data.draw(values) for name in chosen})
