"""Streams of transforms with arguments that the contracts do not have."""

import itertools

import pytest
import torch
from tests import tolerances
from tests.contracts.streams import streamed

import nnaudio2_core as core
from nnaudio2_core import Stream

FRAMES = {"n_fft": 128, "hop_length": 32}
PITCHES = {"sr": 8000, "hop_length": 64, "fmin": 200.0, "n_bins": 20, "tolerance": 0}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    "module",
    [
        core.STFT(**FRAMES, center=False),
        core.STFT(**FRAMES, pad_mode="constant"),
        core.STFT(**FRAMES, pad_mode="replicate"),
        core.STFT(129, hop_length=50),
        core.STFT(64, hop_length=100),
        core.STFT(128, 100, hop_length=32, return_complex=True),
        core.STFT(**FRAMES, engine="real", freq_bins=100),
        core.CQT(**PITCHES, center=False),
        core.CQT(**PITCHES, pad_mode="constant"),
        core.CQT(**PITCHES, filter_lengths="fractional", output_format="Complex", return_complex=True),
        core.VQT(**PITCHES, gamma=20.0, output_format="Phase", pad_mode="replicate"),
        core.CQT2010v2(sr=22050, fmin=110.0, n_bins=24, pad_mode="constant"),
        core.CQT2010(sr=22050, fmin=110.0, n_bins=24),
        core.VQT(sr=22050, fmin=110.0, n_bins=24, algorithm="octaves", pad_mode="replicate"),
    ],
    ids=lambda value: f"{type(value).__name__}({value.extra_repr()})" if hasattr(value, "config") else None,
)
def test_paddings_grids_and_formats(module, dtype):
    x = torch.randn(2, max(4000, module.min_samples + 500), dtype=dtype)
    whole = module(x)
    axis = 2
    bound = tolerances.STREAM_FLOAT32 if dtype == torch.float32 else tolerances.STREAM_FLOAT64
    if module.config.get("output_format") == "Phase":
        bound *= 1e3  # of small coefficients the phase is less exact
    for size in (50, module.hop_length, 1999):
        result = streamed(Stream(module), x, itertools.repeat(size), axis)
        assert result.shape == whole.shape
        assert (result - whole).abs().max() <= bound * whole.abs().max()


def test_early_down_sampling_is_among_the_tested():
    assert core.CQT2010v2(sr=22050, fmin=110.0, n_bins=24).downsample_factor > 1


@pytest.mark.parametrize("length", [None, 2500, 5000])
@pytest.mark.parametrize(
    "arguments",
    [
        FRAMES,
        {**FRAMES, "center": False, "window": "hamming"},
        {"n_fft": 129, "hop_length": 33},
        {"n_fft": 128, "hop_length": 100, "window": "boxcar"},
        {"n_fft": 128, "win_length": 90, "hop_length": 32, "engine": "real"},
    ],
    ids=str,
)
def test_inverse_stft(arguments, length):
    module = core.iSTFT(**arguments)
    stream = Stream(module)
    # Samples that are returned cannot be taken back: the clip ends after them.
    frames = 1 + 2500 // module.hop_length
    X = torch.randn(2, module.n_fft // 2 + 1, frames, 2, dtype=torch.float64)
    whole = module(X, length=length)
    for size in (1, 3, frames):
        state = stream.start(2, X.dtype)
        pieces = []
        for block in X.split(size, 2):
            samples, state = stream.step(torch.view_as_complex(block.contiguous()), state)
            pieces.append(samples)
        returned = sum(piece.size(1) for piece in pieces)
        if length is not None and length < returned:
            with pytest.raises(ValueError, match=f"length must be >= {returned}"):
                stream.finish(state, length=length)
            continue
        result = torch.cat([*pieces, stream.finish(state, length=length)], 1)
        assert result.shape == whole.shape
        assert (result - whole).abs().max() <= tolerances.STREAM_FLOAT64 * whole.abs().max()


@pytest.mark.parametrize("hops", [1, 4])
def test_fixed_blocks_there_and_back_are_the_input_after_both_delays(hops):
    stft = core.STFT(**FRAMES, pad_mode="constant")
    analysis, synthesis = Stream(stft, block=hops * 32), Stream(core.iSTFT(**FRAMES), block=hops * 32)
    x = torch.randn(1, 64 * 32, dtype=torch.float64)
    first, second, pieces = analysis.start(1, x.dtype), synthesis.start(1, x.dtype), []
    for block in x.split(hops * 32, 1):
        X, first = analysis.step(block, first)
        y, second = synthesis.step(X, second)
        pieces.append(y)
    delay = analysis.delay * 32 + synthesis.delay
    y = torch.cat(pieces, 1)[:, delay:]
    # The frames before frame 0 are part of the window sum: the first samples are scaled as all others.
    assert (y - x[:, : y.size(1)])[:, 128:].abs().max() <= tolerances.ROUND_TRIP_FLOAT64


@pytest.mark.parametrize("engine", ["fft", "real"])
def test_fixed_blocks_export(engine):
    for module in (core.STFT(**FRAMES, engine=engine), core.CQT(**PITCHES, engine=engine)):
        stream = Stream(module, block=2 * module.hop_length)
        blocks = torch.randn(3, 2, 2 * module.hop_length)
        program = torch.export.export(stream, (blocks[0], stream.start(2))).module()
        state = other = stream.start(2)
        for block in blocks:
            frames, state = stream.step(block, state)
            exported, other = program(block, other)
            assert (exported - frames).abs().max() <= tolerances.SAME_CODE * frames.abs().max()


def test_constructor_errors():
    with pytest.raises(TypeError, match="transform must be a transform or an inverse that streams"):
        Stream(torch.nn.Linear(2, 2))
    with pytest.raises(ValueError, match="top_db must be None to stream, got 80"):
        Stream(core.MFCC())
    with pytest.raises(ValueError, match="block must be a multiple of hop_length = 32, got 40"):
        Stream(core.STFT(**FRAMES), block=40)
    with pytest.raises(ValueError, match="hop_length"):
        Stream(core.iSTFT(n_fft=128, hop_length=200))


def test_half_precision_streams_in_float32():
    stft = core.STFT(**FRAMES)
    x = torch.randn(1, 2000).half()
    assert torch.equal(streamed(Stream(stft), x, itertools.repeat(77), 2), stft(x))


def test_copies_and_the_state_dict():
    import copy

    stream = Stream(core.STFT(**FRAMES, trainable=True))
    twin = copy.deepcopy(stream)
    assert type(twin) is type(stream)
    assert set(stream.state_dict()) == {"transform.wsin", "transform.wcos"}
    x = torch.randn(1, 700)
    assert torch.equal(twin.step(x, twin.start(1))[0], stream.step(x, stream.start(1))[0])


def test_casting_a_stream_leaves_its_constants_alone():
    stream = Stream(core.CQT(**PITCHES))
    x = torch.randn(1, 3000)
    expected, _ = stream.step(x, stream.start(1))
    stream.half()
    assert torch.equal(stream.step(x, stream.start(1))[0], expected)
