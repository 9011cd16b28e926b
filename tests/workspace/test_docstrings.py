"""Every example in the docstrings of the three packages prints what it shows."""

import doctest
import importlib
import pkgutil

import pytest

import nnAudio
import nnaudio2_core
import nnaudio2_deploy

MODULES = [
    name
    for package in (nnaudio2_core, nnAudio, nnaudio2_deploy)
    for name in (
        package.__name__,
        *(module.name for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")),
    )
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # an example may write a file
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert result.failed == 0
