"""Number of frames of a clip, and the shortest clip that has one."""

import pytest
import torch
from tests.contracts.cases import tensors
from tests.contracts.registry import ENTRIES

waveforms = pytest.mark.parametrize(
    "entry", [entry for entry in ENTRIES if entry.kind == "waveform"], ids=lambda entry: entry.name
)


@waveforms
def test_frames_and_the_shortest_clip(entry):
    module = entry.build()
    scripted = torch.jit.script(module)
    for time in (module.min_samples, module.min_samples + 1, entry.time, entry.time + 31):
        y = tensors(module(entry.input(time=time), **entry.call))[0]
        assert y.isfinite().all()
        axis = -2 if y.shape[-1] == 2 else -1
        assert module.n_frames(time) == y.shape[axis] == scripted.n_frames(time)
    for time in (module.min_samples - 1, 0):
        with pytest.raises(ValueError, match=rf"min_samples = {module.min_samples} samples, got {time}"):
            module(entry.input(time=time), **entry.call)
        with pytest.raises(ValueError, match="min_samples"):
            module.n_frames(time)


@waveforms
def test_no_axis(entry):
    with pytest.raises(ValueError, match="time axis"):
        entry.build()(torch.tensor(1.0))
