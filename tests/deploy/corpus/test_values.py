"""Values as they are stored: logarithms, decibels, float16."""

import math

import numpy as np
import pytest

from nnaudio2_deploy.corpus.options import Storing
from nnaudio2_deploy.corpus.values import stored
from nnaudio2_deploy.errors import UserError

POWER = np.array([[[[0.0, 1e-12, 1e-3, 4.0]]], [[[0.5, 0.5, 1e-9, 0.5]]]], np.float32)


def decibels(value: float, exponent: float) -> float:
    return max(20 / exponent * math.log10(value), -100.0) if value > 0 else -100.0


@pytest.mark.parametrize("exponent", [1.0, 2.0])
@pytest.mark.parametrize("top_db", [None, 30.0])
def test_decibels_are_those_of_each_clip(exponent, top_db):
    found = stored(POWER, (0, 1, 3), exponent, Storing("db", top_db), None, "a.wav")
    for clip, values in zip(found, POWER, strict=True):
        expected = [decibels(float(value), exponent) for value in values.ravel()]
        if top_db is not None:
            expected = [max(value, max(expected) - top_db) for value in expected]
        np.testing.assert_allclose(clip.ravel(), expected, rtol=1e-6)


def test_logarithms():
    found = stored(POWER, (0, 1, 3), 2.0, Storing("log"), None, "a.wav")
    expected = [math.log(max(float(value), 1e-10)) for value in POWER.ravel()]
    np.testing.assert_allclose(found.ravel(), expected, rtol=1e-6)
    assert found.dtype == np.float32


def test_float16_has_its_limits():
    found = stored(POWER, (0, 1, 3), 2.0, Storing(dtype="float16"), None, "a.wav")
    assert found.dtype == np.float16
    np.testing.assert_array_equal(found, POWER.astype(np.float16))
    with pytest.raises(
        UserError, match=r"a.wav gives 2 values beyond float16, the largest 4e\+05: give --db"
    ):
        stored(1e5 * POWER[:1] + [0, 0, 1e5, 0], (0, 1, 3), 2.0, Storing(dtype="float16"), None, "a.wav")
