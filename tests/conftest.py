"""Fixtures for every test: the devices of this machine, fixed seeds, the shipped recordings."""

import random
from functools import lru_cache
from importlib.resources import files
from typing import Callable

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import settings
from torch import Tensor

# The same examples in every run, and no limit on time: no test may depend on how busy the machine is.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

Recording = Callable[[str], "tuple[Tensor, int]"]


def found_devices() -> list[str]:
    found = ["cpu"]
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return found


@pytest.fixture(params=found_devices(), scope="session")
def device(request: pytest.FixtureRequest) -> torch.device:
    """Each device of this machine in turn. MPS has no float64: ask ``device.type`` before using it."""
    return torch.device(request.param)


@pytest.fixture(autouse=True)
def fixed_seeds() -> None:
    """Every test starts from the same seeds, so that it gives the same result by itself and in the suite."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002  # code under test may use the legacy generator; this pins it
    torch.manual_seed(0)


@lru_cache
def read_recording(name: str) -> tuple[Tensor, int]:
    path = files("nnaudio2_deploy").joinpath("audio", f"{name}.ogg")
    with path.open("rb") as stream:
        samples, sr = soundfile.read(stream, dtype="float32")
    return torch.from_numpy(samples), sr


@pytest.fixture(scope="session")
def recording() -> Recording:
    """``recording("sir_duke_fast")`` or ``recording("snare-accelerate")``.

    Returns a copy of the waveform, float32 of the shape ``(time,)``, and its sampling rate in Hz.
    """

    def read(name: str) -> tuple[Tensor, int]:
        waveform, sr = read_recording(name)
        return waveform.clone(), sr

    return read
