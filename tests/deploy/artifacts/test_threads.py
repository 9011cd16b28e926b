"""Saving and loading in several threads: each does its work, and the process stays as it was."""

import logging
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from nnaudio2_core import STFT
from nnaudio2_deploy import load, save
from nnaudio2_deploy.artifacts.formats.quiet import quiet

LOGGER = "torch.onnx"


def state():
    """Settings of the whole process that exporters change."""
    return (
        sys.stdout,
        sys.stderr,
        list(warnings.filters),
        warnings.showwarning,
        logging.getLogger(LOGGER).level,
    )


@pytest.mark.parametrize("format", ["torchscript", "export", "onnx"])
def test_many_threads_save_and_load(format, tmp_path):
    module = STFT(64, hop_length=16)
    x = torch.randn(1, 1000)

    def work(number):
        path = tmp_path / str(number)
        if number < 4:
            save(module, path, format)
        else:
            path = tmp_path / "sound"
        return load(path)(x)

    save(module, tmp_path / "sound", format)
    before = state()  # imports are over, some of which add filters
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(16)))
    assert all(torch.allclose(result, module(x), rtol=0, atol=1e-4) for result in results)
    assert state() == before


def test_quiet_restores_what_it_found_though_threads_overlap():
    before = state()

    def work(number):
        with quiet(LOGGER):
            warnings.warn("unheard", UserWarning, stacklevel=1)
            return logging.getLogger(LOGGER).level

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(200))) == {logging.ERROR}
    assert state() == before
