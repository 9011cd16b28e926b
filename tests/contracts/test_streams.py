"""A stream equals its transform on the whole clip, whatever the blocks; signals do not touch each other."""

import itertools
import random

import pytest
import torch
from tests import tolerances
from tests.contracts.registry import ENTRIES
from tests.contracts.streams import (
    REFUSED,
    STREAMED,
    frames_axis,
    offline_bound,
    one_tensor,
    stream_of,
    streamed,
)
from torch import Tensor

from nnaudio2_core import NSGT, Stream
from nnaudio2_core.constant_q.constant_q_transform import DirectConstantQ
from nnaudio2_core.inverse.least_squares import LeastSquaresInverse

OCTAVES = ("CQT2010 Complex", "CQT2010v2 Complex", "VQT octaves")
entries = pytest.mark.parametrize("entry", STREAMED, ids=lambda entry: entry.name)


def noise(entry, time: int, dtype: torch.dtype) -> Tensor:
    if entry.kind != "waveform":
        return entry.input(2, time=time, dtype=dtype)
    return torch.randn(2, time, dtype=torch.float64).to(dtype)


def signals(entry, time: int, dtype: torch.dtype) -> Tensor:
    """A batch of noise, two decaying notes, one on top of the other, and an impulse."""
    if entry.kind != "waveform":
        X = entry.input(2, time=time, dtype=dtype)
        impulse = torch.zeros_like(X[:1])
        impulse[:, :, time // 2] = 1.0
        return torch.cat([X, impulse])
    steps = torch.arange(time, dtype=torch.float64)
    note = sum(torch.sin(step * steps) * torch.exp(-steps / 900) for step in (0.11, 0.33, 0.55))
    impulse = (steps == time // 2).double()
    return torch.stack([torch.randn(time).double(), note + note.roll(time // 3), impulse]).to(dtype)


def block_lengths(hop: int) -> list[list[int]]:
    """Lengths that are repeated over a clip: one, or random ones."""
    chosen = random.Random(0)
    mixed = [chosen.choice([0, 1, 5, 50, 300]) for _ in range(40)] + [9]
    return [*([size] for size in (7, 64, 128, 480, hop, 3 * hop + 1)), mixed]


def assert_equal(result: Tensor, whole: Tensor, bound: float) -> None:
    assert result.shape == whole.shape
    assert result.dtype == whole.dtype
    for ours, theirs in zip(result, whole, strict=True) if whole.dim() > 1 else [(result, whole)]:
        if theirs.numel() > 0:
            difference = torch.view_as_real(ours - theirs) if theirs.is_complex() else ours - theirs
            # CFP of an impulse, whose spectrum is flat, is only round-off, 1e-20.
            assert difference.abs().max() <= bound * theirs.abs().max().clamp(min=1e-8)


@entries
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
def test_blocks_of_any_length_equal_the_whole_clip(entry, dtype):
    module, stream = stream_of(entry)
    bound = offline_bound(entry, module, dtype)
    hop = stream.hop_length if entry.kind == "waveform" else 2
    x = signals(entry, entry.time, dtype)
    whole = one_tensor(module(x))
    for lengths in block_lengths(hop):
        result = streamed(stream, x, itertools.cycle(lengths), frames_axis(entry, whole))
        assert_equal(result, whole, bound)


@entries
def test_single_samples_and_short_clips(entry):
    module, stream = stream_of(entry)
    shortest = getattr(module, "min_samples", 1) if entry.kind == "waveform" else 1
    for time in (shortest, shortest + 1, shortest + stream.hop_length):
        x = noise(entry, time, torch.float64)
        whole = one_tensor(module(x))
        for size in (1, time):
            if size == 1 and (time > 700 or time == shortest + 1):
                continue  # a minute of steps, or hardly anything new
            result = streamed(stream, x, itertools.repeat(size), frames_axis(entry, whole))
            assert_equal(result, whole, offline_bound(entry, module, torch.float64))


@entries
def test_a_clip_that_is_too_short_is_the_error_of_the_whole_clip(entry):
    module, stream = stream_of(entry)
    state = stream.start(2)
    with pytest.raises(ValueError, match="must have at least"):
        stream.finish(state)
    if entry.kind == "waveform" and module.min_samples > 1:
        _, state = stream.step(torch.zeros(2, module.min_samples - 1), state)
        with pytest.raises(ValueError, match="min_samples"):
            stream.finish(state)


@entries
def test_a_frame_comes_with_the_sample_that_latency_names(entry):
    if entry.kind != "waveform":
        return
    module, stream = stream_of(entry)
    x = entry.input(1, time=entry.time)
    # The first frames of a reflected clip wait for the samples that its padding mirrors.
    due = [
        max(getattr(module, "first_centre", 0) + k * stream.hop_length + stream.latency, stream.mirrored)
        for k in range(entry.time // stream.hop_length + 1)
    ]
    due = [sample for sample in due if sample < entry.time]
    assert len(due) > 2
    # Each of these samples is a block of its own, with all of those between two of them in one block.
    edges = sorted({0, entry.time, *due, *(sample + 1 for sample in due)})
    state, came = stream.start(1), []
    for first, last in itertools.pairwise(edges):
        piece, state = stream.step(x[:, first:last], state)
        frames = one_tensor(piece)
        came += [last - 1] * frames.size(frames_axis(entry, frames))
    assert came == due


@entries
def test_scripted_streams_equal_eager_ones(entry):
    module, stream = stream_of(entry)
    scripted = torch.jit.script(stream)
    x = noise(entry, entry.time, torch.float32)
    whole = one_tensor(module(x))
    # No frame, one, and several; each size of a block that TorchScript meets costs it a second.
    hop = stream.hop_length
    lengths = [hop, hop, hop, 1, 3 * hop, 3 * hop] if entry.kind == "waveform" else [20]
    result = streamed(scripted, x, itertools.cycle(lengths), frames_axis(entry, whole))
    assert_equal(result, whole, offline_bound(entry, module, torch.float32))


@entries
def test_interleaved_streams_and_a_batch_do_not_touch(entry):
    module, stream = stream_of(entry)
    x = noise(entry, entry.time, torch.float64)
    whole = one_tensor(module(x))
    axis = frames_axis(entry, whole)
    bound = max(offline_bound(entry, module, torch.float64), tolerances.STREAM_FLOAT64)
    states, pieces = [stream.start(1, x.dtype), stream.start(1, x.dtype)], ([], [])
    for block in x.split(333, 1 if x.dim() == 2 else 2):
        for item in range(2):
            piece, states[item] = stream.step(block[item : item + 1], states[item])
            pieces[item].append(one_tensor(piece))
    for item in range(2):
        result = torch.cat([*pieces[item], one_tensor(stream.finish(states[item]))], axis)
        assert_equal(result, whole[item : item + 1], bound)


@entries
def test_nan_leaves_frames_clean_that_do_not_see_it(entry):
    if entry.kind != "waveform":
        return
    module, stream = stream_of(entry, **({"engine": "real"} if entry.engines else {}))
    x = noise(entry, entry.time, torch.float64)
    whole = one_tensor(module(x))
    axis = frames_axis(entry, whole)
    x[:, 1000:1003] = torch.nan
    spoiled = one_tensor(module(x))
    result = streamed(stream, x, itertools.repeat(100), axis)
    clean = ~spoiled.isnan()
    if isinstance(module, DirectConstantQ):
        # Whole hops are projected for all bins: a frame sees up to a hop more before its longest kernel.
        dirty = spoiled.isnan().any(1, keepdim=True)
        if dirty.dim() == 4:
            dirty = dirty.any(3, keepdim=True)
        dirty = dirty | dirty.roll(1, axis)
        clean = (~dirty).expand_as(spoiled)
    assert clean.any()
    assert not clean.all()
    assert (result - whole)[clean].abs().max() <= 1e-9 * whole.abs().max()


@pytest.mark.parametrize(
    "entry", [entry for entry in STREAMED if entry.trained], ids=lambda entry: entry.name
)
def test_gradients_through_steps_equal_those_of_the_whole_clip(entry):
    module, stream = stream_of(entry, **entry.trained)
    module.double()
    x = noise(entry, entry.time, torch.float64)
    axis = frames_axis(entry, module(x))
    gradients = []
    for run in (module, lambda y: streamed(stream, y, itertools.repeat(400), axis)):
        y = x.clone().requires_grad_()
        module.zero_grad()
        one_tensor(run(y)).square().sum().backward()
        gradients.append([y.grad, *(parameter.grad.clone() for parameter in module.parameters())])
    for offline, through_steps in zip(*gradients, strict=True):
        assert_equal(through_steps, offline, 1e-9)


@entries
def test_fixed_blocks_are_the_frames_after_the_delay(entry):
    if entry.kind != "waveform":
        return
    if entry.name in OCTAVES:
        with pytest.raises(ValueError, match="block must be None octave by octave"):
            Stream(entry.build(), block=3 * entry.build().hop_length)
        return
    changes = {"pad_mode": "constant"} if "pad_mode" in entry.build().config else {}
    module = entry.build(**changes)
    hop = Stream(module).hop_length
    for hops in (1, 3):
        stream = Stream(module, block=hops * hop)
        x = noise(entry, 12 * hops * hop, torch.float64)
        whole = one_tensor(module(x))
        axis, state, pieces = frames_axis(entry, whole), stream.start(2, x.dtype), []
        for block in x.split(stream.block, 1):
            piece, state = stream.step(block, state)
            frames = one_tensor(piece)
            assert frames.size(axis) == hops
            pieces.append(frames)
        joined = torch.cat([*pieces, one_tensor(stream.finish(state))], axis)
        # LFCC always reflects its ends: between zeros its outermost frames differ.
        ends = -(-stream.geometry.before // module.hop_length) if entry.name == "LFCC" else 0
        after = joined.narrow(axis, stream.delay + ends, whole.size(axis) - 2 * ends)
        inner = whole.narrow(axis, ends, whole.size(axis) - 2 * ends)
        assert inner.size(axis) > 0
        assert_equal(after, inner, offline_bound(entry, module, torch.float64))


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.name in REFUSED], ids=lambda e: e.name)
def test_what_looks_at_the_whole_clip_is_refused(entry):
    with pytest.raises((ValueError, TypeError), match=REFUSED[entry.name]):
        Stream(entry.build())


@entries
def test_circular_padding_is_refused(entry):
    if "pad_mode" not in entry.build().config:
        return
    with pytest.raises(ValueError, match="pad_mode must be"):
        Stream(entry.build(pad_mode="circular"))


@entries
def test_bad_calls_get_one_error_and_leave_the_state(entry):
    module, stream = stream_of(entry)
    x = noise(entry, entry.time, torch.float32)
    _, state = stream.step(x, stream.start(2))
    copies = [tensor.clone() for tensor in state]
    inverse = isinstance(module, LeastSquaresInverse)
    changes = {"damping": 1e-3} if inverse else {"hop_length": stream.hop_length * 2}
    if isinstance(module, NSGT):
        changes = {"slice_length": stream.hop_length * 4}
    other = Stream(entry.build(**changes)).start(2)
    for error, block, given in (
        (ValueError, x[:1], state),
        (TypeError, x.double(), state),
        (TypeError, x.long(), state),
        (ValueError, x[0], state),
        (ValueError, x, other),
    ):
        with pytest.raises(error, match=r"^(block|state) must"):
            stream.step(block, given)
    assert all(torch.equal(tensor, copy) for tensor, copy in zip(state, copies, strict=True))
    stream.finish(state)
    for call in (lambda: stream.step(x, state), lambda: stream.finish(state)):
        with pytest.raises(ValueError, match="state must not be finished"):
            call()


@entries
def test_a_state_does_not_grow(entry):
    _, stream = stream_of(entry)
    with torch.no_grad():
        state, sizes = stream.start(1), []
        block = entry.input(1, time=200 if entry.kind == "waveform" else 3)
        for _ in range(300):
            _, state = stream.step(block, state)
            sizes.append(sum(tensor.untyped_storage().nbytes() for tensor in state))
    assert max(sizes[150:]) == max(sizes[75:150])
