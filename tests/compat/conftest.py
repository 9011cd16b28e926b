"""Legacy names warn at their first use, and most tests do not care which use is the first."""

import warnings

import pytest

from nnAudio import NnAudioDeprecationWarning


@pytest.fixture(autouse=True)
def deprecated_names():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NnAudioDeprecationWarning)
        yield
