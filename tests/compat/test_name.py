"""The import name exists and claims nothing that is not there."""

import importlib

import pytest

import nnAudio
from nnaudio2_core.__about__ import __version__


def test_it_knows_the_version_of_core():
    assert nnAudio.nnaudio2_version == __version__


@pytest.mark.parametrize("name", ["__version__", "Spectrogram", "features", "utils"])
def test_what_is_missing_is_missing_aloud(name):
    assert not hasattr(nnAudio, name)
    with pytest.raises(ModuleNotFoundError, match=f"nnAudio.{name}"):
        importlib.import_module(f"nnAudio.{name}")
