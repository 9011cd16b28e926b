"""Streams of front ends: equal to the whole clip, and refused where the whole clip is looked at."""

import itertools

import numpy as np
import pytest
import torch
from tests import tolerances
from tests.contracts.streams import streamed

from nnaudio2_core import HCQT, LFCC, Fbank, FrontEnd, Stream, front_end, front_ends

SMALL = {"sr": 8000, "n_fft": 64, "win_length": 40, "hop_length": 16, "n_bands": 8}


REFUSED = {
    **dict.fromkeys(("whisper", "whisper-large-v3", "voxtral", "clap-fused", "clap-unfused"), "clip_length"),
    **dict.fromkeys(("parakeet", "nemo-80", "nemo-128", "speech-to-text", "seamless-m4t"), "normalize"),
    "wespeaker": "normalize",
    "granite-speech": "maximum",
    "ast": "n_fixed",
    "basic-pitch": "transform",
}
"""Named front ends that look at the whole clip: the argument that the error names."""


def axis(module):
    return -1 if module.frames_last else 1


def difference(module, x, sizes):
    """Largest difference of a stream from the whole clip, relative to the largest feature."""
    whole = module(x)
    result = streamed(Stream(module), x, sizes, axis(module) % whole.dim())
    assert result.shape == whole.shape
    return (result - whole).abs().max() / whole.abs().max().clamp(min=1e-30)


@pytest.mark.parametrize("name", front_ends())
def test_named_front_ends(name):
    module = front_end(name)
    if name in REFUSED:
        with pytest.raises(ValueError, match=f"^{REFUSED[name]} must be .* stream"):
            Stream(module)
        return
    frame = getattr(module, "win_length", module.hop_length)
    samples = max(module.min_samples, 3 * frame) + module.hop_length // 3
    x = torch.randn(2, samples, dtype=torch.float64)
    # Decibels of a constant-Q transform have nine times its relative error.
    factor, exact = 1, tolerances.STREAM_FLOAT64
    if isinstance(module, HCQT):
        factor, exact = 9, tolerances.STREAM_BAND_FLOAT64
    for sizes in ([module.hop_length], [3 * module.hop_length + 1, 0, 5]):
        assert difference(module, x, itertools.cycle(sizes)) <= factor * exact
    assert difference(module, x.float(), itertools.repeat(1000)) <= factor * tolerances.STREAM_FLOAT32


@pytest.mark.parametrize(
    "arguments",
    [
        {"pad_left": 20, "pad_right": 4, "preemphasis": 0.97},
        {"pad_left": 12, "pad_right": -16, "pad_mode": "mirror", "preemphasis": 0.97, "clip_multiple": 16},
        {"pad_left": 120, "pad_right": 160},  # a short clip is reflected over and over
        {"pad_left": 120, "pad_right": 160, "pad_mode": "mirror", "stack": 3, "stack_edges": "repeat"},
        {"pad_left": 40, "pad_mode": "constant", "hop_length": 49},  # frame 0 sees only the padding
        {"remove_mean": True, "preemphasis": 0.97, "preemphasis_by_frame": True, "input_scale": 32768.0},
        {"stack": 7, "stack_hop": 6, "stack_edges": "repeat", "frames_last": False},
        {"stack": 2, "stack_hop": 9, "stack_edges": "zeros", "n_trailing": 2},
        {"stack": 1, "stack_hop": 9, "stack_edges": "repeat"},
        {"stack": 3, "stack_hop": 1, "stack_apart": True, "frames_last": False, "n_trailing": 1},
        {"stack": 4, "stack_hop": 6, "clip_multiple": 50, "preemphasis": 0.5},
        {"power": 1.0, "power_offset": 1e-6, "n_cepstra": 5, "lifter": 22.0, "mean": 1.0, "deviation": 2.0},
        {"dynamic_range": 3.0, "maximum": 4.0, "engine": "real"},
    ],
    ids=str,
)
def test_every_argument_of_frames_and_clips(arguments):
    module = FrontEnd(**{**SMALL, **arguments})
    for more in (0, 1, 3, 61, 143, 300):
        x = torch.randn(2, module.min_samples + more, dtype=torch.float64)
        for sizes in ([1], [17, 0, 40], [10_000]):
            assert difference(module, x, itertools.cycle(sizes)) <= tolerances.STREAM_FLOAT64


@pytest.mark.parametrize(
    ("arguments", "block"),
    [
        ({"pad_left": 20, "pad_right": 4, "preemphasis": 0.97}, 32),
        ({"pad_left": 20, "preemphasis": 0.97, "preemphasis_by_frame": True, "remove_mean": True}, 16),
        ({"pad_right": -16, "stack": 3, "stack_hop": 2, "frames_last": False}, 64),
        ({"stack": 2, "stack_apart": True, "frames_last": False, "input_scale": 3.0}, 32),
    ],
    ids=str,
)
def test_fixed_blocks_are_the_frames_between_zeros(arguments, block):
    module = FrontEnd(**{**SMALL, **arguments, "pad_mode": "constant"})
    stream = Stream(FrontEnd(**{**SMALL, **arguments}), block=block)
    x = torch.randn(2, 16 * block, dtype=torch.float64)
    state, pieces = stream.start(2, x.dtype), []
    for part in x.split(block, 1):
        frames, state = stream.step(part, state)
        assert frames.size(axis(module)) == block // module.hop_length
        pieces.append(frames)
    result = torch.cat(pieces, axis(module))
    whole = module(x)
    frames = min(result.size(axis(module)) - stream.delay, whole.size(axis(module)))
    assert frames > 10
    kept, wanted = result.narrow(axis(module), stream.delay, frames), whole.narrow(axis(module), 0, frames)
    assert (kept - wanted).abs().max() <= tolerances.STREAM_FLOAT64 * wanted.abs().max()


@pytest.mark.parametrize("name", ["kaldi-fbank-edges", "sensevoice", "vocos"])
def test_scripted(name):
    module = front_end(name)
    stream = torch.jit.script(Stream(module))
    x = torch.randn(1, 5000)
    result = streamed(stream, x, itertools.repeat(333), axis(module) % 3)
    assert (result - module(x)).abs().max() <= tolerances.STREAM_FLOAT32 * module(x).abs().max()


def test_exported_in_fixed_blocks():
    stream = Stream(FrontEnd(**SMALL, preemphasis=0.97, stack=2), block=64)
    blocks = torch.randn(3, 1, 64)
    program = torch.export.export(stream, (blocks[0], stream.start(1))).module()
    state = other = stream.start(1)
    for block in blocks:
        frames, state = stream.step(block, state)
        exported, other = program(block, other)
        assert (exported - frames).abs().max() <= tolerances.SAME_CODE * frames.abs().max()


@pytest.mark.parametrize(
    "arguments", [{"pad_left": 20, "pad_right": 20}, {"stack": 7, "stack_hop": 6}], ids=str
)
def test_a_frame_comes_with_the_sample_that_the_latency_says(arguments):
    module = FrontEnd(**{**SMALL, **arguments})
    stream = Stream(module)
    state, received = stream.start(1), 0
    for sample in range(600):
        frames, state = stream.step(torch.zeros(1, 1), state)
        received += frames.size(2)
        if sample >= stream.mirrored:
            expected = (sample - stream.latency - module.first_centre) // module.hop_length + 1
            assert received == max(0, expected)


def test_gradients_through_steps_are_those_of_the_whole_clip():
    module = FrontEnd(**SMALL, preemphasis=0.97, pad_left=20, pad_right=20, trainable_bands=True).double()
    x = torch.randn(2, 900, dtype=torch.float64)
    wanted = torch.autograd.grad(module(x).square().sum(), module.band_basis)[0]
    frames = streamed(Stream(module), x, itertools.repeat(100), 2)
    found = torch.autograd.grad(frames.square().sum(), module.band_basis)[0]
    assert (found - wanted).abs().max() <= tolerances.STREAM_FLOAT64 * wanted.abs().max()


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (front_end("whisper-large-v3"), "clip_length must be None to stream, got 480000"),
        (front_end("parakeet"), "normalize must be None to stream, got 'deviation'"),
        (front_end("ast"), "n_fixed must be None to stream, got 1024"),
        (LFCC(), "maximum must be a number to stream with dynamic_range = 80, got None"),
    ],
    ids=["clip", "mean", "frames", "range"],
)
def test_what_looks_at_the_whole_clip_is_refused(module, message):
    with pytest.raises(ValueError, match=message):
        Stream(module)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"stack": 2, "stack_edges": "zeros"}, "stack_edges must be 'drop' to stream in fixed blocks"),
        ({"n_trailing": 1}, "n_trailing must be 0 to stream in fixed blocks, got 1"),
        ({"clip_multiple": 2}, "clip_multiple must be 1 to stream in fixed blocks, got 2"),
    ],
)
def test_ends_of_clips_are_refused_in_fixed_blocks(arguments, message):
    with pytest.raises(ValueError, match=message):
        Stream(FrontEnd(**SMALL, **arguments), block=64)


def test_states_of_other_streams_and_blocks_of_other_shapes():
    stream, other = Stream(Fbank()), Stream(Fbank(n_bands=40))
    with pytest.raises(ValueError, match="state must be one of this stream"):
        stream.step(torch.zeros(1, 10), other.start(1))
    with pytest.raises(ValueError, match="batch size 2, got 1"):
        stream.step(torch.zeros(1, 10), stream.start(2))
    with pytest.raises(TypeError, match="dtype"):
        stream.step(torch.zeros(1, 10, dtype=torch.float64), stream.start(1))
    with pytest.raises(ValueError, match="at least min_samples"):
        stream.finish(stream.start(1))


def test_short_clips_whose_last_samples_are_dropped():
    """A clip may be shorter than what its right end drops: the rest comes off its padding on the left."""
    x = torch.randn(1, 5, dtype=torch.float64)
    padded = torch.from_numpy(np.pad(x.numpy(), [(0, 0), (120, 0)], "reflect")[:, :-16])
    expected = FrontEnd(**SMALL, log="none")(padded)
    found = FrontEnd(**SMALL, log="none", pad_left=120, pad_right=-16)(x)
    assert found.shape == expected.shape
    assert (found - expected).abs().max() <= tolerances.STREAM_FLOAT64 * expected.abs().max()
