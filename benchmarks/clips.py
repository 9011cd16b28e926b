"""Input of the benches: clips of music, with quiet passages, silence and loud onsets."""

from functools import lru_cache
from importlib.resources import files

import soundfile
import torch
from torch import Tensor

SR = 22050


@lru_cache
def recording(name: str) -> Tensor:
    """A shipped recording, ``(time,)``."""
    path = files("nnaudio2_deploy").joinpath("audio", f"{name}.ogg")
    with path.open("rb") as stream:
        return torch.from_numpy(soundfile.read(stream, dtype="float32")[0])


@lru_cache
def recordings() -> Tensor:
    """The shipped recordings one after the other, both taken as sampled at :data:`SR`; 40 s."""
    return torch.cat([recording("sir_duke_fast"), recording("snare-accelerate")])


def clips(number: int, seconds: float) -> Tensor:
    """``(number, time)``: cuts of the recordings, evenly spread, overlapping where they must."""
    whole, time = recordings(), int(seconds * SR)
    starts = torch.linspace(0, len(whole) - time, number).long().tolist()
    return torch.stack([whole[start : start + time] for start in starts])
