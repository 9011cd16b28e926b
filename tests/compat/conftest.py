"""Ignore the warning at the first use of a legacy name, which may fall into any test."""

import warnings

import pytest

from nnAudio import NnAudioDeprecationWarning


@pytest.fixture(autouse=True)
def deprecated_names():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NnAudioDeprecationWarning)
        yield
