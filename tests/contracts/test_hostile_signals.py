"""Clips of zero to three windows, of any level and any layout, against float64."""

from functools import lru_cache

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.cases import assert_close, tensors, with_engines
from tests.contracts.registry import ENTRIES, Entry

import nnaudio2_core as core

# Denormal, small, common and huge; the square of the last but one is beyond float32.
LEVELS = [0.0, 1e-42, 1e-25, 1.0, 1e25, 3e38]
PITCHES = (core.CFP, core.CombinedFrequencyPeriodicity)


@lru_cache
def module_of(entry_number: int, engine: str | None):
    entry = ENTRIES[entry_number]
    return entry.build() if engine is None else entry.build(engine=engine)


def shortest(module, entry: Entry) -> int:
    if entry.kind == "waveform":
        return module.min_samples
    return module.min_frames if entry.kind == "magnitude" else 1


@with_engines
@settings(max_examples=12)
@given(
    windows=st.floats(0.0, 3.0),
    level=st.sampled_from(LEVELS),
    batch=st.integers(1, 3),
    seed=st.integers(0, 2**31),
    stride=st.sampled_from([1, 2]),
)
def test_lengths_levels_and_layouts(entry, engine, windows, level, batch, seed, stride):
    module = module_of(ENTRIES.index(entry), engine)
    least = shortest(module, entry)
    time = int(windows * max(least, 8))
    torch.manual_seed(seed)
    x = level * entry.input(batch, time=time).clamp(-1, 1)
    x = x.repeat_interleave(stride, 0)[::stride]
    if time < least:
        with pytest.raises(ValueError, match=r"must have at least"):
            module(x, **entry.call)
        return
    result, expected = tensors(module(x, **entry.call)), tensors(module(x.double(), **entry.call))
    for a, b in zip(result, expected, strict=True):
        assert a.shape == b.shape
        assert not b.isnan().any()
        if b.numel() == 0:  # one frame between its paddings
            continue
        if level > 1e18 and not a.isfinite().all():  # an overflow that is visible in the result
            continue
        assert a.isfinite().all()
        scale = b.abs().max().item()
        if entry.make in PITCHES and (level < 1e-15 or time < 150):
            continue  # roots of round-off: no period fits, or the clip counts as silence
        if level == 1e-42:  # float32 itself has three bits there
            assert a.abs().max().item() <= 10 * scale + 1e-37
            continue
        bound = 5 * max(entry.engine_bound, entry.float32_bound)
        assert (a.double() - b).abs().max().item() <= bound * scale + 1e-37


@with_engines
@settings(max_examples=6)
@given(
    bad=st.sampled_from([float("nan"), float("inf"), -float("inf")]),
    place=st.floats(0.2, 0.8),  # not every transform has a frame at the very ends
    item=st.integers(0, 2),
)
def test_nan_and_inf_stay_in_their_item(entry, engine, bad, place, item):
    module = module_of(ENTRIES.index(entry), engine)
    torch.manual_seed(0)
    x = entry.input(3)
    expected = tensors(module(x, **entry.call))
    x[item].view(-1)[int(place * x[item].numel())] = bad
    others = [i for i in range(3) if i != item]
    for a, b in zip(tensors(module(x, **entry.call)), expected, strict=True):
        assert_close(a[others], b[others], 2e-6)
        assert not a[item].isfinite().all()
